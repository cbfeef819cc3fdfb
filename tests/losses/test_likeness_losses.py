"""How far crowds of sounds are apart: known distances, and an independent implementation."""

import pytest
import torch
from scipy.stats import wasserstein_distance

from timbrel.errors import UsageError
from timbrel.losses.likeness import (
    band_level_distance,
    band_levels_db,
    crowd_distance,
    level_distance,
)
from timbrel.signal.stft import FrameSpec

RATE = 16_000


def test_it_is_scipys_wasserstein_distance(torch_rng):
    made = 6 * torch.randn(3, 4, 500, generator=torch_rng) - 30
    real = 9 * torch.randn(2, 4, 700, generator=torch_rng) - 25
    crowds = zip(made.transpose(0, 1).flatten(1), real.transpose(0, 1).flatten(1), strict=True)
    expected = sum(wasserstein_distance(*pair) for pair in crowds) / 4
    assert float(crowd_distance(made, real)) == pytest.approx(expected, rel=0.02)


def test_other_noise_of_the_same_kind_is_near_and_softer_noise_as_far_as_it_is_softer(torch_rng):
    one, other = torch.randn(2, 8, RATE, generator=torch_rng)
    assert float(band_level_distance(one, other, RATE)) < 1
    assert float(band_level_distance(one / 10, other, RATE)) == pytest.approx(20, abs=1)


def test_the_same_levels_in_another_order_are_as_far_as_their_changes(torch_rng):
    steps = torch.arange(64.0).repeat(3, 2, 1)
    shuffled = steps[:, :, torch.randperm(64, generator=torch_rng)]
    assert float(crowd_distance(shuffled, steps)) == 0
    assert float(level_distance(shuffled, steps)) > 15
    assert float(level_distance(steps.flip(0), steps)) == 0


def test_levels_of_one_frame_have_no_changes():
    assert float(level_distance(torch.zeros(2, 3, 1), torch.ones(1, 3, 1))) == 1


def test_a_steady_sound_is_far_from_one_that_beats_though_their_mean_power_is_equal(torch_rng):
    noise = torch.randn(4, RATE, generator=torch_rng)
    beats = (torch.arange(RATE) % (RATE // 4) < RATE // 8).float() * 2**0.5
    assert float(band_level_distance(noise, noise * beats, RATE)) > 20


def test_a_tone_fills_its_half_octave_only():
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(RATE) / RATE)[None]
    levels = band_levels_db(tone, FrameSpec(1024, 512))[0, :, 4:-4].mean(1)
    assert levels.argmax() == 11  # the bins 64 to 90, and 1 kHz is bin 64
    assert levels.amax() - levels[[0, 5, 16]].amax() > 60


@pytest.mark.parametrize(("rate", "length"), [(86, 1024), (345, 4096), (22_050, 65_536)])
def test_every_rate_of_a_growing_network_can_be_judged(rate, length, torch_rng):
    made, real = torch.randn(2, 4, length, generator=torch_rng)
    assert float(band_level_distance(made, real, rate)) < 1.5


def test_silence_is_a_finite_distance_away(torch_rng):
    noise, silence = torch.randn(1, RATE, generator=torch_rng), torch.zeros(1, RATE)
    assert 50 < float(band_level_distance(silence, noise, RATE)) < 90
    assert float(band_level_distance(silence, silence, RATE)) == 0


@pytest.mark.parametrize("shape", [(0, 8000), (2, 63), (8000,)])
def test_what_is_no_batch_of_sounds_is_refused(shape):
    with pytest.raises(UsageError, match="64 samples"):
        band_level_distance(torch.zeros(shape), torch.ones(1, 8000), RATE)


def test_bands_must_be_the_same():
    with pytest.raises(UsageError, match="3 bands"):
        level_distance(torch.zeros(1, 2, 4), torch.zeros(1, 3, 4))
