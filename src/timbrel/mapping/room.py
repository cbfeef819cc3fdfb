"""Room for the names of sounds: where one can stand beside its sound and cover nothing."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from timbrel.mapping.layout import SoundMap

CANDIDATES = 1500
GAP = 0.009  # between a sound and its name, in sides of the map
MARK = 0.005  # half of what a sound itself takes


def lonely(sound_map: SoundMap, most: int = CANDIDATES) -> list[int]:
    """Lists the sounds that stand most alone: their names have the best chance of room.

    Args:
        sound_map: The map.
        most: How many at most.

    Returns:
        Indices, the loneliest first.
    """
    distances = sound_map.tree.query(sound_map.positions, k=[min(2, len(sound_map))])[0][:, 0]
    return [int(row) for row in np.argsort(-distances, kind="stable")[:most]]


def names(
    sound_map: SoundMap,
    sizes: Mapping[int, tuple[float, float]],
    taken: NDArray[np.float64],
) -> dict[int, tuple[float, float]]:
    """Finds room for names, one after another.

    A name stands to the right of its sound, else to the left of it, and only where its box lies
    on the map, covers no sound, and touches no box that is taken.

    Args:
        sound_map: The map.
        sizes: Width and height of each name by the index of its sound, in sides of the map; those
            that come first choose first.
        taken: Boxes that are taken, [L, 4]: left, bottom, right, top.

    Returns:
        By index the middle of the left edge of each name that has room.
    """
    boxes = list(np.asarray(taken, dtype=float).reshape(-1, 4))
    found: dict[int, tuple[float, float]] = {}
    for index, (width, height) in sizes.items():
        x, y = sound_map.positions[index].astype(float)
        for left in (x + GAP, x - GAP - width):
            box = np.array([left, y - height / 2, left + width, y + height / 2])
            if _free(sound_map, box, boxes):
                boxes.append(box)
                found[index] = (float(left), float(y))
                break
    return found


def _free(sound_map: SoundMap, box: NDArray[np.float64], boxes: list[NDArray[np.float64]]) -> bool:
    if box[:2].min() < 0 or box[2:].max() > 1:
        return False
    others = np.array(boxes).reshape(-1, 4)
    apart = (others[:, :2] > box[2:]).any(axis=1) | (others[:, 2:] < box[:2]).any(axis=1)
    return bool(apart.all()) and not _covers(sound_map, box)


def _covers(sound_map: SoundMap, box: NDArray[np.float64]) -> bool:
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2
    near = sound_map.tree.query_ball_point(middle, float(np.hypot(*half)) + 2 * MARK)
    places = sound_map.positions[near]
    return bool((np.abs(places - middle) <= half + MARK).all(axis=1).any())
