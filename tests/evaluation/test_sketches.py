"""Sketches: what counts (spectrum and envelope) and what does not (level, delay, rate)."""

import math

import librosa
import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.evaluation.sketches import MELS, MOMENTS, distances, nearest, onset_samples, sketch
from timbrel.signal.files import Sound
from timbrel.signal.resampling import resample


def tone(hz: float, *, rate: int = 44_100, decay: float = 8.0, length_s: float = 0.5) -> Tensor:
    time_s = torch.arange(int(rate * length_s), dtype=torch.float64) / rate
    decaying = torch.sin(2 * math.pi * hz * time_s) * torch.exp(-decay * time_s)
    return (0.5 * decaying).float()[None]


def distance(one: Sound, other: Sound) -> float:
    return float(distances(sketch(one)[None], sketch(other)[None])[0, 0])


PLUCK = Sound(tone(440), 44_100)


def test_level_does_not_count() -> None:
    assert distance(PLUCK, Sound(0.01 * PLUCK.samples, 44_100)) < 1e-3


def test_a_delay_does_not_count() -> None:
    late = Sound(torch.nn.functional.pad(PLUCK.samples, (4410, 0)), 44_100)
    assert distance(PLUCK, late) < 0.5


@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000, 96_000])
def test_the_sample_rate_does_not_count(rate: int) -> None:
    # The sound begins at full level, where resampling rings: a tenth of a dB or so is that.
    resampled = resample(PLUCK.samples, from_hz=44_100, to_hz=rate)
    assert distance(PLUCK, Sound(resampled, rate)) < 1


def test_a_second_channel_of_the_same_does_not_count() -> None:
    assert distance(PLUCK, Sound(PLUCK.samples.repeat(2, 1), 44_100)) < 1e-3


def test_another_pitch_and_another_length_do_count_and_more_of_it_counts_more() -> None:
    a_tone, an_octave = Sound(tone(494), 44_100), Sound(tone(880), 44_100)
    assert 1 < distance(PLUCK, a_tone) < distance(PLUCK, an_octave)
    longer, ringing = Sound(tone(440, decay=6), 44_100), Sound(tone(440, decay=2), 44_100)
    assert 0.3 < distance(PLUCK, longer) < distance(PLUCK, ringing)


def test_the_strongest_band_of_a_tone_is_where_librosa_has_its_centre() -> None:
    centres_hz = librosa.mel_frequencies(MELS + 2, fmin=30, fmax=7500)[1:-1]
    for hz in (200, 1000, 5000):
        bands = sketch(Sound(tone(hz, decay=0), 44_100)).reshape(MELS, MOMENTS)
        strongest = centres_hz[bands.mean(axis=1).argmax()]
        assert abs(np.log2(strongest / hz)) < 1 / 4


def test_values_lie_between_the_floor_and_0_db() -> None:
    drawn = sketch(PLUCK)
    assert drawn.shape == (MELS * MOMENTS,)
    assert drawn.max() == 0
    assert drawn.min() == -60


def test_silence_has_a_sketch_without_anything_and_one_sample_has_one() -> None:
    assert (sketch(Sound(torch.zeros(1, 4000), 44_100)) == -60).all()
    assert np.isfinite(sketch(Sound(torch.ones(1, 1), 44_100))).all()


@pytest.mark.parametrize("samples", [torch.zeros(1, 0), torch.tensor([[0.1, math.nan]])])
def test_empty_and_broken_sounds_are_refused(samples: Tensor) -> None:
    with pytest.raises(UsageError, match="empty sound or one that is not finite"):
        sketch(Sound(samples, 44_100))


def test_the_onset_is_the_first_sample_within_30_db_of_the_peak() -> None:
    rising = torch.cat([torch.zeros(100), torch.full((50,), 0.03), torch.ones(10)])
    assert onset_samples(rising) == 150
    assert onset_samples(rising + 0.002) == 100
    assert onset_samples(torch.zeros(10)) == 0


def test_distances_are_scipys(rng: np.random.Generator) -> None:
    a, b = rng.normal(size=(5, 64)).astype(np.float32), rng.normal(size=(7, 64)).astype(np.float32)
    assert distances(a, b) == pytest.approx(cdist(a, b) / 8, rel=1e-6)


def test_the_nearest_of_a_stream_is_the_nearest_of_all(rng: np.random.Generator) -> None:
    queries = rng.normal(size=(9, 32)).astype(np.float32)
    others = rng.normal(size=(1200, 32)).astype(np.float32)
    numbers, found = nearest(queries, enumerate(others, start=100))
    every = cdist(queries, others)
    assert numbers.tolist() == (every.argmin(axis=1) + 100).tolist()
    assert found == pytest.approx(every.min(axis=1) / np.sqrt(32), rel=1e-6)


def test_an_empty_stream_has_no_nearest() -> None:
    numbers, found = nearest(np.zeros((2, 4), np.float32), iter(()))
    assert numbers.tolist() == [-1, -1]
    assert np.isinf(found).all()
