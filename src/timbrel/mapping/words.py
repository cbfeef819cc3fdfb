"""Plain words for an area of a map: what its sounds have that the rest of the map has not."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbrel.library.features import measured
from timbrel.mapping.layout import FloatArray

MOST_WORDS = 3
FAR = 0.13  # of the ranks: an area's median must lie so far from the map's to earn a word
ORDINARY = "medium"


@dataclass(frozen=True)
class Aspect:
    """One thing that is heard in a sound.

    Attributes:
        low: The word for little of it.
        high: The word for much.
        least: The least difference that is worth a word, in the aspect's own unit.
    """

    low: str
    high: str
    least: float


# Octaves of pitch or brightness, octaves of length, clarity from 0 to 1, octaves of attack.
ASPECTS = {
    "height": Aspect("low", "high", 0.25),
    "length": Aspect("short", "long", 0.25),
    "clarity": Aspect("noisy", "tonal", 0.05),
    "attack": Aspect("hard", "soft", 0.3),
}


def heard_in(features: FloatArray) -> dict[str, NDArray[np.float64]]:
    """Measures the aspects of sounds.

    Args:
        features: Audible features of the library, [M, D]; rows of NaN where unknown.

    Returns:
        Aspect -> [M]: ``height`` in octaves above 30 Hz, the pitch as far as there is one and the
        spectrum's centre for the rest; ``length`` and ``attack`` (the time to the loudest
        moment) in octaves of 10 ms; ``clarity`` of pitch from 0, noise, to 1, tone.
    """
    clarity = measured(features, "pitchiness")
    centre = measured(features, "spectral_centroid")
    return {
        "height": measured(features, "pitch") + (1 - clarity) * centre,
        "length": measured(features, "length"),
        "clarity": clarity,
        "attack": measured(features, "attack_time"),
    }


def of_areas(areas: NDArray[np.intp], aspects: Mapping[str, NDArray[np.float64]]) -> list[str]:
    """Finds up to three words for each area.

    Each aspect's values become ranks from 0 to 1 over the whole map. An area gets a word where
    the median of its ranks lies more than 0.13 from the middle and the median of its values lies
    more than the aspect's least difference from the map's; the most telling word stands first.

    Args:
        areas: The area of each sound, [M].
        aspects: What `heard_in` gives.

    Returns:
        A text an area, such as "high, short, noisy"; "medium" where nothing stands out, "" where
        nothing is known of its sounds.

    Example:
        >>> aspects = {"length": np.r_[np.full(9, 1.0), np.full(9, 5.0)]}
        >>> of_areas(np.repeat([0, 1], 9), aspects)
        ['short', 'long']
    """
    count = int(areas.max()) + 1
    found: list[list[tuple[float, str]]] = [[] for _ in range(count)]
    known = np.zeros(count, dtype=bool)
    for name, values in aspects.items():
        ranks = _ranks(values)
        for area in range(count):
            inside = (areas == area) & np.isfinite(values)
            known[area] |= bool(inside.any())
            found[area] += _word(ASPECTS[name], values, ranks, inside)
    return [
        ", ".join(word for _, word in sorted(words, reverse=True)[:MOST_WORDS])
        or ORDINARY * bool(known[area])
        for area, words in enumerate(found)
    ]


def _word(
    aspect: Aspect,
    values: NDArray[np.float64],
    ranks: NDArray[np.float64],
    inside: NDArray[np.bool_],
) -> list[tuple[float, str]]:
    if not inside.any():
        return []
    lead = float(np.median(ranks[inside])) - 0.5
    apart = float(np.median(values[inside]) - np.nanmedian(values))
    if abs(lead) < FAR or abs(apart) < aspect.least or lead * apart < 0:
        return []
    return [(abs(lead), aspect.high if lead > 0 else aspect.low)]


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 0 to 1, equal values sharing theirs; NaN where unknown."""
    from scipy.stats import rankdata

    return np.asarray((rankdata(values, nan_policy="omit") - 0.5) / np.isfinite(values).sum())
