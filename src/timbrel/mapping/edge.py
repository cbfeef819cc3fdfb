"""The edge of the cloud: what lies outside is answered by the nearest that the instrument knows."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbrel.mapping.layout import FloatArray, SoundMap
from timbrel.mapping.placing import nearest, place

REACH = 3.0  # spacings that a point may lie from its nearest sound


@dataclass(frozen=True)
class Held:
    """A point of the map, kept where there are sounds.

    Attributes:
        point: x and y of what is answered.
        outside: How far the point that was asked for lies from its nearest sound, in spacings of
            the map's sounds; 0 where it is not outside.
    """

    point: tuple[float, float]
    outside: float = 0.0


def held(sound_map: SoundMap, point: tuple[float, float]) -> Held:
    """Keeps a point where the map has sounds.

    A point is outside when it lies more than three spacings from the nearest sound: a spacing is
    what all but a twentieth of the sounds keep from their fourth nearest. It is then moved
    straight towards that sound, until it is one spacing away.

        asked  x - - - - - - - > x answered . (nearest sound)
                                  |- 1 spacing -|

    Args:
        sound_map: The map.
        point: x, y.

    Returns:
        The point, or the one at the cloud's edge and how far outside it was.

    Example:
        >>> from timbrel.mapping.layout import lay_out
        >>> latents = np.random.default_rng(0).normal(size=(200, 2))
        >>> latents[0], latents[1] = (60, 0), (-60, 0)  # two sounds unlike all others
        >>> texts = [str(number) for number in range(200)]
        >>> made = lay_out(latents, projection="pca", seed=0, ids=texts, labels=texts, names=texts,
        ...                instrument="drums")
        >>> held(made, (0.5, 0.5)).outside, held(made, (0.0, 1.0)).outside > 3
        (0.0, True)
    """
    distance, index = sound_map.tree.query(point)
    spacing = sound_map.spacing
    if distance <= REACH * spacing:
        return Held(point)
    sound = sound_map.positions[index].astype(float)
    x, y = sound + (np.asarray(point) - sound) * spacing / distance
    return Held((float(x), float(y)), _times(float(distance), spacing))


def held_latent(sound_map: SoundMap, latent: FloatArray) -> tuple[FloatArray, float]:
    """Keeps a latent within reach of the cloud.

    A latent is outside when it lies farther from its nearest sound than all but a twentieth of
    the sounds lie from theirs. It is then drawn straight towards that sound, to that distance.

    Args:
        sound_map: The map whose latents are the cloud.
        latent: [Z].

    Returns:
        The latent, or the one at the edge; and how many times as far it was as it may be, 0 where
        it was not outside.
    """
    found = nearest(sound_map.latents, latent[None], 1)
    distance, index = float(found[0][0, 0]), int(found[1][0, 0])
    limit = sound_map.latent_spacing
    if distance <= limit:
        return latent, 0.0
    sound = sound_map.latents[index]
    drawn = sound + (latent - sound) * np.float32(limit / distance)
    return np.asarray(drawn, dtype=np.float32), _times(distance, limit)


def _times(distance: float, unit: float) -> float:
    """How many units a distance is; infinitely many where all sounds are in one place."""
    return distance / unit if unit > 0 else math.inf


def place_of(sound_map: SoundMap, latent: FloatArray) -> NDArray[np.float64]:
    """Says where on a map a latent belongs.

    Args:
        sound_map: The map.
        latent: [Z].

    Returns:
        x and y, [2].
    """
    return np.asarray(place(sound_map.latents, sound_map.positions, latent[None])[0], np.float64)
