"""Loops: where a held note can repeat without a click, found by likeness of the waveform."""

import math

import torch
from torch import Tensor

from timbrel.exporting.patch import Loop

STEADY_DB_A_SECOND = 12.0  # what falls faster rings out: a loop would hold up a string that dies
SHORTEST_S, LONGEST_S = 0.05, 1.5
COMPARED_S = 0.04  # of the waveform before either end
CROSSFADE_S = 0.1
GUARD_SAMPLES = 16  # beyond the end, for samplers that interpolate over it
ALIKE = 0.8  # correlation from which two places may be joined
LENGTH_GAIN = 0.04  # correlation that a loop of twice the length may lack
_ENDS = 12  # tried
_ATTACK_SHARE, _END_SHARE = 0.25, 0.95
_LEVEL_S = 0.05


def find(samples: Tensor, sample_rate: int) -> Loop | None:
    """Finds the loop of a sound that sustains.

    Args:
        samples: A sound, [C, T]; its silent end is cut off already.
        sample_rate: Its rate in Hz.

    Returns:
        The loop whose ends are most alike over the 40 ms before them, the longer of two about as
        good; None where the sound dies away by more than 12 dB a second, is too short, or is
        nowhere like itself.

    Example:
        >>> time_s = torch.arange(16_000) / 16_000
        >>> tone = torch.sin(2 * math.pi * 250 * time_s)[None]
        >>> loop = find(tone, 16_000)
        >>> (loop.end + 1 - loop.start) % 64
        0
        >>> find(tone * torch.exp(-4 * time_s), 16_000) is None
        True
    """
    mono = samples.mean(dim=0).double()
    first, last = _sustain(mono, sample_rate)
    window = round(COMPARED_S * sample_rate)
    shortest = round(SHORTEST_S * sample_rate)
    if last - first < window + 2 * shortest or not _steady(mono[first:last], sample_rate):
        return None
    ends = torch.linspace(first + window + shortest, last, _ENDS).long().tolist()
    found = [_start(mono, first + window, end, window, sample_rate) for end in ends]
    _, likeness, start, end = max(found)
    return Loop(start, end - 1) if likeness >= ALIKE else None


def _sustain(mono: Tensor, sample_rate: int) -> tuple[int, int]:
    """The part between attack and decay: behind the loudest moment of the first quarter or so."""
    length = len(mono)
    step = max(1, round(_LEVEL_S * sample_rate))
    levels = mono[: length // step * step].reshape(-1, step).square().mean(dim=1)
    if not bool(levels.any()):  # silent, or too short to have a level
        return 0, 0
    heard = torch.nonzero(levels > levels.max() * 1e-2)  # 20 dB
    end = (int(heard[-1]) + 1) * step
    return round(_ATTACK_SHARE * end), round(_END_SHARE * end)


def _steady(sustain: Tensor, sample_rate: int) -> bool:
    """Whether the level falls slowly: the slope of the line through it, in dB a second."""
    step = round(_LEVEL_S * sample_rate)
    power = sustain[: len(sustain) // step * step].reshape(-1, step).square().mean(dim=1)
    if len(power) < 2:
        return False
    level_db = 10 * torch.log10(power.clamp(min=1e-20))
    place = torch.arange(len(power), dtype=torch.float64) - (len(power) - 1) / 2
    slope = float((place * level_db).sum() / place.square().sum()) / _LEVEL_S
    return slope > -STEADY_DB_A_SECOND


def _start(
    mono: Tensor, first: int, end: int, window: int, sample_rate: int
) -> tuple[float, float, int, int]:
    """The best start for an end: (merit, likeness, start, end).

    Both are compared by the `window` samples before them, in waveform and in level; the merit
    counts the length too.
    """
    lowest = max(first, end - round(LONGEST_S * sample_rate))
    highest = end - round(SHORTEST_S * sample_rate)
    part, sought = mono[lowest - window : highest], mono[end - window : end]
    size = 2 ** math.ceil(math.log2(len(part) + window))
    product = torch.fft.irfft(
        torch.fft.rfft(part, size) * torch.fft.rfft(sought, size).conj(), size
    )
    product = product[: len(part) - window + 1]
    energy = torch.nn.functional.pad(part.square().cumsum(dim=0), (1, 0))
    here, there = energy[window:] - energy[:-window], sought.square().sum()
    # 2xy / (x^2 + y^2): 1 only where shape and level are the same
    likeness = 2 * product / (here + there).clamp(min=1e-20)
    lengths = end - torch.arange(lowest, highest + 1, dtype=torch.float64)
    merit = likeness + LENGTH_GAIN * torch.log2(lengths / lengths.min())
    best = int(merit.argmax())
    return float(merit[best]), float(likeness[best]), lowest + best, end


def joined(samples: Tensor, loop: Loop, sample_rate: int) -> Tensor:
    """Fades the end of a loop into what comes before its start, so that it joins itself.

    Args:
        samples: A sound, [C, T].
        loop: Where it shall repeat.
        sample_rate: Its rate in Hz.

    Returns:
        The sound up to a few samples behind the loop, [C, end + 17]: the last 100 ms of the loop
        (half of it at most) become what precedes its start, at an even power however alike the
        two are; what follows the end is what follows the start.

    Example:
        >>> tone = torch.sin(2 * math.pi * torch.arange(8000) / 64)[None]
        >>> out = joined(tone, Loop(1600, 6399), 16_000)
        >>> out.shape, bool(torch.allclose(out[:, 6400:], tone[:, 1600:1616], atol=1e-5))
        (torch.Size([1, 6416]), True)
    """
    start, end = loop.start, loop.end + 1
    fade = min(round(CROSSFADE_S * sample_rate), (end - start) // 2, start)
    out = torch.cat([samples[:, :end], samples[:, start : start + GUARD_SAMPLES]], dim=1)
    leaving, coming = (
        samples[:, end - fade : end].double(),
        samples[:, start - fade : start].double(),
    )
    alike = _correlation(leaving, coming)
    share = (torch.arange(fade, dtype=torch.float64) + 1) / (fade + 1)
    even = ((1 - share) ** 2 + share**2 + 2 * alike * share * (1 - share)).sqrt()
    out[:, end - fade : end] = ((leaving * (1 - share) + coming * share) / even).to(out.dtype)
    return out


def _correlation(one: Tensor, other: Tensor) -> float:
    energy = float((one.square().sum() * other.square().sum()).sqrt())
    return 0.0 if energy == 0 else max(0.0, float((one * other).sum()) / energy)


def unrolled(samples: Tensor, loop: Loop | None, length_samples: int) -> Tensor:
    """Plays a looped sample for as long as a key is held.

    Args:
        samples: A sample, [C, T].
        loop: Its loop; None plays it once.
        length_samples: How long to play.

    Returns:
        What a sampler plays at the sample's own key, [C, `length_samples`] or less without a loop.

    Example:
        >>> unrolled(torch.arange(6.0)[None], Loop(2, 4), 9).tolist()
        [[0.0, 1.0, 2.0, 3.0, 4.0, 2.0, 3.0, 4.0, 2.0]]
    """
    if loop is None:
        return samples[:, :length_samples]
    head, body = samples[:, : loop.end + 1], samples[:, loop.start : loop.end + 1]
    rounds = max(0, math.ceil((length_samples - head.shape[1]) / body.shape[1]))
    return torch.cat([head, body.repeat(1, rounds)], dim=1)[:, :length_samples]
