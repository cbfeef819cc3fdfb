"""Units against librosa and published numbers."""

import math

import librosa
import numpy as np
import pytest
import torch

from timbrel.signal import units

FREQUENCIES = np.array([0.0, 1.0, 27.5, 440.0, 999.9, 1000.0, 1000.1, 8000.0, 24000.0])


def test_mel_is_librosas() -> None:
    ours = units.hz_to_mel(torch.from_numpy(FREQUENCIES)).numpy()
    np.testing.assert_allclose(ours, librosa.hz_to_mel(FREQUENCIES), rtol=1e-12)
    back = units.mel_to_hz(torch.from_numpy(ours)).numpy()
    np.testing.assert_allclose(back, FREQUENCIES, rtol=1e-12, atol=1e-12)


def test_floats_and_tensors_agree() -> None:
    both_ways = [
        (units.hz_to_mel, FREQUENCIES),
        (units.mel_to_hz, np.array([0.0, 3.0, 15.0, 40.0])),
        (units.semitones_to_hz, np.array([0.0, 60.0, 69.5])),
        (units.hz_to_semitones, np.array([8.0, 440.0])),
        (units.db_to_amplitude, np.array([-math.inf, -60.0, 0.0, 6.0])),
        (units.amplitude_to_db, np.array([0.0, -0.5, 2.0])),
    ]
    for function, values in both_ways:
        one_by_one = [function(float(value)) for value in values]
        at_once = function(torch.from_numpy(values)).numpy()
        np.testing.assert_allclose(at_once, one_by_one, rtol=1e-12, err_msg=function.__name__)


def test_decibels() -> None:
    assert units.amplitude_to_db(0.1) == pytest.approx(-20.0)
    assert units.db_to_amplitude(-20.0) == pytest.approx(0.1)
    assert units.amplitude_to_db(0.0) == -math.inf
    assert math.isnan(units.amplitude_to_db(math.nan, floor_db=-80.0))
    floored = units.amplitude_to_db(torch.tensor([0.0, 1.0, math.nan]), floor_db=-80.0)
    assert floored[:2].tolist() == [-80.0, 0.0]
    assert torch.isnan(floored[2])


def test_pitches_are_those_of_a_tuned_piano() -> None:
    assert units.semitones_to_hz(21.0) == pytest.approx(27.5)
    assert units.semitones_to_hz(108.0) == pytest.approx(4186.009, abs=1e-3)
    assert units.hz_to_semitones(librosa.midi_to_hz(61.25)) == pytest.approx(61.25)
    assert units.cents(440.0, 880.0) == pytest.approx(1200.0)
    assert units.cents(880.0, 440.0) == pytest.approx(-1200.0)
