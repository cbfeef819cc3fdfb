"""A piece without an end: to a file until it is stopped, or to a player."""

import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from timbrel.cli import output, session
from timbrel.errors import UsageError

if TYPE_CHECKING:
    from timbrel.signal.files import Sound
    from timbrel.signal.taping import Tape

STDOUT = Path("-")


def play(
    at: session.Session, instrument: str, out: Path, *, seconds: float | None, force: bool
) -> None:
    """Plays until Ctrl-C, or for as long as is asked, in memory that does not grow.

    Args:
        at: The session.
        instrument: Who plays.
        out: A sound file, or "-" for standard output.
        seconds: How long at most; None goes on until it is stopped.
        force: Whether a file of that name is replaced.

    Raises:
        UsageError: When `out` is no sound file.
    """
    from timbrel.signal import taping
    from timbrel.tasks import improvise as task

    rate, channels, parts = task.stream(at.workspace, instrument, seed=at.seed, device=at.device())
    most = None if seconds is None else _samples(seconds, rate)
    if out == STDOUT:
        _to_player(at, parts, sample_rate=rate, channels=channels, most=most)
        return
    taped = taping.tape(out, sample_rate=rate, channels=channels, most_samples=most, force=force)
    with at.progress(), taped as tape:
        count = _taped(tape, parts, most)
    document = {"sounds": [out], "seconds": count / rate, "skipped": []}
    at.finish(document, lambda: output.line(f"{out}: {output.duration(count / rate)}"))


def _to_player(
    at: session.Session,
    parts: "Iterator[Sound]",
    *,
    sample_rate: int,
    channels: int,
    most: int | None,
) -> None:
    from timbrel.signal import taping

    if at.as_json:
        raise UsageError("--json with --out -", "one or the other")
    if sys.stdout.isatty():
        raise UsageError(
            "sound for a terminal", "a player: ... --out - | aplay", "or a file: --out long.wav"
        )
    pipe = taping.Pipe(sys.stdout.buffer, sample_rate=sample_rate, channels=channels)
    try:
        _taped(pipe, parts, most)
    except BrokenPipeError:  # the player was closed
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _samples(seconds: float, sample_rate: int) -> int:
    count = round(seconds * sample_rate) if math.isfinite(seconds) else 0
    if count < 1:
        raise UsageError(f"a piece of {seconds:g} s", "more than 0", "leave --seconds out")
    return count


def _taped(tape: "Tape", parts: "Iterator[Sound]", most: int | None) -> int:
    """Writes until there is enough, or until Ctrl-C; says how many samples there are."""
    count = 0
    try:
        for part in parts:
            samples = part.samples if most is None else part.samples[:, : most - count]
            tape.write(samples)
            count += samples.shape[1]
            if most is not None and count >= most:
                break
    except KeyboardInterrupt:
        output.aside("stopped")
    return count
