"""Alignment: landmarks of envelopes, and sounds stretched until theirs meet, with nothing cut."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from timbrel.signal.energy import frame_energy
from timbrel.signal.files import Sound, read
from timbrel.signal.frontends.log_magnitude import LogMagnitude
from timbrel.signal.levels import fit_length, to_mono
from timbrel.synthesis.alignment import Landmarks, landmarks, meeting, moved, positions
from timbrel.synthesis.mixtures import Mixture

FRONT_END = LogMagnitude(n_fft=1024, hop_samples=256)
HALF = Mixture("", (0.0,), ((0.5, 0.5),))


def envelope(onset: int, attack: int, decay_db: float, count: int = 100) -> Tensor:
    """Silence, a rise from -50 dB in so many frames, a fall of so many dB a frame."""
    level_db = torch.full((count,), -torch.inf)
    rise = torch.linspace(-50, 0, attack + 1)
    level_db[onset : onset + attack + 1] = rise
    fall = -decay_db * torch.arange(1, count - onset - attack)
    level_db[onset + attack + 1 :] = fall
    return torch.pow(10.0, level_db / 10)


def test_landmarks_of_an_envelope_that_is_known() -> None:
    found = landmarks(envelope(onset=10, attack=10, decay_db=2.0))
    assert found.onset == 14  # of a rise of 5 dB a frame from -50 dB the first above -30
    assert found.peak == 20
    assert found.end == 50  # 60 dB at 2 dB a frame later


def test_noise_before_and_after_does_not_move_landmarks() -> None:
    clean = envelope(5, 2, 1.5)
    assert landmarks(clean + 1e-7) == landmarks(clean)
    assert landmarks(1e-6 * clean) == landmarks(clean)


def test_a_swell_peaks_late_and_silence_nowhere() -> None:
    assert landmarks(envelope(0, 60, 5.0)).peak == 60
    assert landmarks(torch.zeros(10)) == Landmarks(0, 0, 9)


def test_a_mixture_has_its_landmarks_between_the_sounds() -> None:
    marks = [Landmarks(0, 2, 20), Landmarks(10, 30, 90)]
    assert meeting(marks, HALF, 100) == Landmarks(5, 16, 55)
    path = Mixture("", (0.0, 1.0), ((1.0, 0.0), (0.0, 1.0)))
    along = meeting(marks, path, 100)
    assert along.onset == 0
    assert along.end == 80  # as long as the second, begun when the first does


@pytest.mark.parametrize("weights", [(-1.0, 2.0), (2.0, -1.0), (1.5, -0.5)])
def test_beyond_the_sounds_landmarks_stay_in_order_and_inside(weights: tuple[float, float]) -> None:
    marks = [Landmarks(0, 50, 60), Landmarks(30, 31, 99)]
    found = meeting(marks, Mixture("", (0.0,), (weights,)), 100)
    assert 0 <= found.onset <= found.peak <= found.end <= 99


def test_landmarks_meet_and_nothing_is_cut() -> None:
    marks = [Landmarks(4, 6, 30), Landmarks(10, 40, 80)]
    target = meeting(marks, HALF, 100)
    for mark in marks:
        at = positions(mark, target, 100)
        places = np.interp([target.onset, target.peak, target.end], np.arange(100), at.numpy())
        assert places == pytest.approx([mark.onset, mark.peak, mark.end], abs=0.6)
        assert (at.diff() >= 0).all()
        assert float(at[0]) <= 0.01  # from its first frame on
        assert float(at[-1]) >= 98.9  # to its last


def test_a_sound_alone_is_not_moved() -> None:
    mark = Landmarks(3, 3, 70)
    at = positions(mark, mark, 100)
    assert torch.equal(at, torch.arange(100.0))
    code = torch.rand(5, 100)
    assert torch.equal(moved(code, at), code)


def test_beyond_a_sound_is_silence() -> None:
    at = positions(Landmarks(0, 1, 19), Landmarks(5, 6, 12), 20)
    assert (at[:4] <= -1).all()
    assert (at[14:] >= 20).all()
    shifted = moved(torch.ones(2, 20), at)
    assert not shifted[:, :4].any()
    assert not shifted[:, 14:].any()
    assert (shifted[:, 5:13] == 1).all()


def test_side_rows_are_not_mixed() -> None:
    code = torch.tensor([[1.0, 0.5], [60.0, 0.0]])
    found = moved(code, torch.tensor([0.4, 0.6]), side_rows=1)
    assert found[0].tolist() == pytest.approx([0.8, 0.7])
    assert found[1].tolist() == [60.0, 0.0]


@pytest.mark.data
def test_real_notes_meet_between_their_onsets(data: Path) -> None:
    """The onset of a mixture of codes lies between the sounds' own, within a frame."""
    paths = sorted((data / "notes" / "audio").iterdir())
    chosen = random.Random(4).sample(paths, 12)
    for first, second in zip(chosen[::2], chosen[1::2], strict=True):
        codes = torch.stack(
            [late(read(path), seconds) for path, seconds in ((first, 0.0), (second, 0.5))]
        )
        marks = [landmarks(energy(code)) for code in codes]
        target = meeting(marks, HALF, codes.shape[2])
        mixed = sum(
            0.5 * moved(code, positions(mark, target, codes.shape[2]))
            for code, mark in zip(codes, marks, strict=True)
        )
        found = landmarks(energy(torch.as_tensor(mixed)))
        low, high = sorted(mark.onset for mark in marks)
        assert low - 1 <= found.onset <= high + 1
        assert abs(found.onset - (low + high) / 2) <= 2
        assert min(mark.end for mark in marks) - 1 <= found.end <= max(m.end for m in marks) + 1


def energy(code: Tensor) -> Tensor:
    return frame_energy(code[None], range_db=80.0, gate_db=1.0)[0]


def late(sound: Sound, seconds: float) -> Tensor:
    """The code of three seconds of a sound that begins later."""
    mono = to_mono(sound.samples)
    before = torch.zeros(1, round(seconds * sound.sample_rate))
    padded = fit_length(torch.cat([before, mono], dim=1), 3 * sound.sample_rate)
    return FRONT_END.encode(padded, sample_rate=sound.sample_rate)[0][0]
