"""Sliders and journeys as a person meets them: found once, then turned by name."""

import json
from pathlib import Path

import pytest

from fixtures_command import Command
from fixtures_steered import steered_family, steered_instrument, steered_recipe
from timbrel.instruments import folder
from timbrel.signal.files import read

__all__ = ["steered_family"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, steered_family: None) -> Path:
    """A workspace with the instrument "steered" that has neither cloud nor sliders."""
    root = tmp_path_factory.mktemp("ws")
    made = steered_instrument(steered_recipe())
    folder.save(root / "instruments" / "steered", made, run_folder=None)
    return root


def test_sliders_are_found_once_and_turned_by_name(timbrel: Command, workspace: Path) -> None:
    begin = ("--workspace", workspace)
    early = timbrel(*begin, "generate", "steered", "--count", 1, "--slider", "brighter=1",
                    "--out", "o")  # fmt: skip
    assert early.status == 1
    assert "find them once: timbrel sliders" in early.err
    told = timbrel(*begin, "--json", "sliders", "steered", "--count", 1).document
    (slider,) = told["sliders"]
    assert slider["monotone"] >= 0.9
    written = (workspace / "instruments" / "steered" / "sliders.json").read_bytes()
    shown = timbrel(*begin, "sliders", "steered", "--count", 1)
    assert slider["name"] in shown.out
    assert "no slider for tempo" in shown.out
    assert (workspace / "instruments" / "steered" / "sliders.json").read_bytes() == written

    typed = slider["name"].replace(" ", "-")
    made = timbrel(*begin, "--json", "generate", "steered", "--count", 2, "--slider",
                   f"{typed}=+1.5", "--lock", typed, "--out", "o").document  # fmt: skip
    said = json.loads(Path(made["sounds"][0]).with_suffix(".json").read_text())["settings"]
    assert (said["sliders"], said["locked"]) == ({slider["name"]: 1.5}, [slider["name"]])

    for text, answer in (
        (f"{typed[:-1]}=1", "did you mean"),
        (f"{typed}=99", "accepted: -"),
        (typed, "a name and a number"),
        (f"{typed}=much", "a name and a number"),
    ):
        wrong = timbrel(*begin, "generate", "steered", "--count", 1, "--slider", text, "--out", "p")
        assert wrong.status == 2
        assert answer in wrong.err
    twice = timbrel(*begin, "generate", "steered", "--count", 1, "--slider", f"{typed}=1",
                    "--slider", f"{typed}=2", "--out", "p")  # fmt: skip
    assert "more than once" in twice.err
    assert not Path("p").exists()


def test_a_journey_and_a_morph_between_seeds(timbrel: Command, workspace: Path) -> None:
    begin = ("--workspace", workspace, "--json")
    made = timbrel(*begin, "generate", "steered", "--journey", "3,7,11", "--seconds", 2,
                   "--out", "o").document  # fmt: skip
    assert [Path(path).name for path in made["sounds"]] == ["journey-3-7-11.wav"]
    assert read(Path(made["sounds"][0])).samples.shape == (1, 16_000)
    steps = timbrel(*begin, "morph", "steered", "--seeds", "3,7", "--steps", 3, "--out", "o")
    names = [Path(path).name for path in steps.document["sounds"]]
    assert names == ["seeds-0001-3.wav", "seeds-0002-3-7.wav", "seeds-0003-7.wav"]
    again = timbrel(*begin, "generate", "steered", "--journey", "3,7,11", "--out", "o")
    assert again.status == 2
    assert "exists already" in again.err


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("generate", "steered"), "no number of sounds; accepted: --count N, or --journey"),
        (("generate", "steered", "--journey", "3,7", "--count", 2), "--journey together with"),
        (("generate", "steered", "--journey", "3"), "2 to 64"),
        (("generate", "steered", "--journey", "a,b"), "two seeds or more"),
        (("generate", "steered", "--count", 1, "--seconds", 9), "--journey through several"),
        (("generate", "steered", "--count", 1, "--tempo", 120), "knows of no tempo"),
        (("morph", "steered", "a.wav", "b.wav", "--seeds", "3,7"), "together with sounds"),
        (("morph", "steered", "--seeds", "3,7", "--weights", "0.5"), "together with --weights"),
        (("morph", "steered", "--seeds", "3,7", "--steps", 1), "2 to 1000"),
        (("sliders", "steered", "--count", 99, "--force"), "1 to 16"),
        (("sliders", "steered", "--count", -1), "1 to 16"),
        (("morph", "steered", "--pairs", "--seeds", "3,7"), "--pairs together with --seeds"),
        (("generate", "steered", "--count", 10**12), "1 to 10000"),
        (("generate", "steered", "--count", 1, "--label", "kick"), "knows no labels"),
        (("generate", "steered", "--count", 9, "--keep", 10), "1 to 9"),
        (("generate", "steered", "--keep", 2), "no number of sounds"),
        (("generate", "steered", "--journey", "3,7", "--seconds", "nan"), "0.05 to 600 s"),
        (("sliders", "nobody"), "did you mean 'steered'|no instrument"),
    ],
)
def test_what_cannot_be_is_told(
    timbrel: Command, workspace: Path, words: tuple[object, ...], answer: str
) -> None:
    out = () if words[0] == "sliders" else ("--out", "o")
    ended = timbrel("--workspace", workspace, *words, *out)
    assert ended.status in (1, 2)
    assert any(part in ended.err for part in answer.split("|"))
    assert "Traceback" not in ended.err
    assert not Path("o").exists()
