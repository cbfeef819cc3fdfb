"""Sounds that sound alike: the nearest ones, and those that are (nearly) the same."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from timbrel.errors import UsageError
from timbrel.library.catalogue import Catalogue
from timbrel.library.features import FEATURE_NAMES
from timbrel.library.rows import SoundRow, sound_row

NEARLY_THE_SAME = 0.05
"""Feature distance below which two sounds count as near-duplicates: another level, a trimmed end, a
lossy copy; two strokes of one drum are usually further apart."""


@dataclass(frozen=True)
class Match:
    """A sound of the library and how far it is from what was looked for.

    Attributes:
        row: The sound.
        distance: Euclidean distance of the audible features, 0 or more.
    """

    row: SoundRow
    distance: float


def nearest(catalogue: Catalogue, features: ArrayLike, *, top: int) -> list[Match]:
    """Finds the sounds of the library that sound most like one.

    Every sound is compared (some 20 ms for 50,000), so nothing is missed.

    Args:
        catalogue: The library.
        features: What `audible_features` gives, float32 [D].
        top: How many at most, 1 or more.

    Returns:
        Matches, nearest first; a sound that is in the library itself has distance 0.

    Raises:
        UsageError: When the vector has another length or is not finite, or `top` is below 1.
    """
    vector = np.asarray(features, dtype=np.float32)
    if vector.shape != (len(FEATURE_NAMES),) or not np.isfinite(vector).all():
        raise UsageError(
            f"features of shape {vector.shape}", f"{len(FEATURE_NAMES)} finite numbers"
        )
    if top < 1:
        raise UsageError(f"top = {top}", "1 or more")
    return [Match(row, distance) for row, distance in catalogue.nearest(vector.tolist(), top)]


def duplicates(catalogue: Catalogue, *, distance: float = NEARLY_THE_SAME) -> list[list[SoundRow]]:
    """Groups the files that sound the same or nearly so.

    Exact copies have the same decoded samples: only the first is a sound of the library, the
    others were skipped by the scan and appear here again. Near-duplicates are closer than a tight
    distance of their audible features, so level does not count; a chain of such pairs is one group.

    Args:
        catalogue: The library.
        distance: Features closer than this count as nearly the same; 0 finds exact copies only.

    Returns:
        Groups of two or more, the largest first, each in the order of paths.
    """
    groups = [
        sorted(group, key=lambda row: row.path)
        for group in _with_copies(catalogue, _near_groups(catalogue, distance))
        if len(group) > 1
    ]
    return sorted(groups, key=lambda group: (-len(group), group[0].path))


def _near_groups(catalogue: Catalogue, distance: float) -> list[list[str]]:
    """Ids of sounds joined by chains of near pairs, two or more in each group."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    ids, features = _all_features(catalogue)
    if distance <= 0 or len(ids) < 2:
        return []
    pairs = cKDTree(features).query_pairs(distance, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ids),) * 2)
    _, group_of = connected_components(links, directed=False)
    groups = defaultdict(list)
    for place in np.unique(pairs):
        groups[int(group_of[place])].append(ids[place])
    return list(groups.values())


def _all_features(catalogue: Catalogue) -> tuple[list[str], NDArray[np.float32]]:
    """Ids and features [M, D] of all sounds: some 250 bytes a sound, for as long as it takes."""
    ids: list[str] = []
    parts = [np.empty((0, len(FEATURE_NAMES)), np.float32)]
    for batch in catalogue.batches(["id", "features"], "kind = ''"):
        ids += batch.column("id").to_pylist()
        flat = batch.column("features").flatten().to_numpy()
        parts.append(flat.reshape(-1, len(FEATURE_NAMES)))
    return ids, np.concatenate(parts)


def _with_copies(catalogue: Catalogue, near: Sequence[Sequence[str]]) -> Iterator[list[SoundRow]]:
    """Adds the skipped exact copies to the groups of near ones, and the groups of copies alone."""
    copies = defaultdict(list)
    for record in catalogue.records("kind = 'duplicate'"):
        copies[record["content_hash"]].append(sound_row(record))
    for ids in near:
        rows = catalogue.get(ids)
        yield [*rows, *(copy for row in rows for copy in copies.pop(row.content_hash, []))]
    firsts = catalogue.sounds_with(copies)
    for content_hash, rows in copies.items():
        first = firsts.get(content_hash)
        yield [*(catalogue.get([first[0]]) if first else []), *rows]
