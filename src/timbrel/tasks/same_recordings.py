"""Same recordings? Whether instruments learned from one and the same, told by how it sounds."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.signal import levels, resampling
from timbrel.signal.files import Sound

SAME = 0.9  # correlation, from which on two sounds are one recording at two rates
_TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Takes:
    """What an instrument learned from.

    Attributes:
        owner: The instrument's name.
        names: What people call the recordings.
        sounds: The recordings at the instrument's rate.
        known: Which samples of each it learned from, 1, and which lie in a hole, 0, [T] each.
    """

    owner: str
    names: tuple[str, ...]
    sounds: tuple[Sound, ...]
    known: tuple[Tensor, ...]

    @property
    def duration_s(self) -> float:
        """How long all of them are together, in seconds."""
        return sum(one.duration_s for one in self.sounds)

    @property
    def learned_s(self) -> float:
        """How much of them lies in no hole, in seconds."""
        rate = self.sounds[0].sample_rate
        return sum(float(one.sum()) for one in self.known) / rate

    @property
    def named(self) -> dict[str, Sound]:
        """The recordings by name; those of one name are told apart by numbers."""
        found: dict[str, Sound] = {}
        for name, sound in zip(self.names, self.sounds, strict=True):
            own, number = name, 2
            while own in found:
                own, number = f"{name} ({number})", number + 1
            found[own] = sound
        return found


def longest(takes: Sequence[Takes]) -> Takes:
    """Chooses what is held against: whoever heard most of it, at the highest rate.

    Args:
        takes: The same recordings, as several instruments heard them.

    Returns:
        One of them.
    """
    return max(takes, key=lambda one: (round(one.learned_s, 1), one.sounds[0].sample_rate))


def same_or_refuse(takes: Sequence[Takes]) -> None:
    """Refuses instruments that learned from different recordings.

    Rates, channels and names do not count, nor that one of them heard less from the beginning on,
    or was trained around holes.

    Args:
        takes: What each learned from, one or more.

    Raises:
        UsageError: When two of them learned from different recordings.
    """
    whole = longest(takes)
    for other in takes:
        if not same(whole, other):
            raise UsageError(
                f"{other.owner!r}, which learned from {', '.join(other.names)}, beside "
                f"{whole.owner!r}, which learned from another recording, {', '.join(whole.names)}",
                "instruments of the same recording",
                "evaluate them apart",
            )


def same(one: Takes, other: Takes) -> bool:
    """Tells whether two instruments learned from the same recordings, in the same order.

    Args:
        one: What one learned from.
        other: What another did; of either the end may be missing.

    Returns:
        Whether each pair of recordings is one, as far as both were heard and learned from.

    Example:
        >>> noise = torch.randn(2, 1, 16_000, generator=torch.Generator().manual_seed(0))
        >>> a, b = (
        ...     Takes("x", ("take.wav",), (Sound(n, 16_000),), (torch.ones(16_000),)) for n in noise
        ... )
        >>> same(a, a), same(a, b)
        (True, False)
    """
    pairs = zip(one.sounds, one.known, other.sounds, other.known, strict=False)
    return all(_correlation(a, m, b, n) >= SAME for a, m, b, n in pairs)


def _correlation(one: Sound, known: Tensor, other: Sound, also_known: Tensor) -> float:
    """Correlates two sounds at the lower of their rates, where both are known."""
    rate = min(one.sample_rate, other.sample_rate)
    a, b = _at(one, known, rate), _at(other, also_known, rate)
    length = min(a.shape[1], b.shape[1])
    (a, m), (b, n) = a[:, :length], b[:, :length]
    a, b = a * m * n, b * m * n
    power = (a.square().sum() * b.square().sum()).sqrt()
    return float((a * b).sum() / power.clamp(min=_TINY))


def _at(sound: Sound, known: Tensor, rate: int) -> Tensor:
    """One channel at a rate, and which of its samples are known, [2, T]."""
    mono = levels.to_mono(
        resampling.resample(sound.samples, from_hz=sound.sample_rate, to_hz=rate)
    )[0]
    places = (torch.arange(len(mono)) * (sound.sample_rate / rate)).long()
    return torch.stack([mono, known[places.clamp(max=len(known) - 1)]])
