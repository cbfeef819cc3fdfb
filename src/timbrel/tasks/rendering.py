"""What the verbs that make sounds share: inputs named, read or skipped; renders written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from timbrel.errors import SoundFileError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.library.rows import Skipped
from timbrel.progress import Report, Tracker
from timbrel.signal import files, levels
from timbrel.signal.files import Sound
from timbrel.signal.suffixes import SUFFIXES
from timbrel.synthesis import renders
from timbrel.synthesis.renders import Render

_MARGIN_S = 0.05  # read beyond the instrument's length, so that a longer sound is faded


@dataclass(frozen=True)
class Rendered:
    """What a verb made.

    Attributes:
        paths: The sound files, each with a JSON sidecar of the same name.
        skipped: Inputs that could not be used, each with its reason.
    """

    paths: list[Path] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def write(
    made: Iterable[Render], *, out: Path, names: Sequence[str], force: bool, stage: str,
    report: Report,
) -> list[Path]:  # fmt: skip
    """Writes renders as they are made.

    Args:
        made: The renders.
        out: The folder; made where there is none.
        names: What they will be called; where one is taken, none is made.
        force: Whether files of the same names are replaced.
        stage: What is being done, for the progress.
        report: Where progress goes.

    Returns:
        The paths of the sound files.

    Raises:
        ExistsError: When a file stands there and `force` is false.
        UsageError: When `out` is a file.
        SoundFileError: When it cannot be written.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file", "a folder for the sounds")
    if not force:
        renders.refuse_existing(out, [renders.safe_name(name) for name in names])
    tracker = Tracker(stage, len(names), report)

    def told() -> Iterator[Render]:
        for render in made:
            yield render
            tracker.advance(note=render.name)

    try:
        return renders.write(out, told(), force=force)
    except OSError as error:
        raise SoundFileError(f"cannot write to {out} ({error.strerror or error})") from None


def named(sounds: Sequence[Path]) -> list[Path]:
    """Lists the files that a person named, those of folders one by one.

    Args:
        sounds: Files and folders.

    Returns:
        Files: as named, and what has the ending of a sound in the folders, in alphabetical order.

    Raises:
        UsageError: When nothing is named, or a folder holds no sound.
    """
    paths: list[Path] = []
    for sound in sounds:
        inside = _inside(sound.expanduser()) if sound.expanduser().is_dir() else [sound]
        if not inside:
            raise UsageError(f"no sound files in {sound}", "sound files, or folders of them")
        paths += inside
    if not paths:
        raise UsageError("no sound", "one or more sound files")
    return paths


def _inside(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    return sorted(path for path in found if path.is_file())


def heard(path: Path) -> Sound:
    """Reads a sound file in which there is something to hear.

    Args:
        path: The file.

    Returns:
        The sound.

    Raises:
        SoundFileError: When it cannot be read, is silent, or holds values that are no numbers.
    """
    sound = files.read(path)
    if levels.is_silent(sound.samples) or not levels.is_finite(sound.samples):
        raise SoundFileError(f"{path} is silent, or holds values that are no numbers")
    return sound


def read(instrument: Instrument, path: Path) -> Sound:
    """Reads as much of a sound as an instrument hears.

    Args:
        instrument: Who will hear it.
        path: The file.

    Returns:
        The sound.

    Raises:
        SoundFileError: When it cannot be read.
    """
    return files.read(path.expanduser(), duration_s=instrument.recipe.duration_s + _MARGIN_S)
