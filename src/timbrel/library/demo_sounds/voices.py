"""The labels of the demo library, and one sound of any of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from zlib import crc32

import numpy as np

from timbrel.library.demo_sounds import Samples
from timbrel.library.demo_sounds.bars import mallet_drum, wooden
from timbrel.library.demo_sounds.drums import clap, hand_drum, kick, shaker, snare, tom
from timbrel.library.demo_sounds.finish import finish, peak_of
from timbrel.library.demo_sounds.kit import KITS, Strike, make_kit
from timbrel.library.demo_sounds.metals import cymbal, hi_hat, metallic
from timbrel.library.demo_sounds.strings import plucked, struck

Voice = Callable[[Strike], Samples]

_PAIRS: tuple[tuple[Voice, Voice], ...] = (
    (kick, hi_hat),
    (kick, cymbal),
    (kick, clap),
    (kick, shaker),
    (kick, metallic),
    (snare, cymbal),
    (tom, clap),
    (tom, cymbal),
)


def combo(strike: Strike) -> Samples:
    """Two one-shots of the same kit, together or as a flam.

    Args:
        strike: The stroke.

    Returns:
        Samples, [T].
    """
    first, second = _PAIRS[strike.rng.integers(len(_PAIRS))]
    one, two = first(strike), second(strike)
    late = round(strike.ratio(1.0, 3000.0))
    total = np.zeros(max(len(one), late + len(two)))
    total[: len(one)] += one / peak_of(one)
    total[late : late + len(two)] += strike.ratio(0.4, 1.0) * two / peak_of(two)
    return total


VOICES: Mapping[str, Voice] = MappingProxyType(
    {
        "clap": clap,
        "combo": combo,
        "cymbal": cymbal,
        "hand_drum": hand_drum,
        "hi-hat": hi_hat,
        "kick": kick,
        "mallet_drum": mallet_drum,
        "metallic": metallic,
        "plucked": plucked,
        "shaker": shaker,
        "snare": snare,
        "struck": struck,
        "tom": tom,
        "wooden": wooden,
    }
)
"""label -> the voice that makes its sounds, in alphabetical order."""

_RANGES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"mallet_drum": (53, 89), "plucked": (40, 79), "struck": (33, 84)}
)


@dataclass(frozen=True)
class Plan:
    """Which sound is to be made; the same plan gives the same sound.

    Attributes:
        label: One of `VOICES`.
        number: Its number among the sounds of its label, from 0.
        seed: Seed of the whole library.
    """

    label: str
    number: int
    seed: int = 0

    @property
    def kit_number(self) -> int:
        """The kit it is played on."""
        return self.number % KITS

    @property
    def pitch_semitones(self) -> float | None:
        """Its MIDI note number, or None where the label has no pitches."""
        if self.label not in _RANGES:
            return None
        low, high = _RANGES[self.label]
        return float(np.random.default_rng(self._entropy(0)).integers(low, high + 1))

    def strike(self) -> Strike:
        """The stroke that makes it.

        Returns:
            Its kit, its own source of randomness and its pitch.
        """
        kit = make_kit(self.kit_number, seed=self.seed)
        rng = np.random.default_rng(self._entropy(1))
        pitch = self.pitch_semitones
        return Strike(kit, rng) if pitch is None else Strike(kit, rng, pitch)

    def _entropy(self, purpose: int) -> list[int]:
        # the label's checksum, not its place, so that a new label changes no old sound
        return [self.seed, crc32(self.label.encode()), self.number, purpose]


def make(plan: Plan) -> Samples:
    """Synthesises one demo sound at 44.1 kHz.

    Args:
        plan: Which one.

    Returns:
        Samples, float64 [T], 0.08 to 2 s, peak between -9 and -1.5 dBFS.

    Example:
        >>> kick = make(Plan("kick", 0))
        >>> bool(abs(kick).max() < 10 ** (-1 / 20))
        True
    """
    strike = plan.strike()
    return finish(strike, VOICES[plan.label](strike))
