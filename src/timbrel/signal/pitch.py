"""Pitch: the fundamental frequency of a sound, moment by moment and as one number."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from timbrel.signal.resampling import resample

SAMPLE_RATE = 32_000  # at which periods are counted
LOWEST_HZ, HIGHEST_HZ = 27.5, 4200.0
WINDOW_SAMPLES = 1600  # 50 ms are compared with what follows them
HOP_SAMPLES = 640  # 20 ms
QUIET_DB = 40.0  # frames this far below the loudest have no pitch
CLEAR = 0.8  # clarity from which a frame has a pitch
CLEAR_SHARE = 0.5  # of the energy, from which a sound has one
STEADY_SEMITONES = 1.0  # within which most of a note is that one note, with its vibrato
STEADY_SHARE = 0.7  # of the energy of its clear frames
SURE_DB = 30.0  # frames further below the loudest follow the louder ones where a pitch is steadied
LONGEST_S = 4.0
_FIRST_DIP = 0.1
_LONGEST_LAG = math.ceil(SAMPLE_RATE / LOWEST_HZ)
_SHORTEST_LAG = math.floor(SAMPLE_RATE / HIGHEST_HZ)


@dataclass(frozen=True)
class PitchTrack:
    """The pitch of a sound over time.

    Attributes:
        hz: Fundamental frequency of each frame, every 20 ms, [N].
        clarity: How well the sound repeats itself at it, 0 (noise) to 1 (a steady tone), [N].
        weight: Share of the sound's energy, summing to 1; 0 where it is too quiet to tell, [N].
    """

    hz: Tensor
    clarity: Tensor
    weight: Tensor


def track_pitch(samples: Tensor, sample_rate: int, *, longest_s: float = LONGEST_S) -> PitchTrack:
    """Follows the fundamental frequency of a sound.

    Args:
        samples: A sound, [T] or [C, T]; channels are mixed.
        sample_rate: Its rate in Hz.
        longest_s: How much of it counts, from its beginning, in seconds.

    Returns:
        Its pitch between 27.5 and 4,200 Hz, of N = 0 frames where it is shorter than 86 ms or
        silent.

    Source:
        De Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music"
        (2002), steps 1 to 5; the period is then measured over as many periods as fit.

    Example:
        >>> tone = torch.sin(2 * math.pi * 440 / 16_000 * torch.arange(4000))
        >>> round(float(track_pitch(tone, 16_000).hz[0]), 1)
        440.0
    """
    mono = samples if samples.ndim == 1 else samples.mean(dim=0)
    mono = mono[: round(longest_s * sample_rate)].float()
    heard = resample(mono, from_hz=sample_rate, to_hz=SAMPLE_RATE)
    length = WINDOW_SAMPLES + _LONGEST_LAG + 1
    if len(heard) < length or not bool(heard.any()):
        return PitchTrack(*torch.zeros(3, 0))
    frames = heard.unfold(0, length, HOP_SAMPLES).double()
    energy = frames[:, :WINDOW_SAMPLES].square().sum(dim=1)
    energy = energy * (energy > energy.max() * 10 ** (-QUIET_DB / 10))
    lags, clarity = _periods(_difference(frames))
    # all is quiet where the only sound lies in what the last window is compared with
    total = energy.sum()
    return PitchTrack(SAMPLE_RATE / lags, clarity, energy / torch.where(total > 0, total, 1.0))


def pitch_hz(samples: Tensor, sample_rate: int) -> float:
    """Gives the pitch of a sound that has one: the middle of its clear frames, by energy.

    Args:
        samples: A sound, [T] or [C, T].
        sample_rate: Its rate in Hz.

    Returns:
        The fundamental frequency in Hz; NaN where less than half of the energy has a clear pitch,
        or the sound is shorter than 86 ms.

    Example:
        >>> time_s = torch.arange(8000) / 16_000
        >>> round(pitch_hz(torch.sin(2 * math.pi * 200 * time_s), 16_000), 2)
        200.0
        >>> pitch_hz(torch.randn(8000, generator=torch.Generator().manual_seed(0)), 16_000)
        nan
    """
    track = track_pitch(samples, sample_rate)
    weight = track.weight * (track.clarity >= CLEAR)
    if not len(weight) or float(weight.sum()) < CLEAR_SHARE:
        return math.nan
    return float(_weighted_middle(track.hz, weight))


def steady_pitch(
    samples: Tensor, sample_rate: int, *, hop_s: float, count: int
) -> tuple[Tensor, Tensor]:
    """Follows the pitch of one note through its unclear moments, frame by frame of a spectrogram.

    Frames that are unclear or faint, such as an attack or a noisy end, take the pitch of the clear
    ones around them; frames at a multiple or a part of the pitch of the rest are put back. So a
    note has one pitch throughout, with its vibrato and its glides.

    Args:
        samples: A sound, [T] or [C, T].
        sample_rate: Its rate in Hz.
        hop_s: Distance between frames in seconds; frame n is around ``n * hop_s``.
        count: How many frames N.

    Returns:
        The pitch in semitones [N] (MIDI notes, 69 is 440 Hz), NaN throughout where no moment is
        clear; and how clear each frame is, 0 to 1, [N].

    Example:
        >>> tone = torch.sin(2 * math.pi * 440 / 16_000 * torch.arange(8000))
        >>> semitones, _ = steady_pitch(tone, 16_000, hop_s=0.01, count=50)
        >>> bool((semitones - 69).abs().max() < 0.01)
        True
    """
    # as long as the frames are, and as the longest period and a window reach beyond them
    track = track_pitch(samples, sample_rate, longest_s=count * hop_s + 1)
    loudest = track.weight.sort().values[-1:]  # none, where there are no frames
    clear = (track.clarity >= CLEAR) & (track.weight > loudest * 10 ** (-SURE_DB / 10))
    if not clear.any():
        return torch.full((count,), math.nan), torch.zeros(count)
    heard_s = (torch.arange(len(track.hz)) * HOP_SAMPLES + WINDOW_SAMPLES / 2) / SAMPLE_RATE
    wanted_s = torch.arange(count) * hop_s
    semitones = 69 + 12 * (track.hz.double() / 440).log2()
    middle = _weighted_middle(semitones[clear], track.weight[clear])
    semitones = semitones + _multiple(semitones - middle)
    near = clear & ((semitones - middle).abs() < STEADY_SEMITONES)
    if float(track.weight[near].sum()) > STEADY_SHARE * float(track.weight[clear].sum()):
        clear = near  # one note: what is far from it is the attack of something else, or a mistake
    steady = _between(wanted_s, heard_s[clear], semitones[clear])
    return steady.float(), _between(wanted_s, heard_s, track.clarity).float()


def _multiple(off: Tensor) -> Tensor:
    """The interval of a multiple or part of a pitch that brings it nearest, in semitones."""
    whole = torch.tensor([1, 2, 3, 4, 5, 6, 8], dtype=off.dtype)
    intervals = 12 * torch.cat([whole, 1 / whole[1:4]]).log2()
    return intervals[(off[:, None] + intervals).abs().argmin(dim=1)]


def _weighted_middle(values: Tensor, weights: Tensor) -> Tensor:
    order = values.argsort()
    reached = weights[order].cumsum(dim=0)
    return values[order][int((reached < reached[-1] / 2).sum())]


def _between(wanted: Tensor, known: Tensor, values: Tensor) -> Tensor:
    """Linear interpolation, held at both ends."""
    after = torch.searchsorted(known, wanted.to(known)).clamp(1, max(1, len(known) - 1))
    if len(known) == 1:
        return values.expand(len(wanted))
    before = after - 1
    share = (wanted - known[before]) / (known[after] - known[before])
    return values[before] + share.clamp(0, 1) * (values[after] - values[before])


def _difference(frames: Tensor) -> Tensor:
    """Squared difference of a window and the same window each lag later, over its mean so far.

    YIN's equations 6 to 8: 1 at lag 0, about 1 where nothing repeats, 0 at a whole period.
    """
    window = frames[:, :WINDOW_SAMPLES]
    size = 2 ** math.ceil(math.log2(frames.shape[1] + WINDOW_SAMPLES))
    spectrum = torch.fft.rfft(frames, size) * torch.fft.rfft(window, size).conj()
    product = torch.fft.irfft(spectrum, size)[:, : _LONGEST_LAG + 2]
    total = functional.pad(frames.square().cumsum(dim=1), (1, 0))
    later = total[:, WINDOW_SAMPLES : WINDOW_SAMPLES + _LONGEST_LAG + 2]
    later = later - total[:, : _LONGEST_LAG + 2]
    difference = (later[:, :1] + later - 2 * product).clamp(min=0)[:, 1:]
    lags = torch.arange(1, difference.shape[1] + 1)
    normal = difference * lags / difference.cumsum(dim=1).clamp(min=1e-20)
    return functional.pad(normal, (1, 0), value=1.0)


def _periods(difference: Tensor) -> tuple[Tensor, Tensor]:
    """The period of each frame in samples, and its clarity."""
    dips = _dips(difference)
    deep = dips < _FIRST_DIP
    first = torch.where(deep.any(dim=1), deep.int().argmax(dim=1), dips.argmin(dim=1))
    clarity = 1 - dips.gather(1, first[:, None])[:, 0]
    lags = _parabola(difference, first)
    for factor in (2, 4, 8, 16, 32, 64, 128):
        lags = _over_more_periods(difference, lags, factor)
    return lags, clarity.clamp(0, 1)


def _dips(difference: Tensor) -> Tensor:
    """The differences where they are lower than their neighbours, elsewhere 2."""
    inner = difference[:, 1:-1]
    dip = (inner <= difference[:, :-2]) & (inner < difference[:, 2:])
    dips = functional.pad(inner.masked_fill(~dip, 2.0), (1, 1), value=2.0)
    dips[:, :_SHORTEST_LAG] = 2.0
    return dips


def _over_more_periods(difference: Tensor, lags: Tensor, factor: int) -> Tensor:
    """Measures so many periods at once, where they fit, and divides: finer by the same factor."""
    fits = lags * factor < _LONGEST_LAG - 1
    centre = torch.where(fits, lags * factor, lags).round().long()
    near = (centre[:, None] + torch.arange(-2, 3)).clamp(1, _LONGEST_LAG)
    lowest = near.gather(1, difference.gather(1, near).argmin(dim=1, keepdim=True))[:, 0]
    return torch.where(fits, _parabola(difference, lowest) / factor, lags)


def _parabola(difference: Tensor, lags: Tensor) -> Tensor:
    """Places each dip between samples, by the parabola through three."""
    around = (lags[:, None] + torch.arange(-1, 2)).clamp(0, difference.shape[1] - 1)
    left, middle, right = difference.gather(1, around).unbind(dim=1)
    bend = (left - 2 * middle + right).clamp(min=1e-12)
    return lags + ((left - right) / (2 * bend)).clamp(-1, 1)
