"""Progress: on stderr only, as bars in a terminal and as lines elsewhere."""

import io

from fixtures_command import Command
from timbrel.cli.bars import Lines, shown
from timbrel.progress import Progress


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_lines_tell_the_begin_and_the_end_of_each_stage() -> None:
    stream = io.StringIO()
    lines = Lines(stream, every_s=1000)
    for done in range(1, 101):
        lines(Progress("reading sounds", done, 100, 100.0 - done))
    lines(Progress("drawing", 0, 1))
    assert stream.getvalue().splitlines() == [
        "reading sounds: 1 of 100, 1 min 39 s left",
        "reading sounds: 100 of 100",
        "drawing: 0 of 1",
    ]


def test_lines_come_now_and_then_in_between() -> None:
    stream = io.StringIO()
    lines = Lines(stream, every_s=0)
    for done in range(5):
        lines(Progress("training", done, 10, note=f"loss {done}"))
    assert len(stream.getvalue().splitlines()) == 5


def test_a_terminal_gets_a_bar_with_time_left_and_note() -> None:
    stream = Terminal()
    with shown(stream) as report:
        report(Progress("training", 5, 10, 42.0, "loss [bold]0.5\x1b[2J"))
    said = stream.getvalue()
    for word in ("training", "50 %", "42 s left", "loss [bold]0.5\\x1b[2J"):
        assert word in said


def test_an_unknown_total_is_no_division_by_zero() -> None:
    stream = Terminal()
    with shown(stream) as report:
        report(Progress("counting", 5, 0))
    assert "counting" in stream.getvalue()


def test_quiet_shows_no_progress(timbrel: Command) -> None:
    assert timbrel("--quiet", "recipes", "sample-vae-tiny").err == ""
