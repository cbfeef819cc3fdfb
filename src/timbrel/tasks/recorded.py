"""The recordings that an instrument learns from: read, checked, and kept beside its training."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from timbrel import plugins
from timbrel.errors import SoundFileError, TrainingError, UsageError
from timbrel.families import Family
from timbrel.instruments.cloud import SoundNote
from timbrel.recipes import Recipe
from timbrel.signal.spans import checked_holes

if TYPE_CHECKING:
    from torch import Tensor

    from timbrel.instruments.instrument import Instrument
    from timbrel.signal.files import Sound
    from timbrel.training.store import CodeStore

MOST = 64
SHORTEST_S = 0.5
_FILE, _HOLES = "recordings.safetensors", "holes"


@dataclass(frozen=True, eq=False)
class Recordings:
    """One recording or a few, as a network will hear them.

    Attributes:
        sounds: Waveforms of one rate and one number of channels, [C, T] each.
        names: What people call them.
        cut: Names of those that were longer than the recipe hears.
        holes: Samples of all of them that nothing is learned from: first, and one after last.
    """

    sounds: tuple["Tensor", ...]
    names: tuple[str, ...]
    cut: tuple[str, ...] = ()
    holes: tuple[tuple[int, int], ...] = ()

    @property
    def notes(self) -> tuple[SoundNote, ...]:
        """What an instrument remembers of them."""
        return tuple(
            SoundNote(f"{number:02d}-{_hash(sound)}", name, "", "train")
            for number, (sound, name) in enumerate(zip(self.sounds, self.names, strict=True))
        )


def learns_from_recordings(recipe: Recipe) -> bool:
    """Says whether a recipe learns from one recording or a few, and not from a library.

    Args:
        recipe: Any recipe.

    Returns:
        Whether it does.
    """
    return cast(Family, plugins.load("families", recipe.family)).needs == "one recording"


def read(
    paths: Sequence[Path],
    recipe: Recipe,
    *,
    holes: Sequence[tuple[float, float]] = (),
    channels: int | None = None,
) -> tuple[Recipe, Recordings]:
    """Reads recordings, and fits a recipe to them.

    Several recordings share the lowest of their rates, and have two channels if any of them has.
    What has more than two is mixed to one. What is longer than the recipe hears is cut there.

    Args:
        paths: Sound files, one or a few.
        recipe: A recipe that learns from recordings.
        holes: Where nothing is to be learned from, begin and end in seconds; of one recording.
        channels: To which they are brought, at the recipe's own rate, for a network that exists
            already; None leaves their channels and the lower of the rates.

    Returns:
        The recipe as it suits them, and the recordings at its rate.

    Raises:
        UsageError: When there is none, or too many, or a hole lies outside.
        SoundFileError: When one cannot be read, is silent or too short, or holds no numbers.
        TrainingError: When the recipe cannot learn from them.
    """
    from timbrel.signal import files, resampling

    if not 1 <= len(paths) <= MOST:
        raise UsageError(
            f"{len(paths)} recordings for the recipe {recipe.name!r}",
            f"1 to {MOST}",
            "name them by --sound FILE, once for each",
        )
    room_s, sounds, cut = recipe.duration_s, [], []
    for path in paths:
        sound = files.read(path.expanduser(), duration_s=recipe.duration_s + 0.01)
        length_s = sound.samples.shape[1] / sound.sample_rate
        if length_s > room_s:
            cut.append(path.name)
        if room_s < SHORTEST_S:
            continue
        sounds.append(_checked(sound, path, room_s))
        room_s -= sounds[-1].samples.shape[1] / sound.sample_rate
    rate = min(sound.sample_rate for sound in sounds) if channels is None else recipe.sample_rate
    channels = channels or max(sound.samples.shape[0] for sound in sounds)
    alike = [
        _with_channels(resampling.resample(s.samples, from_hz=s.sample_rate, to_hz=rate), channels)
        for s in sounds
    ]
    family = cast(Family, plugins.load("families", recipe.family))
    suited = family.suited(recipe, alike, rate)
    unit = _unit(suited)
    heard = tuple(
        _whole(resampling.resample(s, from_hz=rate, to_hz=suited.sample_rate), unit) for s in alike
    )
    total = sum(sound.shape[1] for sound in heard)
    suited = suited.model_copy(update={"duration_s": total / suited.sample_rate})
    names = tuple(path.name for path in paths[: len(heard)])
    return suited, _holed(Recordings(heard, names, tuple(cut)), holes, suited.sample_rate)


def _holed(
    recordings: Recordings, holes: Sequence[tuple[float, float]], sample_rate: int
) -> Recordings:
    """Silences what nothing is to be learned from."""
    if not holes:
        return recordings
    if len(recordings.sounds) > 1:
        raise UsageError("holes in several recordings", "holes in one recording")
    sound = recordings.sounds[0].clone()
    spans = tuple(
        (round(begin * sample_rate), round(end * sample_rate))
        for begin, end in checked_holes(holes, sound.shape[1] / sample_rate)
    )
    for first, end in spans:
        sound[:, first:end] = 0
    return replace(recordings, sounds=(sound,), holes=spans)


def _checked(sound: "Sound", path: Path, room_s: float) -> "Sound":
    from timbrel.signal import levels
    from timbrel.signal.limits import LOUDEST

    samples = sound.samples
    if not levels.is_finite(samples):
        raise SoundFileError(f"{path} holds values that are no numbers", "finite samples")
    if (peak := levels.peak(samples)) > LOUDEST:
        raise SoundFileError(f"samples of {path} reach {peak:.3g}", f"up to {LOUDEST:g}")
    if samples.shape[0] > 2:
        samples = levels.to_mono(samples)
    samples = samples[:, : round(room_s * sound.sample_rate)]
    if samples.shape[1] < SHORTEST_S * sound.sample_rate:
        length_s = samples.shape[1] / sound.sample_rate
        raise SoundFileError(f"{path} is {length_s:.2g} s long", f"{SHORTEST_S} s or more")
    if levels.is_silent(samples):
        raise SoundFileError(f"{path} is silent", "a recording that can be heard")
    return replace(sound, samples=samples)


def _unit(recipe: Recipe) -> int:
    """Samples that recordings have a multiple of, so that their frames follow each other evenly."""
    frames = getattr(recipe.front_end, "frames", None)
    return 1 if frames is None else int(frames.hop_samples)


def _whole(samples: "Tensor", unit: int) -> "Tensor":
    return samples[:, : samples.shape[1] // unit * unit]


def _with_channels(samples: "Tensor", channels: int) -> "Tensor":
    if samples.shape[0] > channels:
        return samples.mean(0, keepdim=True)
    return samples.expand(channels, -1) if samples.shape[0] < channels else samples


def _hash(sound: "Tensor") -> str:
    return hashlib.sha256(sound.contiguous().numpy().tobytes()).hexdigest()[:16]


def excerpt(recordings: Recordings, recipe: Recipe, *, most_s: float) -> "tuple[Recipe, CodeStore]":
    """Takes the beginning of the first recording, in one channel, to try things on.

    Args:
        recordings: The recordings.
        recipe: The recipe that suits them.
        most_s: How long it is at most, in seconds.

    Returns:
        The recipe for that length, and the excerpt's code.
    """
    from timbrel.signal import levels

    mono, rate = levels.to_mono(recordings.sounds[0]), recipe.sample_rate
    part = _whole(mono[:, : round(most_s * rate)], _unit(recipe))
    brief = recipe.model_copy(update={"duration_s": part.shape[1] / rate})
    return brief, store(Recordings((part,), recordings.names[:1]), brief)


def write(recordings: Recordings, folder: Path) -> None:
    """Keeps recordings in the folder of their training, so that it can go on without the files.

    Args:
        recordings: The recordings.
        folder: The training's folder.
    """
    import torch
    from safetensors.torch import save_file

    from timbrel import atomic

    tensors = {f"{n:02d}": sound.contiguous().clone() for n, sound in enumerate(recordings.sounds)}
    tensors[_HOLES] = torch.tensor(recordings.holes, dtype=torch.int64).reshape(-1, 2)
    with atomic.new_file(folder / _FILE) as part:
        save_file(tensors, part)


def kept(folder: Path, names: Sequence[str]) -> Recordings:
    """Reads what `write` kept.

    Args:
        folder: The training's folder.
        names: What people call them.

    Returns:
        The recordings.

    Raises:
        TrainingError: When they are missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(folder / _FILE)
    except (OSError, SafetensorError) as error:
        raise TrainingError(
            f"the recordings of the training in {folder} cannot be read ({type(error).__name__})",
            "a training that timbrel began",
            "train anew with --force",
        ) from None
    holes = tuple((first, end) for first, end in tensors.pop(_HOLES).tolist())
    return Recordings(tuple(tensors[key] for key in sorted(tensors)), tuple(names), holes=holes)


def inside(instrument: "Instrument") -> Recordings:
    """Takes the recordings out of an instrument that learned from them.

    Args:
        instrument: The instrument.

    Returns:
        The recordings at its rate.
    """
    from timbrel.instruments.offers import Improvises

    network = instrument.network
    assert isinstance(network, Improvises)  # noqa: S101 - its family says so
    parts = tuple(sound.cpu().clone() for sound in network.recording.sounds())
    names = tuple(note.name for note in instrument.sounds)
    holes = tuple((a, b) for a, b in network.recording.holes.tolist() if b > a)
    return Recordings(parts, names, holes=holes)


def store(recordings: Recordings, recipe: Recipe) -> "CodeStore":
    """Encodes recordings for training.

    Args:
        recordings: The recordings.
        recipe: The recipe that suits them.

    Returns:
        Their codes, in memory, in the order of their notes.
    """
    import torch

    from timbrel.instruments.recorded import coded
    from timbrel.training.store import of_recordings

    with torch.no_grad():
        found = coded(recipe, recordings.sounds)
    ids = [note.id for note in recordings.notes]
    return of_recordings(found.codes, ids=ids, reference=found.reference)
