"""Sounds by their names: where each lies, its bytes for the page, and its outline."""

import hashlib
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

from fastapi.responses import FileResponse, Response

from timbrel.errors import SoundFileError
from timbrel.signal import files, levels
from timbrel.studio.workbench import uploads
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.faults import Gone
from timbrel.studio.workbench.models.library import Peaks
from timbrel.synthesis import renders

AS_THEY_ARE = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
}
KINDS = {"wav": "audio/wav", "flac": "audio/flac"}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The sound.", "content": {"audio/*": {}}},
    206: {"description": "A range of its bytes.", "content": {"audio/*": {}}},
    416: {"description": "It has no such range.", "content": {"text/plain": {}}},
}
LONGEST_NAME = 96


def path_of(bench: Bench, reference: str) -> Path:
    """Finds the file of a sound.

    Args:
        bench: What the studio works with.
        reference: ``library:ID``, ``made:ID``, ``upload:ID`` or ``training:ID``.

    Returns:
        The file, which may have gone since.

    Raises:
        Gone: When nothing is known under that name.
    """
    room, _, id_ = reference.partition(":")
    path: Path | None = None
    if room == "library":
        table = bench.table_or_none()
        row = None if table is None else table.row(id_)
        path = None if table is None or row is None else Path(table.records([row])[0]["path"])
    elif room == "made":
        path = bench.history.file(id_)
    elif room == "training":
        path = bench.places.get(id_)
    elif room == "upload":
        path = uploads.sound_path(bench, id_)
    if path is None:
        raise Gone(f"no sound {reference!r}", advice="it was removed; load the page anew")
    return path


def place(bench: Bench, path: Path) -> str:
    """Gives a file of a training an opaque name.

    Args:
        bench: What the studio works with.
        path: The file.

    Returns:
        ``training:ID``.
    """
    id_ = hashlib.blake2b(os.fsencode(path), digest_size=8).hexdigest()
    bench.places[id_] = path
    return f"training:{id_}"


def answer(bench: Bench, reference: str, *, kind: str, download: bool) -> Response:
    """Answers with a sound.

    Args:
        bench: What the studio works with.
        reference: Its name.
        kind: "as-is", or the kind of file that is wanted: "wav" or "flac".
        download: Whether the browser shall save it.

    Returns:
        The answer; a request for a range gets the range.

    Raises:
        Gone: When there is no such sound.
        SoundFileError: When it cannot be read any more.
    """
    path = path_of(bench, reference)
    if not path.is_file():
        raise Gone(f"the file of {path.name} is gone", advice="scan its folder again")
    served = _served(bench, path, kind)
    name = _name(bench, reference, path) + served.suffix.lower()
    headers = {
        "cache-control": "private, max-age=3600",
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return FileResponse(
        served,
        media_type=AS_THEY_ARE[served.suffix.lower()],
        filename=name if download else None,
        headers=headers,
    )


def _name(bench: Bench, reference: str, path: Path) -> str:
    room, _, id_ = reference.partition(":")
    name = bench.history.one(id_).name if room == "made" else path.stem
    return renders.safe_name(name)[:LONGEST_NAME]


def _served(bench: Bench, path: Path, kind: str) -> Path:
    """The file itself where a browser plays its kind; else a copy that was made once."""
    suffix = path.suffix.lower()
    if (kind == "as-is" and suffix in AS_THEY_ARE) or suffix == f".{kind}":
        return path
    wanted = kind if kind in KINDS else "wav"
    about = path.stat()
    text = f"{path}\0{about.st_mtime_ns}\0{about.st_size}\0{wanted}".encode(
        "utf-8", "surrogateescape"
    )
    name = hashlib.blake2b(text, digest_size=12).hexdigest()
    copy = bench.workspace.cache / "studio" / f"{name}.{wanted}"
    if not copy.is_file():
        copy.parent.mkdir(parents=True, exist_ok=True)
        sound = files.read(path)
        files.write(copy, sound, encoding="pcm_24", on_clip="scale", force=True)
    return copy


def peaks(bench: Bench, reference: str, count: int) -> Peaks:
    """Gives the outline of a sound.

    Args:
        bench: What the studio works with.
        reference: Its name.
        count: How many stretches.

    Returns:
        The largest magnitude in each.

    Raises:
        Gone: When there is no such sound.
        SoundFileError: When it cannot be read.
    """
    path = path_of(bench, reference)
    if not path.is_file():
        raise Gone(f"the file of {path.name} is gone", advice="scan its folder again")
    sound = files.read(path)
    loudest = sound.samples.abs().amax(dim=0)
    if not len(loudest) or not levels.is_finite(sound.samples):
        raise SoundFileError(f"{path.name} holds nothing to draw", "a sound")
    edges = [len(loudest) * number // count for number in range(count + 1)]
    found = [
        min(1.0, float(loudest[first : max(end, first + 1)].max())) if first < len(loudest) else 0.0
        for first, end in pairwise(edges)
    ]
    return Peaks(
        duration_s=len(loudest) / sound.sample_rate,
        sample_rate=sound.sample_rate,
        channels=int(sound.samples.shape[0]),
        peaks=found,
    )
