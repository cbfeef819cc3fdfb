"""A listening test on disk: what listeners may know, and apart from it the key.

`test.json` holds the pages and the names of their sounds, which say nothing; `key.json` which sound
is what, and only the report opens it; `sounds/` the sounds; `results.sqlite` the answers.
"""

import json
import os
import re
import stat
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ValidationError, field_validator

from timbrel.errors import UsageError
from timbrel.evaluation.listening.kinds import KINDS, Bandwidth
from timbrel.recipes import Options, option

FORMAT_VERSION = 1
TEST, KEY, SOUNDS, RESULTS = "test.json", "key.json", "sounds", "results.sqlite"
LARGEST_BYTES = 16_000_000
ORIGINAL = "original"  # what the key calls the sounds that were not made
_ID = re.compile(r"[0-9a-f]{32}")
Read = TypeVar("Read", bound=Options)


class Trial(Options):
    """One page of a test. The order of its sounds says nothing."""

    id: str = option(..., "Its name, which says nothing.")
    sounds: tuple[str, ...] = option(..., "Names of the sounds that are judged.")
    twins: tuple[str, ...] = option((), "The same sounds under other names, to be X.")
    reference: str = option("", "Name of the sound that the others are compared with.")


class Description(Options):
    """All that serving a test needs."""

    format_version: int = option(..., "Version of the folder's format.", low=1)
    id: str = option(..., "The test's name, which depends on its sounds.")
    kind: str = option(..., "What is asked.")
    title: str = option(..., "What listeners read above it.")
    per_listener: int = option(..., "Pages that each listener is given.", low=1)
    longest_s: float = option(..., "Length of the longest sound.", unit="s", low=0)
    loudness_lufs: float = option(..., "Integrated loudness of all sounds.", unit="LUFS")
    trials: tuple[Trial, ...] = option(..., "All pages.")

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, value: str) -> str:
        if value not in KINDS:
            raise ValueError(f"no kind {value!r}")
        return value

    @field_validator("trials")
    @classmethod
    def _harmless_names(cls, value: tuple[Trial, ...]) -> tuple[Trial, ...]:
        """Names become paths, so they hold nothing but what `build` gives them."""
        names = [name for trial in value for name in (trial.id, *sounds_of(trial))]
        if not value or not all(_ID.fullmatch(name) for name in names):
            raise ValueError("no pages, or names that build does not give")
        return value


class Source(Options):
    """What one sound of a test is."""

    system: str = option(..., "What made it, or original.")
    role: Literal["original", "system", "anchor"] = option(..., "What it is there for.")
    name: str = option(..., "What its file was called.")
    group: str = option("", "The original that it is a version of.")


class Prepared(Options):
    """How the sounds of a test were made alike."""

    sample_rate: int = option(..., "Rate of all sounds.", unit="Hz", low=1)
    channels: int = option(..., "Channels of all sounds.", low=1, high=2)
    bandwidth: Bandwidth = option(..., "Whether originals were brought to the others' bandwidth.")
    original_bandwidth_hz: float | None = option(None, "Where originals end.", unit="Hz")
    bandwidths_hz: dict[str, float] = option(..., "Where the sounds of each system end.", unit="Hz")
    seed: int = option(..., "Seed of what was drawn.", low=0)


class Key(Options):
    """Which sound is what, and how all of them were prepared."""

    format_version: int = option(..., "Version of the folder's format.", low=1)
    test: str = option(..., "The test that it belongs to.")
    sounds: dict[str, Source] = option(..., "Sound's name to what it is.")
    prepared: Prepared = option(..., "How the sounds were made alike.")
    notes: tuple[str, ...] = option((), "What to know of how it was built.")
    timbrel_version: str = option(..., "The timbrel that built it.")

    @field_validator("sounds")
    @classmethod
    def _harmless_names(cls, value: dict[str, Source]) -> dict[str, Source]:
        if not all(_ID.fullmatch(name) for name in value):
            raise ValueError("names that build does not give")
        return value


def sounds_of(trial: Trial) -> tuple[str, ...]:
    """Lists the names of all sounds of a page.

    Args:
        trial: Any page.

    Returns:
        The names: judged ones, twins, the reference.
    """
    return (*trial.sounds, *trial.twins, *((trial.reference,) if trial.reference else ()))


def write(folder: Path, description: Description, key: Key) -> None:
    """Writes a test's two documents into a folder that is being filled.

    Args:
        folder: The folder of `timbrel.atomic.new_folder`.
        description: What listeners may know.
        key: What they may not.
    """
    for name, document in ((TEST, description), (KEY, key)):
        text = json.dumps(document.model_dump(mode="json"), ensure_ascii=False, indent=1)
        (folder / name).write_text(text + "\n", encoding="utf-8")


def read_description(folder: Path) -> Description:
    """Reads what serving a test needs; the key stays closed.

    Args:
        folder: The test's folder.

    Returns:
        The description.

    Raises:
        UsageError: When the folder is no listening test, or a damaged one.
    """
    return _read(folder, TEST, Description)


def read_key(folder: Path, description: Description) -> Key:
    """Reads which sound is what.

    Args:
        folder: The test's folder.
        description: Its description.

    Returns:
        The key.

    Raises:
        UsageError: When it is missing, damaged, or of another test.
    """
    key = _read(folder, KEY, Key)
    names = {name for trial in description.trials for name in sounds_of(trial)}
    if key.test != description.id or not names <= set(key.sounds):
        raise UsageError(f"{folder / KEY} belongs to another test", f"the key beside {TEST}")
    return key


def _read(folder: Path, name: str, kind: type[Read]) -> Read:
    path = folder / name
    text = _text(folder, name)
    try:
        table = json.loads(text)
        _check_version(path, table)
        return kind.model_validate(table)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"]))
        raise _damaged(path, f"at {where!r}: {fault['msg'].lower()}") from None
    except (ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from None


def _text(folder: Path, name: str) -> str:
    path = folder / name
    accepted = "a folder that `timbrel listen build` made"
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_BYTES:
            raise UsageError(f"{path} is no plain file, or too large", accepted)
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise _damaged(path, "no UTF-8") from None
    except (OSError, ValueError):
        raise UsageError(f"no listening test in {folder}", accepted) from None


def _check_version(path: Path, table: Any) -> None:
    version = table.get("format_version") if isinstance(table, dict) else None
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise UsageError(
            f"{path} has format version {version}",
            f"versions up to {FORMAT_VERSION}",
            "it was made by a newer timbrel: upgrade timbrel",
        )


def _damaged(path: Path, how: str) -> UsageError:
    return UsageError(f"{path} is damaged ({how})", advice="build the test again")
