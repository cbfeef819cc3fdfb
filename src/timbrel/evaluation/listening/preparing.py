"""Preparing: sounds of one rate, length, loudness and bandwidth, so that only sound tells."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.evaluation.listening.bandwidth import anchor, bandwidth_hz, limited
from timbrel.evaluation.listening.cutting import Cut, Heard
from timbrel.evaluation.listening.description import ORIGINAL
from timbrel.progress import Report, Tracker, silent
from timbrel.signal import files, levels, units
from timbrel.signal.files import Sound

HIGHEST_RATE_HZ, LOWEST_RATE_HZ = 48_000, 8000
LOUDEST_LUFS = -23.0
CEILING_DB = -1.0
FADE_IN_S, FADE_OUT_S = 0.005, 0.03
_NEAR_LU = 0.01


@dataclass(frozen=True)
class Stimulus:
    """One sound of a test before it is prepared.

    Attributes:
        heard: Where it comes from.
        cut: Which stretch of it is heard.
        names: What its files are called: one, or more where it is there twice.
        anchor_hz: Where it is filtered to be an anchor; 0 where it is none.
    """

    heard: Heard
    cut: Cut
    names: tuple[str, ...]
    anchor_hz: int = 0

    @property
    def is_original(self) -> bool:
        """Whether nobody made it: neither a system nor we."""
        return self.heard.candidate.system == ORIGINAL and not self.anchor_hz


@dataclass(frozen=True)
class Likeness:
    """What all sounds of a test have in common.

    Attributes:
        sample_rate: In Hz.
        channels: 1 or 2.
        pad_s: The length that all are brought to by silence behind them; 0 leaves them.
        original_hz: Where originals are cut off; None leaves them.
    """

    sample_rate: int
    channels: int
    pad_s: float = 0.0
    original_hz: float | None = None


def likeness(found: Iterable[Heard], *, pad_s: float) -> Likeness:
    """Chooses a rate and a number of channels that favour no source.

    Args:
        found: All sounds of the test.
        pad_s: The length that all are brought to; 0 leaves them.

    Returns:
        The highest rate among them up to 48 kHz, so that all survive; and one channel where any
        has but one, else two.
    """
    sounds = list(found)
    rate = max(one.sample_rate for one in sounds)
    rate = min(max(rate, LOWEST_RATE_HZ), HIGHEST_RATE_HZ)
    return Likeness(rate, 1 if any(one.channels == 1 for one in sounds) else 2, pad_s)


def played(stimulus: Stimulus, like: Likeness) -> Tensor:
    """Reads a stretch of a sound and makes it like the others, but for its level.

    Args:
        stimulus: The sound.
        like: What all have in common.

    Returns:
        The sound, [C, T], at the common rate, with short fades at both ends.
    """
    cut, rate = stimulus.cut, like.sample_rate
    sound = files.read(
        stimulus.heard.candidate.path,
        start_s=cut.start_s,
        duration_s=cut.duration_s,
        sample_rate=rate,
    )
    samples = levels.to_mono(sound.samples) if like.channels == 1 else sound.samples[:2]
    # Exactly as long as the others of its group, whatever rounding did.
    samples = levels.fit_length(samples, round(cut.duration_s * rate), fade_samples=0)
    if stimulus.anchor_hz:
        samples = anchor(samples, rate, cutoff_hz=stimulus.anchor_hz)
    elif stimulus.is_original and like.original_hz is not None:
        samples = limited(samples, rate, like.original_hz)
    samples = faded(samples, round(FADE_IN_S * rate), round(FADE_OUT_S * rate))
    return levels.fit_length(samples, max(samples.shape[1], round(like.pad_s * rate)))


def faded(samples: Tensor, rise_samples: int, fall_samples: int) -> Tensor:
    """Fades a sound in and out.

    Args:
        samples: A sound, [C, T].
        rise_samples: Length of the rise, 0 or more.
        fall_samples: Length of the fall, 0 or more.

    Returns:
        The sound, [C, T]; where it is short, fades take half of it each at most.

    Example:
        >>> faded(torch.ones(1, 4), 1, 1)
        tensor([[0.5000, 1.0000, 1.0000, 0.5000]])
    """
    length = samples.shape[-1]
    out = samples.clone()
    rise, fall = (_half_cosine(min(count, length // 2)) for count in (rise_samples, fall_samples))
    out[..., : len(rise)] *= rise
    out[..., length - len(fall) :] *= fall.flip(0)
    return out


def _half_cosine(count: int) -> Tensor:
    """From 0 to 1, sampled between its ends so that no sample is spent on 0 or 1."""
    return 0.5 - 0.5 * torch.cos(math.pi * (torch.arange(count) + 0.5) / max(count, 1))


def bandwidths(
    stimuli: Sequence[Stimulus], like: Likeness, *, report: Report = silent
) -> dict[str, float]:
    """Measures where the sounds of each source end.

    Args:
        stimuli: The sounds of a test.
        like: What all have in common.
        report: Told how far it is.

    Returns:
        Source to the highest frequency that any of its sounds holds, in Hz; not of anchors.
    """
    ends: dict[str, float] = {}
    made = [one for one in stimuli if not one.anchor_hz]
    tracker = Tracker("measuring sounds", len(made), report)
    for one in made:
        source = one.heard.candidate.system
        top = min(one.heard.sample_rate, like.sample_rate) / 2
        found = min(top, bandwidth_hz(played(one, like), like.sample_rate))
        ends[source] = max(ends.get(source, 0.0), found)
        tracker.advance()
    return ends


def matched_hz(ends: Mapping[str, float]) -> float | None:
    """Says where originals must end so that they reach no higher than what is set beside them.

    Args:
        ends: Source to where it ends, in Hz.

    Returns:
        The lowest end of a system, in Hz; None where originals end there already or are not.

    Example:
        >>> matched_hz({"original": 20_000.0, "small": 6000.0, "large": 8000.0})
        6000.0
    """
    lowest = min(end for source, end in ends.items() if source != ORIGINAL)
    return lowest if lowest < ends.get(ORIGINAL, 0.0) else None


def common_lufs(
    stimuli: Sequence[Stimulus], like: Likeness, *, report: Report = silent
) -> tuple[float, Stimulus]:
    """Finds the loudness that all sounds can have without one of them clipping.

    Args:
        stimuli: The sounds of a test.
        like: What all have in common.
        report: Told how far it is.

    Returns:
        The loudness in LUFS, -23 at most, and the sound with the highest peaks, which decides.

    Raises:
        UsageError: When a sound holds nothing that can be heard.
    """
    room = []
    tracker = Tracker("measuring loudness", len(stimuli), report)
    for one in stimuli:
        samples = played(one, like)
        peak = max(levels.peak(samples), torch.finfo(torch.float32).tiny)
        lufs = levels.loudness_lufs(samples / peak, like.sample_rate)
        if not math.isfinite(lufs):
            raise UsageError(
                f"{one.heard.candidate.path} holds nothing that can be heard",
                "sounds that a person hears",
                "leave it out",
            )
        room.append(lufs + CEILING_DB)
        tracker.advance()
    place = min(range(len(room)), key=room.__getitem__)
    return min(LOUDEST_LUFS, room[place]), stimuli[place]


def levelled(samples: Tensor, sample_rate: int, lufs: float) -> Tensor:
    """Brings a sound to a loudness.

    Args:
        samples: A sound that can be heard, [C, T].
        sample_rate: Its rate in Hz.
        lufs: The integrated loudness wanted, in LUFS.

    Returns:
        The sound, within 0.01 LU of it.

    Source:
        ITU-R BS.1770-4; its gate moves with the level, so that once is not always enough.

    Example:
        >>> tone = torch.sin(2 * math.pi * 997 / 48_000 * torch.arange(48_000.0))[None]
        >>> round(levels.loudness_lufs(levelled(tone, 48_000, -23), 48_000), 2)
        -23.0
    """
    samples = samples / max(levels.peak(samples), torch.finfo(torch.float32).tiny)
    for _ in range(8):
        apart = lufs - levels.loudness_lufs(samples, sample_rate)
        samples = samples * units.db_to_amplitude(apart)
        if abs(apart) < _NEAR_LU:
            break
    return samples


def write(
    folder: Path,
    stimuli: Sequence[Stimulus],
    like: Likeness,
    lufs: float,
    *,
    report: Report = silent,
) -> None:
    """Writes the sounds of a test: 24-bit WAV without a word of metadata.

    Args:
        folder: Where to.
        stimuli: The sounds.
        like: What all have in common.
        lufs: Their loudness.
        report: Told how far it is.
    """
    tracker = Tracker("writing sounds", len(stimuli), report)
    # In the order of their names, so that no file's date tells a source.
    for one in sorted(stimuli, key=lambda one: one.names):
        samples = levelled(played(one, like), like.sample_rate, lufs)
        for name in one.names:
            files.write(folder / f"{name}.wav", Sound(samples, like.sample_rate), on_clip="scale")
        tracker.advance()
