"""Waveforms for training: each file read once, at a recipe's rate and length, or left out."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from timbrel.errors import SoundFileError
from timbrel.recipes import Recipe
from timbrel.signal import files, levels
from timbrel.signal.limits import LOUDEST

_MARGIN_S = 0.05  # read beyond the length, so that a longer sound is faded and not just cut
_READERS = 4


@dataclass(frozen=True)
class Entry:
    """A sound to learn from.

    Attributes:
        id: Its id in the library.
        path: Its file.
        label: The number of its label, -1 where unknown.
        content_hash: Hash of its file's samples; empty where unknown, then size and time of the
            file tell whether it changed.
        start_s: Where in its file it begins, in seconds: above 0 for a piece of a longer sound.
    """

    id: str
    path: Path
    label: int = -1
    content_hash: str = ""
    start_s: float = 0.0


@dataclass(frozen=True)
class LeftOut:
    """Why a sound is not learned from.

    Attributes:
        reason: One sentence for the user, without a full stop.
        was_read: Whether its content is the reason. Otherwise the file could not be read, which
            may pass: a drive comes back, a copy is completed.
    """

    reason: str
    was_read: bool


Heard = Tensor | LeftOut


def waveform(entry: Entry, recipe: Recipe) -> Heard:
    """Reads one sound as a network of this recipe hears it.

    Args:
        entry: The sound, or piece of a sound.
        recipe: Its rate and length, and whether it cuts sounds into pieces: those are not faded
            where they are cut.

    Returns:
        The waveform, [T], no longer than the recipe's length; or why it is left out.
    """
    try:
        sound = files.read(
            entry.path,
            start_s=entry.start_s,
            duration_s=recipe.duration_s + (0.0 if recipe.pieces else _MARGIN_S),
            sample_rate=recipe.sample_rate,
            mono=True,
        )
    except SoundFileError as error:
        return LeftOut(str(error), was_read=False)
    samples = sound.samples[0]
    if samples.numel() == 0:
        return LeftOut("it is empty", was_read=True)
    fitted = levels.fit_length(samples, min(samples.numel(), recipe.length_samples))
    fault = _fault(samples, fitted, entry, recipe)
    return LeftOut(fault, was_read=True) if fault else fitted


def _fault(samples: Tensor, fitted: Tensor, entry: Entry, recipe: Recipe) -> str:
    if not levels.is_finite(samples):
        return "it holds values that are no numbers"
    if (peak := levels.peak(samples)) > LOUDEST:
        return f"its samples reach {peak:.3g}; accepted up to {LOUDEST:g}"
    if levels.is_silent(fitted):
        after = f"{recipe.duration_s:g} s from {entry.start_s:g} s on" if entry.start_s else ""
        return f"it is silent in {after or f'its first {recipe.duration_s:g} s'}"
    return ""


def chunks(
    entries: Sequence[Entry], recipe: Recipe, *, start: int, size: int
) -> Iterator[tuple[Sequence[Entry], list[Heard]]]:
    """Gives chunk after chunk of sounds, while threads read the chunk after it.

    Args:
        entries: The sounds.
        recipe: Rate and length.
        start: The sound to begin with.
        size: Sounds in a chunk.

    Yields:
        The sounds of a chunk, and what was read of each.
    """
    with ThreadPoolExecutor(_READERS, thread_name_prefix="read") as pool:
        waiting: tuple[Sequence[Entry], list[Future[Heard]]] | None = None
        for first in range(start, len(entries), size):
            chunk = entries[first : first + size]
            ahead = (chunk, [pool.submit(waveform, entry, recipe) for entry in chunk])
            if waiting:
                yield waiting[0], [future.result() for future in waiting[1]]
            waiting = ahead
        if waiting:
            yield waiting[0], [future.result() for future in waiting[1]]
