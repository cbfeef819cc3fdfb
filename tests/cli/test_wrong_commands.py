"""Wrong commands: exit status 2, one line that helps, no traceback, nothing left behind."""

from pathlib import Path

import pytest
import torch

from fixtures_command import Command
from timbrel.signal.files import Sound, write

TWO = ("is.wav", "is.wav")
WRONG = {
    "a verb that does not exist": (["scna", "x"], "scan"),
    "an option that does not exist": (["library", "--lable", "kick"], "--label"),
    "no recipe of that name": (["recipes", "sample-vea-tiny"], "sample-vae-tiny"),
    "no instrument of that name": (["generate", "drums", "--count", 1, "--out", "o"], "train"),
    "a source that is not there": (["scan", "nowhere"], "nowhere does not exist"),
    "no source": (["scan"], "SOURCE"),
    "an experiment that does not exist": (["experiment", "vae"], "vae-variants"),
    "a reader that does not exist": (["scan", ".", "--reader", "folders"], "folder"),
    "a sound that is not there": (["compare", "a.wav", "b.wav"], "a.wav does not exist"),
    "a metric that does not exist": (["compare", "is.wav", "is.wav", "--metric", "snrr"], "snr"),
    "nothing to look for": (["search"], "--duplicates"),
    "two things to look for": (["search", "is.wav", "--duplicates"], "--duplicates"),
    "an exact search for nothing": (["search", "--duplicates", "--exact"], "SOUND --exact"),
    "a point without a map": (["search", "--at", "0.5,0.5"], "--map INSTRUMENT"),
    "an aspect that does not exist": (["search", "is.wav", "--by", "pitsch"], "pitch"),
    "a weight that is no number": (["search", "is.wav", "--by", "pitch=x"], "'pitch=x'"),
    "a device that does not exist": (["--device", "gpu", "library"], "auto, cpu, cuda, mps"),
    "a seed below zero": (["--seed", "-1", "library"], "--seed"),
    "no threads": (["--threads", "0", "library"], "--threads"),
    "a workspace that is a file": (["--workspace", "is.wav", "library"], "is a file"),
    "a name that hides": (["train", "sample-vae-tiny", "--name", "../x"], "letters"),
    "no minutes": (["train", "sample-vae-tiny", "--name", "x", "--minutes", "0"], "more than 0"),
    "minutes that are no number": (
        ["train", "sample-vae-tiny", "--name", "x", "--minutes", "nan"],
        "more than 0",
    ),
    "no name": (["train", "sample-vae-tiny"], "--name"),
    "a setting that does not exist": (
        ["train", "sample-vae-tiny", "--name", "x", "--set", "training.batch=3"],
        "batch_size",
    ),
    "nothing to resume": (["train", "sample-vae-tiny", "--name", "x", "--resume"], "--resume"),
    "an estimate that shall have a name": (
        ["train", "sample-vae-tiny", "--name", "x", "--estimate", "--force"],
        "--estimate together with --name and --force",
    ),
    "an estimate that goes on": (
        ["train", "sample-vae-tiny", "--resume", "--estimate"],
        "--estimate together with --resume",
    ),
    "another split to go on with": (
        ["train", "sample-vae-tiny", "--name", "x", "--resume", "--keep-groups"],
        "--resume together with --keep-groups",
    ),
    "a seed, and nothing to resume": (
        ["--seed", "3", "train", "sample-vae-tiny", "--name", "x", "--resume"],
        "no training of 'x'",
    ),
    "a report in a file": (["evaluate", "x", "--out", "is.wav", "--force"], "is a file"),
    "a report in the current folder": (["evaluate", "x", "--out", ".", "--force"], "is.wav"),
    "five corners": (["morph", "x", *"abcde", "--out", "o"], "two to four sounds"),
    "steps and weights": (
        ["morph", "x", *TWO, "--steps", "3", "--weights", "1,0", "--out", "o"],
        "--steps together with --weights",
    ),
    "weights that are no numbers": (
        ["morph", "x", *TWO, "--weights", "a,b", "--out", "o"],
        "such as 0.3,0.7",
    ),
    "weights that do not sum to 1": (
        ["morph", "x", *TWO, "--weights", "0.3,0.3", "--out", "o"],
        "weights that sum to 0.6",
    ),
    "a weight too few": (
        ["morph", "x", *TWO, "is.wav", "--weights", "0.5,0.5", "--out", "o"],
        "2 weights for 3 sounds",
    ),
    "a weight out of sight": (
        ["morph", "x", *TWO, "--weights", "3", "--out", "o"],
        "the weight -2; accepted: -1 to 2",
    ),
    "a path that goes back": (
        ["morph", "x", *TWO, "--path", "0:0 0.5:1 0.4:0", "--out", "o"],
        "ascending",
    ),
    "a path without weights": (
        ["morph", "x", *TWO, "--path", "0 1", "--out", "o"],
        "the breakpoint '0'",
    ),
    "a path of nothing": (["morph", "x", *TWO, "--path", "", "--out", "o"], "0 breakpoints"),
    "a morph in no step": (["morph", "x", *TWO, "--steps", "0", "--out", "o"], "0 steps"),
    "pairs of sounds": (["morph", "x", *TWO, "--pairs"], "--pairs together with sounds"),
    "an energy that is neither": (
        ["reconstruct", "x", "is.wav", "--energy", "of", "--out", "o"],
        "did you mean 'off'",
    ),
    "a map without a kind": (["map", "x", "--out", "map"], ".png"),
    "a count that is no number": (["generate", "x", "--count", "many", "--out", "o"], "--count"),
    "no folder": (["generate", "x", "--count", "2"], "--out"),
}
POINTS = ["0.5;0.5", "0.5", "0,5,0,5", "1.5,0.5", "-0.1,0.5", "nan,0.5", "here", ""]


@pytest.mark.parametrize("case", WRONG)
def test_wrong_command_ends_with_2_and_a_line_that_helps(
    timbrel: Command, tmp_path: Path, case: str
) -> None:
    write(tmp_path / "is.wav", Sound(torch.sin(torch.arange(8000.0))[None] / 2, 16_000, ""))
    arguments, helps = WRONG[case]

    ended = timbrel(*arguments)

    assert ended.status == 2
    assert ended.err.startswith("timbrel: ")
    assert helps in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""
    assert {path.name for path in tmp_path.iterdir()} <= {"is.wav", "timbrel-workspace"}


def test_only_metrics_that_take_a_pair_are_offered(timbrel: Command, tmp_path: Path) -> None:
    write(tmp_path / "is.wav", Sound(torch.sin(torch.arange(8000.0))[None] / 2, 16_000, ""))
    ended = timbrel("compare", "is.wav", "is.wav", "--metric", "odgg")
    assert "did you mean 'odg'" in ended.err
    assert "ndb" not in ended.err


@pytest.mark.parametrize("point", POINTS)
def test_odd_points_are_refused_with_an_example(timbrel: Command, point: str) -> None:
    ended = timbrel("pick", "drums", "--at", point, "--out", "a.wav")
    assert ended.status == 2
    assert "such as 0.5,0.25" in ended.err


def test_a_point_may_hold_blanks(timbrel: Command) -> None:
    ended = timbrel("pick", "drums", "--at", "0.5, 0.5", "--out", "a.wav")
    assert "no instrument 'drums'" in ended.err  # the point was understood


def test_with_json_an_error_is_one_document(timbrel: Command) -> None:
    ended = timbrel("recipes", "sample-vea-tiny", "--json")
    error = ended.document["error"]
    assert error["kind"] == "UnknownNameError"
    assert error["exit_status"] == ended.status == 2
    assert "sample-vae-tiny" in error["accepted"]


def test_with_json_a_command_that_cannot_be_parsed_is_one_document(timbrel: Command) -> None:
    assert timbrel("--json", "scna").document["error"]["kind"] == "UsageError"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_cuda_without_cuda_is_refused(timbrel: Command, tmp_path: Path) -> None:
    ended = timbrel("--device", "cuda", "train", "sample-vae-tiny", "--name", "x")
    assert ended.status == 2
    assert "auto, cpu" in ended.err


def test_no_command_shows_the_help(timbrel: Command) -> None:
    ended = timbrel()
    assert ended.status == 2
    assert "generate" in ended.out


def test_what_failed_on_the_way_is_no_wrong_command(timbrel: Command, tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF no sound")
    ended = timbrel("compare", "bad.wav", "bad.wav")
    assert ended.status == 1
    assert "bad.wav" in ended.err
    assert timbrel("library").status == 1  # there is none
