"""Naming: what the areas of a map are called, by a labelled library or by what is heard in them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import NoLibraryError
from timbrel.library.features import FEATURE_NAMES
from timbrel.mapping import areas, guesses, names, words
from timbrel.mapping.layout import SoundMap
from timbrel.mapping.names import Groups
from timbrel.tasks.workspace import Workspace, open_library


def groups_of(workspace: Workspace, sound_map: SoundMap, names_from: Path | None) -> Groups | None:
    """Finds names for a map whose sounds have no labels, or that shall take another library's.

    With `names_from`, each sound gets the class of the labelled sounds that it is most like, and
    none where nobody is sure. Without it, the areas of a map without labels are described by what
    is heard in them; a map with labels keeps those.

    Args:
        workspace: Whose library the sounds are of.
        sound_map: The map.
        names_from: A workspace whose library has labels.

    Returns:
        The names; None where the sounds' own labels do.

    Raises:
        LibraryError: When `names_from` holds no library, or none of the map's sounds are in the
            library.
        UsageError: When the library of `names_from` has no labels.
    """
    if names_from is None and any(sound_map.labels):
        return None
    try:
        features = features_of(workspace, sound_map.ids)
    except NoLibraryError:
        if names_from is None:
            return None
        raise
    if names_from is None:
        return _described(sound_map, features)
    known, labels = _labelled(Workspace(names_from.expanduser()))
    found = guesses.classes(guesses.guess(features, known, labels))
    return names.by_class(sound_map, found, f"Like those of {names_from.name}")


def _described(sound_map: SoundMap, features: NDArray[np.float32]) -> Groups | None:
    if not np.isfinite(features).any():
        return None
    own = areas.find(sound_map.positions)
    return names.by_area(sound_map, own, words.of_areas(own, words.heard_in(features)))


def features_of(workspace: Workspace, ids: Sequence[str]) -> NDArray[np.float32]:
    """Looks the audible features of sounds up.

    Args:
        workspace: Whose library.
        ids: The sounds.

    Returns:
        [M, D]; rows of NaN for sounds that are not in the library any more.

    Raises:
        LibraryError: When there is no library.
    """
    library = open_library(workspace)
    found = np.full((len(ids), len(FEATURE_NAMES)), np.nan, dtype=np.float32)
    place = {id_: index for index, id_ in enumerate(ids)}
    for id_, _, features in _rows(library.batches(["id", "label", "features"], "kind = ''")):
        if id_ in place:
            found[place[id_]] = features
    return found


def _labelled(workspace: Workspace) -> tuple[NDArray[np.float32], list[str]]:
    rows = list(_rows(open_library(workspace).batches(["id", "label", "features"], "kind = ''")))
    features = np.array([row[2] for row in rows], dtype=np.float32)
    return features.reshape(-1, len(FEATURE_NAMES)), [row[1] for row in rows]


def _rows(batches: Iterator[Any]) -> Iterator[tuple[str, str, NDArray[np.float32]]]:
    for batch in batches:
        flat = batch.column("features").flatten().to_numpy()
        ids, labels = (batch.column(name).to_pylist() for name in ("id", "label"))
        yield from zip(ids, labels, flat.reshape(-1, len(FEATURE_NAMES)), strict=True)
