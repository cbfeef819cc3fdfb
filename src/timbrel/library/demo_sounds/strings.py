"""Strings: plucked (a delay line that hears itself) and struck (the modes of a stiff string)."""

import numpy as np

from timbrel.library.demo_sounds import SAMPLE_RATE, Samples
from timbrel.library.demo_sounds.finish import peak_of
from timbrel.library.demo_sounds.kit import Strike
from timbrel.library.demo_sounds.modes import modal
from timbrel.library.demo_sounds.noise import band, burst, ring
from timbrel.library.demo_sounds.oscillators import times


def plucked(strike: Strike) -> Samples:
    """Guitar, harp, bass or muted string: Karplus-Strong with all its extensions.

    Args:
        strike: The stroke; its pitch is the string's fundamental.

    Returns:
        Samples, [T].

    Source: D. A. Jaffe, J. O. Smith, Extensions of the Karplus-Strong Plucked-String Algorithm,
    Computer Music Journal 7(2), 1983: pick position, dynamics, exact tuning, decay stretching.
    """
    muted = strike.one_of(4, 1)
    decay_s = strike.seconds(0.25, 0.6) if muted else strike.seconds(1.2, 5.0)
    decay_s *= (220.0 / strike.pitch_hz) ** 0.4
    t = times(1.05 * decay_s)
    dullness = strike.between(0.15, 0.24) if muted else strike.ratio(0.004, 0.12)
    string = karplus_strong(
        _pick(strike, len(t)), hz=strike.pitch_hz, decay_s=decay_s, dullness=dullness
    )
    return string / peak_of(string) + _body(strike, string)


def _pick(strike: Strike, length_samples: int) -> Samples:
    """One period of noise, softened by the plectrum and combed by where it plucks."""
    period = SAMPLE_RATE / strike.pitch_hz
    noise = np.zeros(length_samples)
    noise[: round(period)] = strike.rng.uniform(-1.0, 1.0, round(period))
    soft = band(noise, 0.0, strike.corner_hz(1200.0, 9000.0) + strike.pitch_hz, order=1)
    place = round(strike.between(0.08, 0.45) * period)
    combed = soft.copy()
    combed[place:] -= strike.between(0.7, 1.0) * soft[:-place]
    return combed


def _body(strike: Strike, string: Samples) -> Samples:
    """The box of the instrument: a few low, wide resonances."""
    bright = np.diff(string, prepend=0.0)
    boxes = [
        ring(bright, strike.kit.brightness * hz * strike.between(0.9, 1.1), 0.06)
        for hz in (105.0, 210.0, 410.0, 1100.0)
    ]
    box = np.sum(boxes, axis=0)
    return np.asarray(strike.ratio(0.03, 0.4) * box / peak_of(box))


def karplus_strong(excitation: Samples, *, hz: float, decay_s: float, dullness: float) -> Samples:
    """A string as a delay line whose end feeds its beginning through a low-pass.

    ::

        excitation ──(+)─────────────┬──> string
                      └─ low-pass <─ delay of one period

    The loop is a short symmetric filter g [d, 1 - 2d, d] and a third-order Lagrange interpolator;
    their delays are known exactly, so the pitch is too.

    Args:
        excitation: What plucks it, [T].
        hz: Its fundamental, up to about 1 kHz; above, the interpolator itself damps the string.
        decay_s: Time in which the fundamental falls by 60 dB.
        dullness: d, 0 (highs last as long as lows) to 0.25; less is taken where so dull a string
            could not ring so long.

    Returns:
        Samples, [T].

    Source: K. Karplus, A. Strong, Digital Synthesis of Plucked-String and Drum Timbres, Computer
    Music Journal 7(2), 1983; T. I. Laakso et al., Splitting the Unit Delay, IEEE SPM 13(1), 1996.
    """
    period = SAMPLE_RATE / hz
    whole = int(period) - 2  # one sample belongs to the low-pass, 1 to 2 to the interpolator
    part = period - whole - 1.0
    taps = np.arange(4)
    lagrange = [np.prod([(part - k) / (n - k) for k in taps if k != n]) for n in taps]
    once_round = 0.001 ** (1.0 / (hz * decay_s))
    slope = 2.0 * (1.0 - np.cos(2.0 * np.pi * hz / SAMPLE_RATE))
    dullness = min(dullness, 0.98 * (1.0 - once_round) / slope)  # keeps the gain below 1
    gain = once_round / (1.0 - dullness * slope)
    loop = np.convolve(lagrange, gain * np.array([dullness, 1.0 - 2.0 * dullness, dullness]))
    return _loop(excitation, loop, whole)


def _loop(excitation: Samples, loop: Samples, delay_samples: int) -> Samples:
    """Runs y[n] = x[n] + sum_k loop[k] y[n - delay - k], as much as one delay at a time."""
    reach = len(loop) - 1
    padded = np.concatenate([np.zeros(delay_samples + reach), excitation])
    for start in range(delay_samples + reach, len(padded), delay_samples):
        stop = min(start + delay_samples, len(padded))
        heard = padded[start - delay_samples - reach : stop - delay_samples]
        padded[start:stop] += np.convolve(heard, loop, mode="valid")
    return padded[delay_samples + reach :]


def struck(strike: Strike) -> Samples:
    """Piano, felt piano or hammered dulcimer: stiff strings, two or three a note, and a hammer.

    Partial n of a stiff string lies at n f sqrt(1 + B n²); the pitch named is that of the first.

    Args:
        strike: The stroke; its pitch is the first partial.

    Returns:
        Samples, [T].

    Source: H. Fletcher, E. D. Blackham, R. Stratton, Quality of Piano Tones, JASA 34(6), 1962
    (inharmonicity); G. Weinreich, Coupled piano strings, JASA 62(6), 1977 (two-stage decay).
    """
    decay_s = strike.seconds(2.0, 7.0) * (130.8 / strike.pitch_hz) ** 0.6
    t = times(1.05 * decay_s)
    n = np.arange(1, min(60, int(16_000.0 / strike.pitch_hz)) + 1)
    stiffness = strike.ratio(0.6, 1.8) * 3e-4 * 2.0 ** ((strike.pitch_semitones - 60.0) / 14.0)
    hz = n * strike.pitch_hz * np.sqrt((1.0 + stiffness * n**2) / (1.0 + stiffness))
    hammer_hz = strike.corner_hz(500.0, 6000.0) + 1.5 * strike.pitch_hz
    place = strike.between(0.09, 0.16)
    strengths = np.abs(np.sin(np.pi * n * place)) / n**0.6 * np.exp(-hz / hammer_hz)
    decays_s = decay_s / (1.0 + strike.ratio(0.2, 0.8) * hz / 1000.0)
    strings = _choir(strike, hz, strengths, decays_s, len(t))
    knock = burst(strike, t, low_hz=80.0, high_hz=strike.ratio(500.0, 2000.0), decay_s=0.06)
    return strings / peak_of(strings) + strike.ratio(0.02, 0.12) * knock


def _choir(
    strike: Strike, hz: Samples, strengths: Samples, decays_s: Samples, length_samples: int
) -> Samples:
    """Two strings a little apart: together they die fast, then what is left of them rings on."""
    spread = 2.0 ** (strike.ratio(0.1, 1.2) / 1200.0)
    kept = strike.between(0.1, 0.35)
    return modal(
        np.concatenate([hz, hz * spread, hz / spread]),
        np.concatenate([(1.0 - kept) * strengths, kept * strengths, kept * strengths]),
        np.concatenate([0.4 * decays_s, decays_s, decays_s]),
        length_samples,
    )
