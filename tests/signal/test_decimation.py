"""Lower rates: what is too high vanishes, what is not comes through, and time stays in place."""

import numpy as np
import pytest
import scipy.signal
import torch

from timbrel.errors import UsageError
from timbrel.signal import decimation
from timbrel.signal.decimation import decimated, interpolated

LENGTH = 2**17
FACTORS = [2, 3, 8, 64, 256]


def tone(cycles_per_sample, length=LENGTH):
    """A sine of amplitude 1, in the middle of silence so that no end is cut."""
    time = torch.arange(length, dtype=torch.float64)
    shape = torch.from_numpy(scipy.signal.windows.tukey(length, 0.9))
    return (torch.sin(2 * torch.pi * cycles_per_sample * time) * shape).float()


def level_db(sound, reference):
    return 10 * float((sound.square().mean() / reference.square().mean()).log10())


def cut(length, factor):
    return length - length % factor


@pytest.mark.parametrize("factor", FACTORS)
def test_a_tone_above_the_new_nyquist_frequency_vanishes(factor):
    high = tone(1.02 * 0.5 / factor)[: cut(LENGTH, factor)]
    assert level_db(decimated(high, factor), high) < -60
    assert level_db(decimated(high, factor, aliased=True), high) == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("place", [0.1, 0.5, 0.84])
def test_a_tone_below_it_comes_through_at_its_level(factor, place):
    low = tone(place * 0.5 / factor)[: cut(LENGTH, factor)]
    assert level_db(decimated(low, factor), low) == pytest.approx(0, abs=0.05)


def test_aliased_a_high_tone_folds_to_a_wrong_one():
    # 3/4 of the old Nyquist frequency; every second sample of it is a tone of half the new one.
    folded = decimated(tone(0.375), 2, aliased=True)
    peak = int(torch.fft.rfft(folded).abs().argmax())
    assert peak / len(folded) == pytest.approx(0.25, abs=1e-4)
    assert torch.equal(folded, tone(0.375)[::2])


@pytest.mark.parametrize("factor", FACTORS)
def test_products_of_matrices_are_the_convolution_that_scipy_makes(factor):
    torch.manual_seed(1)
    sound = torch.randn(3, 40 * factor * 2)
    kernel = decimation._kernel(factor).numpy()
    whole = [np.convolve(row, kernel)[decimation.REACH * factor + factor - 1 :] for row in sound]
    expected = torch.from_numpy(np.stack(whole)[:, : sound.shape[1] : factor])
    assert torch.allclose(decimated(sound, factor), expected, atol=1e-5)


@pytest.mark.parametrize("factor", [2, 8, 64])
def test_up_again_is_what_it_was_and_in_its_place(factor):
    low = tone(0.3, 512)
    assert level_db(decimated(interpolated(low, factor), factor) - low, low) < -60
    high = tone(0.3 / factor, 512 * factor)
    assert level_db(interpolated(decimated(high, factor), factor) - high, high) < -60


def test_a_sample_stands_in_the_middle_of_those_it_replaces():
    ramp = torch.arange(4096.0)
    middle = slice(64, -64)
    means = ramp.view(-1, 4).mean(1)
    assert torch.allclose(decimated(ramp, 4)[middle], means[middle], atol=2e-2)


@pytest.mark.parametrize("way", [decimated, interpolated])
def test_where_half_precision_is_on_it_still_counts_in_single(way):
    sound = torch.randn(2, 4096, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        found = way(sound, 4)
    assert found.dtype == torch.float32
    assert torch.equal(found, way(sound, 4))


def test_a_factor_of_one_changes_nothing_and_wrong_ones_are_named():
    sound = torch.randn(2, 10)
    assert torch.equal(decimated(sound, 1), sound)
    assert torch.equal(interpolated(sound, 1), sound)
    with pytest.raises(UsageError, match="10 samples and a factor of 4"):
        decimated(sound, 4)
    with pytest.raises(UsageError, match="factor of 0"):
        decimated(sound, 0)
