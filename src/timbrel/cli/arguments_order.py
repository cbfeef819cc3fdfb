"""The order of arguments: people write options where they think of them."""

import os
from collections.abc import Callable, Sequence

from timbrel import plugins

_GLOBAL_FLAGS = frozenset({"--json", "--quiet"})
_GLOBAL_VALUES = frozenset({"--workspace", "--device", "--seed", "--threads", "--progress"})


def ordered(arguments: Sequence[str]) -> list[str]:
    """Brings arguments into the one order that is parsed.

    Global options go before the command, wherever they stand. ``--set a=1 b=2`` becomes
    ``--set a=1 --set b=2``, ``--metric`` likewise, and ``--real`` with files and folders that are
    there. Nothing behind ``--`` is touched.

    Args:
        arguments: As they were written.

    Returns:
        The same, in order.

    Example:
        >>> ordered(["generate", "drums", "--json", "--count", "4", "--seed", "3"])
        ['--json', '--seed', '3', 'generate', 'drums', '--count', '4']
    """
    front, rest = _global_first(arguments)
    if "train" in rest:
        rest = _spread(rest, "--set", lambda text: "=" in text)
    if "compare" in rest and "--metric" in rest:
        names = plugins.names("evaluation.metrics")
        rest = _spread(rest, "--metric", lambda text: text in names)
    if rest[:2] == ["listen", "build"]:
        rest = _spread(rest, "--real", os.path.exists)
    return front + rest


def _global_first(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            return front, [*rest, argument, *waiting]
        name, given, _value = argument.partition("=")
        if argument in _GLOBAL_FLAGS or (name in _GLOBAL_VALUES and given):
            front.append(argument)
        elif argument in _GLOBAL_VALUES:
            front += [argument, *([value] if (value := next(waiting, None)) is not None else [])]
        else:
            rest.append(argument)
    return front, rest


def _spread(arguments: Sequence[str], option: str, belongs: Callable[[str], bool]) -> list[str]:
    """Repeats an option before each further value that belongs to it."""
    spread: list[str] = []
    first = further = False  # whether the next argument is the option's first value, or one more
    for argument in arguments:
        if further and not argument.startswith("-") and belongs(argument):
            spread.append(option)
        else:
            further = first
        first = argument == option
        spread.append(argument)
    return spread


def asks_for_json(arguments: Sequence[str]) -> bool:
    """Says whether a command asks for JSON, even one that cannot be parsed.

    Args:
        arguments: As they were written.

    Returns:
        Whether ``--json`` stands before any ``--``.

    Example:
        >>> asks_for_json(["--json", "scna"])
        True
    """
    before = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in before
