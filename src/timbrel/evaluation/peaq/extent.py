"""Extent: which frames count: those that sound, those late enough, those loud enough."""

import numpy as np
from numpy.typing import NDArray

from timbrel.evaluation.peaq import bands
from timbrel.evaluation.peaq.bands import Array
from timbrel.evaluation.peaq.loudness import loudness_sone

Flags = NDArray[np.bool_]

# Filters over time have settled after half a second; what depends on them is averaged from then.
DELAY_FRAMES = 24

_SUMMED_SAMPLES, _SOUNDING_SUM = 5, 200 / 32768
_LOUD_SONE, _AFTER_LOUD_FRAMES = 0.1, 3
_SMALLEST_ENERGY = 8000 / 32768**2


def sounds(frames: Array) -> Flags:
    """Says which frames hold more than silence: five samples in a row sum to 200 of 32768.

    Args:
        frames: Of the reference, [C, N, FRAME_SAMPLES].

    Returns:
        Whether a frame does, [C, N].

    Source:
        BS.1387-1, annex 2, 5.2.4.4, data boundary.

    Example:
        >>> frames = np.zeros((1, 3, 2048))
        >>> frames[0, 1, 100] = 0.01
        >>> sounds(frames).tolist()
        [[False, True, False]]
    """
    totals = np.cumsum(np.abs(frames), axis=-1)
    sums = totals[..., _SUMMED_SAMPLES:] - totals[..., :-_SUMMED_SAMPLES]
    return np.asarray(sums.max(axis=-1) >= _SOUNDING_SUM, dtype=np.bool_)


def sounding(sounds: Flags) -> slice:
    """Finds the stretch of frames from the first sound in any channel to the last.

    Args:
        sounds: Which frames hold more than silence, [C, N].

    Returns:
        The frames that count; none where all is silent.

    Example:
        >>> sounding(np.array([[False, True, False, False], [False, False, True, False]]))
        slice(1, 3, None)
    """
    numbers = np.flatnonzero(sounds.any(axis=0))
    return slice(int(numbers[0]), int(numbers[-1]) + 1) if len(numbers) else slice(0, 0)


def settled(heard: slice) -> slice:
    """Leaves out the first half second of the sound.

    Args:
        heard: The frames that sound.

    Returns:
        Those of them from the 25th frame of the sound on.

    Source:
        BS.1387-1, annex 2, 5.2.4.1, delayed averaging.

    Example:
        >>> settled(slice(0, 100))
        slice(24, 100, None)
    """
    return slice(max(heard.start, DELAY_FRAMES), heard.stop)


def loud(late: slice, reference: Array, test: Array) -> slice:
    """Leaves out what comes before both sounds have become loud.

    Args:
        late: The frames that would count otherwise.
        reference: Lasting excitation, [C, N, BANDS].
        test: Lasting excitation, [C, N, BANDS].

    Returns:
        Those from 64 ms after both first had 0.1 sone in one channel; none if they never had.

    Source:
        BS.1387-1, annex 2, 5.2.4.2, loudness threshold.
    """
    both = (loudness_sone(reference) > _LOUD_SONE) & (loudness_sone(test) > _LOUD_SONE)
    numbers = np.flatnonzero(both.any(axis=0))
    start = int(numbers[0]) + _AFTER_LOUD_FRAMES if len(numbers) else late.stop
    return slice(max(late.start, start), late.stop)


def energetic(reference: Array, test: Array) -> Flags:
    """Says which frames have energy enough to have harmonics, in one of the two sounds.

    Args:
        reference: [C, N, FRAME_SAMPLES].
        test: [C, N, FRAME_SAMPLES].

    Returns:
        Whether the later half of a frame does, [C, N].

    Source:
        BS.1387-1, annex 2, 5.2.4.3, energy threshold.
    """
    energies = [
        (frames[..., bands.HOP_SAMPLES :] ** 2).sum(axis=-1) for frames in (reference, test)
    ]
    return np.asarray(np.maximum(*energies) >= _SMALLEST_ENERGY, dtype=np.bool_)
