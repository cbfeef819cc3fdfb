"""Pieces: parts of longer sounds, learned from as sounds of their own.

A piece is known by the id of its sound and by where it begins: ``<sound id>@<start in ms>``. A
sound that has no whole piece is one piece itself, and keeps its id and its name.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from timbrel.library.splits import Split

_HELD_OUT = 0.1  # the share of a recording's pieces that validate, and as many test
_FEWEST = 3  # pieces that give one to each split


@dataclass(frozen=True)
class Piece:
    """A part of a sound, or all of one that is short.

    Attributes:
        id: What it is known by.
        name: What a person calls it, such as "song.ogg 1:24".
        start_s: Where it begins in its sound, in seconds.
        length_s: How long it is, in seconds; less than a whole piece where its sound is.
    """

    id: str
    name: str
    start_s: float
    length_s: float


def cut(id_: str, name: str, duration_s: float, *, piece_s: float, skip_s: float) -> list[Piece]:
    """Cuts a sound into whole pieces, one after the other; what is left at its end is left out.

    Args:
        id_: The sound's id.
        name: What a person calls it.
        duration_s: How long it is, in seconds.
        piece_s: How long a piece is, in seconds, above 0.
        skip_s: What is left out at its beginning, in seconds, 0 or more.

    Returns:
        Its pieces, in order; where it has no whole one, one piece from its very beginning.

    Example:
        >>> [piece.id for piece in cut("a1", "song.ogg", 29.0, piece_s=8.0, skip_s=5.0)]
        ['a1@5000', 'a1@13000', 'a1@21000']
        >>> [(piece.id, piece.length_s) for piece in cut("b2", "hit", 1.5, piece_s=8, skip_s=5)]
        [('b2', 1.5)]
    """
    count = int((duration_s - skip_s) / piece_s + 1e-9)
    if count < 1:
        return [Piece(id_, name, 0.0, min(duration_s, piece_s))]
    # Rounded down to whole milliseconds, so that the last piece is whole too.
    starts_ms = [int(1000 * (skip_s + number * piece_s) + 1e-6) for number in range(count)]
    fine = piece_s < 1
    return [
        Piece(f"{id_}@{ms}", f"{name} {_clock(ms, fine=fine)}", ms / 1000, piece_s)
        for ms in starts_ms
    ]


def _clock(ms: int, *, fine: bool) -> str:
    """A moment as a player shows it; with milliseconds where seconds do not tell pieces apart."""
    minutes, rest = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{rest // 1000:02d}" + (f".{rest % 1000:03d}" if fine else "")
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes}:{seconds}"


def place(id_: str) -> tuple[str, float]:
    """Says of what sound something is a piece, and where it begins.

    Args:
        id_: The id of a piece, or of a whole sound.

    Returns:
        The sound's id, and seconds from its beginning, 0 for a whole sound.

    Example:
        >>> place("a1@13000"), place("a1")
        (('a1', 13.0), ('a1', 0.0))
    """
    sound, mark, start_ms = id_.rpartition("@")
    return (sound, int(start_ms) / 1000) if mark and start_ms.isdecimal() else (id_, 0.0)


def split(ids: Sequence[str], *, seed: int) -> dict[str, Split]:
    """Splits the pieces of one recording: a block of neighbours is held out, the rest trains.

    For libraries of so few recordings that whole ones cannot be held out. Where the block lies
    is drawn; its first half validates, its second half tests.

    Args:
        ids: The pieces' ids, in order.
        seed: Another seed holds other pieces out.

    Returns:
        Id -> split. Below 3 pieces all train.

    Example:
        >>> found = split([f"a1@{ms}" for ms in range(0, 20_000, 1000)], seed=0)
        >>> [list(found.values()).count(part) for part in ("train", "validation", "test")]
        [16, 2, 2]
    """
    splits: dict[str, Split] = dict.fromkeys(ids, "train")
    if len(ids) < _FEWEST:
        return splits
    each = max(1, round(_HELD_OUT * len(ids)))
    # By the sound and not by its pieces, so that pieces of any length are held out at one place.
    first = int(_drawn(f"{seed} {place(ids[0])[0]}") * (len(ids) - 2 * each + 1))
    splits.update(dict.fromkeys(ids[first : first + each], "validation"))
    splits.update(dict.fromkeys(ids[first + each : first + 2 * each], "test"))
    return splits


def _drawn(text: str) -> float:
    """A number from 0 up to below 1, the same for the same text."""
    digest = hashlib.blake2b(text.encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48
