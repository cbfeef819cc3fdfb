"""Copying: are generated sounds new, or training sounds again?

Each sound's distance to its nearest training sound, beside the distance of real sounds that were
held out. New sounds of the same kind lie about as far from the training sounds as held-out ones do;
copies lie far nearer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from timbrel.evaluation.statistics import Interval, Spread, rate_interval, spread

# A sound that went through a mel spectrogram and Griffin-Lim comes back 0.5 to 1.1 dB away (the
# middle half of 700 drums), another one of the same kind 2.3 to 4.5 dB.
NEAR_COPY_DB = 1.0


@dataclass(frozen=True)
class NearestSound:
    """A sound's nearest training sound.

    Attributes:
        name: The sound.
        label: Its label.
        nearest: Name of the nearest training sound.
        nearest_label: Its label.
        distance_db: How far it is, by their sketches.
    """

    name: str
    label: str
    nearest: str
    nearest_label: str
    distance_db: float


@dataclass(frozen=True)
class Copying:
    """How near sounds are to what was learned from.

    Attributes:
        distance_db: Spread of the distances to the nearest training sound.
        near_copies: The share that is nearer than `NEAR_COPY_DB`.
        sounds: Each sound with its nearest.
    """

    distance_db: Spread
    near_copies: Interval
    sounds: tuple[NearestSound, ...]


def copying(sounds: Sequence[NearestSound], *, threshold_db: float = NEAR_COPY_DB) -> Copying:
    """Sums up how near sounds are to their nearest training sounds.

    Args:
        sounds: Each sound with its nearest, at least one.
        threshold_db: Below this distance a sound counts as a near copy.

    Returns:
        Spread, share of near copies, and the sounds.

    Raises:
        UsageError: When there are none.

    Example:
        >>> near = NearestSound("a", "kick", "b", "kick", 0.2)
        >>> copying([near, NearestSound("c", "kick", "b", "kick", 3.0)]).near_copies.value
        0.5
    """
    distances = [sound.distance_db for sound in sounds]
    return Copying(
        distance_db=spread(distances),
        near_copies=rate_interval(sum(d < threshold_db for d in distances), len(distances)),
        sounds=tuple(sounds),
    )
