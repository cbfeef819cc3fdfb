"""A folder of demo sounds: what is missing is made, what is there is kept."""

import json
from collections.abc import Iterator
from pathlib import Path

import torch

from timbrel.atomic import write_text
from timbrel.errors import ExistsError, LibraryError, SoundFileError, UsageError
from timbrel.library.demo_sounds import SAMPLE_RATE
from timbrel.library.demo_sounds.voices import VOICES, Plan, make
from timbrel.progress import Report, Tracker, silent
from timbrel.signal.files import Sound, probe, write

PER_LABEL = 64
MARK = "demo_sounds.json"
_VERSION = 1  # of the sounds: to be raised when a voice changes


def plans(*, per_label: int = PER_LABEL, seed: int = 0) -> list[Plan]:
    """Lists the sounds of a demo library, in the order in which they are made.

    Args:
        per_label: How many there are of each label, 1 or more.
        seed: Seed of the whole library, 0 or more; more sounds of one seed change none of them.

    Returns:
        The plans, label by label.

    Raises:
        UsageError: When a number is out of range.

    Example:
        >>> len(plans())
        896
    """
    if per_label < 1:
        raise UsageError(f"{per_label} sounds a label", "1 or more")
    if seed < 0:
        raise UsageError(f"seed {seed}", "a seed of 0 or more")
    return [Plan(label, number, seed) for label in VOICES for number in range(per_label)]


def path_of(folder: Path, plan: Plan) -> Path:
    """Where a demo sound stands.

    Args:
        folder: The demo library.
        plan: The sound.

    Returns:
        ``folder/<label>/<label>_<number>.wav``.

    Example:
        >>> path_of(Path("demo"), Plan("kick", 7)).as_posix()
        'demo/kick/kick_007.wav'
    """
    return folder / plan.label / f"{plan.label}_{plan.number:03d}.wav"


def claim(folder: Path, *, seed: int) -> None:
    """Marks a folder as a demo library of one seed, so that no one's own folder is written into.

    Args:
        folder: A folder that is empty, not there yet, or was claimed before with the same seed.
        seed: Seed of the library.

    Raises:
        UsageError: When it is a file.
        ExistsError: When it holds anything else.
        LibraryError: When it cannot be written to.
    """
    try:
        _claim(folder, seed=seed)
    except (OSError, ValueError) as error:
        raise LibraryError(
            f"{str(folder)!r} cannot hold demo sounds: {error}", "a folder that can be written to"
        ) from None


def _claim(folder: Path, *, seed: int) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "a folder for the demo sounds")
    facts = {"made_by": "timbrel, reader demo", "version": _VERSION, "seed": seed}
    if (folder / MARK).is_file():
        if _marked(folder / MARK) != facts:
            raise ExistsError(
                f"{folder} holds demo sounds of another seed or version",
                f"an empty folder, or one of seed {seed}",
                "choose another folder",
            )
    elif folder.exists() and any(not path.name.startswith(".") for path in folder.iterdir()):
        raise ExistsError(
            f"{folder} holds files that are no demo sounds", "an empty folder, or a new one"
        )
    else:
        write_text(folder / MARK, json.dumps(facts, indent=2) + "\n")


def _marked(mark: Path) -> object:
    try:
        return json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def ensure(folder: Path, plan: Plan) -> Path:
    """Makes one demo sound unless a whole one is there.

    Args:
        folder: The demo library.
        plan: The sound.

    Returns:
        Its file: WAV, 16 bit, 44.1 kHz, one channel.

    Raises:
        SoundFileError: When it cannot be written.
    """
    path = path_of(folder, plan)
    if not _is_whole(path):
        samples = torch.from_numpy(make(plan)).float()[None]
        write(path, Sound(samples, SAMPLE_RATE, ""), encoding="pcm_16", force=True)
    return path


def _is_whole(path: Path) -> bool:
    try:
        info = probe(path)
    except SoundFileError:
        return False
    return info.length_samples > 0 and (info.sample_rate, info.channels) == (SAMPLE_RATE, 1)


def fill(folder: Path, *, per_label: int = PER_LABEL, seed: int = 0) -> Iterator[tuple[Plan, Path]]:
    """Makes a demo library sound by sound; whoever stops it goes on where it stopped.

    Args:
        folder: Where it shall stand; see `claim`.
        per_label: How many sounds each label gets.
        seed: Seed of the library.

    Yields:
        Each sound's plan and file, once the file is there.

    Raises:
        ExistsError: When the folder holds something else.
        UsageError: When a number is out of range or the folder is a file.
        LibraryError: When the folder cannot be written to.
        SoundFileError: When a sound cannot be written.
    """
    wanted = plans(per_label=per_label, seed=seed)
    claim(folder, seed=seed)
    for plan in wanted:
        yield plan, ensure(folder, plan)


def synthesise(
    folder: Path, *, per_label: int = PER_LABEL, seed: int = 0, report: Report = silent
) -> list[Path]:
    """Makes a whole demo library, or what is missing of it.

    Args:
        folder: Where it shall stand: an empty folder, a new one, or one that was begun before.
        per_label: How many sounds each of the 14 labels gets.
        seed: Seed of the library; the same seed gives the same bytes.
        report: Where to report each sound.

    Returns:
        The files, label by label.

    Raises:
        ExistsError: When the folder holds something else.
        UsageError: When a number is out of range or the folder is a file.
        LibraryError: When the folder cannot be written to.
        SoundFileError: When a sound cannot be written.
    """
    tracker = Tracker("making demo sounds", per_label * len(VOICES), report)
    paths = []
    for plan, path in fill(folder, per_label=per_label, seed=seed):
        paths.append(path)
        tracker.advance(note=plan.label)
    return paths
