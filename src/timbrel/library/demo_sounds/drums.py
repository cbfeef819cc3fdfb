"""Skins and hands: kick, snare, tom, hand drum, clap, and the shaker that goes with them."""

import numpy as np

from timbrel.library.demo_sounds import Samples
from timbrel.library.demo_sounds.finish import peak_of, saturate
from timbrel.library.demo_sounds.kit import Strike
from timbrel.library.demo_sounds.modes import MEMBRANE, bent, modal
from timbrel.library.demo_sounds.noise import airy, band, burst, grains, ring
from timbrel.library.demo_sounds.oscillators import fall, rise, sine, sweep, times


def kick(strike: Strike) -> Samples:
    """A sine that falls in pitch, driven, with the click of a beater and, at times, a shell.

    Args:
        strike: The stroke.

    Returns:
        Samples, [T].
    """
    decay_s = strike.seconds(0.2, 1.1)
    t = times(1.1 * decay_s)
    end_hz = strike.hz(42.0, 62.0)
    hz = sweep(
        t, start_hz=end_hz * strike.ratio(2.0, 7.0), end_hz=end_hz, fall_s=strike.ratio(0.006, 0.04)
    )
    hz += sweep(t, start_hz=end_hz * strike.between(0.0, 0.4), end_hz=0.0, fall_s=0.12)
    body = saturate(sine(hz) * fall(t, decay_s), strike.between(0.0, 3.5))
    click = burst(
        strike,
        t,
        low_hz=strike.corner_hz(400.0, 2500.0),
        high_hz=strike.corner_hz(3000.0, 12000.0),
        decay_s=strike.ratio(0.006, 0.05),
    )
    shell = bent(MEMBRANE[1:6], strike.rng.uniform(0.2, 1.0, 5), 0.35 * decay_s, hz)
    acoustic = strike.one_of(1.0, 1.0)
    return body + strike.ratio(0.04, 0.5) * click + acoustic * strike.between(0.05, 0.2) * shell


def snare(strike: Strike) -> Samples:
    """Two modes of a shell and the noise of the wires beneath it: struck, on the rim, or brushed.

    Args:
        strike: The stroke.

    Returns:
        Samples, [T].
    """
    manner = strike.one_of(6, 2, 1)
    wires_level, rim_level = ((1.0, 0.0), (0.5, 1.0), (1.2, 0.0))[manner]
    slow_s = 0.03 if manner == 2 else strike.ratio(0.0003, 0.004)
    wires_s, shell_s = strike.seconds(0.12, 0.55), strike.seconds(0.08, 0.35)
    t = times(1.1 * max(wires_s, shell_s))
    low_hz = strike.hz(150.0, 260.0)
    hz = sweep(t, start_hz=low_hz * strike.between(1.05, 1.5), end_hz=low_hz, fall_s=0.02)
    shell = bent([1.0, strike.between(1.5, 1.85)], [1.0, 0.7], [shell_s, 0.7 * shell_s], hz)
    skin = bent(MEMBRANE[2:8], strike.rng.uniform(0.1, 0.5, 6), 0.4 * shell_s, hz)
    wires = band(
        airy(strike, t, split_hz=4000.0, low_s=0.7 * wires_s, high_s=wires_s) * rise(t, slow_s),
        strike.corner_hz(700.0, 2500.0),
        strike.corner_hz(9000.0, 17000.0),
        order=1,
    )
    stick = burst(strike, t, low_hz=1500.0, high_hz=9000.0, decay_s=0.012)
    return (
        strike.ratio(0.25, 1.0) * (shell + strike.between(0.0, 0.6) * skin)
        + strike.ratio(0.6, 1.4) * wires_level * wires / peak_of(wires)
        + strike.ratio(0.1, 0.8) * stick
        + rim_level * _rim(strike, t)
    )


def _rim(strike: Strike, t: Samples) -> Samples:
    """A stick across the hoop: a hard, short clank above the skin."""
    ratios = np.array([1.0, 1.52, 2.31, 3.6, 4.9]) * strike.rng.uniform(0.95, 1.05, 5)
    clank = modal(
        strike.hz(420.0, 900.0) * ratios, strike.rng.uniform(0.4, 1.0, 5), 0.12 / ratios, len(t)
    )
    return strike.ratio(0.4, 1.2) * clank / peak_of(clank)


def tom(strike: Strike) -> Samples:
    """The modes of a circular skin, whose tension and pitch fall after the stroke.

    Args:
        strike: The stroke.

    Returns:
        Samples, [T].
    """
    decay_s = strike.seconds(0.35, 1.3)
    t = times(1.1 * decay_s)
    low_hz = strike.hz(75.0, 210.0)
    hz = sweep(
        t,
        start_hz=low_hz * strike.between(1.05, 1.7),
        end_hz=low_hz,
        fall_s=strike.ratio(0.02, 0.09),
    )
    strengths = strike.rng.uniform(0.3, 1.0, len(MEMBRANE)) * MEMBRANE ** -strike.between(0.8, 2.5)
    strengths[0] = 1.0
    skin = bent(MEMBRANE, strengths, decay_s * MEMBRANE ** -strike.between(0.8, 1.6), hz)
    stick = burst(strike, t, low_hz=300.0, high_hz=strike.corner_hz(1500.0, 7000.0), decay_s=0.03)
    return skin + strike.ratio(0.05, 0.6) * stick


def hand_drum(strike: Strike) -> Samples:
    """Conga, bongo, tabla or frame drum: open, bass, muted or slapped.

    Args:
        strike: The stroke.

    Returns:
        Samples, [T].
    """
    drum = (_conga, _tabla, _frame_drum)[strike.one_of(5, 3, 2)]
    return drum(strike)


def _conga(strike: Strike) -> Samples:
    decay_s = strike.seconds(0.12, 0.5)
    t = times(1.2 * decay_s)
    low_hz = strike.hz(190.0, 520.0)
    hz = sweep(t, start_hz=low_hz * strike.between(1.0, 1.06), end_hz=low_hz, fall_s=0.03)
    strengths = strike.rng.uniform(0.2, 1.0, 8) * MEMBRANE[:8] ** -strike.between(0.5, 2.0)
    skin = bent(MEMBRANE[:8], strengths, decay_s * MEMBRANE[:8] ** -1.0, hz)
    return skin / peak_of(skin) + _slap(strike, t)


def _tabla(strike: Strike) -> Samples:
    """The loaded skin's modes are nearly harmonic; the bass drum's pitch is pressed upwards."""
    decay_s = strike.seconds(0.3, 0.9)
    t = times(1.1 * decay_s)
    bass = strike.one_of(2, 1)
    low_hz = strike.hz(80.0, 120.0) if bass else strike.hz(230.0, 400.0)
    glide = strike.between(0.6, 0.95) if bass else strike.between(0.99, 1.03)
    hz = sweep(t, start_hz=low_hz * glide, end_hz=low_hz, fall_s=strike.ratio(0.04, 0.15))
    ratios = np.array([1.0, 2.0, 3.01, 4.02, 5.04, 6.1])
    strengths = strike.rng.uniform(0.2, 1.0, 6) * ratios ** -strike.between(0.3, 1.3)
    skin = bent(ratios, strengths, decay_s * ratios ** -strike.between(0.3, 0.9), hz)
    return skin / peak_of(skin) + 0.5 * _slap(strike, t)


def _frame_drum(strike: Strike) -> Samples:
    decay_s = strike.seconds(0.35, 0.9)
    t = times(1.1 * decay_s)
    low_hz = strike.hz(90.0, 180.0)
    hz = sweep(t, start_hz=1.1 * low_hz, end_hz=low_hz, fall_s=0.04)
    strengths = strike.rng.uniform(0.3, 1.0, len(MEMBRANE)) * MEMBRANE**-0.7
    skin = bent(MEMBRANE, strengths, decay_s * MEMBRANE**-0.8, hz)
    jingles = modal(
        strike.rng.uniform(3000.0, 9000.0, 24), strike.rng.uniform(0.0, 1.0, 24), 0.25, len(t)
    )
    return skin / peak_of(skin) + strike.between(0.0, 0.25) * jingles / peak_of(jingles)


def _slap(strike: Strike, t: Samples) -> Samples:
    low_hz = strike.corner_hz(600.0, 1800.0)
    slap = burst(strike, t, low_hz=low_hz, high_hz=3.0 * low_hz, decay_s=strike.ratio(0.015, 0.06))
    return strike.ratio(0.08, 1.0) * slap


def clap(strike: Strike) -> Samples:
    """Several bursts close together, then a tail, all through the resonance of cupped hands.

    Args:
        strike: The stroke.

    Returns:
        Samples, [T].
    """
    tail_s = strike.seconds(0.12, 0.5)
    t = times(1.1 * tail_s + 0.06)
    gap_s = strike.ratio(0.006, 0.014)
    starts_s = np.arange(strike.rng.integers(2, 6)) * gap_s
    starts_s = starts_s + strike.rng.uniform(0.0, 0.35 * gap_s, len(starts_s))
    envelope = sum(
        strike.between(0.6, 1.0) * fall(t - s, 2.5 * gap_s) for s in starts_s[:-1]
    ) + fall(t - starts_s[-1], tail_s)
    noise = strike.rng.standard_normal(len(t)) * envelope
    centre_hz = strike.corner_hz(750.0, 2500.0)
    width = strike.ratio(1.25, 2.0)
    hands = band(noise, centre_hz / width, centre_hz * width)
    air = band(noise, 2.0 * centre_hz, order=1)
    return hands / peak_of(hands) + strike.between(0.03, 0.3) * air / peak_of(air)


def shaker(strike: Strike) -> Samples:
    """Maraca, cabasa, tambourine or sleigh bells: grains in the rhythm of a moving hand.

    Args:
        strike: The stroke.

    Returns:
        Samples, [T].
    """
    length_s = strike.ratio(0.15, 0.7)
    t = times(length_s)
    swing = _swings(strike, t, length_s)
    hits = grains(strike, t, rate_hz=strike.ratio(900.0, 9000.0) * swing + 1.0, loudness=swing)
    tambourine = strike.one_of(3, 1)
    if tambourine:
        centres_hz, decay_s = strike.rng.uniform(4500.0, 13000.0, 6), strike.ratio(0.03, 0.15)
    else:
        centres_hz, decay_s = (
            np.array([strike.corner_hz(3500.0, 9000.0), strike.corner_hz(7000.0, 13000.0)]),
            strike.ratio(0.001, 0.004),
        )
    shell = np.sum([ring(hits, hz, decay_s) for hz in centres_hz], axis=0)
    return band(shell, strike.corner_hz(1500.0, 4000.0))


def _swings(strike: Strike, t: Samples, length_s: float) -> Samples:
    """One to three pushes of the hand, each a soft hump."""
    count = int(strike.rng.integers(1, 4))
    centres_s = (np.arange(count) + strike.between(0.25, 0.5)) * length_s / (count + 0.3)
    width_s = 0.22 * length_s / count
    pushes = [
        strike.between(0.4, 1.0) * np.exp(-0.5 * ((t - centre_s) / width_s) ** 2)
        for centre_s in centres_s
    ]
    return np.asarray(np.sum(pushes, axis=0))
