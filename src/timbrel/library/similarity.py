"""Sounds that sound alike: the nearest of a library, on the whole or by aspect.

Every distance is in a unit of hearing and not of the library, so it stays the same when sounds are
added: 1 is clearly another timbre, a minor third, twice the length, or 6 dB.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import LibraryError, UnknownNameError, UsageError
from timbrel.library.catalogue import Catalogue
from timbrel.library.features import FEATURE_NAMES, measured
from timbrel.library.rows import SoundRow, schema, sound_row

ASPECTS = ("all", "timbre", "pitch", "length", "loudness")
OVERALL: Mapping[str, float] = {"all": 1.0}

_PITCH_SEMITONES, _LOUDNESS_DB = 3.0, 6.0  # that are 1 apart
_CLARITY = 2.0  # how far a clear pitch is from none
_QUIETEST_LUFS = -70.0
_LONG_S = 10.0  # from here on the file's length counts, for features hear no more
_SPARE = 16  # sounds more than are asked for, among which exact distances decide
_NOT_TIMBRE = ("length", "pitchiness", "pitch")
_SCALED = ("pitch", "length", "loudness")
_MASKS = {
    "all": np.ones(len(FEATURE_NAMES), np.float32),
    "timbre": np.array([name not in _NOT_TIMBRE for name in FEATURE_NAMES], np.float32),
}


class Described(Protocol):
    """What a search needs to know of a sound: `Facts` and `SoundRow` do."""

    @property
    def features(self) -> NDArray[np.float32]:
        """Audible features, [D]."""

    @property
    def duration_s(self) -> float:
        """Length in s."""

    @property
    def loudness_lufs(self) -> float:
        """Integrated loudness, -inf where too quiet to measure."""


@dataclass(frozen=True)
class Match:
    """A sound of the library and how far it is from what was looked for.

    Attributes:
        row: The sound.
        distance: The distance that was asked for, 0 or more.
        aspects: Each of `ASPECTS` -> its own distance.
        approximate: Whether it was found among likely sounds only: nearer ones may be missing.
    """

    row: SoundRow
    distance: float
    aspects: dict[str, float]
    approximate: bool = False


class Index:
    """What a search compares of all sounds, in memory: some 600 bytes a sound.

    Every sound is compared, so nothing is missed; see benchmarks/search.py for the time it takes.
    The index is that of the moment when it was made: sounds scanned later are in the next one.

    Args:
        catalogue: The library.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        import pyarrow as pa

        batches = list(catalogue.batches(schema().names, "kind = ''"))
        self._rows = pa.Table.from_batches(batches, schema=schema()).combine_chunks()
        self._features, self._scales = _compared(self._rows)
        self._sums = {name: np.square(self._features) @ mask for name, mask in _MASKS.items()}

    def __len__(self) -> int:
        return len(self._features)

    def nearest(
        self,
        wanted: Described,
        *,
        top: int,
        by: Mapping[str, float] = OVERALL,
        label: str | None = None,
    ) -> list[Match]:
        """Finds the sounds that are nearest to one.

        Args:
            wanted: The sound; it need not be of the library.
            top: How many at most, 1 or more.
            by: Aspect -> weight, 0 or more; the distance is the root of the weighted sum of the
                squared distances. "all" is the distance of all features, in which level does not
                count.
            label: Only sounds of this label.

        Returns:
            Matches, nearest first; a sound of the library itself has distance 0.

        Raises:
            UnknownNameError: When there is no such aspect or label.
            UsageError: When a weight is none, the features are no finite vector of the right
                length, or `top` is below 1.
            LibraryError: When the library is empty.
        """
        check_aspects(by)
        check_wanted(wanted, top)
        squares = self._squares(wanted, by)
        squares[~self._allowed(label)] = np.inf
        likely = min(len(self), top + _SPARE)
        places = np.argpartition(squares, likely - 1)[:likely]
        places = places[np.isfinite(squares[places])]
        return matched(self._rows.take(places), wanted, by, top)

    def _allowed(self, label: str | None) -> NDArray[np.bool_]:
        if not len(self):
            raise LibraryError("the library is empty", advice="scan a folder of sounds first")
        if label is None:
            return np.ones(len(self), dtype=bool)
        labels = self._rows["label"].to_numpy()
        allowed = np.asarray(labels == label)
        if not allowed.any():
            raise UnknownNameError("label", label, sorted({*labels.tolist()} - {""}))
        return allowed

    def _squares(self, wanted: Described, by: Mapping[str, float]) -> NDArray[np.float32]:
        """The squared distances that were asked for, of all sounds, nearly: good to choose by."""
        total = np.zeros(len(self), dtype=np.float32)
        for aspect, weight in by.items():
            if weight and aspect in _MASKS:
                asked = wanted.features * _MASKS[aspect]
                products = self._features @ asked
                total += np.float32(weight) * (self._sums[aspect] - 2 * products + asked @ asked)
            elif weight:
                total += np.float32(weight) * _by_scale(aspect, self._scales, wanted)
        return total


def matched(rows: Any, wanted: Described, by: Mapping[str, float], top: int) -> list[Match]:
    """Measures the exact distances of some sounds.

    Args:
        rows: A `pyarrow.Table` of the catalogue's columns, a row a sound.
        wanted: What they are measured from.
        by: Aspect -> weight.
        top: How many are kept, the nearest.

    Returns:
        Matches, nearest first.
    """
    features, scales = _compared(rows)
    squares = {
        name: np.square((features - wanted.features) * mask).sum(axis=1)
        for name, mask in _MASKS.items()
    } | {name: _by_scale(name, scales, wanted) for name in _SCALED}
    aspects = {name: np.sqrt(squares[name].astype(np.float64)) for name in ASPECTS}
    total = np.sqrt(sum(weight * aspects[name] ** 2 for name, weight in by.items()))
    found = [
        Match(
            sound_row(record),
            float(total[n]),
            {name: float(values[n]) for name, values in aspects.items()},
        )
        for n, record in enumerate(rows.to_pylist())
    ]
    return sorted(found, key=lambda match: (match.distance, match.row.path))[:top]


def _compared(rows: Any) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Features, [M, D], and scales, [M, 4], of a table's rows."""
    lengths_s, loudness = (
        rows[name].to_numpy().astype(np.float32) for name in ("duration_s", "loudness_lufs")
    )
    flat = rows["features"].combine_chunks().flatten().to_numpy()
    features = flat.reshape(-1, len(FEATURE_NAMES))
    return features, _scales(features, lengths_s, loudness)


_CLEAR_AT, _PITCH_AT, _LENGTH_AT, _LOUD_AT = range(4)


def _by_scale(aspect: str, there: NDArray[np.float32], wanted: Described) -> NDArray[np.float32]:
    """Squared distances of pitch, length or loudness."""
    length_s, lufs = np.array([wanted.duration_s]), np.array([wanted.loudness_lufs])
    own = _scales(wanted.features[None], length_s, lufs)[0]
    if aspect != "pitch":
        column = _LENGTH_AT if aspect == "length" else _LOUD_AT
        return np.asarray(np.square(there[:, column] - own[column]), dtype=np.float32)
    clear = np.minimum(there[:, _CLEAR_AT], own[_CLEAR_AT])
    notes = clear * (there[:, _PITCH_AT] - own[_PITCH_AT])
    strength = _CLARITY * (there[:, _CLEAR_AT] - own[_CLEAR_AT])
    return np.asarray(np.square(notes) + np.square(strength), dtype=np.float32)


def _scales(
    features: NDArray[np.float32], lengths_s: NDArray[np.float64], lufs: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Clearness of the pitch, pitch, length and loudness, each in its unit of hearing, [M, 4]."""
    clear = measured(features, "pitchiness")
    octaves = measured(features, "pitch") / np.maximum(clear, 1e-6)
    longer = np.log2(1 + lengths_s / 0.01)
    length = np.where(lengths_s > _LONG_S, longer, measured(features, "length"))
    loud = np.maximum(lufs, _QUIETEST_LUFS) / _LOUDNESS_DB
    return np.stack([clear, 12 * octaves / _PITCH_SEMITONES, length, loud], 1).astype(np.float32)


def check_aspects(by: Mapping[str, float]) -> None:
    """Refuses aspects and weights that mean nothing.

    Args:
        by: Aspect -> weight.

    Raises:
        UnknownNameError: When there is no such aspect.
        UsageError: When a weight is below 0 or not finite, or all are 0.
    """
    for aspect, weight in by.items():
        if aspect not in ASPECTS:
            raise UnknownNameError("aspect", aspect, ASPECTS)
        if not 0 <= weight < np.inf:
            raise UsageError(f"the weight {weight:g} of {aspect}", "0 or more")
    if not any(by.values()):
        raise UsageError("no aspect with a weight", f"one or more of {', '.join(ASPECTS)}")


def check_wanted(wanted: Described, top: int) -> None:
    """Refuses what cannot be looked for.

    Args:
        wanted: A sound.
        top: How many of its like are asked for.

    Raises:
        UsageError: When the features are no finite vector of the right length, or `top` is below
            1.
    """
    vector = wanted.features
    if vector.shape != (len(FEATURE_NAMES),) or not np.isfinite(vector).all():
        raise UsageError(
            f"features of shape {vector.shape}", f"{len(FEATURE_NAMES)} finite numbers"
        )
    if top < 1:
        raise UsageError(f"top = {top}", "1 or more")
