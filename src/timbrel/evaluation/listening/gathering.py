"""Gathering: the sound files that a test is made from, and which are versions of which."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from timbrel.errors import UsageError
from timbrel.evaluation.listening.description import ORIGINAL
from timbrel.library.readers import folder as folder_reader
from timbrel.library.rows import Skipped

MOST_SYSTEMS = 12
LONGEST_NAME = 40
_LARGEST_SIDECAR_BYTES = 1_000_000


@dataclass(frozen=True)
class Candidate:
    """A sound file that may become part of a test.

    Attributes:
        path: Where it is.
        name: Its path below the folder that was named, without an ending.
        system: What made it, or `ORIGINAL`.
        parents: File names of the sounds it came from, by its sidecar, the weightiest first.
    """

    path: Path
    name: str
    system: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paired:
    """Which sounds are versions of which.

    Attributes:
        groups: Name of the original, or of what the versions share, to system to sound.
        skipped: Sounds that belong to no original.
    """

    groups: dict[str, dict[str, Candidate]]
    skipped: tuple[Skipped, ...]


def checked_systems(texts: Iterable[str]) -> dict[str, Path]:
    """Reads what a person wrote about systems.

    Args:
        texts: ``NAME=FOLDER`` each.

    Returns:
        Name to folder, in their order.

    Raises:
        UsageError: When one is written otherwise, a name is twice there or taken, or there are too
            many.

    Example:
        >>> checked_systems(["drums=renders/drums"])["drums"].as_posix()
        'renders/drums'
    """
    systems: dict[str, Path] = {}
    for text in texts:
        name, given, folder = text.partition("=")
        name = name.strip()
        if not given or not folder or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
            raise UsageError(
                f"--system {text}", "NAME=FOLDER", "such as --system drums=renders/drums"
            )
        if name in systems or name == ORIGINAL or name.startswith("anchor"):
            raise UsageError(
                f"the system name {name!r}",
                f"each name once, and not {ORIGINAL!r} or 'anchor…', which the test has itself",
            )
        systems[name] = Path(folder).expanduser()
    if len(systems) > MOST_SYSTEMS:
        raise UsageError(f"{len(systems)} systems", f"{MOST_SYSTEMS} at most")
    return systems


def gathered(places: Sequence[Path], system: str) -> list[Candidate]:
    """Lists the sound files in folders.

    Args:
        places: Folders, which are walked as `scan` does, or files.
        system: What made the sounds, or `ORIGINAL`.

    Returns:
        The files, each once, in the order of folders and names.

    Raises:
        UsageError: When a place does not exist, or no sound file is there.
    """
    found: dict[Path, Candidate] = {}
    for place in places:
        place = place.expanduser()
        if not place.exists():
            raise UsageError(f"{place} does not exist", "a folder or a sound file")
        top = place if place.is_dir() else place.parent
        for one in folder_reader.find(place):
            if not one.path.is_dir():
                name = _as_text(one.path.relative_to(top).with_suffix("").as_posix())
                found.setdefault(
                    one.path.resolve(), Candidate(one.path, name, system, _parents(one.path))
                )
    if not found:
        where = ", ".join(map(str, places))
        raise UsageError(f"no sound files in {where}", "a folder with sound files")
    return list(found.values())


def _as_text(name: str) -> str:
    """File names may hold bytes that are no text; documents may not."""
    return name.encode("utf-8", "backslashreplace").decode()


def _parents(path: Path) -> tuple[str, ...]:
    """What the sidecar of a render says; nothing where there is none that says anything."""
    sidecar = path.with_suffix(".json")
    try:
        if not sidecar.is_file() or sidecar.stat().st_size > _LARGEST_SIDECAR_BYTES:
            return ()
        parents = json.loads(sidecar.read_text(encoding="utf-8"))["parents"]
        weighed = sorted((-float(one["weight"]), str(one["name"])) for one in parents)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return ()
    return tuple(name for _, name in weighed)


def paired(originals: Sequence[Candidate], made: Mapping[str, Sequence[Candidate]]) -> Paired:
    """Finds out which sounds are versions of which original.

    By the parents that a render's sidecar names; else by its name: that of the original, or that
    and something behind it ("kick" and "kick-reconstructed"). Where there are no originals, sounds
    of several systems that share a name are versions of one another.

    Args:
        originals: The originals; there may be none.
        made: System to its sounds.

    Returns:
        The groups that have at least one version, and sounds that belong to none. Of several
        versions of one original by one system the first by name is taken.
    """
    if not originals:
        return _paired_by_name(made)
    by_name = _unambiguous(originals)
    groups: dict[str, dict[str, Candidate]] = {}
    skipped = []
    for sounds in made.values():
        for sound in sounds:
            original = _original(sound, by_name)
            if original is None:
                skipped.append(_unpaired(sound, "no original has its name or is its parent"))
                continue
            group = groups.setdefault(original.name, {ORIGINAL: original})
            if sound.system in group:
                skipped.append(_unpaired(sound, f"another version of {original.name!r} is taken"))
            else:
                group[sound.system] = sound
    return Paired(dict(sorted(groups.items())), tuple(skipped))


def _unambiguous(originals: Sequence[Candidate]) -> dict[str, Candidate]:
    """Originals by whole name, file name and stem; a name that two of them share names neither."""
    known: dict[str, Candidate] = {}
    shared = set()
    for original in originals:
        for name in {original.name, original.path.name, original.path.stem}:
            if known.setdefault(name, original) is not original:
                shared.add(name)
    return {name: original for name, original in known.items() if name not in shared}


def _original(sound: Candidate, by_name: Mapping[str, Candidate]) -> Candidate | None:
    for parent in (*sound.parents, sound.name, sound.path.stem):
        if parent in by_name:
            return by_name[parent]
    begun = [
        name for whole in (sound.name, sound.path.stem) for name in by_name if _begins(whole, name)
    ]
    return by_name[max(begun, key=len)] if begun else None


def _paired_by_name(made: Mapping[str, Sequence[Candidate]]) -> Paired:
    """Groups by what sounds share: the weightiest parent, else the name or how it begins."""
    names = {_own_name(sound) for sounds in made.values() for sound in sounds}
    groups: dict[str, dict[str, Candidate]] = {}
    for sounds in made.values():
        for sound in sounds:
            own = _own_name(sound)
            shared = min((name for name in names if _begins(own, name)), key=len)
            groups.setdefault(shared, {}).setdefault(sound.system, sound)
    alone = [one for group in groups.values() if len(group) < 2 for one in group.values()]
    return Paired(
        {name: group for name, group in sorted(groups.items()) if len(group) > 1},
        tuple(_unpaired(one, "no other system has a sound of its name") for one in alone),
    )


def _own_name(sound: Candidate) -> str:
    return Path(sound.parents[0]).stem if sound.parents else sound.name


def _begins(whole: str, name: str) -> bool:
    return whole == name or (whole.startswith(name) and not whole[len(name)].isalnum())


def _unpaired(sound: Candidate, reason: str) -> Skipped:
    return Skipped(sound.path, reason, "unpaired")
