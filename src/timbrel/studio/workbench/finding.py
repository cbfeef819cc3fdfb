"""The library's table, searched by words, by likeness, and what it left out."""

import math
from pathlib import Path
from typing import Any

from timbrel.exporting.layout import key_name
from timbrel.studio.workbench import commands, sounds
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.models.library import (
    LibrarySound,
    LibrarySounds,
    Likeness,
    Match,
    Matches,
    Neighbour,
    Neighbours,
    Refused,
    RefusedFiles,
)
from timbrel.tasks import copies, search
from timbrel.tasks import library as task


def listed(
    bench: Bench, *, words: str, label: str | None, order: str, down: bool, start: int, count: int
) -> LibrarySounds:
    """Gives some rows of the table of sounds.

    Args:
        bench: What the studio works with.
        words: All of these stand in a sound's path, label or group.
        label: Only sounds of this label.
        order: The column.
        down: Whether the largest comes first.
        start: How many are passed over.
        count: How many are given.

    Returns:
        The rows, and how many there are in all.
    """
    table = bench.table()
    found = table.ordered(table.find(words=words, label=label), order, down=down)
    arguments = [
        "library", "--list", *commands.optional("--words", words or None),
        *commands.optional("--label", label), f"--order={'-' if down else ''}{order}",
    ]  # fmt: skip
    return LibrarySounds(
        total=len(found),
        start=start,
        sounds=[as_row(record) for record in table.records(found[start : start + count])],
        command=commands.shown(bench.workspace.root, arguments),
    )


def as_row(record: dict[str, Any]) -> LibrarySound:
    """Tells of a sound as a row of the table.

    Args:
        record: Its columns.

    Returns:
        The row.
    """
    path = Path(record["path"])
    pitch = _finite(record["pitch_semitones"])
    same = ("label", "duration_s", "sample_rate", "channels", "format", "peak_db")
    return LibrarySound(
        **{name: record[name] for name in same},
        sound=f"library:{record['id']}",
        name=path.name,
        folder=path.parent.name,
        group=record["group_name"],
        loudness_lufs=_finite(record["loudness_lufs"]),
        pitch_semitones=pitch,
        pitch="" if pitch is None else key_name(round(pitch)),
    )


def row_of(bench: Bench, id_: str) -> LibrarySound | None:
    """Finds a sound's row.

    Args:
        bench: What the studio works with.
        id_: Its id in the library.

    Returns:
        The row; None where the library does not know it any more.
    """
    table = bench.table()
    row = table.row(id_)
    return None if row is None else as_row(table.records([row])[0])


def refused(bench: Bench, *, start: int, count: int) -> RefusedFiles:
    """Lists files that could not be used.

    Args:
        bench: What the studio works with.
        start: How many are passed over.
        count: How many are given.

    Returns:
        The files, and how many there are in all.
    """
    skipped = task.skipped(bench.workspace)
    files = [
        Refused(name=str(one.path), reason=one.reason, kind=one.kind)
        for one in skipped[start : start + count]
    ]
    return RefusedFiles(total=len(skipped), files=files)


def alike(bench: Bench, wish: Likeness) -> Matches:
    """Finds the library's sounds that sound like one.

    Args:
        bench: What the studio works with.
        wish: The sound, and what counts.

    Returns:
        The nearest first.
    """
    path = sounds.path_of(bench, wish.sound)
    by = {str(name): weight for name, weight in wish.by.items()}
    found = search.search(bench.workspace, path, top=wish.top, by=by, label=wish.label)
    aspects = ",".join(f"{name}={commands.exact(weight)}" for name, weight in by.items())
    arguments = ["search", str(path), "--top", str(wish.top), f"--by={aspects}",
                 *commands.optional("--label", wish.label)]  # fmt: skip
    matches = [
        Match(sound=row, distance=match.distance, aspects=match.aspects)
        for match in found
        if (row := row_of(bench, match.row.id)) is not None
    ]
    return Matches(
        matches=matches,
        approximate=any(match.approximate for match in found),
        command=commands.shown(bench.workspace.root, arguments),
    )


def neighbours(bench: Bench, reference: str, count: int) -> Neighbours:
    """Finds the library's sounds nearest to one.

    Args:
        bench: What the studio works with.
        reference: The sound.
        count: How many at most.

    Returns:
        The nearest first, and whether the sound is a copy of one of them.
    """
    near = copies.neighbours(bench.workspace, sounds.path_of(bench, reference), top=count)
    found = [
        Neighbour(sound=row, distance=one.distance, copied=one.is_copied)
        for one in near
        if (row := row_of(bench, one.row.id)) is not None
    ]
    copied = [one for one in found if one.copied]
    text = f"a copy of {copied[0].sound.name}" if copied else _words(found)
    return Neighbours(neighbours=found, copied=bool(copied), text=text)


def _words(found: list[Neighbour]) -> str:
    if not found:
        return "nothing of the library can be compared with it"
    far = found[0].distance
    near = "very near" if far < 0.5 else "near" if far < 1.5 else "unlike"  # 1: clearly another
    return f"no copy: {near} {found[0].sound.name}, {far:.1f} units of hearing away"


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
