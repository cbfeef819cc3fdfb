"""Grades: a pair of sounds, or many joined end to end, through the whole model."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.evaluation.peaq.bands import SAMPLE_RATE
from timbrel.evaluation.peaq.network import difference_grade, distortion_index
from timbrel.evaluation.peaq.variables import Variables, measure
from timbrel.signal.resampling import resample

# What sounds shorter is repeated, so that its attack counts: half of the variables leave out the
# first half second, and with less than that they have no value.
SHORTEST_S = 5.0
_SOUNDING = 40 / 32768


@dataclass(frozen=True)
class Grade:
    """The grade of a test sound.

    Attributes:
        objective_difference: From 0 (imperceptible) over -1 (perceptible, not annoying), -2
            (slightly annoying), -3 (annoying) to -4 (very annoying); the standard's network gives
            -3.98 to 0.22. Not a number where the measure is undefined.
        distortion_index: The same before the last mapping, without its limits.
        variables: What it was made of.
    """

    objective_difference: float
    distortion_index: float
    variables: Variables


def grade(reference: Tensor, test: Tensor, *, sample_rate: int) -> Grade:
    """Grades a sound against the original, as a trained listener would.

    Full scale is taken as 92 dB SPL. Where less than five seconds pass until the reference has
    died away, the pair is repeated end to end until as much has.

    Args:
        reference: The original, [C, T], one or two channels, full scale 1.
        test: The sound to judge, in time with it, [C, T].
        sample_rate: Their rate in Hz, from 1 up; the model works at 48 kHz.

    Returns:
        The grade; not a number where the standard has no value: the reference never reaches -58 dB
        of full scale, or the two never have 0.1 sone at once (a silent test, a very soft one).
        It has none either where no frame of the reference stands out above 8.1 kHz (a dull sound,
        or much noise in the test); here bandwidth then counts as unchanged.

    Raises:
        UsageError: When the pair cannot be compared.

    Source:
        ITU-R BS.1387-1 (2001), basic version; Kabal, "An examination and interpretation of
        ITU-R BS.1387" (2002); where both leave room, as in Holters and Zölzer, "GstPEAQ - an open
        source implementation of the PEAQ algorithm" (2015).

    Example:
        >>> noise = 0.1 * torch.randn(1, 96_000, generator=torch.Generator().manual_seed(0))
        >>> bool(grade(noise, noise, sample_rate=48_000).objective_difference > 0)
        True
    """
    _check(reference, test, sample_rate)
    pair = torch.stack([reference, test]).double()
    pair = pair.repeat(1, 1, _times(reference, sample_rate))
    pair = resample(pair, from_hz=sample_rate, to_hz=SAMPLE_RATE)
    variables = measure(pair[0].numpy(), pair[1].numpy())
    index = distortion_index(variables.as_array())
    return Grade(difference_grade(index), index, variables)


def joined(pairs: Iterable[tuple[Tensor, Tensor]], *, sample_rate: int) -> Grade:
    """Grades many pairs as one, joined end to end: for sounds too short to be graded alone.

    Args:
        pairs: Originals and sounds to judge, [C, T] each, of any lengths.
        sample_rate: Their rate in Hz, from 1 up.

    Returns:
        The grade of all.

    Raises:
        UsageError: When there is no pair, or one cannot be compared.

    Example:
        >>> noise = 0.1 * torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
        >>> bool(joined([(noise, noise)] * 30, sample_rate=48_000).objective_difference > 0)
        True
    """
    listed = list(pairs)
    for reference, test in listed:
        _check(reference, test, sample_rate)
    if len({len(reference) for reference, _ in listed}) != 1:
        raise UsageError("pairs of different channels, or none", "pairs of one kind, at least one")
    reference, test = (torch.cat(side, dim=-1) for side in zip(*listed, strict=True))
    return grade(reference, test, sample_rate=sample_rate)


def _times(reference: Tensor, sample_rate: int) -> int:
    """Says how often a pair is played: once, or until SHORTEST_S passed before it died away."""
    numbers = (reference.abs() >= _SOUNDING).any(dim=0).nonzero()
    end = int(numbers[-1]) + 1 if len(numbers) else reference.shape[-1]
    return 1 + max(0, ceil((SHORTEST_S * sample_rate - end) / reference.shape[-1]))


def _check(reference: Tensor, test: Tensor, sample_rate: int) -> None:
    if reference.ndim != 2 or reference.shape != test.shape or len(reference) not in (1, 2):
        raise UsageError(
            f"a pair of shapes {tuple(reference.shape)} and {tuple(test.shape)}",
            "two sounds of one length, [C, T], with one or two channels",
            "cut or pad one of them first",
        )
    if not reference.numel() or not bool(
        torch.isfinite(reference).all() & torch.isfinite(test).all()
    ):
        raise UsageError("a pair with an empty sound or with values that are not finite")
    if sample_rate < 1:
        raise UsageError(f"a sample rate of {sample_rate} Hz", "1 Hz or more")
