"""Metals: hi-hat, cymbal, and what is struck beside the drums: cowbell, agogô, triangle, bell."""

import numpy as np

from timbrel.library.demo_sounds import Samples
from timbrel.library.demo_sounds.finish import peak_of
from timbrel.library.demo_sounds.kit import Strike
from timbrel.library.demo_sounds.modes import BELL, FREE_BAR, damping, modal
from timbrel.library.demo_sounds.noise import airy, band, burst
from timbrel.library.demo_sounds.oscillators import fall, rise, squares, times

# The six squares of the TR-808: K. J. Werner, J. S. Abel, J. O. Smith, The TR-808 Cymbal: a
# Physically-Informed, Circuit-Bendable, Digital Model, ICMC 2014.
_SQUARES_HZ = np.array([205.3, 304.4, 369.6, 522.7, 540.0, 800.0])


def hi_hat(strike: Strike) -> Samples:
    """A hi-hat: mostly closed, often open, at times somewhere between.

    Args:
        strike: The stroke.

    Returns:
        Samples, [T].
    """
    bounds = ((0.0, 0.15), (0.15, 0.5), (0.6, 1.0))[strike.one_of(5, 2, 3)]
    return hi_hat_open(strike, strike.between(*bounds))


def hi_hat_open(strike: Strike, openness: float) -> Samples:
    """A hi-hat of a given opening: squares, ring modulation and noise above a high-pass.

    Args:
        strike: The stroke.
        openness: 0 (closed, 40 to 120 ms) to 1 (open, about a second).

    Returns:
        Samples, [T].
    """
    decay_s = strike.seconds(0.04, 0.12) * 12.0**openness
    t = times(1.1 * decay_s + 0.02)
    metal = _metal(strike, t)
    hiss = strike.rng.standard_normal(len(t))
    mixed = metal / np.std(metal) + strike.ratio(0.15, 2.0) * hiss
    envelope = fall(t, decay_s) * rise(t, strike.ratio(0.0001, 0.002 + 0.004 * openness))
    hat = band(mixed * envelope, strike.corner_hz(4800.0, 9000.0), order=4)
    stick = burst(strike, t, low_hz=3500.0, high_hz=14000.0, decay_s=0.01)
    return hat / peak_of(hat) + strike.between(0.0, 0.5) * stick


def _metal(strike: Strike, t: Samples) -> Samples:
    tuned_hz = _SQUARES_HZ * strike.hz(0.8, 1.6) * strike.rng.uniform(0.96, 1.04, 6)
    cluster = squares(t, list(tuned_hz), strike.rng)
    if strike.one_of(1, 1):
        return cluster
    carrier_hz = strike.hz(3000.0, 8000.0)
    return cluster * np.sin(2.0 * np.pi * carrier_hz * t + 3.0 * cluster)


def cymbal(strike: Strike) -> Samples:
    """Crash, ride or splash: hundreds of plate modes and a noise whose highs bloom and die first.

    A thin plate has as many modes in every hertz, so their frequencies are drawn evenly.

    Args:
        strike: The stroke.

    Returns:
        Samples, [T].
    """
    manner = strike.one_of(5, 4, 2)
    low_s, high_s = ((1.8, 5.0), (2.5, 6.0), (0.7, 1.5))[manner]
    decay_s = strike.seconds(low_s, high_s)
    t = times(min(1.1 * decay_s, 2.0))
    lowest_hz = strike.hz(180.0, 420.0)
    hz = np.sort(strike.rng.uniform(lowest_hz, strike.corner_hz(11000.0, 16000.0), 320))
    strengths = strike.rng.standard_normal(320) * (hz / 3000.0) ** strike.between(-0.7, 0.4)
    decays_s = damping(hz, decay_s=decay_s, corner_hz=strike.corner_hz(3500.0, 9000.0), slope=1.2)
    plate = modal(hz, strengths, decays_s * strike.rng.uniform(0.5, 1.3, 320), len(t))
    wash = _wash(strike, t, decay_s)
    ping = burst(strike, t, low_hz=2500.0, high_hz=9000.0, decay_s=0.03)
    washed, pinged = ((0.9, 0.15), (0.25, 0.7), (0.8, 0.2))[manner]
    return plate / peak_of(plate) + washed * wash + strike.between(0.5, 1.5) * pinged * ping


def _wash(strike: Strike, t: Samples, decay_s: float) -> Samples:
    """Energy climbs from low modes to high ones for some milliseconds, then the highs die first."""
    bloom = rise(t, strike.ratio(0.002, 0.03))
    noise = airy(strike, t, split_hz=6000.0, low_s=0.6 * decay_s, high_s=0.35 * decay_s)
    wash = band(noise * bloom, strike.corner_hz(1500.0, 4500.0))
    return wash / peak_of(wash)


def metallic(strike: Strike) -> Samples:
    """Cowbell, agogô, triangle or bell.

    Args:
        strike: The stroke.

    Returns:
        Samples, [T].
    """
    return (_cowbell, _agogo, _triangle, _bell)[strike.one_of(3, 3, 3, 2)](strike)


def _cowbell(strike: Strike) -> Samples:
    """Two squares, 540 and 800 Hz in the drum machine, with a fast and a slow decay."""
    decay_s = strike.seconds(0.2, 0.7)
    t = times(1.1 * decay_s)
    low_hz = strike.hz(420.0, 700.0)
    pair = squares(t, [low_hz, low_hz * strike.between(1.42, 1.55)], strike.rng)
    envelope = 0.6 * fall(t, 0.06) + 0.4 * fall(t, decay_s)
    return band(pair * envelope, 0.9 * low_hz, strike.ratio(3.0, 9.0) * low_hz, order=1)


def _agogo(strike: Strike) -> Samples:
    decay_s = strike.seconds(0.25, 0.9)
    t = times(1.1 * decay_s)
    ratios = np.array([1.0, 1.47, 2.35, 2.82, 3.9, 5.1, 6.7]) * strike.rng.uniform(0.97, 1.03, 7)
    hz = strike.hz(480.0, 1100.0) * ratios
    strengths = strike.rng.uniform(0.2, 1.0, 7) * ratios ** -strike.between(0.2, 1.2)
    body = modal(hz, strengths, decay_s * ratios**-0.6, len(t))
    return body / peak_of(body) + _tip(strike, t)


def _triangle(strike: Strike) -> Samples:
    decay_s = strike.seconds(0.8, 3.5)
    t = times(min(1.1 * decay_s, 2.0))
    ratios = np.concatenate([FREE_BAR, FREE_BAR[1:] * 1.31, FREE_BAR[1:5] * 1.72])
    hz = strike.hz(900.0, 1700.0) * ratios * strike.rng.uniform(0.97, 1.03, len(ratios))
    strengths = strike.rng.uniform(0.1, 1.0, len(ratios))
    strengths[0] = 0.15
    body = modal(hz, strengths, decay_s * ratios**-0.35, len(t))
    return body / peak_of(body) + _tip(strike, t)


def _bell(strike: Strike) -> Samples:
    decay_s = strike.seconds(0.7, 2.5)
    t = times(min(1.1 * decay_s, 2.0))
    ratios = np.concatenate([BELL, BELL * strike.between(1.001, 1.004)])  # doublets beat
    strengths = strike.rng.uniform(0.2, 1.0, len(ratios)) * ratios ** -strike.between(0.0, 0.8)
    body = modal(strike.hz(450.0, 1100.0) * ratios, strengths, decay_s * ratios**-0.7, len(t))
    return body / peak_of(body) + _tip(strike, t)


def _tip(strike: Strike, t: Samples) -> Samples:
    """The contact of the beater."""
    return strike.ratio(0.05, 0.5) * burst(
        strike, t, low_hz=strike.corner_hz(2000.0, 4000.0), high_hz=14000.0, decay_s=0.01
    )
