"""Where a name is taken, nothing is made: a refusal leaves a folder as it was."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures_instrument import RATE_HZ, linear_instrument, made_sounds, tiny_recipe
from timbrel.errors import ExistsError
from timbrel.instruments import folder
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.tasks.generate import generate
from timbrel.tasks.morph import morph
from timbrel.tasks.reconstruct import reconstruct
from timbrel.tasks.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path, linear_family: None) -> Workspace:
    made = Workspace(tmp_path / "workspace")
    folder.save(made.instruments / "tiny", linear_instrument(tiny_recipe()), run_folder=None)
    return made


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    sounds, _ = made_sounds()
    paths = [tmp_path / "a.wav", tmp_path / "b.wav"]
    for path, samples in zip(paths, sounds, strict=False):
        files.write(path, Sound(samples[None], RATE_HZ, ""), on_clip="scale")
    return paths


Verb = Callable[[Workspace, list[Path], Path], object]


@pytest.mark.parametrize(
    ("verb", "taken"),
    [
        (lambda w, _, out: generate(w, "tiny", count=3, label="tone", out=out), "0003-tone.json"),
        (
            lambda w, _, out: generate(w, "tiny", count=3, from_prior=True, out=out),
            "0003-prior.wav",
        ),
        (lambda w, two, out: morph(w, "tiny", two, steps=3, out=out), "morph-0003-A0-B100.wav"),
        (lambda w, two, out: reconstruct(w, "tiny", two, out=out), "b-reconstructed.json"),
    ],
)
def test_a_taken_name_is_noticed_before_the_first_sound(
    workspace: Workspace, two: list[Path], tmp_path: Path, verb: Verb, taken: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / taken).write_text("mine")
    with pytest.raises(ExistsError, match=taken):
        verb(workspace, two, out)
    assert [file.name for file in out.iterdir()] == [taken]
    assert (out / taken).read_text() == "mine"
