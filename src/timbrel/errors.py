"""The error tree. Every message says what was given, what is accepted, and what to do next.

TimbrelError                 exit 1: the work failed
├── SoundFileError           a sound file cannot be read or written
├── LibraryError             the library is empty, damaged or out of reach
│   └── NoLibraryError       there is none
├── TrainingError            training cannot start or cannot go on
├── InstrumentError          an instrument folder is missing, damaged or foreign
├── AbilityError             the instrument exists but cannot do what was asked
└── UsageError               exit 2: the command or an argument was wrong
    ├── RecipeError          a recipe or an override does not fit
    ├── UnknownNameError     no plug-in, recipe, instrument or label of that name
    └── ExistsError          something is there already and nothing is overwritten
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class TimbrelError(Exception):
    """The root of all errors that a user may see, as one clear line.

    Args:
        given: What was wrong, with the offending value, without a full stop.
        accepted: What would have been accepted, without a full stop.
        advice: What to do next, without a full stop.

    Example:
        >>> str(TimbrelError("rate -1 Hz", "a rate above 0 Hz", "leave --rate out"))
        'rate -1 Hz; accepted: a rate above 0 Hz; leave --rate out.'
    """

    exit_code = 1

    def __init__(self, given: str, accepted: str = "", advice: str = "") -> None:
        self.given, self.accepted, self.advice = given, accepted, advice
        parts = [given, f"accepted: {accepted}" if accepted else "", advice]
        super().__init__("; ".join(part for part in parts if part) + ".")

    def __reduce__(self) -> tuple[Any, ...]:
        """Lets every error, whatever its class was made from, travel to another process."""
        parts = (self.given, self.accepted, self.advice)
        return _remade, (type(self), *parts), dict(vars(self))


def _remade(kind: type[TimbrelError], *parts: str) -> TimbrelError:
    error = kind.__new__(kind)
    TimbrelError.__init__(error, *parts)
    return error


class SoundFileError(TimbrelError):
    """A sound file cannot be read or written."""


class LibraryError(TimbrelError):
    """The library is empty, damaged or out of reach."""


class NoLibraryError(LibraryError):
    """There is no library."""


class TrainingError(TimbrelError):
    """Training cannot start or cannot go on."""


class InstrumentError(TimbrelError):
    """An instrument folder is missing, damaged or foreign."""


class AbilityError(TimbrelError):
    """The instrument exists but cannot do what was asked."""


class UsageError(TimbrelError):
    """The command or an argument was wrong."""

    exit_code = 2


class RecipeError(UsageError):
    """A recipe or an override of it does not fit."""


class UnknownNameError(UsageError):
    """Nothing of that name exists; the message lists what does and the nearest spelling.

    Args:
        kind: What was looked for, such as "phase method".
        name: The name that was given.
        choices: The names that exist.
        advice: What to do next, without a full stop.

    Example:
        >>> str(UnknownNameError("recipe", "sample-vea", ["sample-vae"]))
        "no recipe 'sample-vea' (did you mean 'sample-vae'?); accepted: sample-vae."
    """

    def __init__(self, kind: str, name: str, choices: Iterable[str], advice: str = "") -> None:
        names = sorted(choices)
        given = f"no {kind} {name!r}{did_you_mean(name, names)}"
        super().__init__(given, ", ".join(names) or "none exist yet", advice)


class ExistsError(UsageError):
    """Something is there already, and nothing is overwritten unasked."""


def reason_line(error: BaseException) -> str:
    r"""Says what another library thinks went wrong, ready to stand in brackets.

    Args:
        error: What it raised.

    Returns:
        The first line of its text without a full stop, 160 letters at most; its kind where there is
        no text.

    Example:
        >>> reason_line(ValueError("no such thing.\nlook there")), reason_line(KeyError())
        ('no such thing', 'KeyError')
    """
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")[:160]


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Returns ``" (did you mean 'x'?)"`` for the nearest spelling among choices, or ``""``.

    Args:
        name: What was typed.
        choices: What exists.

    Returns:
        The hint, with a leading blank, or an empty string when nothing is near.

    Example:
        >>> did_you_mean("umpa", ["pca", "umap"])
        " (did you mean 'umap'?)"
        >>> did_you_mean("heap", ["heap_integration", "zero"])
        " (did you mean 'heap_integration'?)"
    """
    known = list(choices)
    near = [choice for choice in known if name and choice.startswith(name)]
    if len(near) != 1:  # a name cut short is one name's beginning
        near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f" (did you mean {near[0]!r}?)" if near else ""
