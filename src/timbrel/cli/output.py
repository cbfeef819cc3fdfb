"""What the command line prints: lines, tables and plain values."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import PurePath
from typing import Any


def line(text: str = "") -> None:
    """Prints one line of the answer.

    Args:
        text: The line; what a terminal might obey is made visible instead.
    """
    sys.stdout.write(shown(text) + "\n")


def aside(text: str) -> None:
    """Prints one line beside the answer, on stderr.

    Args:
        text: The line.
    """
    sys.stderr.write(shown(text) + "\n")


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints a table; numbers stand right, and nothing is cut off.

    Args:
        headings: One word a column.
        rows: The cells.
    """
    cells = [[shown(cell(value)) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
    right = [_all_numbers(column) for column in zip(*rows, strict=True)] or [False] * len(headings)
    for entry in [list(headings), *cells]:
        padded = [
            text.rjust(width) if number else text.ljust(width)
            for text, width, number in zip(entry, widths, right, strict=True)
        ]
        sys.stdout.write("  ".join(padded).rstrip() + "\n")


def _all_numbers(column: Sequence[object]) -> bool:
    return all(isinstance(value, int | float) or value is None for value in column)


def cell(value: object) -> str:
    """Writes a value as it stands in a table.

    Args:
        value: A text, number, list or nothing.

    Returns:
        Its text.

    Example:
        >>> cell(0.123456), cell(None), cell(["a", "b"])
        ('0.1235', '-', 'a, b')
    """
    if value is None or value == "":
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"
    return str(value)


def shown(text: str) -> str:
    r"""Makes visible what a terminal might obey; file names can hold anything.

    Args:
        text: Any text.

    Returns:
        The text, with all but line ends and printable characters escaped.

    Example:
        >>> shown("kick\x1b[2J.wav")
        'kick\\x1b[2J.wav'
    """
    return "".join(
        mark if mark.isprintable() or mark == "\n" else mark.encode("unicode_escape").decode()
        for mark in text
    )


def in_one_line(text: str) -> str:
    r"""Makes line ends visible too, so that no file's name writes a line of its own.

    Args:
        text: Any text.

    Returns:
        The text in one line.

    Example:
        >>> in_one_line("skipped kick\ndone.wav")
        'skipped kick\\ndone.wav'
    """
    return text.replace("\n", "\\n")


def plain(value: Any) -> Any:
    """Turns a value into what strict JSON knows.

    Args:
        value: Numbers, texts, paths, dataclasses and collections of them.

    Returns:
        Dictionaries, lists, texts, numbers and None; numbers that are not finite become None.

    Example:
        >>> plain({"sounds": (PurePath("a.wav"),), "snr": math.inf})
        {'sounds': ['a.wav'], 'snr': None}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def duration(seconds: float) -> str:
    """Says a length of time as people do.

    Args:
        seconds: The length in s.

    Returns:
        Such as "42 s", "3 min 20 s" or "2 h 5 min".

    Example:
        >>> duration(200)
        '3 min 20 s'
    """
    whole = max(0, math.ceil(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def size(size_bytes: float) -> str:
    """Says a size as people do.

    Args:
        size_bytes: The size in bytes.

    Returns:
        Such as "850 kB", "12.5 MB" or "1.2 GB".

    Example:
        >>> size(12_500_000)
        '12.5 MB'
    """
    for factor, unit in ((1e9, "GB"), (1e6, "MB")):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes / 1e3:.0f} kB"
