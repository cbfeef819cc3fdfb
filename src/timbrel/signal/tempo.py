"""Tempo: where the beats of a sound lie, how fast they follow each other and how clear they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from timbrel.signal.mel import MelBands, filterbank

Curve = NDArray[np.float32]
Times = NDArray[np.float64]

HOP_S = 0.01
LIKELY_BPM = 120.0  # about where people tap; between two octaves the nearer one is heard
_LIKELY_OCTAVES = 0.7  # how far from it a tempo is still likely, as a standard deviation
_WINDOW_S = 0.046
_BANDS, _LOW_HZ, _HIGH_HZ = 40, 30.0, 11_000.0
_RANGE_DB = 60.0  # below the loudest band at any time, nothing counts
_FRAMES = 1024  # worked on at once
_EDGE_S = 0.012  # by which an onset shows late in frames that end at their time
_BLUR = 2.0  # frames by which onsets of one beat may miss each other
_DRIFT_S = 1.5  # slower swells are no beat
_FAINT = 0.1  # rises of less, in dB a band and frame, are no onsets
_TIGHTNESS = 100.0  # how strictly beats keep their distance (Ellis)
_LEAST_BEATS = 3  # of which a period can be told


@dataclass(frozen=True)
class Beats:
    """The beats of a sound.

    Attributes:
        times_s: When each beat falls, as tracked, so that a wandering tempo shows, [K].
        tempo_bpm: Beats a minute of the steady beat that fits them best; not a number where the
            sound has no beats (too short, silent).
        clarity: How well the onsets repeat from beat to beat: 0 (noise) to 1 (a machine's beat).
        first_s: When that steady beat falls first, from the sound's beginning.
    """

    times_s: Times
    tempo_bpm: float
    clarity: float
    first_s: float = 0.0

    def steady_s(self, duration_s: float) -> Times:
        """Gives the beats of the steady tempo that fits best, through the whole sound.

        Args:
            duration_s: How long the sound is, in seconds.

        Returns:
            Times in seconds, [K]; empty where the sound has no beats.

        Example:
            >>> Beats(np.zeros(0), 120.0, 1.0, first_s=0.25).steady_s(1.5)
            array([0.25, 0.75, 1.25])
        """
        if not math.isfinite(self.tempo_bpm):
            return np.zeros(0)
        return np.arange(self.first_s, duration_s, 60 / self.tempo_bpm)


_NONE = Beats(np.zeros(0), math.nan, 0.0)


def onset_strength(sound: Tensor, sample_rate: int, *, hop_s: float = HOP_S) -> Curve:
    """Tells how much begins at each moment: the mean rise of the bands of a mel spectrogram in dB.

    Args:
        sound: A sound, [T] or [C, T]; channels are mixed.
        sample_rate: Its rate in Hz.
        hop_s: Distance between frames in seconds; frame n ends at ``n * hop_s``, at any rate.

    Returns:
        Rise in dB from the frame before, 0 or more, float32 [N] with N = T / sample_rate / hop_s
        rounded down, plus 1. An onset shows about 12 ms late.

    Source:
        Ellis, "Beat tracking by dynamic programming" (Journal of New Music Research 36, 2007),
        section 3.1.

    Example:
        >>> sound = torch.zeros(16_000)
        >>> sound[8000] = 1.0
        >>> curve = onset_strength(sound, 16_000)
        >>> len(curve), int(curve.argmax())
        (101, 51)
    """
    mono = sound if sound.ndim == 1 else sound.mean(dim=0)
    mono = torch.nan_to_num(mono.detach().float(), posinf=0.0, neginf=0.0)
    count = math.floor(len(mono) / (hop_s * sample_rate) + 1e-6) + 1
    n_fft = 2 ** round(math.log2(_WINDOW_S * sample_rate))
    padded = torch.cat([mono.new_zeros(n_fft), mono])
    starts = (torch.arange(count, dtype=torch.float64) * hop_s * sample_rate).round().long()
    parts = torch.split(starts, _FRAMES)
    power = torch.cat([_bands(padded, part, n_fft, sample_rate) for part in parts])
    if not bool(power.max() > 0):
        return np.zeros(count, np.float32)
    level_db = 10 * torch.log10(power / power.max() + 10 ** (-_RANGE_DB / 10))
    rise_db = level_db.diff(dim=0, prepend=level_db[:1]).clamp(min=0).mean(dim=1)
    return np.asarray(rise_db.numpy(), np.float32)


def _bands(padded: Tensor, starts: Tensor, n_fft: int, sample_rate: int) -> Tensor:
    """Mel powers of the frames of `n_fft` samples from `starts`, [N, bands]."""
    frames = padded[starts[:, None] + torch.arange(n_fft)] * torch.hann_window(n_fft)
    power = torch.view_as_real(torch.fft.rfft(frames)).square().sum(dim=-1)
    high_hz = min(_HIGH_HZ, sample_rate / 2)
    return power @ filterbank(MelBands(sample_rate, n_fft, _BANDS, _LOW_HZ, high_hz)).T


def track_beats(
    sound: Tensor, sample_rate: int, *, lowest_bpm: float = 60.0, highest_bpm: float = 200.0
) -> Beats:
    """Finds the beats of a sound, its tempo, and how clear they are.

    Of a tempo, its half and its double, the one nearer to 120 beats a minute is taken.

    Args:
        sound: A sound, [T] or [C, T]; channels are mixed.
        sample_rate: Its rate in Hz.
        lowest_bpm: Beats a minute of the slowest tempo looked for.
        highest_bpm: Of the fastest.

    Returns:
        Its beats; none where it is silent or shorter than three beats. Noise has a clarity of
        about 0, and times that mean nothing.

    Source:
        Ellis (2007), as `onset_strength`: autocorrelation under a log-Gaussian prior, then
        dynamic programming. Tempo and phase are then fitted to the tracked beats by least squares.

    Example:
        >>> sound = torch.zeros(8 * 16_000)
        >>> sound[::8000] = 1.0
        >>> beats = track_beats(sound, 16_000)
        >>> round(beats.tempo_bpm, 1), round(beats.clarity, 1), len(beats.times_s)
        (120.0, 1.0, 16)
    """
    strength = _begun(onset_strength(sound, sample_rate))
    even = _even(strength)
    likeness = _autocorrelation(even)
    fastest, slowest = 60 / highest_bpm / HOP_S, 60 / lowest_bpm / HOP_S
    lags = np.arange(math.floor(fastest), min(math.ceil(slowest), len(even) // _LEAST_BEATS) + 1)
    if not len(lags) or not likeness[0] > 0:
        return _NONE
    period = _period(likeness, lags)
    frames = _tracked(gaussian_filter1d(even, max(period / 32, 0.5)), period)
    frames = _heard(strength, frames)
    if len(frames) < _LEAST_BEATS:
        return _NONE
    times_s = np.maximum(_centred(strength, frames) * HOP_S - _EDGE_S, 0.0)
    beat_s, offset_s = _steady(times_s, period * HOP_S)
    return Beats(times_s, 60 / beat_s, _clarity(likeness, beat_s / HOP_S), offset_s % beat_s)


def _begun(strength: Curve) -> Curve:
    """Takes a sound that is on from its first moment for no stronger an onset than its others."""
    first = math.ceil(_WINDOW_S / HOP_S) + 1
    most = strength[first:].max(initial=0.0)
    return np.concatenate([np.minimum(strength[:first], most), strength[first:]])


def _even(strength: Curve) -> Times:
    """Onsets without what swells slowly, blurred a little, [N]."""
    curve = gaussian_filter1d(strength.astype(np.float64), _BLUR)
    return np.asarray(curve - gaussian_filter1d(curve, _DRIFT_S / HOP_S / 2), np.float64)


def _autocorrelation(curve: Times) -> Times:
    """How alike a curve is to itself, later by each number of frames, 1 at none, [N]."""
    count = len(curve)
    spectrum = np.fft.rfft(curve, 2 * count)
    products = np.fft.irfft(np.abs(spectrum) ** 2)[:count] / (count - np.arange(count))
    if not products[0] > 0:
        return np.zeros(count)
    return np.asarray(products / (products[0] + _FAINT**2 / (2 * math.pi * _BLUR)), np.float64)


def _period(likeness: Times, lags: NDArray[np.int_]) -> float:
    """The likeliest number of frames from beat to beat."""
    twice = np.interp(2.0 * lags, np.arange(len(likeness)), likeness)
    octaves = np.log2(60 / (lags * HOP_S) / LIKELY_BPM)
    likely = np.exp(-0.5 * (octaves / _LIKELY_OCTAVES) ** 2)
    score = np.maximum(likeness[lags] + 0.5 * twice, 0) * likely
    return float(lags[0]) + _summit(score, int(score.argmax()))


def _summit(curve: Times, place: int) -> float:
    """Where a parabola through a point and its neighbours is highest."""
    if not 0 < place < len(curve) - 1:
        return float(place)
    left, middle, right = curve[place - 1 : place + 2]
    bend = left - 2 * middle + right
    return place + (0.5 * (left - right) / bend if bend < 0 else 0.0)


def _tracked(curve: Times, period: float) -> NDArray[np.int_]:
    """The frames of the beats: strong onsets about a period apart, by dynamic programming."""
    steps = np.arange(round(2 * period), max(round(period / 2), 1) - 1, -1)
    cost = -_TIGHTNESS * np.log(steps / period) ** 2
    local = curve / max(float(curve.std()), 1e-9)
    total, before = local.copy(), np.full(len(local), -1)
    for frame in range(int(steps[-1]), len(local)):
        reach = steps[max(len(steps) - 1 - (frame - int(steps[-1])), 0) :]
        sums = total[frame - reach] + cost[-len(reach) :]
        best = int(sums.argmax())
        if sums[best] > 0:
            total[frame] += sums[best]
            before[frame] = frame - reach[best]
    last = len(total) - 1 - int(total[::-1][: max(round(period), 1)].argmax())
    return _traced(before, last)


def _traced(before: NDArray[np.int_], last: int) -> NDArray[np.int_]:
    """Follows links back from the last beat to the first."""
    frames = [last]
    while before[frames[-1]] >= 0:
        frames.append(int(before[frames[-1]]))
    return np.array(frames[::-1])


def _heard(strength: Curve, frames: NDArray[np.int_]) -> NDArray[np.int_]:
    """Leaves out beats before the first and after the last onset."""
    near = gaussian_filter1d(strength, _BLUR)[frames]
    loud = np.nonzero(near > 0.5 * math.sqrt(float(np.square(near).mean())))[0]
    return frames[loud[0] : loud[-1] + 1] if len(loud) else frames[:0]


def _centred(strength: Curve, frames: NDArray[np.int_]) -> Times:
    """Where around each frame the onset lies, to a part of a frame."""
    near = np.arange(-3, 4)
    around = np.pad(strength, 6)[frames[:, None] + near + 6]
    peaks = frames + near[around.argmax(axis=1)]
    near = np.arange(-1, 2)
    around = np.pad(strength, 6)[peaks[:, None] + near + 6] + 1e-9
    return np.asarray(peaks + (around * near).sum(axis=1) / around.sum(axis=1), np.float64)


def _steady(times_s: Times, beat_s: float) -> tuple[float, float]:
    """Period and offset in seconds of the steady beat that misses tracked beats least."""
    places = np.concatenate([[0], np.cumsum(np.maximum(np.rint(np.diff(times_s) / beat_s), 1))])
    kept = np.ones(len(times_s), bool)
    for _ in range(3):
        slope, offset = np.polyfit(places[kept], times_s[kept], 1)
        missed = np.abs(times_s - offset - slope * places)
        kept = missed <= max(3 * float(np.median(missed)), 0.005)
    return float(slope), float(offset)


def _clarity(likeness: Times, period: float) -> float:
    """How alike onsets are one and two beats later, beyond what chance gives."""
    lags = [period * k for k in (1, 2) if period * k * 1.02 + 1 < len(likeness) * 0.75]
    found = [float(likeness[round(lag * 0.98) : round(lag * 1.02) + 2].max()) for lag in lags]
    # blurred onsets tell as much as one free number every 7 frames
    chance = 2.5 / math.sqrt(max(len(likeness) / (2 * math.sqrt(math.pi) * _BLUR), 1.0))
    if not found or chance >= 1:
        return 0.0
    return min(max((sum(found) / len(found) - chance) / (1 - chance), 0.0), 1.0)
