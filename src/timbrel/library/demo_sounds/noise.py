"""Noises of the demo sounds: filtered, bursting, ringing, and made of grains."""

import numpy as np
from scipy.signal import butter, lfilter, sosfilt

from timbrel.library.demo_sounds import SAMPLE_RATE, Samples
from timbrel.library.demo_sounds.kit import Strike
from timbrel.library.demo_sounds.oscillators import fall

_HIGHEST_HZ = 0.45 * SAMPLE_RATE


def band(samples: Samples, low_hz: float, high_hz: float = 0.0, *, order: int = 2) -> Samples:
    """Keeps a band of frequencies (Butterworth).

    Args:
        samples: What to filter, [T].
        low_hz: Lower corner; 0 keeps everything below the upper one.
        high_hz: Upper corner; 0 keeps everything above the lower one.
        order: Of the slope on each side, 6 dB an octave each.

    Returns:
        Samples, [T].
    """
    high_hz = min(high_hz, _HIGHEST_HZ)
    if low_hz and high_hz:
        corners, kind = (min(low_hz, 0.8 * high_hz), high_hz), "bandpass"
    else:
        corners, kind = (low_hz or high_hz,) * 2, "highpass" if low_hz else "lowpass"
    wanted = corners if kind == "bandpass" else corners[0]
    sections = butter(order, wanted, kind, fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(sections, samples))


def ring(samples: Samples, hz: float, decay_s: float) -> Samples:
    """Lets a two-pole resonator ring with a sound.

    Args:
        samples: What excites it, [T].
        hz: Its frequency.
        decay_s: Time in which it falls by 60 dB.

    Returns:
        Samples, [T], of about the level that went in where that was noise.
    """
    radius = 0.001 ** (1.0 / (decay_s * SAMPLE_RATE))
    angle = 2.0 * np.pi * min(hz, _HIGHEST_HZ) / SAMPLE_RATE
    gain = np.sin(angle) * (1.0 - radius**2) / np.sqrt(1.0 - radius)
    poles = [1.0, -2.0 * radius * np.cos(angle), radius**2]
    return np.asarray(lfilter([gain], poles, samples))


def burst(strike: Strike, t: Samples, *, low_hz: float, high_hz: float, decay_s: float) -> Samples:
    """A burst of noise in a band, its loudest sample at 1.

    Args:
        strike: The stroke it belongs to.
        t: Seconds, [T]; the burst begins at 0.
        low_hz: Lower corner of its band.
        high_hz: Upper corner.
        decay_s: Time in which it falls by 60 dB.

    Returns:
        Samples, [T].
    """
    noise = band(strike.rng.standard_normal(len(t)), low_hz, high_hz) * fall(t, decay_s)
    return np.asarray(noise / max(float(np.abs(noise).max()), 1e-9))


def grains(strike: Strike, t: Samples, *, rate_hz: Samples, loudness: Samples) -> Samples:
    """Beads that hit the wall of their shell at random: many small impulses.

    Args:
        strike: The stroke it belongs to.
        t: Seconds, [T].
        rate_hz: How many hits a second there are at each time, [T].
        loudness: How strong they are at each time, [T].

    Returns:
        Impulses, [T]; give them to `ring` or `band` to be heard as a shell.

    Source: P. R. Cook, Physically Informed Sonic Modeling (PhISM), ICMC 1996, section on PhISEM.
    """
    hits = strike.rng.random(len(t)) < rate_hz / SAMPLE_RATE
    return hits * strike.rng.standard_normal(len(t)) * loudness


def airy(strike: Strike, t: Samples, *, split_hz: float, low_s: float, high_s: float) -> Samples:
    """Noise whose highs die before its lows, or after them.

    Args:
        strike: The stroke it belongs to.
        t: Seconds, [T].
        split_hz: Where lows end and highs begin.
        low_s: Time in which the lows fall by 60 dB.
        high_s: Time in which the highs fall by 60 dB.

    Returns:
        Samples, [T].
    """
    noise = strike.rng.standard_normal(len(t))
    lows = band(noise, 0.0, split_hz, order=1)
    return lows * fall(t, low_s) + (noise - lows) * fall(t, high_s)
