"""`instrument.json`: what an instrument folder says of itself, checked before it is believed.

Nothing here imports torch, so that listing a shelf of instruments costs next to nothing.
"""

import hashlib
import json
import math
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from timbrel.errors import InstrumentError
from timbrel.instruments.phases import MeasuredPhases
from timbrel.recipes import Options, option

FORMAT_VERSION = 2  # 1 knew of no measured phases
DOCUMENT, WEIGHTS, CLOUD = "instrument.json", "weights.safetensors", "cloud.safetensors"
SOUNDS, CARD, HISTORY = "sounds.csv", "card.md", "history.csv"
PREVIEWS, CHECKPOINTS, SLIDERS = "previews", "checkpoints", "sliders.json"

MEGABYTE = 1 << 20
# Nothing larger is even opened: a stranger's file must not fill the memory.
LARGEST_BYTES = {
    DOCUMENT: 8 * MEGABYTE,
    CARD: 4 * MEGABYTE,
    SLIDERS: 16 * MEGABYTE,
    SOUNDS: 512 * MEGABYTE,
    CLOUD: 4096 * MEGABYTE,
    WEIGHTS: 16384 * MEGABYTE,
}
ADVICE = "train it again, or copy the folder once more from where it came"


class Document(Options):
    """The content of `instrument.json`."""

    format_version: int = option(..., "Version of the folder's format.", low=1)
    family: str = option(..., "The kind of model.")
    recipe: dict[str, Any] = option(..., "The resolved recipe it was trained by.")
    abilities: tuple[str, ...] = option(..., "What it can do.")
    sample_rate: int = option(..., "Rate at which it hears and plays.", unit="Hz", low=1)
    bins: int = option(..., "F, the height of a code.", low=1)
    frames: int = option(..., "N, the length of a code.", low=1)
    channels: int = option(1, "C of the recordings it learned from; else 1.", low=1, high=2)
    labels: tuple[str, ...] = option(..., "The label names in the order of their numbers.")
    sounds: dict[str, int] = option(..., "How many sounds each split holds.")
    library_fingerprint: str = option(..., "Fingerprint of the library it learned from.")
    training: dict[str, Any] = option(..., "The summary of its training.")
    fingerprint: str = option(..., "Hash of recipe and weights.")
    checksums: dict[str, str] = option(..., "SHA-256 of the files beside it, by name.")
    phases: MeasuredPhases | None = option(None, "Phase methods measured after its training.")
    timbrel_version: str = option(..., "The timbrel that made it.")
    torch_version: str = option(..., "The torch that made it.")


def checked_file(folder: Path, name: str) -> Path:
    """Finds one file of an instrument folder: a plain file, no link, of a sane size.

    Args:
        folder: The instrument folder.
        name: One of the names of this module, never a name from a file.

    Returns:
        Its path.

    Raises:
        InstrumentError: When it is missing, a link, no plain file, or too large.
    """
    path = folder / name
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        raise InstrumentError(f"{folder} has no {name}", "an instrument folder", ADVICE) from None
    if not stat.S_ISREG(found.st_mode):
        raise InstrumentError(f"{path} is no plain file", "a file that lies in the folder itself")
    limit = LARGEST_BYTES[name]
    if found.st_size > limit:
        size_mb = found.st_size // MEGABYTE
        raise InstrumentError(f"{path} is {size_mb} MB long", f"{limit // MEGABYTE} MB at most")
    return path


def read_text(folder: Path, name: str) -> str:
    """Reads one text file of an instrument folder.

    Args:
        folder: The instrument folder.
        name: One of the names of this module.

    Returns:
        Its text.

    Raises:
        InstrumentError: When it is missing, hostile or no UTF-8.
    """
    path = checked_file(folder, name)
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InstrumentError(f"cannot read {path} ({error.strerror})") from None
    except UnicodeDecodeError:
        raise InstrumentError(f"{path} is damaged", "UTF-8 text", ADVICE) from None


def read(folder: Path) -> Document:
    """Reads and checks `instrument.json`.

    Args:
        folder: The instrument folder.

    Returns:
        Its content; the recipe inside is still unchecked.

    Raises:
        InstrumentError: When the folder is no instrument, the file is damaged, or it was written
            by a newer timbrel.
    """
    if not folder.is_dir():
        raise InstrumentError(f"no instrument at {folder}", f"a folder that holds {DOCUMENT}")
    text = read_text(folder, DOCUMENT)
    try:
        table = json.loads(text, parse_constant=_refused)
        json.dumps(table, ensure_ascii=False).encode()  # half a letter could not be written again
    except (ValueError, RecursionError) as error:
        raise InstrumentError(f"{folder / DOCUMENT} is damaged ({error})", "JSON", ADVICE) from None
    _check_version(folder, table)
    try:
        return Document.model_validate(table)
    except ValidationError as error:
        raise InstrumentError(f"{folder / DOCUMENT} {_first_fault(error)}", advice=ADVICE) from None


def write(folder: Path, document: Document) -> None:
    """Writes `instrument.json` into a folder that is being filled.

    Args:
        folder: The folder of `timbrel.atomic.new_folder`.
        document: The content.
    """
    table = finite(document.model_dump(mode="json"))
    text = json.dumps(table, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / DOCUMENT).write_text(text + "\n", encoding="utf-8")


def checksum(path: Path) -> str:
    """Hashes a file.

    Args:
        path: Any file.

    Returns:
        SHA-256 as hexadecimal digits.

    Raises:
        InstrumentError: When it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InstrumentError(f"cannot read {path} ({error.strerror})") from None


def finite(value: Any) -> Any:
    """Replaces numbers that JSON cannot say (NaN, infinities) by None, at any depth.

    Args:
        value: Nested mappings, sequences, numbers and strings.

    Returns:
        The same, fit for JSON.

    Example:
        >>> finite({"best_loss": float("inf"), "steps": 3})
        {'best_loss': None, 'steps': 3}
    """
    if isinstance(value, Mapping):
        return {str(key): finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [finite(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _check_version(folder: Path, table: Any) -> None:
    version = table.get("format_version") if isinstance(table, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise InstrumentError(f"{folder / DOCUMENT} is no instrument's", advice=ADVICE)
    if version > FORMAT_VERSION:
        raise InstrumentError(
            f"{folder} has format version {version}",
            f"versions up to {FORMAT_VERSION}",
            "it was made by a newer timbrel: upgrade timbrel to play it",
        )


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return f"is damaged at {where!r} ({fault['msg'].lower()})"
