"""Morph features: what a morph should lead evenly from one sound to the other, as rows of numbers.

Each feature is a row whose straight line from one parent to the other is the way a listener would
call even: octaves, decibels, or what a network makes of the sound.
"""

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool1d

from timbrel.signal.mel import MelBands, to_mel
from timbrel.signal.pitch import pitch_hz
from timbrel.signal.resampling import resample
from timbrel.signal.stft import FrameSpec, magnitude, power

Row = NDArray[np.float64]

RATE_HZ = 16_000  # at which all sounds are heard: bandwidth is no merit of a morph
FRAMES = FrameSpec(n_fft=512, hop_samples=128)
BANDS = MelBands(sample_rate=RATE_HZ, n_fft=512, mels=40, low_hz=40, high_hz=7500)
WIDTH_BANDS = 3.0  # of the bell over neighbouring bands
FLOOR_DB = 60.0
MOMENTS = 32
LOWEST_HZ = 20.0
PARTIALS = 12
PARTIAL_FRAMES = FrameSpec(n_fft=4096, hop_samples=1024)
NEAR_SEMITONES = 0.5  # a partial is looked for so far from where it would be in tune
HEARD_DB = 50.0  # partials so far below the strongest do not count


def heard(sound: Tensor, sample_rate: int) -> Tensor:
    """Brings a sound to the rate at which morphs are judged.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.

    Returns:
        The sound at 16 kHz, [T'].
    """
    return resample(sound.float(), from_hz=sample_rate, to_hz=RATE_HZ)


def brightness(sound: Tensor) -> Row:
    """Measures the centroid of a sound's spectrum on the ear's scale.

    Args:
        sound: A sound at 16 kHz, [T].

    Returns:
        The centroid of the magnitude in octaves above 1 Hz, a row of one.

    Source:
        Peeters, "A large set of audio features for sound description" (2004), section 6.1.1, of the
        whole sound; Grey, "Multidimensional perceptual scaling of musical timbres" (1977), found it
        the strongest dimension of timbre.

    Example:
        >>> tone = torch.sin(2 * math.pi * 1024 / RATE_HZ * torch.arange(16_000))
        >>> round(float(brightness(tone)[0]), 1)
        10.0
    """
    spectra = magnitude(sound[None], FRAMES)[0].double().square().mean(dim=1).sqrt()
    spectra = spectra * (spectra > spectra.max() * 10 ** (-FLOOR_DB / 20))
    hz = torch.arange(FRAMES.bins, dtype=torch.float64) * RATE_HZ / FRAMES.n_fft
    centroid = float((hz * spectra).sum() / spectra.sum().clamp(min=1e-30))
    return np.array([math.log2(max(centroid, LOWEST_HZ))])


def envelope(sound: Tensor) -> Row:
    """Measures how the level of a sound moves, below its own maximum.

    Args:
        sound: A sound at 16 kHz, [T].

    Returns:
        Levels of 32 stretches of equal length in dB, -60 to 0, [32].

    Example:
        >>> bool((envelope(torch.ones(16_000)) == 0).all())
        True
    """
    energy = adaptive_avg_pool1d(sound.double().square()[None], MOMENTS)[0]
    return _below_peak_db(energy)


def spectral_envelope(sound: Tensor) -> Row:
    """Measures how strong each region of a sound's spectrum is, below the strongest.

    Bands are averaged with their neighbours, so that single partials of a note are not seen, and a
    glide from one pitch to another moves only what it must.

    Args:
        sound: A sound at 16 kHz, [T].

    Returns:
        Mean levels of 40 wide bands in dB, -60 to 0, [40].

    Example:
        >>> spectral_envelope(torch.randn(16_000)).shape
        (40,)
    """
    bands = to_mel(power(sound[None], FRAMES), BANDS)[0].double().mean(dim=1)
    apart = torch.arange(BANDS.mels)[:, None] - torch.arange(BANDS.mels)
    bell = torch.exp(-0.5 * (apart / WIDTH_BANDS).double().square())
    return _below_peak_db((bell / bell.sum(dim=1, keepdim=True)) @ bands)


def _below_peak_db(energy: Tensor) -> Row:
    relative = (energy / energy.max().clamp(min=1e-30)).clamp(min=10 ** (-FLOOR_DB / 10))
    return np.asarray((10 * torch.log10(relative)).numpy(), dtype=np.float64)


def inharmonicity(sound: Tensor) -> Row:
    """Measures how far the partials of a sound lie from the multiples of its pitch.

    Args:
        sound: A sound at 16 kHz, [T].

    Returns:
        Mean distance of up to twelve partials from where they would be in tune, by energy, in
        cents, a row of one; NaN where the sound has no pitch.

    Source:
        Peeters 2004, section 6.2.2, in cents instead of Hz over the fundamental, so that high
        partials weigh as the ear weighs them.

    Example:
        >>> time_s = torch.arange(16_000) / RATE_HZ
        >>> tuned = sum(torch.sin(2 * math.pi * 220 * k * time_s) / k for k in range(1, 7))
        >>> float(inharmonicity(tuned)[0]) < 2
        True
    """
    base_hz = pitch_hz(sound, RATE_HZ)
    if math.isnan(base_hz):
        return np.array([math.nan])
    spectrum = magnitude(sound[None], PARTIAL_FRAMES)[0].double().mean(dim=1)
    found = [_partial(spectrum, base_hz * order) for order in range(1, PARTIALS + 1)]
    heights = np.array([height for height, _ in found])
    cents = np.array([off for _, off in found])
    energy = np.where(heights > heights.max() * 10 ** (-HEARD_DB / 20), heights, 0) ** 2
    return np.array([float((energy * np.abs(cents)).sum() / max(energy.sum(), 1e-30))])


def _partial(spectrum: Tensor, near_hz: float) -> tuple[float, float]:
    """The height of the strongest peak near a frequency, and how many cents it is off."""
    bin_hz = RATE_HZ / PARTIAL_FRAMES.n_fft
    ratio = 2 ** (NEAR_SEMITONES / 12)
    low, high = math.ceil(near_hz / ratio / bin_hz), math.floor(near_hz * ratio / bin_hz)
    if high >= len(spectrum) - 1 or low < 1:
        return 0.0, 0.0
    place = low + int(spectrum[low : max(high, low) + 1].argmax())
    left, middle, right = (math.log(float(x) + 1e-30) for x in spectrum[place - 1 : place + 2])
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend < -1e-12 else 0.0
    off = 1200 * math.log2((place + max(-0.5, min(0.5, shift))) * bin_hz / near_hz)
    return float(spectrum[place]), off
