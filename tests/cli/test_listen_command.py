"""`timbrel listen` as a person types it."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from fixtures_command import Command
from fixtures_listening import material, take
from timbrel.tasks import listen

BUILD = ("listen", "build", "test", "--kind")
SYSTEMS = ("--system", "one=one", "--system", "two=two")


def test_a_test_is_built_taken_and_reported(timbrel: Command, tmp_path: Path) -> None:
    material(tmp_path)
    built = timbrel("--json", *BUILD, "mos", "--real", "real", *SYSTEMS, "--items", 6)
    assert built.status == 0, built.err
    told = built.document
    assert (told["items"], told["sounds"]) == (6, {"original": 2, "one": 2, "two": 2})
    assert told["prepared"]["loudness_lufs"] <= -23
    test = listen.open_test(tmp_path / "test")
    take(test, lambda _sources, _x: {"quality": "4"})
    said = timbrel("listen", "report", "test", "--out", "report")
    assert (said.status, "6 answers" in said.out) == (0, True)
    assert "One listener answered" in said.out
    again = timbrel("--json", "listen", "report", "test", "--out", "report", "--force")
    assert again.document["report"]["facts"]["listeners"] == 1
    assert timbrel("listen", "report", "test", "--out", "report").status == 2
    assert timbrel(*BUILD, "mos", *SYSTEMS, "--force").status == 2  # it holds answers


def test_several_files_stand_behind_one_real(timbrel: Command, tmp_path: Path) -> None:
    material(tmp_path)
    files = [f"real/kick {number}.wav" for number in range(4)]
    built = timbrel("--json", *BUILD, "questionnaire", "--real", *files, "--system", "one=one",
                    "--items", 8, "--seed", 3)  # fmt: skip
    assert built.document["sounds"] == {"original": 4, "one": 4}
    assert built.document["prepared"]["seed"] == 3


def test_what_has_no_original_is_named_and_the_status_says_so(
    timbrel: Command, tmp_path: Path
) -> None:
    made = material(tmp_path)
    (made.two / "kick 1.wav").rename(made.two / "stranger.wav")
    ended = timbrel(*BUILD, "abx", "--real", "real", "--system", "two=two")
    assert ended.status == 3
    assert "skipped two/stranger.wav: no original has its name or is its parent" in ended.err
    assert "5 items in test: 5 of original, 5 of two" in ended.out
    assert "timbrel listen serve test" in ended.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mosh", *SYSTEMS), "did you mean 'mos'"),
        (("abx", *SYSTEMS), "no --real for abx"),
        (("mushra", "--real", "real", "--system", "one"), "NAME=FOLDER"),
        (("mos", "--system", "original=one"), "which the test has itself"),
        (("mos", "--system", "one=one", "--system", "one=two"), "each name once"),
        (("mos", "--system", "one=gone"), "gone does not exist"),
        (("mos", "--real", "empty", *SYSTEMS), "no sound files in empty"),
        (("preference", "--system", "one=one"), "one system alone"),
        (("mos", *SYSTEMS, "--bandwidth", "half"), "match or keep"),
        (("mos", *SYSTEMS, "--seconds", "0"), "0.05 to 120 s"),
        (("mos",), "Missing option '--system'"),
        (("abx", "--real", "real", "--system", "other=other"), "nothing to set side by side"),
    ],
)
def test_wrong_commands_are_refused_in_one_line(
    timbrel: Command, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    material(tmp_path, 2)
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "one" / "kick 0-reconstructed.wav").rename(tmp_path / "other" / "thing.wav")
    ended = timbrel(*BUILD, *words)
    assert ended.status == 2
    assert said in ended.err
    assert ended.err.count("\n") <= 2
    assert not (tmp_path / "test").exists()


def test_what_is_no_test_is_told(timbrel: Command, tmp_path: Path) -> None:
    material(tmp_path, 2)
    for words in (("serve", "real"), ("report", "real", "--out", "out"), ("serve", "gone")):
        ended = timbrel("listen", *words)
        assert (ended.status, "no listening test in" in ended.err) == (2, True)
    timbrel(*BUILD, "mos", *SYSTEMS)
    ended = timbrel("--json", "listen", "report", "test", "--out", "out")
    assert ended.status == 1
    assert "nobody has answered test yet" in ended.document["error"]["message"]
    assert timbrel("listen", "serve", "test", "--port", 70_000).status == 2


def test_serving_without_its_packages_names_the_line_to_type(
    timbrel: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    material(tmp_path, 2)
    timbrel(*BUILD, "mos", *SYSTEMS)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    ended = timbrel("listen", "serve", "test")
    assert (ended.status, "pip install 'timbrel[studio]'" in ended.err) == (1, True)


@pytest.mark.parametrize("name", ["build", "serve", "report"])
def test_each_part_has_help_and_an_example(timbrel: Command, name: str) -> None:
    ended = timbrel("listen", name, "--help")
    assert ended.status == 0
    assert f"Example: timbrel listen {name} " in " ".join(ended.out.split())
    assert "..." not in timbrel("listen", "--help").out.split(f" {name} ")[1].splitlines()[0]


def test_each_option_of_listen_has_a_sentence() -> None:
    from typer.main import get_command

    from timbrel.cli.listening import app

    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        for option in command.params:
            assert getattr(option, "help", "-"), f"{name} {option.name} says nothing"


def test_it_serves_until_it_is_stopped(timbrel: Command, tmp_path: Path) -> None:
    material(tmp_path, 2)
    timbrel(*BUILD, "mos", *SYSTEMS, "--title", "How good?")
    running = subprocess.Popen(
        [sys.executable, "-m", "timbrel", "listen", "serve", "test", "--port", "0"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert running.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", running.stdout.readline())
        assert found
        with urllib.request.urlopen(f"{found.group()}api/test", timeout=20) as answer:
            assert json.load(answer)["title"] == "How good?"
        taken = timbrel("listen", "serve", "test", "--port", found.group(1))
        assert (taken.status, "choose another with --port" in taken.err) == (1, True)
    finally:
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=20)
    assert running.returncode == 0
    assert "Traceback" not in said
