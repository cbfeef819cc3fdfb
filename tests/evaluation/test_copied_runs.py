"""Copies are found in a library, and the distinct sounds of a real one are not taken for copies."""

from pathlib import Path

import numpy as np
import pytest
import torch

from timbrel.evaluation.copied_runs import longest_copied_runs
from timbrel.signal.files import read
from timbrel.signal.fingerprints import Fingerprint, fingerprint

RATE = 22_050


@pytest.fixture
def library() -> dict[str, Fingerprint]:
    noise = torch.randn(30, RATE // 3, generator=torch.Generator().manual_seed(0))
    return {f"sound {k}": fingerprint(sound, RATE) for k, sound in enumerate(noise)}


def test_each_copy_leads_to_its_source(library: dict[str, Fingerprint]) -> None:
    noise = torch.randn(30, RATE // 3, generator=torch.Generator().manual_seed(0))
    places = [29, 3, 3, 17]
    copies = [fingerprint(0.2 * noise[place], RATE) for place in places]
    found = longest_copied_runs(copies, list(library), library.__getitem__, candidates=2)
    assert [run.source for run in found] == [f"sound {place}" for place in places]
    assert all(run.share == 1 and run.distance < 0.01 for run in found)
    assert all(run.run_ms == pytest.approx(1000 / 3, abs=40) for run in found)


def test_a_new_sound_has_no_run_but_still_a_nearest(library: dict[str, Fingerprint]) -> None:
    new = torch.randn(RATE // 3, generator=torch.Generator().manual_seed(99))
    [found] = longest_copied_runs([fingerprint(new, RATE)], list(library), library.__getitem__)
    assert (found.run_ms, found.share) == (0, 0)
    assert found.distance > 0.35


def test_one_training_sound_at_a_time_is_read_and_at_most_twice(
    library: dict[str, Fingerprint],
) -> None:
    asked: list[str] = []

    def ask(name: str) -> Fingerprint:
        asked.append(name)
        return library[name]

    longest_copied_runs(list(library.values())[:5], list(library), ask, candidates=1)
    assert sorted(set(asked)) == sorted(library)
    assert len(asked) == len(library) + 5


def test_a_silent_query_copies_nothing(library: dict[str, Fingerprint]) -> None:
    silence = fingerprint(torch.zeros(RATE), RATE)
    [found] = longest_copied_runs([silence], list(library), library.__getitem__)
    assert (found.run_ms, found.share, found.distance) == (0, 0, 1)


def test_a_silent_training_sound_does_no_harm(library: dict[str, Fingerprint]) -> None:
    library["silence"] = fingerprint(torch.zeros(RATE), RATE)
    [found] = longest_copied_runs([library["sound 4"]], list(library), library.__getitem__)
    assert found.source == "sound 4"


@pytest.mark.data
def test_real_drums_are_rarely_taken_for_each_other(data: Path) -> None:
    """Every 40th drum against others; a run of half the sound would be a false alarm."""
    files = sorted((data / "drums").glob("*/*.flac"))
    sounds = {path.stem: fingerprint(read(path).samples, 44_100) for path in files[::20]}
    names = list(sounds)
    queries, training = names[::2][:40], names[1::2]
    found = longest_copied_runs(
        [sounds[name] for name in queries], training, sounds.__getitem__, candidates=3
    )
    assert np.mean([run.share >= 0.5 for run in found]) <= 0.05
    assert np.median([run.share for run in found]) < 0.1
