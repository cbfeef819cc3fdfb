"""Controlled experiments, small, from sounds to a report; a stopped one goes on."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from timbrel.experiments import Request
from timbrel.experiments import _material as material
from timbrel.experiments._running import run
from timbrel.progress import Progress
from timbrel.tasks.workspace import Workspace

PAGE = Path(__file__).resolve().parents[2] / "docs" / "experiments.md"


def report_of(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "report.json").read_text(encoding="utf-8")))


def tables_of(folder: Path) -> dict[str, dict[str, Any]]:
    return {table["title"]: table["rows"] for table in report_of(folder)["tables"]}


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    asked = Request(data=(), workspace=folder / "ws", kept=folder / "kept", makes_sounds=True)
    (made,) = material.checked_notes(asked).data
    return made


def test_made_notes_have_five_pitches_and_two_families(notes: Path) -> None:
    found = material.found_in([notes])
    assert {one.pitch_semitones for one in found} == {36, 48, 60, 72, 84}
    assert {one.label for one in found} == {"string", "reed"}


def test_the_experiment_of_the_page_runs(tmp_path: Path, notes: Path) -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    path = tmp_path / "my_experiment.toml"
    path.write_text(block, encoding="utf-8")
    few = ["steps=1", "judged=4"]
    done = run(Workspace(tmp_path / "ws"), str(path), scale="smoke", data=[notes], settings=few)
    assert done.folder.name == "my_experiment-smoke"
    tables = tables_of(done.folder)
    assert tables["The dependent variables"]["110 values"]["Envelope error (dB)"]["count"] == 2
    differs = tables["What differs: the independent variable"]
    assert differs["network.widths"]["20 values"]["text"] == "[320, 210, 20]"
    assert set(differs) == {"recipe", "network.widths"}
    assert "training.batch_size" in tables["What was held equal"]
    assert tables["What training took"]["20 values"]["Parameters"]["value"] > 0
    (said,) = report_of(done.folder)["verdict"]
    assert said.startswith("Against 20 values, 110 values is ")
    assert "Of 4 trainings none had converged" in said


@pytest.mark.slow
def test_dense_vs_conv_goes_on_where_it_was_stopped(tmp_path: Path, notes: Path) -> None:
    def stop(moment: Progress) -> None:
        if moment.note == "dense-seed-0 is trained":
            raise KeyboardInterrupt

    few = ["seeds=2", "epochs=2"]
    asked: dict[str, Any] = {"scale": "smoke", "data": [notes], "settings": few}
    with pytest.raises(KeyboardInterrupt):
        run(Workspace(tmp_path), "dense-vs-conv", report=stop, **asked)
    (kept,) = (tmp_path / "experiments").iterdir()
    (first,) = (kept / "instruments").glob("[!.]*")
    before = first.stat().st_mtime_ns
    done = run(Workspace(tmp_path), "dense-vs-conv", **asked)
    assert first.stat().st_mtime_ns == before, "not trained anew"
    tables = tables_of(done.folder)
    conv = tables["conv over epochs (S0's table 2)"]
    assert conv["epoch 0"]["S0: MSE"]["value"] == 342.58
    assert conv["epoch 0"]["SNR (dB)"]["count"] == 2
    assert conv["epoch 9"]["MSE"]["value"] is None, "training was shorter"
    ours = conv["best epoch"]
    assert ours["MSE, as of 3 s"]["value"] == pytest.approx(30 * ours["MSE"]["value"])
    equal = tables["At equal time, and at equal parameters"]
    sizes = [equal[arm]["Parameters"]["value"] for arm in ("dense", "conv, as many parameters")]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.02)
    assert len({row["Minutes"]["value"] for row in equal.values()}) == 1
    captions = [one["caption"] for one in report_of(done.folder)["pictures"]]
    assert len(captions) == 2


@pytest.mark.slow
def test_spectral_autoencoders_make_s4s_tables(tmp_path: Path) -> None:
    few = ["steps=1", "judged=1"]
    done = run(Workspace(tmp_path), "spectral-autoencoders", scale="smoke", settings=few)
    tables = tables_of(done.folder)
    splits = tables["Mean squared error in dB² (S4's tables 5.1, 5.3 and 5.5)"]
    assert splits["log-mel triple"]["S4: test"]["value"] == 43.3
    components = [splits[f"PCA, log-magnitude {size}"]["Training"]["value"] for size in (250, 62)]
    assert components[0] < components[1], "more components lose less"
    assert set(tables["Test error in dB² family by family (S4 left it undone)"]) == {
        "reed", "string",
    }  # fmt: skip
    pitches = tables["Test error in dB² pitch by pitch, log-mel (S4's table 5.6)"]
    assert len(pitches) == 15
    assert pitches["60"]["log-mel single"]["value"] > 0
    heard = tables["What is heard of test notes that were played back"]
    kept = heard["PCA, log-magnitude 250"]
    assert kept["ODG, original phase"]["value"] > kept["ODG"]["value"], "the own phase is best"
    assert report_of(done.folder)["verdict"][0].startswith("Of 14 of S4's findings")
