"""Copying: are generated sounds new, or training sounds again?

Each sound's distance to its nearest training sound, beside the distance of real sounds that were
held out. New sounds of the same kind lie about as far from the training sounds as held-out ones do;
copies lie far nearer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbrel.evaluation.sketches import distances
from timbrel.evaluation.statistics import Interval, Spread, rate_interval, spread

# A sound that went through a mel spectrogram and Griffin-Lim comes back 0.5 to 1.1 dB away (the
# middle half of 700 drums), another one of the same kind 2.3 to 4.5 dB.
NEAR_COPY_DB = 1.0
COPIED = 0.5  # of a sound: a stretch this long is no coincidence
LONGEST_SHOWN = 10


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
class Run:
    """The longest stretch of a sound that some training sound has too, up to gain.

    Attributes:
        name: The sound.
        source: Name of the training sound.
        run_ms: How long the stretch is.
        share: The stretch's share of the sound's audible length, 0 to 1.
        distance: How far the fingerprints of both are apart, 0 to 1.
    """

    name: str
    source: str
    run_ms: float
    share: float
    distance: float


@dataclass(frozen=True)
class Runs:
    """The longest copied stretches of some sounds, by fingerprints.

    Attributes:
        run_ms: Spread of their lengths.
        share: Spread of their shares of a sound.
        distance: Spread of the fingerprint distances to the sound they are from.
        copied: The share of the sounds of which at least `COPIED` is a copied stretch.
        longest: The sounds with the largest shares, largest first.
    """

    run_ms: Spread
    share: Spread
    distance: Spread
    copied: Interval
    longest: tuple[Run, ...]


@dataclass(frozen=True)
class Copying:
    """How near sounds are to what was learned from.

    Attributes:
        distance_db: Spread of the distances to the nearest training sound.
        near_copies: The share that is nearer than `NEAR_COPY_DB`.
        sounds: Each sound with its nearest.
        feature_distance: Spread of the distances to the nearest training sound by the features of
            the library's classifier; None where it has none.
        runs: What is copied stretch by stretch, of a part of the sounds; None where none was asked.
    """

    distance_db: Spread
    near_copies: Interval
    sounds: tuple[NearestSound, ...]
    feature_distance: Spread | None = None
    runs: Runs | None = None


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


def runs_of(runs: Sequence[Run]) -> Runs | None:
    """Sums up the longest copied stretches of some sounds.

    Args:
        runs: One a sound.

    Returns:
        Their spreads and the share of sounds that are copied; None where there are no sounds.
    """
    if not runs:
        return None
    return Runs(
        run_ms=spread([run.run_ms for run in runs]),
        share=spread([run.share for run in runs]),
        distance=spread([run.distance for run in runs]),
        copied=rate_interval(sum(run.share >= COPIED for run in runs), len(runs)),
        longest=tuple(sorted(runs, key=lambda run: -run.share)[:LONGEST_SHOWN]),
    )


def nearest_distances(queries: NDArray[np.float32], training: NDArray[np.float32]) -> Spread | None:
    """Measures how far sounds are from the nearest training sound by features.

    Args:
        queries: Features, [Q, D].
        training: Features, [M, D].

    Returns:
        Spread of the roots of the least mean squared differences; None where there is nothing to
        compare.

    Example:
        >>> points = np.array([[0.0, 0.0], [6.0, 6.0]], np.float32)
        >>> nearest_distances(points[:1] + 1, points).median
        1.0
    """
    if not queries.size or not training.size:
        return None
    return spread(distances(queries, training).min(axis=1).tolist())
