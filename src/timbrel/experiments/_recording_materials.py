"""What instruments learn from in the experiment about one recording: parts of it, and holes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from timbrel.errors import UsageError
from timbrel.experiments._takes import Take
from timbrel.signal import levels, resampling
from timbrel.signal.files import Sound

Holes = list[tuple[float, float]]
AUDIBLE_DB = -20.0  # below the whole's level, a hole there would be one in silence
AROUND_S = 0.25  # at least, of what is known on either side of a hole
_TRIES = 64


def repaired(take: Take, sample_rate: int) -> Sound:
    """Gives a recording as repairs are heard: in one channel, at no higher rate than its own.

    Args:
        take: The recording.
        sample_rate: The rate wanted in Hz.

    Returns:
        The sound, of an even number of samples.
    """
    rate = min(sample_rate, take.sound.sample_rate)
    mono = levels.to_mono(take.sound.samples)
    samples = resampling.resample(mono, from_hz=take.sound.sample_rate, to_hz=rate)
    return Sound(samples[:, : samples.shape[1] // 4 * 4], rate)


def halves(sound: Sound) -> tuple[Sound, Sound]:
    """Cuts a sound in two.

    Args:
        sound: The sound.

    Returns:
        Its first half, which is learned from, and its second, which is repaired.
    """
    middle = sound.samples.shape[1] // 2
    first, second = sound.samples[:, :middle], sound.samples[:, middle:]
    return replace(sound, samples=first), replace(sound, samples=second)


def placed_holes(sound: Sound, lengths_ms: Sequence[float], *, seed: int) -> Holes:
    """Draws where holes are: one in each stretch of the sound, where something is heard.

    Args:
        sound: The sound in one channel.
        lengths_ms: How long each shall be.
        seed: Seed of the places.

    Returns:
        Where each begins and ends, in seconds.

    Raises:
        UsageError: When there is none, or one does not fit into its stretch with a quarter of a
            second to either side.

    Example:
        >>> import torch
        >>> noise = torch.randn(1, 32_000, generator=torch.Generator().manual_seed(0))
        >>> [(one, other)] = placed_holes(Sound(noise, 8000), [100.0], seed=0)
        >>> 0.25 <= one < other <= 3.75 and round(other - one, 3)
        0.1
    """
    rng = np.random.default_rng([seed, len(lengths_ms)])
    stretch_s = sound.duration_s / max(1, len(lengths_ms))
    most_ms = 1000 * (stretch_s - 2 * AROUND_S)
    if not lengths_ms or min(lengths_ms) < 1 or max(lengths_ms) > most_ms:
        raise UsageError(
            f"holes of {', '.join(f'{one:g}' for one in lengths_ms)} ms in "
            f"{sound.duration_s:.3g} s",
            f"as many holes of 1 to {most_ms:.0f} ms",
            "take a longer recording, or fewer and shorter holes: --set 'holes_ms=[50]'",
        )
    return [
        _loud_place(sound, number * stretch_s, stretch_s, length_ms / 1000, rng)
        for number, length_ms in enumerate(lengths_ms)
    ]


def _loud_place(
    sound: Sound, first_s: float, stretch_s: float, length_s: float, rng: np.random.Generator
) -> tuple[float, float]:
    """A place in a stretch, with something of it to either side; the first that is audible."""
    rate, least_db = sound.sample_rate, levels.rms_db(sound.samples) + AUDIBLE_DB
    drawn = first_s + AROUND_S + rng.uniform(0, stretch_s - length_s - 2 * AROUND_S, _TRIES)
    begins = np.round(drawn * rate).astype(int).tolist()
    count = max(1, round(length_s * rate))
    loudness = [levels.rms_db(sound.samples[:, begin : begin + count]) for begin in begins]
    loud = (place for place, level_db in enumerate(loudness) if level_db > least_db)
    begin = begins[next(loud, int(np.argmax(loudness)))]
    return begin / rate, (begin + count) / rate
