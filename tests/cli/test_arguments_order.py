"""Options are understood where people write them."""

from pathlib import Path

import pytest

from fixtures_command import Command
from timbrel.cli.arguments_order import asks_for_json, ordered


def test_global_options_may_stand_behind_the_command(timbrel: Command) -> None:
    before, behind = timbrel("--json", "recipes"), timbrel("recipes", "--json")
    assert before.document == behind.document
    assert [one["name"] for one in before.document["recipes"]] == sorted(
        one["name"] for one in before.document["recipes"]
    )


@pytest.mark.parametrize("form", [["--workspace", "w"], ["--workspace=w"]])
def test_a_global_option_takes_its_value_along(form: list[str]) -> None:
    assert ordered(["map", "x", *form, "--out", "m.png"]) == [*form, "map", "x", "--out", "m.png"]


def test_nothing_behind_two_dashes_is_touched() -> None:
    assert ordered(["scan", "--", "--json"]) == ["scan", "--", "--json"]
    assert not asks_for_json(["scan", "--", "--json"])


def test_several_settings_may_follow_one_option() -> None:
    words = ["train", "r", "--set", "a=1", "b=2", "--name", "x", "c=3"]
    assert ordered(words) == ["train", "r", "--set", "a=1", "--set", "b=2", "--name", "x", "c=3"]


def test_several_metrics_may_follow_one_option() -> None:
    words = ["compare", "--metric", "snr", "mse_db", "a.wav", "b.wav"]
    spread = ["compare", "--metric", "snr", "--metric", "mse_db", "a.wav", "b.wav"]
    assert ordered(words) == spread


def test_the_workspace_may_come_from_the_environment(
    timbrel: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIMBREL_WORKSPACE", str(tmp_path / "mine"))
    assert str(tmp_path / "mine") in timbrel("library").err
    assert "other" in timbrel("--workspace", "other", "library").err
