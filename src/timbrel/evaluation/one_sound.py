"""One sound or two: does a morph have a single pitch and a single onset, as its parents have?

A crossfade of two pitches is two notes at once, and of two onsets two strokes, however evenly it
moves: these numbers tell it from a morph.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel.evaluation.morph_features import RATE_HZ
from timbrel.signal.mel import MelBands, to_mel
from timbrel.signal.stft import FrameSpec, magnitude, power

PERIODS = 8  # of the lower pitch in a window, so that the partials of two notes stand apart
SHORTEST_S, LONGEST_S = 0.064, 0.256
PEAK_DB = 40.0  # peaks so far below the frame's strongest do not count
QUIET_DB = 30.0  # frames so far below the loudest do not count
HIGHEST_HZ = 5000.0
TOLERANCE_CENTS = 35.0
WIDEST = 0.15  # of the fundamental, that a partial may be off
RANGE_CENTS, STEP_CENTS = 120, 10  # beyond the parents' pitches, and between two tries

ONSET_FRAMES = FrameSpec(n_fft=512, hop_samples=80)  # 32 ms, every 5 ms
ONSET_BANDS = MelBands(sample_rate=RATE_HZ, n_fft=512, mels=24, low_hz=40, high_hz=7500)
RISE_FRAMES = 4  # 20 ms
RISE = 0.12  # of the loudest moment's loudness, that an onset rises
APART_FRAMES = 8  # 40 ms: nearer than that two onsets are heard as one
LOUDNESS = 0.3  # power law of loudness over energy

FloatArray = NDArray[np.float64]


def second_pitch(sound: Tensor, low_hz: float, high_hz: float) -> float:
    """Measures how much of a sound's tones no single harmonic series explains.

    In each frame spectral peaks are found; of all fundamentals from the lower pitch to the higher
    one, the series that explains most of their amplitude is taken, and the rest is a second
    pitch, partials out of tune, or noise. Fundamentals below the lower pitch are not tried: a
    series low enough explains everything.

    Args:
        sound: A sound at 16 kHz, [T].
        low_hz: The pitch of the lower parent.
        high_hz: The pitch of the higher parent.

    Returns:
        Share of the peaks' amplitude, 0 to 1, over frames by loudness; NaN for silence.

    Source:
        After the harmonic sum of Klapuri, "Multiple fundamental frequency estimation by summing
        harmonic amplitudes" (2006), whose residual tells whether there is another note.

    Example:
        >>> t = torch.arange(8000) / RATE_HZ
        >>> a, b = (sum(torch.sin(6.2832 * f * k * t) for k in range(1, 6)) for f in (220, 330))
        >>> second_pitch(a, 220, 330) < 0.05, second_pitch(a + b, 220, 330) > 0.3
        (True, True)
    """
    frames = _frames(low_hz)
    spectra = magnitude(sound[None], frames)[0].double().numpy()
    tries = _candidates(low_hz, high_hz)
    found = [_unexplained(spectrum, frames, tries) for spectrum in _loud(spectra)]
    weights = np.array([weight for weight, _ in found])
    if not weights.sum() > 0:
        return math.nan
    return float((weights * np.array([rest for _, rest in found])).sum() / weights.sum())


def _frames(low_hz: float) -> FrameSpec:
    window_s = min(max(PERIODS / low_hz, SHORTEST_S), LONGEST_S)
    n_fft = 2 ** round(math.log2(window_s * RATE_HZ))
    return FrameSpec(n_fft=n_fft, hop_samples=n_fft // 2)


def _candidates(low_hz: float, high_hz: float) -> FloatArray:
    low, high = sorted((low_hz, high_hz))
    reach = 1200 * math.log2(high / low) + RANGE_CENTS
    cents = np.arange(-RANGE_CENTS, reach + STEP_CENTS, STEP_CENTS)
    return np.asarray(low * 2 ** (cents / 1200))


def _loud(spectra: FloatArray) -> FloatArray:
    """The frames [N, F] that are not too quiet to tell."""
    energy = (spectra**2).sum(axis=0)
    return np.asarray(spectra.T[energy > energy.max() * 10 ** (-QUIET_DB / 10)])


def _unexplained(spectrum: FloatArray, frames: FrameSpec, tries: FloatArray) -> tuple[float, float]:
    """The amplitude of a frame's peaks, and the share that the best series leaves."""
    hz, heights = peaks(spectrum, RATE_HZ / frames.n_fft)
    kept = hz < HIGHEST_HZ
    hz, heights = hz[kept], heights[kept]
    total = float(heights.sum())
    if not total > 0:
        return 0.0, 0.0
    orders = np.maximum(np.round(hz[None] / tries[:, None]), 1)
    off_hz = np.abs(hz[None] - orders * tries[:, None])
    allowed = np.minimum(hz[None] * (2 ** (TOLERANCE_CENTS / 1200) - 1), WIDEST * tries[:, None])
    bin_hz = RATE_HZ / frames.n_fft
    explained = ((off_hz <= np.maximum(allowed, bin_hz / 2)) * heights[None]).sum(axis=1)
    return total, 1 - float(explained.max()) / total


def peaks(spectrum: FloatArray, bin_hz: float) -> tuple[FloatArray, FloatArray]:
    """Finds the peaks of a spectrum within 40 dB of its largest.

    Args:
        spectrum: Magnitudes, [F].
        bin_hz: Distance of two bins in Hz.

    Returns:
        Frequencies in Hz, between bins by the parabola through three levels, and magnitudes.

    Source:
        Smith and Serra, "PARSHL" (1987), section 5.

    Example:
        >>> hz, heights = peaks(np.array([0.0, 0.5, 1.0, 0.5, 0.0]), 10.0)
        >>> hz.tolist(), heights.tolist()
        ([20.0], [1.0])
    """
    middle = spectrum[1:-1]
    floor = spectrum.max() * 10 ** (-PEAK_DB / 20)
    places = np.flatnonzero(
        (middle > spectrum[:-2]) & (middle >= spectrum[2:]) & (middle > floor)
    ) + 1  # fmt: skip
    levels = np.log(np.maximum(spectrum, 1e-30))
    left, centre, right = levels[places - 1], levels[places], levels[places + 1]
    bend = np.minimum(left - 2 * centre + right, -1e-9)
    shift = np.clip(0.5 * (left - right) / bend, -0.5, 0.5)
    return (places + shift) * bin_hz, spectrum[places]


def onsets_s(sound: Tensor) -> list[float]:
    """Finds the moments at which something begins.

    The loudness of 24 mel bands, each by the power law of the ear, is followed every 5 ms; an
    onset is where their sum of rises over 20 ms is at its highest and more than an eighth of the
    loudest moment.

    Args:
        sound: A sound at 16 kHz, [T].

    Returns:
        Their times in s, in order; two within 40 ms count as one.

    Source:
        Klapuri, "Sound onset detection by applying psychoacoustic knowledge" (1999): rises of
        compressed bands; Böck and Widmer, "Maximum filter vibrato suppression for onset detection"
        (2013): the difference over several frames.

    Example:
        >>> hit = torch.exp(-torch.arange(8000) / 800.0) * torch.sin(0.3 * torch.arange(8000))
        >>> len(onsets_s(hit))
        1
    """
    bands = to_mel(power(sound[None], ONSET_FRAMES), ONSET_BANDS)[0].double().clamp(min=0)
    loudness = torch.nn.functional.pad(bands**LOUDNESS, (RISE_FRAMES, 0))
    peak = float(loudness.sum(dim=0).max())
    if not peak > 0:
        return []
    rise = (loudness[:, RISE_FRAMES:] - loudness[:, :-RISE_FRAMES]).clamp(min=0).sum(dim=0) / peak
    around = torch.nn.functional.max_pool1d(
        rise[None, None], 2 * APART_FRAMES + 1, stride=1, padding=APART_FRAMES
    )[0, 0]
    places = torch.nonzero((rise == around) & (rise > RISE))[:, 0].tolist()
    hop_s = ONSET_FRAMES.hop_samples / RATE_HZ
    return [place * hop_s for place in places]
