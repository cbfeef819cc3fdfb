"""The sounds of an experiment: of folders, of the workspace's library, or made by timbrel."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from timbrel import atomic, plugins
from timbrel.errors import LibraryError, UsageError
from timbrel.experiments import Request
from timbrel.library.demo_sounds.folder import synthesise
from timbrel.library.readers import Found
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.tasks.scan import scan
from timbrel.tasks.workspace import Workspace, open_library

NSYNTH_TABLE = "examples.json"
DEMO_PER_LABEL = 4
DEMO_NOTES, DEMO_PITCH, DEMO_RATE_HZ, DEMO_NOTE_S = 24, 60, 16_000, 1.0
SCALE_PITCHES, SCALE_NOTES = (36, 48, 60, 72, 84), 3  # notes of a pitch and family
SCALE_FAMILIES = {"string": 1, "reed": 2}  # family to which partials it has: all, or the odd ones


def reader_of(folder: Path) -> str:
    """Says which reader a folder is for: `nsynth` where an ``examples.json`` lies in it.

    Args:
        folder: A folder of sounds.

    Returns:
        Name of a reader.
    """
    return "nsynth" if (folder / NSYNTH_TABLE).is_file() else "folder"


def found_in(folders: Sequence[Path]) -> list[Found]:
    """Lists the sounds of folders.

    Args:
        folders: Folders of sounds.

    Returns:
        Each file with what its folder says of it.

    Raises:
        LibraryError: When a folder does not exist or holds no sound.
    """
    found: list[Found] = []
    for folder in folders:
        if not folder.expanduser().exists():
            raise LibraryError(f"{folder} does not exist", "a folder of sounds")
        reader = plugins.load("library.readers", reader_of(folder.expanduser()))
        some = list(reader.find(folder.expanduser().absolute()))
        if not some:
            raise LibraryError(f"{folder} holds no sounds", "a folder of sounds")
        found += some
    return found


def found(request: Request) -> list[Found]:
    """Lists the sounds that an experiment is about.

    Args:
        request: What was asked for.

    Returns:
        The sounds of its folders, or of the workspace's library where it names none.

    Raises:
        LibraryError: When there are none.
    """
    if request.data:
        return found_in(request.data)
    rows = open_library(Workspace(request.workspace)).rows()
    return [Found(row.path, row.label, row.group, row.pitch_semitones) for row in rows]


def checked(request: Request, *, with_notes: bool = False) -> Request:
    """Sees to it that there are sounds: those named, the library's, or made ones.

    Args:
        request: What was asked for.
        with_notes: Whether notes of one pitch are made as well as drums.

    Returns:
        The same, with the folder of made sounds among its data where they had to be made.

    Raises:
        UsageError: When there are no sounds and none may be made.
    """
    if request.data or Workspace(request.workspace).library.is_dir():
        return request
    if not request.makes_sounds:
        raise UsageError(
            "an experiment without sounds",
            "--data FOLDER, or a library in the workspace",
            "name a folder of sounds, or try --scale smoke, which makes its own",
        )
    notes = (_demo_notes(request),) if with_notes else ()
    return replace(request, data=(*notes, _demo_drums(request)))


def checked_notes(request: Request) -> Request:
    """Sees to it that there are notes of several pitches and families of instruments.

    Args:
        request: What was asked for.

    Returns:
        The same, with a folder of made notes as its data where they had to be made.

    Raises:
        UsageError: When there are no sounds and none may be made.
    """
    if request.data or not request.makes_sounds or Workspace(request.workspace).library.is_dir():
        return checked(request)
    notes = [
        (family, pitch, _note(pitch, np.random.default_rng([request.seed, pitch, number]), step))
        for family, step in SCALE_FAMILIES.items()
        for pitch in SCALE_PITCHES
        for number in range(SCALE_NOTES)
    ]
    return replace(request, data=(_written(request.kept / "made" / "scale", notes),))


def _demo_drums(request: Request) -> Path:
    folder = request.kept / "made" / "drums"
    synthesise(folder, per_label=DEMO_PER_LABEL, seed=request.seed, report=request.report)
    return folder


def _demo_notes(request: Request) -> Path:
    """Writes a few notes of one pitch, laid out as NSynth is."""
    pitches = [DEMO_PITCH + number % 12 for number in range(DEMO_NOTES)]  # two of each pitch class
    notes = [
        ("made", pitch, _note(pitch, np.random.default_rng([request.seed, number])))
        for number, pitch in enumerate(pitches)
    ]
    return _written(request.kept / "made" / "notes", notes)


def _written(folder: Path, notes: Sequence[tuple[str, int, Sound]]) -> Path:
    """Writes notes of (family, pitch, sound) as NSynth lays them out, unless that is done."""
    if (folder / NSYNTH_TABLE).is_file():
        return folder
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    table = {}
    for number, (family, pitch, note) in enumerate(notes):
        name = f"made_{number:03d}"
        files.write(folder / "audio" / f"{name}.wav", note, force=True)
        table[name] = {"pitch": pitch, "instrument_family_str": family, "instrument_str": name}
    atomic.write_text(folder / NSYNTH_TABLE, json.dumps(table, indent=1))
    return folder


def _note(pitch: int, rng: np.random.Generator, step: int = 1) -> Sound:
    """A struck string of a dozen partials, each `step`-th of them, with a little breath."""
    import torch

    time_s = np.arange(round(DEMO_NOTE_S * DEMO_RATE_HZ)) / DEMO_RATE_HZ
    base_hz = 440 * 2 ** ((pitch - 69) / 12)
    partials = [
        rng.uniform(0.3, 1) / order**1.2
        * np.sin(2 * np.pi * order * base_hz * time_s + rng.uniform(0, 2 * np.pi))
        * np.exp(-time_s * rng.uniform(1, 3) * order**0.5)
        for order in range(1, 13, step)
    ]  # fmt: skip
    sound = np.sum(partials, axis=0) + 0.003 * rng.standard_normal(len(time_s))
    return Sound(torch.from_numpy(0.5 * sound / np.abs(sound).max()).float()[None], DEMO_RATE_HZ)


def fingerprint(request: Request) -> str:
    """Hashes which sounds an experiment is about, so that figures of others are not taken up.

    Args:
        request: What was asked for.

    Returns:
        Eight hexadecimal digits.
    """
    digest = hashlib.sha256()
    if request.data:
        for one in found_in(request.data):
            state = one.path.stat() if one.path.is_file() else None
            size = (state.st_size, state.st_mtime_ns) if state else ()
            digest.update(f"{one.path}\0{one.label}\0{size}\n".encode(errors="replace"))
    elif Workspace(request.workspace).library.is_dir():
        digest.update(open_library(Workspace(request.workspace)).fingerprint().encode())
    return digest.hexdigest()[:8]


def copied(paths: Sequence[Path], folder: Path) -> Path:
    """Copies sounds into a folder of their own, so that a library can hold just these.

    Args:
        paths: The files.
        folder: Where to; what is there already stays.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        if not (folder / path.name).exists():
            with atomic.new_file(folder / path.name) as part:
                shutil.copyfile(path, part)
    return folder


def library(request: Request, folders: Sequence[Path] | None = None) -> Workspace:
    """Makes the library that an experiment's own instruments learn from.

    Args:
        request: What was asked for.
        folders: The folders to scan; None for those of the request. Without any it is a copy of
            the workspace's library as it is now.

    Returns:
        The experiment's own workspace.
    """
    own = Workspace(request.kept)
    sources = request.data if folders is None else folders
    if sources:
        for folder in sources:
            scan(own, [folder], reader=reader_of(folder), report=request.report)
    elif not own.library.is_dir():
        whole = open_library(Workspace(request.workspace))
        with atomic.new_folder(own.library) as part:  # a half one would be taken for the whole
            whole.copied(part)
    return own
