"""Traits: what a sound is like on the whole, whatever happens in it when.

Level does not count. Everything is heard at 16 kHz, as moments are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel.evaluation.metrics.modulation_error import modulation_depths
from timbrel.evaluation.originality.moments import SAMPLE_RATE, top_hz
from timbrel.signal.levels import loudness_lufs
from timbrel.signal.mel import MelBands, filterbank
from timbrel.signal.stft import FrameSpec, cut
from timbrel.signal.tempo import HOP_S, onset_strength

# Windows of 16, 64 and 256 ms, and as many mel bands as each can tell apart.
SCALES = ((256, 20), (1024, 40), (4096, 80))
LOW_HZ = 60.0
FLOOR_DB = 60.0
LOUD = 0.999  # of the cells lie below 0 dB: one click moves no floor
ENVELOPE_S = 0.05
QUANTILES = np.linspace(0.025, 0.975, 39)
PITCH_FRAMES = FrameSpec(n_fft=8192, hop_samples=2048)  # half a second: 2 Hz
LOWEST_PITCH_HZ, HIGHEST_PITCH_HZ, PITCH_RANGE_DB = 55.0, 2000.0, 40.0
RHYTHM_S = (0.1, 2.0)
LOUDNESS_S, LOUDNESS_STEP_S, FEWEST_LOUDNESSES = 3.0, 1.0, 6
LOUDNESS_GATE_LU = 20.0
LOUDEST, QUIETEST = 95.0, 10.0  # percentiles
_PIECE_S = 25.0  # of which modulations are taken at once
_ROWS = 256

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Traits:
    """Statistics of a sound.

    Attributes:
        levels_db: Mean level of each mel band at each scale, around the mean of all, [K].
        spreads_db: How far its level strays from this mean, as a standard deviation, [K].
        modulations_db: As `modulation_depths`, [bands, octaves].
        band_levels_db: The level of each of these bands, [bands].
        envelope_db: Quantiles of the levels of 50 ms, around the level of the whole, [Q].
        pitch_classes: The share of each of the twelve in the partials from 55 Hz to 2 kHz, C first;
            not numbers where there are no partials, [12].
        rhythm: How alike the onsets are to themselves 0.1 to 2 s later, every 10 ms, -1 to 1; not
            numbers where the sound is shorter than 4 s, or has none, [L].
        loudness_range_lu: How far the loudness of 3 s goes up and down; not a number for sounds
            shorter than 8 s.
    """

    levels_db: Floats
    spreads_db: Floats
    modulations_db: Floats
    band_levels_db: Floats
    envelope_db: Floats
    pitch_classes: Floats
    rhythm: Floats
    loudness_range_lu: float


def traits(sound: Tensor, *, sample_rate: int) -> Traits:
    """Measures what a sound is like on the whole.

    Args:
        sound: Samples at 16 kHz, [T], half a second or more, not silent.
        sample_rate: The lowest rate in Hz of all sounds that are compared; what it cannot hold
            does not count.

    Returns:
        Its statistics.

    Source:
        Modulations: McDermott and Simoncelli, "Sound texture perception via statistics of the
        auditory periphery" (2011). Loudness range: EBU Tech 3342 (2016), here of gated loudness.

    Example:
        >>> tone = torch.sin(2 * torch.pi * 440 / 16_000 * torch.arange(64_000))
        >>> int(traits(tone, sample_rate=16_000).pitch_classes.argmax())  # an A
        9
    """
    means, spreads = zip(*(_scale(sound, sample_rate, *one) for one in SCALES), strict=True)
    depths, bands = _modulations(sound, sample_rate)
    return Traits(
        levels_db=np.concatenate(means),
        spreads_db=np.concatenate(spreads),
        modulations_db=depths,
        band_levels_db=bands,
        envelope_db=_envelope_db(sound),
        pitch_classes=_pitch_classes(sound),
        rhythm=_rhythm(sound),
        loudness_range_lu=_loudness_range_lu(sound),
    )


def _scale(sound: Tensor, sample_rate: int, n_fft: int, mels: int) -> tuple[Floats, Floats]:
    """Mean level of each band around the mean of all, and its standard deviation over time."""
    frames = FrameSpec(n_fft, n_fft // 2)
    bank = filterbank(MelBands(SAMPLE_RATE, n_fft, mels, LOW_HZ, top_hz(sample_rate))).T
    power = torch.cat([part @ bank for part in _powers(sound, frames)])
    loud = np.quantile(power.numpy(), LOUD) or float(power.max())
    level_db = 10 * torch.log10((power / loud).clamp(min=10 ** (-FLOOR_DB / 10)))
    means = level_db.mean(dim=0).double()
    spreads = level_db.double().std(dim=0, correction=0)
    return (means - means.mean()).numpy(), spreads.numpy()


def _powers(sound: Tensor, frames: FrameSpec) -> list[Tensor]:
    """Power spectra [N, F], in pieces that need little memory."""
    taper = frames.taper(sound.device)
    return [
        torch.view_as_real(torch.fft.rfft(part * taper)).square().sum(dim=-1)
        for part in torch.split(cut(sound[None], frames)[0], _ROWS)
    ]


def _modulations(sound: Tensor, sample_rate: int) -> tuple[Floats, Floats]:
    """Modulation depths, and levels of their bands, as means over pieces of the sound."""
    count = max(1, math.ceil(len(sound) / (_PIECE_S * SAMPLE_RATE)))
    pieces = [piece for piece in torch.tensor_split(sound, count) if bool(piece.abs().max() > 0)]
    found = [modulation_depths(piece, SAMPLE_RATE) for piece in pieces]
    depths = torch.stack([depth for depth, _ in found]).double().mean(dim=0)
    levels_db = torch.stack([level_db for _, level_db in found]).double().mean(dim=0)
    bands_hz = MelBands(SAMPLE_RATE, 256, len(levels_db), 50.0, 7500.0)
    weights = filterbank(bands_hz)
    beyond = weights[:, round(top_hz(sample_rate) / SAMPLE_RATE * 256) + 1 :].sum(dim=1)
    inside = beyond <= 0.5 * weights.sum(dim=1)
    return depths[inside].numpy(), levels_db[inside].numpy()


def _envelope_db(sound: Tensor) -> Floats:
    size = round(ENVELOPE_S * SAMPLE_RATE)
    frames = sound[: len(sound) // size * size].reshape(-1, size)
    power = frames.double().square().mean(dim=1).numpy()
    level_db = 10 * np.log10(np.maximum(power / power.mean(), 10 ** (-FLOOR_DB / 10)))
    return np.asarray(np.quantile(level_db, QUANTILES), np.float64)


def _pitch_classes(sound: Tensor) -> Floats:
    """Shares of the amplitudes of partials: bins that are stronger than their neighbours."""
    sums = np.zeros(12)
    bin_hz = SAMPLE_RATE / PITCH_FRAMES.n_fft
    low, high = round(LOWEST_PITCH_HZ / bin_hz), round(HIGHEST_PITCH_HZ / bin_hz)
    for power in _powers(sound, PITCH_FRAMES):
        level = power[:, low - 1 : high + 2].clamp(min=1e-20).log()
        left, middle, right = level[:, :-2], level[:, 1:-1], level[:, 2:]
        loud = middle > middle.amax() - PITCH_RANGE_DB / 10 * math.log(10)
        frame, place = torch.nonzero((middle > left) & (middle >= right) & loud, as_tuple=True)
        around = [one[frame, place] for one in (left, middle, right)]
        bend = (around[0] - 2 * around[1] + around[2]).clamp(max=-1e-6)
        bins = low + place + (around[0] - around[2]) / (2 * bend)
        semitones = 69 + 12 * torch.log2(bins * bin_hz / 440)
        sums += _shared_out(semitones.double().numpy(), (around[1] / 2).exp().double().numpy())
    return sums / sums.sum() if sums.sum() > 0 else np.full(12, np.nan)


def _shared_out(semitones: Floats, weights: Floats) -> Floats:
    """Sums weights into the two nearest pitch classes, each by how near it is, [12]."""
    below = np.floor(semitones).astype(int)
    beyond = semitones - below
    return np.asarray(
        np.bincount(below % 12, weights * (1 - beyond), 12)
        + np.bincount((below + 1) % 12, weights * beyond, 12),
        np.float64,
    )


def _rhythm(sound: Tensor) -> Floats:
    first, last = (round(lag_s / HOP_S) for lag_s in RHYTHM_S)
    strength = onset_strength(sound, SAMPLE_RATE).astype(np.float64)
    moves = strength - strength.mean()
    energy = float(moves @ moves) / len(moves)
    if len(moves) < 2 * last or not energy > 0:
        return np.full(last - first, np.nan)
    spectrum = np.fft.rfft(moves, 2 * len(moves))
    alike = np.fft.irfft(np.abs(spectrum) ** 2)[first:last]
    return np.asarray(alike / (len(moves) - np.arange(first, last)) / energy, np.float64)


def _loudness_range_lu(sound: Tensor) -> float:
    """The way from the 10th to the 95th percentile of the loudness of three seconds, in LU."""
    size, step = (round(length_s * SAMPLE_RATE) for length_s in (LOUDNESS_S, LOUDNESS_STEP_S))
    starts = range(0, len(sound) - size + 1, step)
    if len(starts) < FEWEST_LOUDNESSES:
        return math.nan
    found = np.array(
        [loudness_lufs(sound[None, start : start + size], SAMPLE_RATE) for start in starts]
    )
    heard = found[np.isfinite(found)]
    if not len(heard):
        return math.nan
    mean = 10 * math.log10(float(np.mean(10 ** (heard / 10))))
    kept = heard[heard >= mean - LOUDNESS_GATE_LU]
    low, high = np.percentile(kept, [QUIETEST, LOUDEST])
    return float(high - low)


def halves(sound: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Cuts a sound into two halves in three ways: quarters 1 2 and 3 4, 1 3 and 2 4, 1 4 and 2 3.

    Args:
        sound: Samples, [T].

    Returns:
        Three pairs of halves.

    Example:
        >>> [(a.tolist(), b.tolist()) for a, b in halves(torch.arange(4))][1]
        ([0, 2], [1, 3])
    """
    quarters = torch.tensor_split(sound, 4)
    pairs = (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2)))
    return [
        (torch.cat([quarters[k] for k in one]), torch.cat([quarters[k] for k in other]))
        for one, other in pairs
    ]
