"""How a command ends badly: one clear line, an exit status, and never a traceback."""

import errno
import json
import tempfile
import traceback
from dataclasses import dataclass

import typer

from timbrel.cli import output
from timbrel.errors import TimbrelError

# The base of all faults in the way a command was written. Some versions of typer bring a click of
# their own, so it is found by its name among the ancestors, not imported.
CommandFault: type[typer.BadParameter] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "UsageError"
)

INTERRUPTED = 130  # as shells count a program that Ctrl-C ended


class Interrupted(TimbrelError):
    """Somebody pressed Ctrl-C."""

    exit_code = INTERRUPTED

    def __init__(self) -> None:
        super().__init__(
            "stopped", advice="what was done is kept; the same command goes on (train: --resume)"
        )


@dataclass(frozen=True)
class Failure:
    """A failure in words.

    Attributes:
        kind: The kind of error, one word.
        message: One line for people.
        exit_status: 1: the work failed; 2: the command was wrong; 130: stopped.
        given: What was wrong.
        accepted: What would have been accepted.
        advice: What to do next.
    """

    kind: str
    message: str
    exit_status: int
    given: str = ""
    accepted: str = ""
    advice: str = ""


def told(error: BaseException) -> Failure:
    """Puts any error into words.

    Args:
        error: What went wrong.

    Returns:
        The failure; what nobody foresaw leaves a log with the traceback.
    """
    kind = type(error).__name__
    if isinstance(error, KeyboardInterrupt):
        return told(Interrupted())
    if isinstance(error, TimbrelError):
        return Failure(kind, str(error), error.exit_code, error.given, error.accepted, error.advice)
    if isinstance(error, CommandFault):
        return Failure("UsageError", _fault(error), 2, error.format_message())
    if isinstance(error, OSError) and error.strerror:
        return Failure(kind, _system(error), 1)
    if isinstance(error, MemoryError) or kind == "OutOfMemoryError":
        return Failure(kind, "the memory is used up; close other programs, or take a smaller "
                       "training.batch_size or --device cpu.", 1)  # fmt: skip
    return Failure(kind, _unforeseen(error), 1)


def _fault(error: typer.BadParameter) -> str:
    where = error.ctx.command_path if error.ctx else "timbrel"
    return f"{error.format_message()} See `{where} --help`."


def _system(error: OSError) -> str:
    """A full disk, a missing right: the system's word, the file, and what helps."""
    helps = {
        errno.ENOSPC: "; make room and run the same command again",
        errno.EDQUOT: "; make room and run the same command again",
        errno.EACCES: "; choose a folder that you may write to",
        errno.EPERM: "; choose a folder that you may write to",
        errno.EROFS: "; choose a folder that you may write to",
    }
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror}{helps.get(error.errno or 0, '')}."


def _unforeseen(error: BaseException) -> str:
    said = " ".join(str(error).split())[:200]
    what = f"something unforeseen happened ({type(error).__name__}: {said})"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="timbrel-error-", suffix=".log", delete=False, encoding="utf-8",
            errors="backslashreplace",
        ) as log:  # fmt: skip
            traceback.print_exception(error, file=log)
    except OSError:
        return f"{what}; no log could be written."
    return f"{what}; please report it with the log {log.name}."


def announce(failure: Failure, as_json: bool) -> None:
    """Prints a failure: one line on stderr, and with JSON one document on stdout.

    Args:
        failure: What went wrong.
        as_json: Whether JSON was asked for.
    """
    output.aside(f"timbrel: {failure.message}")
    if as_json:
        document = {"error": {key: value for key, value in vars(failure).items() if value}}
        output.line(json.dumps(output.plain(document), indent=1))
