"""What an experiment writes: cells that say what they are worth, pages that run nothing."""

import json
import math
from pathlib import Path

import pytest
import torch

from timbrel.errors import ExistsError
from timbrel.experiments import _findings as findings
from timbrel.experiments._findings import Cell, Column, Exhibit, Findings, Picture, Table
from timbrel.experiments._memory import Memory
from timbrel.experiments._writing import write
from timbrel.signal.files import Sound, probe

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001000500010d0a2db40000000049454e44ae426082"
)
ROWS = {"<b>loud</b>": [Cell(-1.5, -1.75, -1.25, 8, 2)], "soft": [Cell(-0.5, -0.75, -0.25, 10)]}
TABLE = Table("A table", "A note.", (Column("Grade", "higher"),), ROWS)


def tone() -> Sound:
    return Sound(torch.sin(torch.arange(4000.0) / 5)[None], 16_000)


def found() -> Findings:
    return Findings(
        "On two sounds.",
        ("Soft is better.",),
        tables=(TABLE,),
        pictures=(Picture("A dot", PNG),),
        exhibits=(Exhibit("a kick", "from a kit", {"original": tone(), "route": tone()}),),
    )


def test_a_mean_says_its_interval_and_how_many_were_undefined() -> None:
    cell = findings.mean([1.0, 2.0, 3.0, math.nan, math.inf], seed=0)
    assert cell.value == 2.0
    assert cell.low is not None
    assert cell.high is not None
    assert 1.0 <= cell.low < 2.0 < cell.high <= 3.0
    assert (cell.count, cell.undefined) == (3, 2)


def test_a_cell_without_any_number_is_empty_and_says_why() -> None:
    assert findings.mean([math.nan] * 4, seed=0) == Cell(undefined=4)
    assert findings.single(math.nan, count=3) == Cell(undefined=3)
    assert findings.rate(0, 0) == findings.NOTHING


def test_the_best_row_follows_the_direction_of_its_column() -> None:
    assert TABLE.best(TABLE.columns[0]) == "soft"
    down = Table("", "", (Column("Grade", "lower"),), ROWS)
    assert down.best(down.columns[0]) == "<b>loud</b>"
    neither = Table("", "", (Column("Grade"),), ROWS)
    assert neither.best(neither.columns[0]) == ""


def test_zero_can_be_the_best() -> None:
    table = Table("", "", (Column("Bins", "lower"),), {"none": [Cell(0.0)], "some": [Cell(3.0)]})
    assert table.best(table.columns[0]) == "none"


def test_the_report_is_a_page_that_runs_nothing_with_all_numbers_beside(tmp_path: Path) -> None:
    write(tmp_path / "report", "Which is better?", found(), {"seed": 0}, force=False)
    html = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert "&lt;b&gt;loud&lt;/b&gt;" in html
    assert "−1.75 to −1.25, n 8, 2 undefined" in html
    assert "<b>−0.50</b>" in html, "the best is bold"
    report = json.loads((tmp_path / "report" / "report.json").read_text(encoding="utf-8"))
    assert report["kind"] == "experiment"
    assert report["tables"][0]["rows"]["soft"]["Grade"]["value"] == -0.5
    sounds = [one for group in report["sounds"] for one in group["sounds"]]
    assert [probe(tmp_path / "report" / one["sound"]).sample_rate for one in sounds] == [16_000] * 2
    assert (tmp_path / "report" / report["pictures"][0]["path"]).read_bytes() == PNG


def test_a_report_is_replaced_only_when_asked(tmp_path: Path) -> None:
    write(tmp_path / "report", "Again?", found(), {}, force=False)
    with pytest.raises(ExistsError):
        write(tmp_path / "report", "Again?", found(), {}, force=False)
    write(tmp_path / "report", "Once more.", found(), {}, force=True)
    assert "Once more." in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


def test_figures_are_found_once(tmp_path: Path) -> None:
    asked = []

    def find() -> dict[str, float]:
        asked.append(1)
        return {"odg": -1.0, "none": math.nan}

    memory = Memory(tmp_path / "figures")
    first, second = memory.recall("a row", find), memory.recall("a row", find)
    assert len(asked) == 1
    assert first["odg"] == second["odg"] == -1.0
    assert math.isnan(second["none"])


def test_damaged_figures_are_found_anew(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    (tmp_path / "row.json").write_text('{"odg": -1', encoding="utf-8")
    assert memory.recall("row", lambda: {"odg": -2.0}) == {"odg": -2.0}
