"""The folder of an exported instrument: written whole, read back and compared, or not there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from timbrel import atomic, plugins
from timbrel.errors import SoundFileError
from timbrel.exporting.formats import Format
from timbrel.exporting.patch import Patch, checked
from timbrel.exporting.place import checked_folder
from timbrel.signal import files
from timbrel.signal.files import Marks, Sound

MANIFEST = "export.json"
README = "README.txt"
FORMAT_VERSION = 1
STEP_24_BIT = 2.0**-23


@dataclass(frozen=True, eq=False)
class Export:
    """An instrument that is ready to be written.

    Attributes:
        patch: What sounds where; its samples are named without a folder.
        sounds: The samples by these names, each with a peak of at most 0 dBFS.
        about: What a person should know of it: paragraphs for the readme.
        provenance: How it was made, plain tables ready for JSON.
    """

    patch: Patch
    sounds: Mapping[str, Sound]
    about: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)


def checked_place(folder: Path, *, force: bool) -> Path:
    """Makes sure that an instrument for a sampler may stand in a folder; see `place`.

    Args:
        folder: Where it shall stand.
        force: Whether an export that stands there is replaced.

    Returns:
        The folder, absolute.

    Raises:
        ExistsError: When something is there, and `force` is false or it is no export.
        UsageError: When there can be no folder of that name.
    """
    return checked_folder(folder, force=force, own=_own)


def _own(place: Path) -> set[str]:
    """The files that a folder's manifest names; none where there is no manifest."""
    try:
        told = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        file, samples = str(told["file"]), [str(one["file"]) for one in told["samples"]]
    except (OSError, ValueError, LookupError, TypeError):
        return set()
    formats = [plugins.load("exporting.formats", n) for n in plugins.names("exporting.formats")]
    rooms = [one.samples for one in formats if one.suffix == Path(file).suffix]
    return {MANIFEST, README, file, *(f"{room}/{name}" for room in rooms for name in samples)}


def write(folder: Path, export: Export, format_name: str, *, force: bool = False) -> Path:
    """Writes an instrument, reads it back, and lets it stand only where both are the same.

    Args:
        folder: Where it shall stand.
        export: The instrument.
        format_name: A plug-in of `exporting.formats`.
        force: Whether an export that stands there is replaced.

    Returns:
        The file that a sampler opens.

    Raises:
        UnknownNameError: When there is no such format.
        ExistsError: When something is there that may not be replaced.
        SoundFileError: When it cannot be written, or does not read back as it was meant.
    """
    chosen: Format = plugins.load("exporting.formats", format_name)
    place = checked_place(folder, force=force)
    patch = checked(_placed(export.patch, chosen))
    file = f"{patch.name}{chosen.suffix}"
    try:
        with atomic.new_folder(place, force=force) as part:
            for name, sound in export.sounds.items():
                files.write(
                    part / chosen.samples / name,
                    sound,
                    metadata=_tags(export, name),
                    marks=_marks(export.patch, name),
                )
            (part / file).write_text(chosen.write(patch), encoding="utf-8")
            _write_words(part / README, _readme(export, file))
            _write_words(part / MANIFEST, _manifest(export, file))
            compare(part, export, chosen)
    except OSError as error:
        raise SoundFileError(f"cannot write {folder} ({error.strerror or error})") from None
    return folder / file


def compare(folder: Path, export: Export, chosen: Format) -> None:
    """Reads an instrument back and refuses it where it is not what it was meant to be.

    Args:
        folder: Where it stands.
        export: What it was meant to be.
        chosen: The format that it was written in.

    Raises:
        SoundFileError: When a region, a sample or a single step of 24 bits differs.
    """
    patch = _placed(export.patch, chosen)
    lengths = {}
    for name, sound in export.sounds.items():
        path = folder / chosen.samples / name
        there = files.read(path)
        if there.sample_rate != sound.sample_rate or not _same(there, sound):
            raise SoundFileError(f"the sample {name} did not read back as it was made")
        lengths[f"{chosen.samples}/{name}"] = there.samples.shape[1]
    text = (folder / f"{patch.name}{chosen.suffix}").read_text(encoding="utf-8")
    if checked(chosen.read(text, patch.name, lengths)) != patch:
        raise SoundFileError(f"the instrument {patch.name!r} did not read back as it was meant")


def _same(one: Sound, other: Sound) -> bool:
    if one.samples.shape != other.samples.shape:
        return False
    return bool(torch.all((one.samples - other.samples).abs() <= STEP_24_BIT))


def _placed(patch: Patch, chosen: Format) -> Patch:
    """The patch with its samples in the folder that the format has for them."""
    regions = [replace(one, sample=f"{chosen.samples}/{one.sample}") for one in patch.regions]
    return replace(patch, regions=tuple(regions))


def _tags(export: Export, name: str) -> dict[str, str]:
    maker = str(export.provenance.get("made_by", ""))
    return {"title": f"{export.patch.name} {Path(name).stem}", "software": maker}


def _marks(patch: Patch, name: str) -> Marks:
    """The key and loop of a sample, the same in all of its regions."""
    region = next(one for one in patch.regions if one.sample == name)
    loop = None if region.loop is None else (region.loop.start, region.loop.end)
    return Marks(region.root, loop)


def _manifest(export: Export, file: str) -> str:
    said = {"format_version": FORMAT_VERSION, "file": file, **export.provenance}
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def _write_words(path: Path, text: str) -> None:
    """Writes what names sounds as their files are called, Unicode or not."""
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def _readme(export: Export, file: str) -> str:
    return f"{export.patch.name}\n\nOpen {file} in your sampler.\n\n{export.about}\n"
