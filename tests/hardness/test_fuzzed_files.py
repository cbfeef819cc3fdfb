"""A little of what benchmarks/hardness does at length: seeded damage, read in this process."""

import random
import sys
from pathlib import Path

import pytest

from timbrel.errors import SoundFileError
from timbrel.signal import files

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks" / "hardness"))
from material import valid_files
from mutations import cut, damaged

RUNS = 1200


@pytest.fixture(scope="module")
def seeds() -> dict[str, bytes]:
    return dict(valid_files())


def test_what_is_to_be_damaged_is_whole_and_of_many_kinds(
    seeds: dict[str, bytes], tmp_path: Path
) -> None:
    kinds = set()
    for name, content in seeds.items():
        assert b"".join(cut(content)) == content
        if name.startswith(("wav", "aiff", "flac", "ogg", "mp3", "aac")):
            (tmp_path / name).write_bytes(content)
            assert files.read(tmp_path / name).samples.shape[1] > 0
            kinds.add(name.split("-")[0])
    assert kinds >= {"wav", "aiff", "flac", "ogg", "mp3"}
    assert len(seeds) > 150


def test_damage_is_the_same_for_the_same_seed(seeds: dict[str, bytes]) -> None:
    one, *others = seeds.values()
    made = {damaged(one, others, random.Random(seed)) for seed in (1, 1, 2)}
    assert len(made) == 2


def test_damaged_files_give_sound_or_one_clear_line(
    seeds: dict[str, bytes], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rng, path, sounds, words = random.Random(8), tmp_path / "a", 0, []
    contents = list(seeds.values())
    for _ in range(RUNS):
        path.write_bytes(damaged(rng.choice(contents), contents, rng))
        try:
            sounds += files.read(path).samples.numel() > 0
        except SoundFileError as error:
            words.append(str(error))
    assert 0.05 * RUNS < sounds < 0.95 * RUNS
    assert not [one for one in words if "\n" in one]
    assert capfd.readouterr().out == ""
