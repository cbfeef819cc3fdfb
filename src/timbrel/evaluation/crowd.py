"""A crowd: the training sounds, heard once and kept small, for made sounds to be held against.

A sketch hears two seconds. Of a longer sound several windows are sketched, evenly along it, and it
lies as far from a training sound as its windows do on average from the nearest ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from timbrel.evaluation.copying import NEAR_COPY_DB
from timbrel.evaluation.sketches import LENGTH_SAMPLES, SAMPLE_RATE, Sketches, sketch
from timbrel.signal.files import Sound

WINDOW_S = LENGTH_SAMPLES / SAMPLE_RATE
MOST_WINDOWS = 8


@dataclass(frozen=True)
class Near:
    """Where a sound lies among training sounds.

    Attributes:
        name: The nearest training sound.
        distance_db: How far it is, on average over the sound's windows.
        copied: The share of its windows that are a near copy, 0 to 1.
    """

    name: str
    distance_db: float
    copied: float


@dataclass(frozen=True, eq=False)
class Crowd:
    """Sketches of training sounds.

    Attributes:
        sketches: One row a window, [M, D].
        names: Whose window each is, [M].
    """

    sketches: Sketches
    names: tuple[str, ...]

    def near(self, windows: Sketches) -> Near:
        """Finds what is nearest to a sound.

        Args:
            windows: Its sketches, as `windows_of` gives them, [W, D].

        Returns:
            The training sound that its nearest window is of, the mean distance, and the share of
            near copies.
        """
        found = self._squared(windows)
        places = found.argmin(axis=1)
        far_db = np.sqrt(np.maximum(found[np.arange(len(windows)), places], 0) / windows.shape[1])
        nearest = self.names[int(places[int(far_db.argmin())])]
        return Near(nearest, float(far_db.mean()), float((far_db < NEAR_COPY_DB).mean()))

    def _squared(self, windows: Sketches) -> NDArray[np.float32]:
        """Squared differences, [W, M]: no copy of the crowd is made for them."""
        own = np.einsum("wd,wd->w", windows, windows)[:, None]
        theirs = np.einsum("md,md->m", self.sketches, self.sketches)[None]
        return np.asarray(own - 2 * windows @ self.sketches.T + theirs, np.float32)


def windows_of(sound: Sound) -> Sketches:
    """Sketches a sound, a longer one by windows.

    Args:
        sound: Any sound that is not empty.

    Returns:
        Sketches, one of a sound of up to four seconds, else one of every two seconds, eight at
        most, evenly along it, [W, 640].

    Raises:
        UsageError: When the sound is empty or not finite.

    Example:
        >>> import torch
        >>> noise = torch.randn(1, 80_000, generator=torch.Generator().manual_seed(0))
        >>> windows_of(Sound(noise, 8_000)).shape, windows_of(Sound(noise, 32_000)).shape
        ((5, 640), (1, 640))
    """
    count = min(MOST_WINDOWS, int(sound.samples.shape[-1] / (WINDOW_S * sound.sample_rate)))
    if count < 2:
        return sketch(sound)[None]
    size = round(WINDOW_S * sound.sample_rate)
    starts = np.linspace(0, sound.samples.shape[-1] - size, count).round().astype(int).tolist()
    parts = [Sound(sound.samples[..., at : at + size], sound.sample_rate) for at in starts]
    return np.stack([sketch(part) for part in parts])


def crowd_of(heard: Sequence[tuple[str, Sketches]]) -> Crowd | None:
    """Puts training sounds together.

    Args:
        heard: Name and windows of each.

    Returns:
        The crowd; None where there is none.
    """
    if not heard:
        return None
    names = tuple(name for name, windows in heard for _ in range(len(windows)))
    return Crowd(np.concatenate([windows for _, windows in heard]), names)
