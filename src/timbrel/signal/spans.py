"""Spans of time that people name, such as holes of a recording."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from timbrel.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

MOST_HOLES = 64


def checked_holes(
    holes: Sequence[tuple[float, float]], length_s: float
) -> list[tuple[float, float]]:
    """Checks holes of a sound.

    Args:
        holes: Where each begins and ends, in seconds.
        length_s: Length of the sound.

    Returns:
        The same, in order.

    Raises:
        UsageError: When there is none or too many, or one lies outside, is none, or meets another.

    Example:
        >>> checked_holes([(2.0, 2.5), (0.5, 1.0)], 4.0)
        [(0.5, 1.0), (2.0, 2.5)]
    """
    if not 1 <= len(holes) <= MOST_HOLES:
        raise UsageError(f"{len(holes)} holes", f"1 to {MOST_HOLES}", "say --hole START,END")
    ordered = sorted(holes)
    for begin, end in ordered:
        if not (math.isfinite(begin) and math.isfinite(end) and 0 <= begin < end <= length_s):
            raise UsageError(
                f"a hole from {begin:g} to {end:g} s",
                f"one that ends after it begins, within the {length_s:.3g} s of the sound",
            )
    if any(later[0] < hole[1] for hole, later in pairwise(ordered)):
        raise UsageError("holes that meet", "holes apart from each other")
    if sum(end - begin for begin, end in ordered) > 0.9 * length_s:
        raise UsageError("holes that leave hardly anything", "a tenth of the sound at least")
    return ordered


def silenced(samples: "Tensor", holes: Sequence[tuple[float, float]], sample_rate: int) -> "Tensor":
    """Silences what lies in holes.

    Args:
        samples: Any sound, [..., T].
        holes: Where each begins and ends, in seconds.
        sample_rate: Its rate in Hz.

    Returns:
        The same with holes.

    Example:
        >>> import torch
        >>> silenced(torch.ones(1, 4), [(0.5, 1.0)], 4)
        tensor([[1., 1., 0., 0.]])
    """
    out = samples.clone()
    for begin_s, end_s in holes:
        out[..., round(begin_s * sample_rate) : round(end_s * sample_rate)] = 0
    return out
