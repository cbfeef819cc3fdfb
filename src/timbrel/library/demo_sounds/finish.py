"""What happens to every demo sound at the end: drive, room, trim, fade and level."""

import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

from timbrel.library.demo_sounds import LONGEST_S, SAMPLE_RATE, SHORTEST_S, Samples
from timbrel.library.demo_sounds.kit import Strike

LOUDEST_DB, QUIETEST_DB = -1.5, -9.0
_FADE = 0.15  # of the length
_INAUDIBLE = 10 ** (-60 / 20)


def peak_of(samples: Samples) -> float:
    """The largest absolute sample.

    Args:
        samples: [T].

    Returns:
        Its value, at least 1e-9 so that one may divide by it.
    """
    return max(float(np.abs(samples).max(initial=0.0)), 1e-9)


def saturate(samples: Samples, drive: float) -> Samples:
    """Bends a sound as a hot amplifier does, keeping its peak.

    Args:
        samples: [T].
        drive: From 0 (straight) to about 5 (crunched).

    Returns:
        Samples, [T].
    """
    peak = peak_of(samples)
    if drive <= 0:
        return samples
    return np.asarray(np.tanh(drive * samples / peak) * (peak / np.tanh(drive)))


def in_room(strike: Strike, samples: Samples, *, amount: float) -> Samples:
    """Puts a sound into a small room: a few early reflections and a short diffuse tail.

    Args:
        strike: The stroke; the room's decay is its kit's.
        samples: [T].
        amount: How loud the room is beside the sound, 0 to 1.

    Returns:
        Samples, longer than before by the room's tail, at most `LONGEST_S`.
    """
    tail_samples = round(0.7 * strike.kit.room_s * SAMPLE_RATE)
    t = np.arange(tail_samples) / SAMPLE_RATE
    tail = strike.rng.standard_normal(tail_samples) * np.exp(-6.9 * t / strike.kit.room_s)
    tail[: round(0.004 * SAMPLE_RATE)] = 0.0
    tail = np.convolve(tail, [0.25, 0.5, 0.25], mode="same")
    tail *= 0.35 * amount / np.sqrt(np.sum(tail**2))
    reflections = strike.rng.integers(100, 1200, size=5) % tail_samples
    tail[reflections] += amount * strike.rng.uniform(-0.2, 0.2, size=5)
    tail[0] = 1.0
    wet = fftconvolve(samples, tail)
    return np.asarray(wet[: round(LONGEST_S * SAMPLE_RATE)])


def trim(samples: Samples) -> Samples:
    """Cuts the end that nobody hears (60 dB below the peak), or pads what is too short.

    Args:
        samples: [T].

    Returns:
        Samples of `SHORTEST_S` to `LONGEST_S`.
    """
    heard = np.flatnonzero(np.abs(samples) > _INAUDIBLE * peak_of(samples))
    end = int(heard[-1]) + 1 if len(heard) else 0
    least, most = round(SHORTEST_S * SAMPLE_RATE), round(LONGEST_S * SAMPLE_RATE)
    length_samples = min(max(end, least), most)
    return np.pad(samples[:length_samples], (0, max(0, length_samples - len(samples))))


def fade_out(samples: Samples) -> Samples:
    """Ends a sound without a click: a raised cosine over its last part.

    Args:
        samples: [T].

    Returns:
        Samples, [T], the last one zero.
    """
    length_samples = round(_FADE * len(samples))
    faded = samples.copy()
    faded[-length_samples:] *= 0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, length_samples))
    return faded


def finish(strike: Strike, samples: Samples) -> Samples:
    """Makes a sound out of a raw voice: drive, room, no offset, no silence, no click, one level.

    Args:
        strike: The stroke it belongs to.
        samples: What the voice gave, [T], at any level.

    Returns:
        Samples of `SHORTEST_S` to `LONGEST_S` whose peak is between `QUIETEST_DB` and `LOUDEST_DB`.
    """
    driven = saturate(samples, 1.5 * strike.kit.drive * strike.between(0.0, 1.0))
    amount = strike.kit.room * strike.between(-0.5, 1.0)
    wet = in_room(strike, driven, amount=amount) if amount > 0 else driven
    centred = sosfilt(butter(2, 18.0, "highpass", fs=SAMPLE_RATE, output="sos"), wet)
    ended = fade_out(trim(np.asarray(centred)))
    level_db = strike.between(QUIETEST_DB, LOUDEST_DB)
    return ended * (10 ** (level_db / 20) / peak_of(ended))
