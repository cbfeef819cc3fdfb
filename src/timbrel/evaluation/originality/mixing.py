"""Mixing: moments that are new although each of their parts, low or high, is a copy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from timbrel.evaluation.originality.copy_maps import Flags, Traced

FEWEST_PARTS = 2


@dataclass(frozen=True, eq=False)
class Mixing:
    """How a sound mixes parts of different moments.

    Attributes:
        mixed: Moments of which two parts or more are copied, but not from one moment, [N].
        copied: Moments that are copied as a whole, or of which all copied parts are from one
            moment, [N].
        share: The share of audible moments that are mixed; not a number for silence.
        parts: The share of each part's audible moments that is copied, from low to high.
    """

    mixed: Flags
    copied: Flags
    share: float
    parts: tuple[float, ...]


def mixing(found: Traced) -> Mixing:
    """Tells which moments have copied parts that are from different moments of the recording.

    A moment is mixed where at least two of its audible parts are each nearer than their threshold
    to some moment of the recording, but no one moment is near for all of these at once, and the
    whole is no copy.

    Args:
        found: A sound held against a recording.

    Returns:
        The mixed moments, and how much of each part is copied.
    """
    whole, *parts = found.maps
    copied_parts = np.stack([part.audible for part in parts]) & (found.nearest[1:] < 1)
    several = whole.audible & (copied_parts.sum(axis=0) >= FEWEST_PARTS)
    apart = (found.together >= 1) & (found.nearest[0] >= 1)
    mixed = several & apart
    share = float(mixed.sum() / whole.audible.sum()) if whole.audible.any() else float("nan")
    return Mixing(
        mixed=mixed,
        copied=whole.audible & ((found.nearest[0] < 1) | (several & ~apart)),
        share=share,
        parts=tuple(part.ratio for part in parts),
    )
