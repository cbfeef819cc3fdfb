"""Takes: the recordings of an experiment about learning from one recording, each for itself."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from timbrel.errors import UnknownNameError, UsageError
from timbrel.experiments import Request
from timbrel.experiments import _material as material
from timbrel.experiments._made_songs import song
from timbrel.signal import files, levels, resampling
from timbrel.signal.files import Sound

FOLDER_OF_DATA = "TIMBREL_DATA"
FIVE_KINDS = (  # a drum loop, an orchestra, a jazz trio, an ambient piece, a voice alone
    "drumloop_hydrogen_demo1",
    "orchestra_brahms_hungarian5",
    "jazz_vibe_ace",
    "ambient_hyperrogue_caves",
    "solo_voice_vocadito14",
)
SHORTEST_S, MOST = 4.0, 20
MADE_S, MADE_BPM, MADE_RATE_HZ = 6.0, 120.0, 8000
LONGEST_KEY = 24


@dataclass(frozen=True, eq=False)
class Take:
    """One recording.

    Attributes:
        name: What a person calls it.
        key: A name for files that its samples decide, so that figures of another are not taken up.
        sound: The recording, no longer than is learned from.
    """

    name: str
    key: str
    sound: Sound


def takes(request: Request, names: Sequence[str], *, seconds: float) -> tuple[Take, ...]:
    """Reads the recordings.

    Args:
        request: Whose folders hold them; without any, the folder ``recordings`` in the folder that
            the environment's ``TIMBREL_DATA`` names, or at the scale "smoke" a song of six seconds
            that timbrel makes.
        names: Which ones, by the names of their files; none takes all of the folders, and of the
            environment's five of unlike kinds.
        seconds: How much of each, from its beginning.

    Returns:
        The recordings.

    Raises:
        UsageError: When there is none, or one is too short or silent, or there are too many.
        UnknownNameError: When none has such a name.
        LibraryError: When a folder holds no sound.
        SoundFileError: When one cannot be read.
    """
    if not request.data and request.makes_sounds:
        return (_made(request.seed),)
    paths = _chosen(_paths(request), names if names or request.data else FIVE_KINDS)
    if len(paths) > MOST:
        raise UsageError(
            f"{len(paths)} recordings",
            f"{MOST} at most, for each is learned from alone",
            "name some: --set 'recordings=[\"take one\"]'",
        )
    return tuple(_read(path, seconds) for path in paths)


def _paths(request: Request) -> list[Path]:
    folders = request.data or _of_the_environment()
    return [one.path for one in material.found_in(folders)]


def _of_the_environment() -> tuple[Path, ...]:
    told = os.environ.get(FOLDER_OF_DATA, "")
    if not told or not (Path(told) / "recordings").is_dir():
        raise UsageError(
            "an experiment without recordings",
            f"--data FOLDER, or {FOLDER_OF_DATA} naming a folder with `recordings` in it",
            "name a folder of recordings, or try --scale smoke, which makes its own",
        )
    return (Path(told) / "recordings",)


def _chosen(paths: Sequence[Path], names: Sequence[str]) -> list[Path]:
    if not names:
        return list(paths)
    known = {name: path for path in paths for name in (path.name, path.stem)}
    for name in names:
        if name not in known:
            raise UnknownNameError("recording", name, {path.stem for path in paths})
    return [known[name] for name in dict.fromkeys(names)]


def _read(path: Path, seconds: float) -> Take:
    sound = files.read(path, duration_s=seconds)
    if sound.duration_s < SHORTEST_S:
        raise UsageError(f"{path.name} of {sound.duration_s:.2g} s", f"{SHORTEST_S:g} s or more")
    if not levels.is_finite(sound.samples) or levels.is_silent(sound.samples):
        raise UsageError(f"{path.name}, in which nothing is heard", "a recording that sounds")
    return _take(path.stem, sound)


def _take(name: str, sound: Sound) -> Take:
    digest = hashlib.sha256(sound.samples.contiguous().numpy().tobytes())
    digest.update(str(sound.sample_rate).encode())
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in name).strip("-")
    return Take(name, f"{plain[:LONGEST_KEY] or 'take'}-{digest.hexdigest()[:8]}", sound)


def _made(seed: int) -> Take:
    whole = song(MADE_BPM, np.random.default_rng(seed))
    part = whole.samples[:, : round(MADE_S * whole.sample_rate)]
    samples = resampling.resample(part, from_hz=whole.sample_rate, to_hz=MADE_RATE_HZ)
    return _take("a made song", Sound(samples, MADE_RATE_HZ))
