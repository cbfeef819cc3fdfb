"""Repairs: noise goes, and what is far louder than it stays, whatever an instrument expects."""

import math

import torch

from timbrel.signal.noise_floor import MEAN_ABOVE_DB
from timbrel.synthesis.repairs import _gain_db


def levels_db(loud_db, frames=400, bins=40, seed=0):
    """Noise at about 40 dB in all cells, and one louder row."""
    draws = torch.Generator().manual_seed(seed)
    power = -torch.log(1 - torch.rand(bins, frames, generator=draws))
    noisy = 40 + 10 * torch.log10(power.clamp(min=1e-6))
    noisy[20, 100:300] = loud_db
    return noisy


def test_the_mean_of_noise_lies_above_its_lowest_tenth_as_an_exponential_says():
    power = -torch.log(1 - torch.rand(200_000, generator=torch.Generator().manual_seed(0)))
    above = 10 * math.log10(float(power.mean() / power.quantile(0.1)))
    assert abs(above - MEAN_ABOVE_DB) < 0.1


def test_what_is_far_louder_than_the_noise_stays_even_where_nothing_is_expected():
    gain = _gain_db(levels_db(80), torch.zeros(40, 400))
    assert float(gain[20, 100:300].min()) > -0.1


def test_what_is_no_louder_than_the_noise_becomes_what_is_expected():
    noisy = levels_db(80)
    quiet = noisy < 40
    for expected_db in (0.0, 20.0):
        left = noisy + _gain_db(noisy, torch.full_like(noisy, expected_db))
        assert float((left[quiet] - expected_db).median().abs()) < 3


def test_nothing_is_turned_up():
    noisy = levels_db(60)
    assert float(_gain_db(noisy, torch.full_like(noisy, 100.0)).max()) <= 0


def test_between_the_two_it_is_some_of_both():
    """At 3 dB above the noise's mean half of the power is noise: half of each gain in dB."""
    gain = _gain_db(levels_db(43.0), torch.full((40, 400), 23.0))[20, 200]
    expected_db = 0.5 * (10 * math.log10(0.5)) + 0.5 * (23 - 43)
    assert abs(float(gain) - expected_db) < 2
