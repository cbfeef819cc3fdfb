"""Times, envelopes and oscillators of the demo sounds."""

from collections.abc import Sequence

import numpy as np

from timbrel.library.demo_sounds import LONGEST_S, SAMPLE_RATE, Samples

_LN_1000 = float(np.log(1000.0))


def times(duration_s: float) -> Samples:
    """The time of each sample.

    Args:
        duration_s: How long, in seconds; more than `LONGEST_S` is cut.

    Returns:
        Seconds, [T], from 0.

    Example:
        >>> times(0.5).shape
        (22050,)
    """
    return np.arange(round(min(duration_s, LONGEST_S) * SAMPLE_RATE)) / SAMPLE_RATE


def fall(t: Samples, decay_s: float) -> Samples:
    """An envelope that falls by 60 dB in a given time.

    Args:
        t: Seconds, [T].
        decay_s: Time to fall by 60 dB.

    Returns:
        Factors, [T], from 1.

    Example:
        >>> fall(np.array([0.0, 0.5]), 0.5).round(6).tolist()
        [1.0, 0.001]
    """
    return np.exp(-_LN_1000 * np.maximum(t, 0.0) / decay_s) * (t >= 0)


def rise(t: Samples, rise_s: float) -> Samples:
    """An envelope that rises from 0 towards 1.

    Args:
        t: Seconds, [T].
        rise_s: Time to reach 63 %.

    Returns:
        Factors, [T].
    """
    return 1.0 - np.exp(-t / rise_s)


def sweep(t: Samples, *, start_hz: float, end_hz: float, fall_s: float) -> Samples:
    """A frequency that glides from one value to another, fast at first.

    Args:
        t: Seconds, [T].
        start_hz: Where it begins.
        end_hz: Where it goes.
        fall_s: Time in which the difference shrinks to 37 %.

    Returns:
        Hz, [T].
    """
    return end_hz + (start_hz - end_hz) * np.exp(-t / fall_s)


def sine(hz: Samples) -> Samples:
    """A sine of changing frequency that begins at zero.

    Args:
        hz: Its frequency at each sample, [T].

    Returns:
        Samples within -1 and 1, [T].
    """
    phase = 2.0 * np.pi * np.cumsum(hz) / SAMPLE_RATE
    return np.asarray(np.sin(phase - phase[0]))


def squares(t: Samples, frequencies_hz: Sequence[float], rng: np.random.Generator) -> Samples:
    """A cluster of square waves, each from its own phase: the metal of analogue drum machines.

    Their aliases are wanted: after the high-pass that follows, metal is what they sound like.

    Args:
        t: Seconds, [T].
        frequencies_hz: One for each square.
        rng: Source of the phases.

    Returns:
        Samples, [T].
    """
    starts = rng.random(len(frequencies_hz))
    waves = [
        np.where((t * hz + start) % 1.0 < 0.5, 1.0, -1.0)
        for hz, start in zip(frequencies_hz, starts, strict=True)
    ]
    return np.asarray(np.mean(waves, axis=0))
