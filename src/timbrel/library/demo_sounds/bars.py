"""Bars and blocks: wooden percussion, and the tuned bars that mallets play."""

import numpy as np

from timbrel.library.demo_sounds import Samples
from timbrel.library.demo_sounds.finish import peak_of
from timbrel.library.demo_sounds.kit import Strike
from timbrel.library.demo_sounds.modes import FREE_BAR, MARIMBA, VIBRAPHONE, XYLOPHONE, modal
from timbrel.library.demo_sounds.noise import burst, ring
from timbrel.library.demo_sounds.oscillators import times


def wooden(strike: Strike) -> Samples:
    """Claves, wood block, temple block or castanets: short bars, and cavities that they excite.

    Args:
        strike: The stroke.

    Returns:
        Samples, [T].
    """
    sound = (_claves, _block, _castanets)[strike.one_of(3, 5, 2)]
    return sound(strike)


def _claves(strike: Strike) -> Samples:
    decay_s = strike.seconds(0.05, 0.16)
    t = times(1.5 * decay_s + 0.02)
    hz = strike.hz(1500.0, 3200.0) * FREE_BAR[:3]
    body = modal(
        hz, [1.0, strike.between(0.05, 0.5), 0.1], decay_s * np.array([1, 0.5, 0.3]), len(t)
    )
    return body / peak_of(body) + _knock(strike, t)


def _block(strike: Strike) -> Samples:
    """A hollow block: the bar's modes, and a cavity that rings with the knock."""
    decay_s = strike.seconds(0.05, 0.2)
    t = times(1.5 * decay_s + 0.03)
    low_hz = strike.hz(350.0, 1300.0)
    ratios = FREE_BAR[:4] * strike.rng.uniform(0.85, 1.1, 4)
    strengths = strike.rng.uniform(0.2, 1.0, 4) / ratios
    bar = modal(low_hz * ratios, strengths, decay_s * ratios**-0.7, len(t))
    knock = _knock(strike, t)
    cavity = ring(knock, low_hz * strike.between(0.9, 1.5), strike.ratio(0.02, 0.08))
    return bar / peak_of(bar) + strike.between(0.2, 0.8) * cavity / peak_of(cavity) + knock


def _castanets(strike: Strike) -> Samples:
    """Two shells that meet once, or several times in a roll."""
    count = int(strike.rng.integers(1, 5))
    gap_s = strike.ratio(0.025, 0.07)
    t = times(count * gap_s + 0.12)
    total = np.zeros(len(t))
    low_hz = strike.hz(1100.0, 2200.0)
    for start_s in np.arange(count) * gap_s:
        start = round(start_s * len(t) / (t[-1] + t[1]))
        hz = low_hz * np.array([1.0, 1.34, 2.1, 3.3]) * strike.rng.uniform(0.97, 1.03, 4)
        click = modal(hz, strike.rng.uniform(0.3, 1.0, 4), strike.ratio(0.02, 0.05), len(t) - start)
        total[start:] += strike.between(0.5, 1.0) * click / peak_of(click)
    return total + _knock(strike, t)


def _knock(strike: Strike, t: Samples) -> Samples:
    """The contact noise of a stick."""
    low_hz = strike.corner_hz(500.0, 2000.0)
    return strike.ratio(0.05, 0.5) * burst(
        strike, t, low_hz=low_hz, high_hz=5.0 * low_hz, decay_s=strike.ratio(0.005, 0.02)
    )


def mallet_drum(strike: Strike) -> Samples:
    """Vibraphone, marimba, xylophone or glockenspiel, soft or hard, at the pitch of the stroke.

    Args:
        strike: The stroke; its pitch is the bar's lowest mode.

    Returns:
        Samples, [T].
    """
    manner = strike.one_of(3, 4, 2, 2)
    ratios = (VIBRAPHONE, MARIMBA, XYLOPHONE, FREE_BAR)[manner]
    decay_s = strike.seconds(*((1.5, 4.0), (0.35, 1.2), (0.25, 0.7), (1.2, 3.0))[manner])
    decay_s *= (261.6 / strike.pitch_hz) ** 0.5
    t = times(1.1 * decay_s)
    hardness_hz = strike.corner_hz(900.0, 6000.0) + strike.pitch_hz
    hz = strike.pitch_hz * ratios
    strengths = strike.rng.uniform(0.3, 1.0, len(ratios)) * np.exp(-hz / hardness_hz)
    strengths[0] = 1.2 * np.exp(-hz[0] / hardness_hz)
    bar = modal(hz, strengths, decay_s * ratios ** -strike.between(0.7, 1.3), len(t))
    if manner == 0:
        depth, rate_hz = strike.between(0.0, 0.45), strike.between(3.0, 7.0)
        bar *= 1.0 - depth * (0.5 - 0.5 * np.cos(2.0 * np.pi * rate_hz * t))
    felt = burst(strike, t, low_hz=200.0, high_hz=hardness_hz, decay_s=0.02)
    return bar / peak_of(bar) + strike.ratio(0.01, 0.15) * felt
