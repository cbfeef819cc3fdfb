"""Packs: sounds, instruments of them for samplers, and where they come from, in one ZIP file."""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from timbrel import atomic
from timbrel.errors import ExistsError, SoundFileError, UsageError
from timbrel.exporting.patch import HIGHEST_KEY, LOWEST_KEY
from timbrel.library.rows import Skipped, reason_of
from timbrel.progress import Report, Tracker, silent
from timbrel.signal import files
from timbrel.synthesis import renders
from timbrel.tasks import export, rendering

SAMPLERS: tuple[str, ...] = ("sfz", "decentsampler")
MOST_KEYS = HIGHEST_KEY - LOWEST_KEY + 1
_MOST_TOLD_BYTES = 2**20  # of a sidecar
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a pack of the same sounds has the same bytes


@dataclass(frozen=True)
class Packed:
    """A pack.

    Attributes:
        path: Where it is.
        files: What is in it.
        skipped: Sounds that could not be used.
        notes: What a person should know, one sentence each.
    """

    path: Path
    files: list[str]
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Entry:
    """A sound that is to be packed.

    Attributes:
        path: Where it is; its sidecar, where there is one, goes with it.
        name: What it is called in the pack; names that are taken get a number.
        facts: What is told of it, plain tables ready for JSON.
    """

    path: Path
    name: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def folder(given: Path, *, out: Path, force: bool = False, report: Report = silent) -> Packed:
    """Packs the sounds of a folder, such as renders, as WAV files.

    An instrument for each of `SAMPLERS` is in it, unless there are more sounds than keys.

    Args:
        given: The folder.
        out: The pack, a name that ends in .zip.
        force: Whether a file that stands there is replaced.
        report: Where progress goes.

    Returns:
        The pack.

    Raises:
        UsageError: When the name of the pack is no .zip.
        ExistsError: When something is there that may not be replaced.
        SoundFileError: When there is no sound that can be used, or it cannot be written.
    """
    place = _place(out, force)
    entries, skipped = _entries(rendering.named([given]), report)
    samplers, notes = SAMPLERS, list[str]()
    if len(entries) > MOST_KEYS:
        samplers = ()
        count = f"{len(entries)} sounds are more than {MOST_KEYS} keys"
        notes = [f"no instruments for samplers: {count}"]
    listed = entries_packed(
        entries, place, name=renders.safe_name(out.stem), audio="wav", samplers=samplers
    )
    return Packed(out, listed, skipped, notes)


def _place(out: Path, force: bool) -> Path:
    place = out.expanduser().resolve()
    if place.suffix.lower() != ".zip":
        raise UsageError(f"the pack {out}", "a name that ends in .zip")
    if place.is_dir() or (place.exists() and not force):
        advice = "choose another name" if place.is_dir() else "choose another name or add --force"
        raise ExistsError(f"{out} exists already", advice=advice)
    above = next(parent for parent in place.parents if parent.exists())
    if not above.is_dir():
        raise UsageError(f"{above} is a file", "a folder for the pack")
    return place


def _entries(paths: Sequence[Path], report: Report) -> tuple[list[Entry], list[Skipped]]:
    """Sounds that can be read and heard, with what their sidecars tell."""
    entries, skipped = list[Entry](), list[Skipped]()
    tracker = Tracker("reading sounds", len(paths), report)
    for path in paths:
        try:
            rendering.heard(path)
            entries.append(Entry(path, path.stem, _told(path.with_suffix(".json"))))
        except SoundFileError as error:
            skipped.append(Skipped(path, reason_of(error, path), "unreadable"))
        tracker.advance(note=path.name)
    if not entries:
        raise SoundFileError(f"none of {len(paths)} sounds can be used", advice=skipped[0].reason)
    return entries, skipped


def _told(sidecar: Path) -> dict[str, Any]:
    """What a sidecar tells; nothing where there is none, or it is no sidecar."""
    try:
        if sidecar.stat().st_size > _MOST_TOLD_BYTES:
            return {}
        told = json.loads(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def entries_packed(
    entries: Sequence[Entry], target: Path, *, name: str, audio: str, samplers: Sequence[str]
) -> list[str]:
    """Writes a pack, whole or not at all.

    Args:
        entries: Its sounds, one or more.
        target: The ZIP file; one that stands there is replaced.
        name: What it is called, and its folder.
        audio: The kind of its sound files, "wav" or "flac".
        samplers: Formats of the instruments in it.

    Returns:
        The files in it.

    Raises:
        SoundFileError: When it cannot be written.
        TimbrelError: When the instruments cannot be made of these sounds.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".pack-", dir=target.parent) as work:
            root = Path(work) / name
            paths = _copied(entries, root / "sounds", audio)
            for sampler in dict.fromkeys(samplers):
                export.sounds(root / "sounds", out=root / sampler, format_name=sampler)
            _about(root, name, entries, paths)
            return _zipped(Path(work), target)
    except OSError as error:
        raise SoundFileError(f"cannot write {target} ({error.strerror or error})") from None


def _copied(entries: Sequence[Entry], folder: Path, audio: str) -> list[Path]:
    folder.mkdir(parents=True)
    taken: set[str] = set()
    paths = []
    for one in entries:
        path = folder / f"{_free(renders.safe_name(one.name), taken)}.{audio}"
        if one.path.suffix.lower() == path.suffix:
            shutil.copyfile(one.path, path)
        else:
            files.write(path, files.read(one.path), encoding="pcm_24", on_clip="scale")
        sidecar = one.path.with_suffix(".json")
        if _told(sidecar):
            shutil.copyfile(sidecar, path.with_suffix(".json"))
        paths.append(path)
    return paths


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free.casefold() in taken:
        free, number = f"{name}-{number}", number + 1
    taken.add(free.casefold())
    return free


def _about(root: Path, name: str, entries: Sequence[Entry], paths: Sequence[Path]) -> None:
    rows = [
        {**one.facts, "file": f"sounds/{path.name}"}
        for one, path in zip(entries, paths, strict=True)
    ]
    text = json.dumps({"name": name, "sounds": rows}, ensure_ascii=False, indent=1)
    (root / "provenance.json").write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    who = sorted({str(one.facts["instrument"]) for one in entries if one.facts.get("instrument")})
    lines = [
        f"{name}", "",
        f"{len(entries)} sounds" + (f" that timbrel made with {', '.join(who)}." if who else "."),
        "Where there is a sidecar of a sound's name, it tells how the sound was made: instrument, "
        "seed, settings, parents.",
        "provenance.json lists all of them.", "",
        *(path.name + _made(one) for one, path in zip(entries, paths, strict=True)),
    ]  # fmt: skip
    words = "\n".join(lines) + "\n"
    (root / "README.txt").write_text(words, encoding="utf-8", errors="backslashreplace")


def _made(one: Entry) -> str:
    """How a sound was made, as far as its facts tell."""
    kind, seed, parents = (one.facts.get(name) for name in ("kind", "seed", "parents"))
    told = [str(kind)] if kind else []
    told += [f"seed {seed}"] if seed is not None else []
    of = parents if isinstance(parents, list | tuple) else ()
    named = [str(parent.get("name", "")) for parent in of if isinstance(parent, Mapping)]
    told += [f"of {', '.join(named[:3])}"] if any(named) else []
    return f": {', '.join(told)}" if told else ""


def _zipped(work: Path, target: Path) -> list[str]:
    listed = []
    with atomic.new_file(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as pack:
        for path in sorted(work.rglob("*")):
            if path.is_file():
                inside = path.relative_to(work).as_posix()
                listed.append(inside)
                about = zipfile.ZipInfo(inside, _EPOCH)
                about.compress_type = zipfile.ZIP_DEFLATED
                about.external_attr = 0o644 << 16
                with path.open("rb") as source, pack.open(about, "w", force_zip64=True) as entry:
                    shutil.copyfileobj(source, entry)
    return listed
