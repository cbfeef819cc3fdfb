"""Reading one file: the same facts in any container, and bounded memory for long sounds."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from library_sounds import RATE, strike, write

from timbrel.library.analysis import analyse
from timbrel.library.rows import Facts, Refusal


def facts(path: Path) -> Facts:
    outcome = analyse(path)
    assert isinstance(outcome, Facts)
    return outcome


def test_the_same_samples_in_another_container_are_the_same_content(tmp_path: Path) -> None:
    samples = (strike(1) * 32_000).astype(np.int16)
    for name, kind in [("a.wav", "PCM_16"), ("b.flac", "PCM_16"), ("c.aiff", "PCM_16")]:
        soundfile.write(tmp_path / name, samples, RATE, subtype=kind)
    hashes = {facts(path).content_hash for path in sorted(tmp_path.iterdir())}
    assert len(hashes) == 1
    soundfile.write(tmp_path / "rate.wav", samples, RATE + 1, subtype="PCM_16")
    assert facts(tmp_path / "rate.wav").content_hash not in hashes
    soundfile.write(tmp_path / "fine.wav", strike(1), RATE, subtype="PCM_24")
    assert facts(tmp_path / "fine.wav").content_hash not in hashes


def test_stereo_whose_channels_cancel_is_still_heard(tmp_path: Path) -> None:
    one = strike(1)
    both = facts(write(tmp_path / "both.wav", np.stack([one, -one], axis=1)))
    left = facts(write(tmp_path / "left.wav", one))
    assert both.channels == 2
    np.testing.assert_allclose(both.features, left.features, atol=1e-5)


def test_a_long_sound_needs_no_more_memory_and_keeps_all_facts(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    noise = (0.01 * rng.standard_normal(400 * RATE)).astype(np.float32)
    noise[-5] = 0.9
    path = write(tmp_path / "long.wav", noise)
    size = noise.nbytes
    del noise
    tracemalloc.start()
    found = facts(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.duration_s == 400.0
    assert found.peak_db == pytest.approx(20 * np.log10(0.9), abs=1e-3)
    assert most < 0.5 * size


def test_a_fault_far_into_a_sound_is_found(tmp_path: Path) -> None:
    samples = np.tile(strike(1), 20)
    samples[5 * RATE] = np.inf
    outcome = analyse(write(tmp_path / "inf.wav", samples))
    assert outcome == Refusal("not_finite", "a sample at 5.000 s is NaN or infinite")


def test_a_sample_beyond_all_measure_is_found(tmp_path: Path) -> None:
    samples = np.tile(strike(1), 20)
    samples[5 * RATE] = -1e20
    outcome = analyse(write(tmp_path / "huge.wav", samples))
    reason = "a sample at 5.000 s reaches 1e+20; accepted up to 1e+06"
    assert outcome == Refusal("not_finite", reason)
    samples[5 * RATE] = 30_000.0  # a float file at the scale of 16-bit numbers is accepted
    assert facts(write(tmp_path / "loud.wav", samples)).peak_db == pytest.approx(89.54, abs=0.01)
