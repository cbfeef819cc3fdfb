"""Each experiment, small, from sounds to a report; a stopped one goes on."""

import json
from pathlib import Path

import pytest

from timbrel.experiments._running import run
from timbrel.progress import Progress
from timbrel.tasks.workspace import Workspace


def report_of(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / "report.json").read_text(encoding="utf-8")))


def rows_of(folder: Path, table: int) -> dict[str, dict[str, dict[str, float | None]]]:
    return report_of(folder)["tables"][table]["rows"]  # type: ignore[index, no-any-return]


@pytest.mark.slow
def test_reconstruction_makes_both_tables(tmp_path: Path) -> None:
    few = ["notes=1", "drums=1"]
    done = run(Workspace(tmp_path), "reconstruction", scale="smoke", settings=few)
    notes, drums = rows_of(done.folder, 0), rows_of(done.folder, 1)
    odg = {name: row["ODG, joined"]["value"] for name, row in notes.items()}
    assert odg["STFT 512/128, original phase"] == max(odg.values())
    of_stft = [value for name, value in odg.items() if name.startswith("STFT")]
    assert odg["STFT 512/128, zero phase"] == min(of_stft)
    assert notes["STFT 512/128, zero phase"]["S3: ODG"]["value"] == -3.506
    assert any("deep-griffin-lim-tiny" in name for name in notes)
    assert "16 kHz: band alone" in drums
    assert (done.folder / "index.html").is_file()


@pytest.mark.slow
def test_the_nine_models_go_on_where_they_were_stopped(tmp_path: Path) -> None:
    def stop(moment: Progress) -> None:
        if moment.note == "64 dim is trained":
            raise KeyboardInterrupt

    few = ["judged=4", "heard=1", "step_share=1e-6"]
    with pytest.raises(KeyboardInterrupt):
        run(Workspace(tmp_path), "vae-variants", scale="smoke", settings=few, report=stop)
    (kept,) = (tmp_path / "experiments").iterdir()
    before = {one.name: one.stat().st_mtime_ns for one in (kept / "instruments").glob("[!.]*")}
    assert {"8-dim", "64-dim"} <= set(before)
    done = run(Workspace(tmp_path), "vae-variants", scale="smoke", settings=few)
    after = {one.name: one.stat().st_mtime_ns for one in (kept / "instruments").glob("[!.]*")}
    assert len(after) == 9
    assert all(after[name] == before[name] for name in ("8-dim", "64-dim")), "not trained anew"
    results = rows_of(done.folder, 1)
    assert len(results) == 11
    assert results["Test set itself"]["S3: FID"]["value"] == 43.5
    overfit = results["Overfit"]["LSD (dB), mean"]
    assert overfit["value"] > results["Front end alone"]["LSD (dB), mean"]["value"]  # type: ignore[operator]


def test_projections_draws_s3s_figures(tmp_path: Path) -> None:
    without_umap = ["neighbours=[]"]  # it compiles for half a minute; the grid's test has it
    done = run(Workspace(tmp_path), "projections", scale="smoke", settings=without_umap)
    rows = rows_of(done.folder, 0)
    assert {"PCA", "t-SNE 5, 250", "timbrel: tsne"} <= set(rows)
    assert rows["t-SNE 5, 250"]["Own inverse: error"]["value"] is None
    assert rows["PCA"]["Own inverse: error"]["value"] is not None
    for name in set(rows) - {"Latent space itself"}:
        assert 0.4 < (rows[name]["Trustworthiness"]["value"] or 0) <= 1
    assert len(report_of(done.folder)["pictures"]) == 3  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_grid_is_played_by_both_ways_back(tmp_path: Path) -> None:
    done = run(Workspace(tmp_path), "latent-grid", scale="smoke")
    rows = rows_of(done.folder, 0)
    assert sum(row["Points"]["value"] or 0 for row in rows.values()) == 2 * 16
    assert len(report_of(done.folder)["pictures"]) == 3  # type: ignore[arg-type]
