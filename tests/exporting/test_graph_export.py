"""`timbrel export --format onnx`: a folder that plays without timbrel, or nothing at all."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch

from fixtures_command import Command
from fixtures_graphs import drawn_instrument, fading_sounds
from timbrel.exporting.graphs import building, checking
from timbrel.exporting.graphs.checking import error_db, spectrum_db
from timbrel.exporting.graphs.host import Player
from timbrel.exporting.graphs.writing import Writer
from timbrel.instruments import folder
from timbrel.tasks import export_graphs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "onnx.md"


def test_an_error_is_told_in_decibels_of_what_was_wanted() -> None:
    wanted = torch.ones(4)
    assert error_db(wanted * 1.1, wanted) == pytest.approx(-20, abs=1e-4)
    assert error_db(wanted, wanted) == -200
    sounds = fading_sounds(8_000, 16_000)[:1]
    assert spectrum_db(sounds, sounds) == 0
    assert spectrum_db(sounds / 2, sounds) == pytest.approx(6.02, abs=0.1)


def _shelf(root: Path, recipe: str) -> Path:
    folder.save(root / "instruments" / "waves", drawn_instrument(recipe)[0], run_folder=None)
    return root


def test_a_family_that_cannot_says_why(tmp_path: Path, timbrel: Command) -> None:
    root = _shelf(tmp_path / "ws", "deep-griffin-lim-tiny")
    ended = timbrel("--workspace", root, "export", "waves", "--format", "onnx", "--out", "there")
    assert ended.status == 1
    assert "the family deep_griffin_lim as ONNX: it finds phases for other" in ended.err
    assert not Path("there").exists()


def test_without_the_libraries_it_says_what_to_install(
    tmp_path: Path, timbrel: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = _shelf(tmp_path / "ws", "pca-tiny")
    monkeypatch.setattr(export_graphs, "find_spec", lambda name: None if name == "onnx" else True)
    ended = timbrel("--workspace", root, "export", "waves", "--format", "onnx", "--out", "there")
    assert ended.status == 2
    assert "pip install 'timbrel[export]'" in ended.err


@pytest.mark.parametrize(
    "options", [("--morph", "a,b"), ("--layout", "kit"), ("--push", "me/it"), ("--keys", "36-84")]
)
def test_options_of_other_formats_are_refused(
    tmp_path: Path, timbrel: Command, options: tuple[str, str]
) -> None:
    ended = timbrel("--workspace", tmp_path, "export", "waves", "--format", "onnx",
                    "--out", "there", *options)  # fmt: skip
    assert ended.status == 2
    assert f"{options[0]} together with --format onnx" in ended.err


def _gain_model(gain: float) -> onnx.ModelProto:
    """A graph that plays a latent of 4,000 values as a sound, so much louder."""
    write = Writer()
    sound = write.named("sound", write("Mul", "latent", write.number(gain)))
    return write.model({"latent": ("batch", 4_000)}, {sound: ("batch", 4_000)})


def _told(folder_: Path, gain: float) -> Path:
    (folder_ / "louder.onnx").write_bytes(_gain_model(gain).SerializeToString())
    port = {"dims": ["batch", 4_000], "about": "", "draw": "normal", "fill": None}
    graph = {"file": "louder.onnx", "inputs": [{"name": "latent", **port}],
             "outputs": [{"name": "sound", **port}]}  # fmt: skip
    way = {"about": "", "steps": [{"graph": "louder", "feed": {}, "times": []}]}
    model = {"graphs": {"louder": graph}, "sizes": {}, "cloud": None, "ways": {"generate": way}}
    (folder_ / "model.json").write_text(json.dumps(model), encoding="utf-8")
    return folder_


class _Plain:
    """An instrument whose latents are its sounds."""

    sample_rate, side_rows, name = 16_000, 0, "plain"

    def decode(self, latent: torch.Tensor, reference: torch.Tensor, **_: Any) -> torch.Tensor:
        return latent * reference[:, None]


@pytest.mark.parametrize("gain", [1.0, 1.2])
def test_a_graph_that_is_off_is_refused(tmp_path: Path, gain: float) -> None:
    bundle = building.Bundle((), {"generate": building.Way("", ())}, {}, (), None, False)
    plain: Any = _Plain()
    latents = list(fading_sounds(4_000, 16_000)[:2, None])
    place = _told(tmp_path, gain)

    def compared() -> Any:
        return checking.compared(place, bundle, plain, sounds=[], latents=latents, grain=0.0)

    if gain == 1:
        assert compared()[0].wave_db == -200
        return
    with pytest.raises(Exception, match="do not generate as the instrument does: sounds differ by"):
        compared()


def test_a_host_draws_the_same_from_the_same_seed(tmp_path: Path) -> None:
    player = Player(_told(tmp_path, 1.0))
    first, again = (player.play("generate", {}, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first["sound"], again["sound"])


def test_an_export_plays_without_timbrel(tmp_path: Path, timbrel: Command) -> None:
    root = _shelf(tmp_path / "ws", "pca-tiny")
    command = ("--workspace", root, "--json", "export", "waves", "--format", "onnx")
    ended = timbrel(*command, "--out", "drums-onnx")
    assert ended.status == 0, ended.err
    assert "Warning" not in ended.err
    assert {way["way"] for way in ended.document["ways"]} == {"reconstruct", "generate"}
    told = json.loads(Path("drums-onnx/model.json").read_text(encoding="utf-8"))
    assert told["checked"]["ways"][0]["onnx_ms"] > 0
    assert Path("drums-onnx/card.md").read_text(encoding="utf-8").startswith("# ")
    code = "import sys; sys.modules['timbrel'] = sys.modules['torch'] = None\n"
    run = code + "import runpy; runpy.run_path('drums-onnx/play.py', run_name='__main__')"
    for words in (["generate", "new.wav"], ["reconstruct", "new.wav", "again.wav"]):
        done = subprocess.run(
            [sys.executable, "-c", run, *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert Path(words[-1]).stat().st_size > 1000
    (lines,) = re.findall(r"^```py\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    found: dict[str, Any] = {}
    exec(compile(lines, "onnx.md", "exec"), found)
    assert found["sound"].shape == (1, told["length_samples"])
    assert np.abs(found["sound"]).max() > 1e-3
    assert timbrel(*command, "--out", "drums-onnx").status == 2
    Path("drums-onnx/mine.txt").write_text("keep", encoding="utf-8")
    refused = timbrel(*command, "--out", "drums-onnx", "--force")
    assert "drums-onnx exists already and holds 'mine.txt', which no export wrote" in refused.err
