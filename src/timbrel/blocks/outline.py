"""Outlines: what a network that learned from a recording is asked to make."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, eq=False)
class Outline:
    """How long a piece shall be, what it follows, and how closely.

    Attributes:
        frames: N, its length in frames of the code; 0 for a piece without an end.
        code: What it follows, such as the recording itself or a guide, [F, N]; None makes
            something new from beginning to end.
        amount: How far it may depart from the code where that is not kept: 0 hardly, 1 wholly.
        kept: Where the code must come back as it is: 1 there, 0 elsewhere, [N]; None keeps
            nothing. What is kept is a part of the recordings that the network learned from, or
            what it made before.
        first_frame: Where in the recordings the code begins, in frames, where it comes from there.
        foreign: Whether the code is that of another sound, a guide: its structure is followed, and
            nothing of its detail is taken.
        known_hz: Up to which frequency the code is known; above it is to be made. 0 where all of
            it is known.
    """

    frames: int
    code: Tensor | None = None
    amount: float = 1.0
    kept: Tensor | None = None
    first_frame: int = 0
    foreign: bool = False
    known_hz: float = 0.0
