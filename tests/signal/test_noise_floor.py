"""Noise floors: what lies beneath a sound where it is softest, and no single row's own tone."""

import math

import numpy as np
import pytest
import scipy.ndimage
import torch

from timbrel.signal.noise_floor import SOFTEST, level

ROWS, FRAMES, RANGE_DB = 65, 4000, 80.0


def noise(db: float = -40.0, seed: int = 3) -> torch.Tensor:
    """A code of steady white noise: its power in each cell is spread exponentially."""
    power = np.random.default_rng(seed).exponential(size=(ROWS, FRAMES))
    return torch.from_numpy(1 + (db + 10 * np.log10(power)) / RANGE_DB).float()


def test_it_is_what_numpy_and_scipy_find() -> None:
    code = torch.rand(40, 77, generator=torch.Generator().manual_seed(1)).square()
    softest = np.quantile(code.numpy(), SOFTEST, axis=1)
    expected = scipy.ndimage.median_filter(softest, 9, mode="nearest")
    np.testing.assert_allclose(level(code).numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("db", [-60.0, -30.0])
def test_steady_noise_is_found_at_the_level_that_its_statistics_tell(db: float) -> None:
    """A tenth of an exponential's draws lie below -ln(0.9) of its mean: 9.8 dB under it."""
    expected_db = db + 10 * math.log10(-math.log(1 - SOFTEST))
    found_db = (level(noise(db)) - 1) * RANGE_DB
    torch.testing.assert_close(found_db, torch.full((ROWS,), expected_db), atol=0.7, rtol=0)


def test_music_in_most_frames_does_not_raise_it() -> None:
    """Of the frames that are left to the noise the softest third are a tenth of all."""
    quiet, played = noise(), noise()
    played[:, FRAMES * 3 // 10 :] = 0.9
    higher_db = (level(played) - level(quiet)) * RANGE_DB
    assert float(higher_db.min()) > 0
    softer = 10 * math.log10(math.log(1 - SOFTEST / 0.3) / math.log(1 - SOFTEST))
    torch.testing.assert_close(higher_db, torch.full((ROWS,), softer), atol=0.7, rtol=0)


def test_a_tone_that_never_stops_is_no_noise() -> None:
    humming = noise()
    humming[20:24] = 0.95
    torch.testing.assert_close(level(humming), level(noise()), atol=0.01, rtol=0)


def test_rows_have_noise_of_their_own() -> None:
    low, high = noise(-60.0), noise(-30.0)
    both = torch.cat([low[: ROWS // 2], high[ROWS // 2 :]])
    found, edge = level(both), ROWS // 2
    torch.testing.assert_close(found[: edge - 4], level(low)[: edge - 4], atol=0.01, rtol=0)
    torch.testing.assert_close(found[edge + 4 :], level(high)[edge + 4 :], atol=0.01, rtol=0)


@pytest.mark.parametrize(("rows", "frames"), [(1, 50), (4, 50), (9, 1), (1, 1)])
def test_small_codes_have_one_too(rows: int, frames: int) -> None:
    torch.testing.assert_close(level(torch.full((rows, frames), 0.3)), torch.full((rows,), 0.3))


def test_a_code_of_half_precision_is_measured_as_well() -> None:
    code = noise()[:, :200]
    torch.testing.assert_close(level(code.half()), level(code), atol=1e-3, rtol=0)
