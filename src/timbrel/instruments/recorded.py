"""Recordings as codes: what networks see that learn from one recording or a few, and back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.recipes import Recipe
from timbrel.signal import completion, stereo
from timbrel.signal.frontends import Framed, FrontEnd
from timbrel.signal.frontends._codes import to_power
from timbrel.signal.phase import GivesPhase

_QUIETEST = 1e-9


@dataclass(frozen=True, eq=False)
class Coded:
    """Recordings as a network sees them.

    Attributes:
        codes: Their codes, [F, N] each: samples, a row a channel; or magnitudes of all channels
            together and, below them, how they lie between two.
        reference: The amplitude that they are relative to.
    """

    codes: list[Tensor]
    reference: float


def shape(recipe: Recipe, channels: int) -> tuple[int, int]:
    """Says the shape of a recording's code, of one of the recipe's length.

    Args:
        recipe: Whose front end sees it.
        channels: Of the recording, 1 or 2.

    Returns:
        (F, N).
    """
    front_end = cast(FrontEnd, recipe.front_end)
    bins, frames = front_end.code_shape(recipe.length_samples)
    if channels == 1:
        return bins, frames
    return (bins + stereo.ROWS if front_end.spectral else channels * bins), frames


def coded(recipe: Recipe, sounds: Sequence[Tensor]) -> Coded:
    """Encodes recordings, all relative to one amplitude, so that levels stay as they are.

    Args:
        recipe: Whose front end sees them.
        sounds: The recordings at the recipe's rate, [C, T] each, C 1 or 2.

    Returns:
        Their codes.

    Raises:
        UsageError: When there is none, or one has more channels.
    """
    if not sounds or any(one.ndim != 2 or one.shape[0] not in (1, 2) for one in sounds):
        raise UsageError(
            f"recordings of shapes {[tuple(one.shape) for one in sounds]}", "one channel or two"
        )
    front_end = cast(FrontEnd, recipe.front_end)
    if not front_end.spectral:
        reference = max(float(one.abs().max()) for one in sounds)
        reference = max(reference, _QUIETEST)
        return Coded([one / reference for one in sounds], reference)
    found = [_magnitudes_and_sides(recipe, one) for one in sounds]
    reference = max(level for _, level in found)
    return Coded([rebased(recipe, *one, reference) for one in found], reference)


def _magnitudes_and_sides(recipe: Recipe, samples: Tensor) -> tuple[Tensor, float]:
    front_end, rate = cast(FrontEnd, recipe.front_end), recipe.sample_rate
    if samples.shape[0] == 1:
        code, level = front_end.encode(samples, sample_rate=rate)
        return code[0], float(level[0])
    frames = cast(Framed, front_end).frames
    middle = stereo.downmix(samples, frames)
    code, level = front_end.encode(middle[None], sample_rate=rate)
    return torch.cat([code[0], stereo.told(samples, frames, sample_rate=rate)]), float(level[0])


def rebased(recipe: Recipe, code: Tensor, level: float, reference: float) -> Tensor:
    """Makes a code that is relative to one amplitude relative to another.

    Args:
        recipe: Whose front end made it.
        code: The code, [F, N].
        level: The amplitude that it is relative to.
        reference: The amplitude that it is to be relative to; louder cells than that are clipped
            where the code holds magnitudes.

    Returns:
        The code, [F, N].
    """
    if level == reference:
        return code
    front_end = cast(FrontEnd, recipe.front_end)
    if not front_end.spectral:
        return code * (level / reference)
    bins = cast(Framed, front_end).frames.bins
    softer = 20 * math.log10(reference / level) / range_db(recipe)
    heard = (code[:bins] > 0).to(code)
    return torch.cat([(code[:bins] - softer).clamp(0, 1) * heard, code[bins:]])


def whole_frames(recipe: Recipe, known: Tensor) -> Tensor:
    """Tells which frames of a code see nothing but what is known.

    Args:
        recipe: Whose front end makes the code; one of magnitudes.
        known: Which samples are known, 0 or 1, [T].

    Returns:
        1 for such frames, else 0, [N].
    """
    frames = cast(Framed, recipe.front_end).frames
    return completion.whole_frames(known, frames).float()


def range_db(recipe: Recipe) -> float:
    """Says how many dB a code's range of 0 to 1 stands for.

    Args:
        recipe: A recipe with a front end of magnitudes.

    Returns:
        The range in dB.
    """
    return float(recipe.front_end.range_db)  # type: ignore[attr-defined]


def magnitudes(recipe: Recipe, code: Tensor) -> Tensor:
    """Tells the linear magnitudes of a code, relative to its reference.

    Args:
        recipe: Whose front end made it.
        code: Its rows of magnitudes, [F, N].

    Returns:
        Magnitudes, [F, N].
    """
    gate_db = float(recipe.front_end.gate_db)  # type: ignore[attr-defined]
    return to_power(code[None].float(), range_db(recipe), gate_db)[0].sqrt()


def channel_magnitudes(recipe: Recipe, code: Tensor, *, channels: int) -> Tensor:
    """Tells the linear magnitudes of each channel, relative to the code's reference.

    Args:
        recipe: Whose front end made the code.
        code: The code, [F, N].
        channels: How many channels it stands for.

    Returns:
        Magnitudes, [C, F, N].
    """
    frames = cast(Framed, recipe.front_end).frames
    middle = magnitudes(recipe, code[: frames.bins])
    if channels == 1:
        return middle[None]
    rows = code[frames.bins :].float()
    return middle * stereo.shares(rows, frames, sample_rate=recipe.sample_rate)


def sounded(
    recipe: Recipe,
    code: Tensor,
    reference: float,
    *,
    channels: int,
    length_samples: int,
    phase: GivesPhase,
    seed: int,
) -> Tensor:
    """Makes a recording's code sound.

    Args:
        recipe: Whose front end made it.
        code: The code, [F, N].
        reference: The amplitude that it is relative to.
        channels: How many channels it stands for.
        length_samples: Length T of the sound wanted.
        phase: The way from magnitudes to a waveform.
        seed: Seed of what is drawn on the way.

    Returns:
        The sound, [C, T].
    """
    front_end = cast(FrontEnd, recipe.front_end)
    if not front_end.spectral:
        return code[:, :length_samples].float() * reference
    bins = cast(Framed, front_end).frames.bins
    mono = front_end.decode(
        code[None, :bins].float(),
        torch.tensor([reference], device=code.device),
        sample_rate=recipe.sample_rate,
        length_samples=length_samples,
        phase=phase,
        seed=seed,
    )
    return mono if channels == 1 else spread(recipe, mono[0], code, seed=seed)


def spread(recipe: Recipe, middle: Tensor, code: Tensor, *, seed: int) -> Tensor:
    """Makes two channels of one, as a code's last rows tell.

    Args:
        recipe: Whose front end made the code.
        middle: The sound of its magnitudes, [T].
        code: The code, [F, N].
        seed: Seed of what is drawn.

    Returns:
        The sound, [2, T].
    """
    frames = cast(Framed, recipe.front_end).frames
    rows = code[frames.bins :].float()
    return stereo.spread(middle, rows, frames, sample_rate=recipe.sample_rate, seed=seed)
