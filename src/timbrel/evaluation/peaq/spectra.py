"""What is read from single frames: band powers, noise, bandwidth, harmonics, whether they sound."""

from dataclasses import dataclass

import numpy as np

from timbrel.evaluation.peaq import bands, ear, extent
from timbrel.evaluation.peaq.bands import Array
from timbrel.evaluation.peaq.extent import Flags
from timbrel.evaluation.peaq.harmonics import error_harmonics

_BLOCK_FRAMES = 256

_FIRST_SILENT_BIN, _LAST_SILENT_BIN = 921, 1023
_AUDIBLE_REFERENCE, _AUDIBLE_TEST = 10.0, 10**0.5  # 10 dB and 5 dB above what is silent


@dataclass(frozen=True)
class Readings:
    """What a pair tells frame by frame, without memory.

    Attributes:
        reference: Band powers of the reference, [C, N, BANDS].
        test: Band powers of the test, [C, N, BANDS].
        noise: Band powers of their difference, [C, N, BANDS].
        bandwidth_reference: Of the reference in bins, [C, N].
        bandwidth_test: Of the test in bins, [C, N].
        harmonics: Error harmonic structure, [C, N].
        sounds: Whether the reference holds more than silence, [C, N].
        energetic: Whether one of the two has energy enough to have harmonics, [C, N].
    """

    reference: Array
    test: Array
    noise: Array
    bandwidth_reference: Array
    bandwidth_test: Array
    harmonics: Array
    sounds: Flags
    energetic: Flags


def read(reference: Array, test: Array) -> Readings:
    """Reads the frames of a pair, some at once: their spectra are large, what they tell is not.

    Args:
        reference: Frames, [C, N, FRAME_SAMPLES].
        test: Frames, [C, N, FRAME_SAMPLES].

    Returns:
        What they tell, together.
    """
    starts = range(0, reference.shape[1], _BLOCK_FRAMES)
    parts = [_block(*(x[:, k : k + _BLOCK_FRAMES] for x in (reference, test))) for k in starts]
    return Readings(*(np.concatenate(column, axis=1) for column in zip(*parts, strict=True)))


def _block(reference: Array, test: Array) -> tuple[Array | Flags, ...]:
    extents = extent.sounds(reference), extent.energetic(reference, test)
    ours, theirs = ear.power_spectra(reference), ear.power_spectra(test)
    widths = bandwidths(ours, theirs)
    weight = bands.ear_weight()
    ours, theirs = ours * weight, theirs * weight
    noise = (np.sqrt(ours) - np.sqrt(theirs)) ** 2
    powers = [ear.band_powers(spectra) for spectra in (ours, theirs, noise)]
    return *powers, *widths, error_harmonics(ours, theirs), *extents


def bandwidths(reference: Array, test: Array) -> tuple[Array, Array]:
    """Finds the highest bin of each frame that stands out of what is silent above 21.6 kHz.

    Args:
        reference: Powers of bins, [C, N, BINS].
        test: Powers of bins, [C, N, BINS].

    Returns:
        Numbers of bins of reference and test, 0 where nothing stands out, [C, N] each.

    Source:
        BS.1387-1, annex 2, 4.4: 10 dB for the reference, 5 dB for the test, which is looked at
        below the reference's bandwidth only.
    """
    silent = test[..., _FIRST_SILENT_BIN : _LAST_SILENT_BIN + 1].max(axis=-1, keepdims=True)
    numbers = np.arange(1, _FIRST_SILENT_BIN + 1)
    ours, theirs = reference[..., :_FIRST_SILENT_BIN], test[..., :_FIRST_SILENT_BIN]
    wide = np.where(ours > _AUDIBLE_REFERENCE * silent, numbers, 0).max(axis=-1)
    heard = (theirs >= _AUDIBLE_TEST * silent) & (theirs > 0) & (numbers <= wide[..., None])
    return wide, np.where(heard, numbers, 0).max(axis=-1)
