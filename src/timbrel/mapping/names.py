"""Class names on a map: where each stands, how often it occurs, and how none covers another."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from timbrel.mapping import areas
from timbrel.mapping.layout import FloatArray, SoundMap

ROUNDS = 300
FEWEST = 3  # sounds of a class that was found, in one place, that are a crowd
NO_LABEL = "no label"


@dataclass(frozen=True)
class LabelName:
    """One label of a map.

    Attributes:
        label: Its name; empty for the sounds without one.
        count: How many sounds carry it.
        x: The median of their positions along x, 0..1.
        y: The median of their positions along y, 0..1.
        width: Twice the distance along x from the centre that 95 % of them keep.
        height: The same along y.
    """

    label: str
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, eq=False)
class Groups:
    """How the sounds of a map are told apart: by colour, in the legend, by names on the map.

    Attributes:
        names: One entry a colour, as the legend lists them.
        own: The entry of each sound, [M].
        signs: What is written on the map and where; a name may stand at several places.
        heading: What the names are, as a title over the legend.
    """

    names: list[LabelName]
    own: NDArray[np.intp]
    signs: list[LabelName]
    heading: str


def label_names(sound_map: SoundMap) -> list[LabelName]:
    """Finds the centre of each label: the median of its sounds' positions.

    The median stays in the crowd where a mean would be drawn off by a few strays.

    Args:
        sound_map: The map.

    Returns:
        One entry a label, the most frequent first, sounds without a label last.
    """
    return by_label(sound_map).names


def by_label(sound_map: SoundMap) -> Groups:
    """Groups sounds by their own labels, each named at its centre.

    Args:
        sound_map: The map.

    Returns:
        The groups.
    """
    return _grouped(sound_map.positions, sound_map.labels, None, "Labels")


def by_class(sound_map: SoundMap, classes: Sequence[str], heading: str) -> Groups:
    """Groups sounds by classes that were found for them, each named wherever it crowds.

    Args:
        sound_map: The map.
        classes: One a sound, "" where nobody is sure.
        heading: Where the classes are from.

    Returns:
        The groups; a class that crowds in several places stands at each. A few strays are no
        crowd: they are coloured and counted, but nothing is written over them.
    """
    own = np.array(classes, dtype=object)
    places = np.zeros(len(own), dtype=np.intp)
    for name in set(classes):
        places[own == name] = areas.find(sound_map.positions[own == name])
    groups = _grouped(sound_map.positions, classes, places, heading)
    crowd = max(FEWEST, len(sound_map) // 100)
    return replace(groups, signs=[sign for sign in groups.signs if sign.count >= crowd])


def by_area(sound_map: SoundMap, own: NDArray[np.intp], texts: Sequence[str]) -> Groups:
    """Groups sounds by areas of the map, each named at its centre.

    Args:
        sound_map: The map.
        own: The area of each sound, [M].
        texts: The words for each area; areas of the same words share a colour.

    Returns:
        The groups.
    """
    return _grouped(sound_map.positions, [texts[area] for area in own], own, "What they are like")


def _grouped(
    positions: FloatArray, texts: Sequence[str], places: NDArray[np.intp] | None, heading: str
) -> Groups:
    own = np.array(texts, dtype=object)
    ranked = sorted(Counter(texts).items(), key=lambda e: (not e[0], -e[1], e[0]))
    names = [LabelName(text, n, *_centre(positions[own == text])) for text, n in ranked]
    rank = {name.label: index for index, name in enumerate(names)}
    ranks = np.array([rank[text] for text in texts], dtype=np.intp)
    if places is None:
        return Groups(names, ranks, names, heading)
    signs = [
        LabelName(name.label, len(inside), *_centre(inside))
        for index, name in enumerate(names)
        for place in np.unique(places[ranks == index])
        if len(inside := positions[(ranks == index) & (places == place)])
    ]
    return Groups(names, ranks, sorted(signs, key=lambda sign: -sign.count), heading)


def _centre(positions: FloatArray) -> list[float]:
    """The medians along x and y, then the width and height around them."""
    centre = np.median(positions, axis=0)
    extent = 2 * np.quantile(np.abs(positions - centre), 0.95, axis=0)
    return [float(value) for value in (*centre, *extent)]


def counted(sound_map: SoundMap) -> str:
    """Says how many sounds are on a map, and which of the library's they are.

    Args:
        sound_map: The map.

    Returns:
        Such as "1,975 of the library's 2,469 sounds: those it learned from".
    """
    count, all_sounds, added = len(sound_map), sound_map.library_sounds, sound_map.added
    since = f", and {added:,} that came later" if added else ""
    if count == all_sounds and not added:
        return f"{count:,} sound{'s' * (count != 1)}"
    return f"{count:,} of the library's {all_sounds:,} sounds: those it learned from{since}"


def shown(text: str, length: int = 24) -> str:
    """Makes any text fit for one line of a picture or page.

    Args:
        text: A label or name, of any origin.
        length: Characters at most.

    Returns:
        The text without control characters, shortened in the middle where too long.

    Example:
        >>> shown("kick" + chr(10) + "hard"), shown("a_very_long_name_of_a_sound.wav", 16)
        ('kick hard', 'a_very_l…und.wav')
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(line) <= length:
        return line or NO_LABEL
    return f"{line[: length // 2]}…{line[length // 2 + 1 - length :]}"


def spread(
    centres: NDArray[np.float64], sizes: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Moves boxes apart, as little as it can, until none covers another; all stay in the square.

    Args:
        centres: [L, 2], where each box would like to stand, 0..1.
        sizes: [L, 2], width and height of each.

    Returns:
        The new centres [L, 2], and which boxes [L] have room; of two that do not, the first has.

    Example:
        >>> centres, room = spread(np.full((2, 2), 0.5), np.full((2, 2), 0.1))
        >>> bool((np.abs(centres[0] - centres[1]) >= 0.0999).any()), room.tolist()
        (True, [True, True])
    """
    half = sizes / 2
    low, high = np.minimum(half, 0.5), np.maximum(1 - half, 0.5)
    places = np.clip(centres, low, high)
    for _ in range(ROUNDS):
        push = _push(places, half)
        if not push.any():
            break
        places = np.clip(places + push, low, high)
    return places, _with_room(places, half)


def _overlaps(
    places: NDArray[np.float64], half: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How far each pair of boxes overlaps along each axis [L, L, 2], and whether it does [L, L]."""
    depth = half[:, None] + half[None] - np.abs(places[:, None] - places[None])
    touching = (depth > 1e-9).all(axis=2) & ~np.eye(len(places), dtype=bool)
    return depth, np.asarray(touching)


def _push(places: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.float64]:
    """Half of what separates each overlapping pair along the axis where least is needed."""
    depth, touching = _overlaps(places, half)
    across = np.eye(2)[depth.argmin(axis=2)] * touching[..., None]
    away = np.where(places[:, None] >= places[None], 1.0, -1.0)
    order = np.arange(len(places))
    tied = places[:, None] == places[None]
    away = np.where(tied, np.where(order[:, None] > order, 1.0, -1.0)[..., None], away)
    return np.asarray((across * away * depth).sum(axis=1) / 2)


def _with_room(places: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.bool_]:
    touching = _overlaps(places, half * 0.98)[1]
    room = np.zeros(len(places), dtype=bool)
    for index in range(len(places)):
        room[index] = not (touching[index] & room).any()
    return room
