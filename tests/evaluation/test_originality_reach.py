"""Reach: an output that lacks the recording's highs is told to be judged by half of it."""

import pytest
import torch

from timbrel.evaluation.originality.judging import originality
from timbrel.evaluation.originality.reach import bands_db, reached_hz
from timbrel.evaluation.originality.words import verdict
from timbrel.signal import resampling
from timbrel.signal.files import Sound

RATE = 16_000


def noise(seconds=4.0, seed=0):
    draws = torch.Generator().manual_seed(seed)
    level = torch.rand(1, round(seconds * 8), generator=draws)
    loud = torch.nn.functional.interpolate(level[None], round(seconds * RATE), mode="linear")[0]
    return Sound(torch.randn(1, round(seconds * RATE), generator=draws) * loud, RATE)


def dull(sound, rate):
    lower = resampling.resample(sound.samples, from_hz=RATE, to_hz=rate)
    return Sound(resampling.resample(lower, from_hz=rate, to_hz=RATE), RATE)


@pytest.mark.parametrize("rate", [2000, 4000, 8000])
def test_a_dull_copy_reaches_half_its_rate(rate):
    whole = noise()
    levels = [bands_db([one], sample_rate=RATE) for one in (dull(whole, rate), whole)]
    found, own = reached_hz(*levels, sample_rate=RATE)
    assert own == pytest.approx(7200, rel=0.01)
    assert found == pytest.approx(rate / 2, rel=0.2)


def test_level_does_not_count_and_silence_reaches_nothing():
    whole = noise()
    known = bands_db([whole], sample_rate=RATE)
    soft = Sound(whole.samples * 1e-3, RATE)
    assert reached_hz(bands_db([soft], sample_rate=RATE), known, sample_rate=RATE)[0] > 7000
    silent = Sound(torch.zeros(1, RATE), RATE)
    assert reached_hz(bands_db([silent], sample_rate=RATE), known, sample_rate=RATE)[0] == 0


def test_the_verdict_on_a_dull_thief_says_that_it_may_be_one():
    whole = noise()
    found = originality([whole], {"dull": [dull(whole, 2000)], "bright": [noise(seed=1)]}, seed=0)
    said = verdict(found)
    assert any("dull sounds up to" in one and "not found" in one for one in said)
    assert not any("bright sounds up to" in one for one in said)
