"""PEAQ on real sounds: the grades that an independent implementation gives."""

import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import Tensor

from timbrel.evaluation.metrics.odg import odg
from timbrel.evaluation.peaq import grading
from timbrel.signal.files import read
from timbrel.signal.resampling import resample

TESTS = [
    "mono_8_bit",
    "mono_gain_minus_6db",
    "mono_griffin_lim_mel128",
    "mono_griffin_lim_stft",
    "mono_identity",
    "mono_lowpass_7khz",
    "mono_opus_32k",
    "mono_white_noise_30db",
    "mono_zero_phase",
    "stereo_mp3_128k",
    "stereo_mp3_48k",
    "stereo_mp3_64k",
]
RATE = 48_000


@cache
def samples(path: Path) -> Tensor:
    return read(path).samples


@pytest.fixture(scope="session")
def listed(data: Path) -> dict[str, dict[str, float]]:
    """Test file to the numbers that GstPEAQ 0.6.1 gives it."""
    pairs = json.loads((data / "peaq" / "odg.json").read_text("utf-8"))["pairs"]
    return {Path(pair["test"]).stem: pair["basic"] for pair in pairs}


def pair(data: Path, name: str) -> tuple[Tensor, Tensor]:
    kind = name.split("_")[0]
    folder = data / "peaq"
    return samples(folder / f"reference_{kind}.flac"), samples(folder / f"{name}.flac")


@pytest.mark.data
def test_every_pair_of_the_reference_is_tested(listed: dict[str, dict[str, float]]) -> None:
    assert sorted(listed) == TESTS


@pytest.mark.data
@pytest.mark.parametrize("name", TESTS)
def test_grades_are_those_of_the_reference(
    name: str, data: Path, listed: dict[str, dict[str, float]]
) -> None:
    grade = grading.grade(*pair(data, name), sample_rate=RATE)
    assert grade.objective_difference == pytest.approx(listed[name]["odg"], abs=0.005)
    assert grade.distortion_index == pytest.approx(listed[name]["di"], abs=0.005)


@pytest.mark.data
def test_the_same_in_both_ears_is_graded_as_in_one(data: Path) -> None:
    reference, test = pair(data, "mono_opus_32k")
    both = grading.grade(reference.repeat(2, 1), test.repeat(2, 1), sample_rate=RATE)
    one = grading.grade(reference, test, sample_rate=RATE)
    assert both.variables.as_array() == pytest.approx(one.variables.as_array(), rel=1e-9)


@pytest.mark.data
def test_more_noise_in_music_is_never_better(data: Path) -> None:
    """By more than a hundredth of a grade, once all is very annoying."""
    music = samples(data / "peaq" / "reference_mono.flac")[:, : 5 * RATE]
    noise = torch.randn(music.shape, generator=torch.Generator().manual_seed(0))
    tests = [music + 10 ** (level_db / 20) * noise for level_db in (-100, -80, -60, -40, -20)]
    grades = [grading.grade(music, test, sample_rate=RATE).objective_difference for test in tests]
    assert all(worse < better + 0.01 for better, worse in pairwise(grades))
    assert grades[0] > 0
    assert grades[-1] < -3.5


@pytest.mark.data
def test_music_at_another_rate_keeps_its_grade_within_a_quarter(data: Path) -> None:
    """Bandwidth stands out of what is above 21.6 kHz, and at 44.1 kHz that is nearly nothing."""
    there = [resample(sound, from_hz=RATE, to_hz=44_100) for sound in pair(data, "mono_opus_32k")]
    grade = odg(there[0][0], there[1][0], 44_100)
    here = grading.grade(*pair(data, "mono_opus_32k"), sample_rate=RATE).objective_difference
    assert grade == pytest.approx(here, abs=0.25)


@pytest.mark.data
def test_one_struck_note_can_be_graded_and_so_can_its_parts_joined(data: Path) -> None:
    music = samples(data / "peaq" / "reference_mono.flac")[:, :RATE]
    test = samples(data / "peaq" / "mono_opus_32k.flac")[:, :RATE]
    alone = grading.grade(music, test, sample_rate=RATE)
    halves = list(zip(music.split(RATE // 2, dim=-1), test.split(RATE // 2, dim=-1), strict=True))
    assert grading.joined(halves, sample_rate=RATE) == alone
    assert -4 < alone.objective_difference < 0
