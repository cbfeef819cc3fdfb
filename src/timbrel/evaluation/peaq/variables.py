"""The model output variables: eleven numbers that say how a test sound differs."""

from dataclasses import astuple, dataclass

import numpy as np

from timbrel.evaluation.peaq import averages, bands, ear, extent, spectra
from timbrel.evaluation.peaq.bands import Array
from timbrel.evaluation.peaq.detection import detection
from timbrel.evaluation.peaq.ear import Excitation
from timbrel.evaluation.peaq.extent import Flags
from timbrel.evaluation.peaq.loudness import noise_loudness
from timbrel.evaluation.peaq.patterns import Modulation, adapted, modulation

_NARROWEST_BINS = 346
_DISTURBED = 10**0.15
_LEVEL_WEIGHT = 100.0


@dataclass(frozen=True)
class Variables:
    """The model output variables of the basic version, averaged over frames and channels.

    Attributes:
        bandwidth_reference: In FFT bins of 23.4 Hz.
        bandwidth_test: In FFT bins.
        total_noise_to_mask_db: How far the error stands above what the reference masks, in dB.
        windowed_modulation_difference: Differences of envelopes, short bursts weighing more.
        distorted_block: Decimal logarithm of the just noticeable steps a distorted frame has.
        error_harmonics: Whether the error has partials of its own, times 1000.
        modulation_difference: Differences of envelopes, on average.
        modulation_difference_added: The same, where modulation was rather added than lost.
        noise_loudness: Partial loudness of what was added, root mean square.
        detection_probability: The highest, smoothed over time, 0 to 1.
        disturbed_frames: The share of frames with an error 1.5 dB above the mask, 0 to 1.
    """

    bandwidth_reference: float
    bandwidth_test: float
    total_noise_to_mask_db: float
    windowed_modulation_difference: float
    distorted_block: float
    error_harmonics: float
    modulation_difference: float
    modulation_difference_added: float
    noise_loudness: float
    detection_probability: float
    disturbed_frames: float

    def as_array(self) -> Array:
        """Gives the numbers in the order of the standard's network, [11]."""
        return np.array(astuple(self), dtype=np.float64)


def measure(reference: Array, test: Array) -> Variables:
    """Measures the model output variables of a pair.

    Args:
        reference: The sound as it should be, [C, T] at 48 kHz.
        test: The sound to judge, [C, T].

    Returns:
        The variables; not a number where no frame counts for one.

    Source:
        BS.1387-1, annex 2, sections 4 and 5, table 9.
    """
    readings = spectra.read(ear.framed(reference), ear.framed(test))
    heard = extent.sounding(readings.sounds)
    ours, theirs = ear.excitation(readings.reference), ear.excitation(readings.test)
    moving = modulation(ours.at_once), modulation(theirs.at_once)
    late = extent.settled(heard)
    to_mask = _noise_to_mask(readings.noise, ours.lasting)[:, heard]
    differences, weights = _modulation_differences(*moving)
    wide = (readings.bandwidth_reference[:, heard] > _NARROWEST_BINS).astype(np.float64)
    detected = detection(ours.lasting[:, heard], theirs.lasting[:, heard])
    return Variables(
        bandwidth_reference=_bandwidth(readings.bandwidth_reference[:, heard], wide),
        bandwidth_test=_bandwidth(readings.bandwidth_test[:, heard], wide),
        total_noise_to_mask_db=averages.mean_db(to_mask.mean(axis=-1)),
        windowed_modulation_difference=averages.windowed(differences[0][:, late]),
        distorted_block=averages.distorted_block(*detected),
        error_harmonics=_harmonics(readings.harmonics[:, heard], readings.energetic[:, heard]),
        modulation_difference=averages.mean(differences[0][:, late], weights[:, late]),
        modulation_difference_added=averages.mean(differences[1][:, late], weights[:, late]),
        noise_loudness=_noise_loudness(late, ours, theirs, *moving),
        detection_probability=averages.highest_smoothed(detected[0]),
        disturbed_frames=averages.mean(to_mask.max(axis=-1) > _DISTURBED),
    )


def _bandwidth(widths: Array, wide: Array) -> float:
    """Averages over the frames whose reference is wide; where none is, the width says nothing."""
    counted = wide.sum(axis=-1)
    mean = (widths * wide).sum(axis=-1) / np.maximum(counted, 1)
    return float(np.where(counted > 0, mean, _NARROWEST_BINS).mean())


def _noise_to_mask(noise: Array, reference: Array) -> Array:
    """Divides the error in each band by what the reference masks there, [C, N, BANDS]."""
    bark = bands.BAND_BARK * np.arange(bands.BANDS)
    offset_db = np.where(bark <= 12, 3.0, 0.25 * bark)
    return np.asarray(noise / reference * 10 ** (offset_db / 10), dtype=np.float64)


def _modulation_differences(ours: Modulation, theirs: Modulation) -> tuple[list[Array], Array]:
    """Gives both kinds of modulation difference of each frame, and how much a frame counts."""
    change = np.abs(theirs.depth - ours.depth)
    both = change / (1 + ours.depth)
    added = np.where(theirs.depth >= ours.depth, 1.0, 0.1) * change / (0.01 + ours.depth)
    level = _LEVEL_WEIGHT * bands.internal_noise() ** 0.3
    weights = (ours.loudness / (ours.loudness + level)).sum(axis=-1)
    return [100 * both.mean(axis=-1), 100 * added.mean(axis=-1)], weights


def _harmonics(harmonics: Array, energetic: Flags) -> float:
    counted = np.broadcast_to(np.any(energetic, axis=0), harmonics.shape).astype(np.float64)
    return 1000 * averages.mean(harmonics, counted)


def _noise_loudness(
    late: slice, ours: Excitation, theirs: Excitation, of_ours: Modulation, of_theirs: Modulation
) -> float:
    noises = noise_loudness(*adapted(ours.lasting, theirs.lasting), of_ours, of_theirs)
    loud = extent.loud(late, ours.lasting, theirs.lasting)
    return averages.root_mean_square(noises[:, loud])
