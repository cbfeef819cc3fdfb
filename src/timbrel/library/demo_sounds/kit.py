"""A kit is what eight players bring along: drums, metals and strings that belong together.

All sounds of one kit share its tuning, brightness, decay, drive and room, so a kit is the group
that a split may keep together.
"""

from dataclasses import dataclass

import numpy as np

KITS = 8


@dataclass(frozen=True)
class Kit:
    """What all sounds of one kit have in common.

    Attributes:
        number: Which of the `KITS` it is, from 0.
        tuning_semitones: How much higher or lower its drums are tuned.
        brightness: Factor of the corner frequencies of its noises.
        decay: Factor of its decay times; a damped kit is below 1.
        drive: How hot its recording was, 0 (clean) to 1.
        room: How much of its room is heard, 0 (none) to 1.
        room_s: Time in which its room falls by 60 dB.
    """

    number: int
    tuning_semitones: float
    brightness: float
    decay: float
    drive: float
    room: float
    room_s: float


def make_kit(number: int, *, seed: int) -> Kit:
    """Draws the parameters of one kit.

    Args:
        number: Which kit, 0 to `KITS` - 1.
        seed: Seed of the whole library.

    Returns:
        The kit; the same number and seed give the same kit.

    Example:
        >>> make_kit(3, seed=0) == make_kit(3, seed=0)
        True
    """
    rng = np.random.default_rng([seed, number])
    return Kit(
        number=number,
        tuning_semitones=float(rng.uniform(-3, 3)),
        brightness=float(2.0 ** rng.uniform(-0.3, 0.3)),
        decay=float(2.0 ** rng.uniform(-0.5, 0.5)),
        drive=float(rng.beta(1.2, 2.5)),
        room=float(rng.beta(1.2, 2.0)),
        room_s=float(rng.uniform(0.08, 0.35)),
    )


@dataclass(frozen=True)
class Strike:
    """One stroke on one kit: everything that a voice needs to make one sound.

    Attributes:
        kit: The kit that is played.
        rng: The source of everything that differs from stroke to stroke.
        pitch_semitones: The note (MIDI number), 69.0 where a voice has no pitch of its own.
    """

    kit: Kit
    rng: np.random.Generator
    pitch_semitones: float = 69.0

    @property
    def pitch_hz(self) -> float:
        """The note as a frequency, equal temperament with A4 = 440 Hz."""
        return float(440.0 * 2.0 ** ((self.pitch_semitones - 69.0) / 12.0))

    def between(self, low: float, high: float) -> float:
        """Draws a number, all equally likely.

        Args:
            low: The least.
            high: The greatest.

        Returns:
            A number from low to high.
        """
        return float(self.rng.uniform(low, high))

    def ratio(self, low: float, high: float) -> float:
        """Draws a positive number whose logarithm is equally likely everywhere.

        Args:
            low: The least, above 0.
            high: The greatest.

        Returns:
            A number from low to high.
        """
        return float(low * (high / low) ** self.rng.random())

    def hz(self, low: float, high: float) -> float:
        """Draws the frequency of something tuned, in the tuning of the kit.

        Args:
            low: The least, in Hz, in a kit of neutral tuning.
            high: The greatest.

        Returns:
            A frequency in Hz.
        """
        return float(self.ratio(low, high) * 2.0 ** (self.kit.tuning_semitones / 12.0))

    def corner_hz(self, low: float, high: float) -> float:
        """Draws the corner frequency of a noise, with the brightness of the kit.

        Args:
            low: The least, in Hz, in a kit of neutral brightness.
            high: The greatest.

        Returns:
            A frequency in Hz, at most 18 kHz.
        """
        return min(self.ratio(low, high) * self.kit.brightness, 18_000.0)

    def seconds(self, low: float, high: float) -> float:
        """Draws a time to fall by 60 dB, with the damping of the kit.

        Args:
            low: The least, in seconds, in a kit of neutral damping.
            high: The greatest.

        Returns:
            A time in seconds.
        """
        return self.ratio(low, high) * self.kit.decay

    def one_of(self, *weights: float) -> int:
        """Draws which of several manners this stroke has.

        Args:
            weights: How likely each is, in any unit.

        Returns:
            An index into the weights.
        """
        return int(self.rng.choice(len(weights), p=np.asarray(weights) / sum(weights)))
