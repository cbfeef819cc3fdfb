"""Two channels told by one and a few rows: which way each band lies, and how far apart it is heard.

A sound of two channels becomes a middle with the power of both, and for each of 24 bands and each
frame three numbers::

    side      (left power - right power) / (both)          -1 ... 1
    together  real part of the coherence of left and right  -1 ... 1
    turned    its imaginary part                            -1 ... 1

The way back spreads the middle: levels by ``side``; by ``together`` and ``turned`` the angle
between the channels, and how much of each is its own, which comes from a copy of the middle that
passed through a scatter of phases. What is told is what ears tell directions by; waveforms of the
channels themselves do not come back.
"""

import math
from functools import lru_cache
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.functional import avg_pool1d

from timbrel.errors import UsageError
from timbrel.signal.stft import FrameSpec, istft, stft

BANDS = 24
ROWS = 3 * BANDS
_LOWEST_HZ = 100.0
_TINY = 1e-12
_SMOOTH_FRAMES = 5  # over which a coherence is meant
_SCATTER_S = 0.02  # how far sound of its own is scattered in time


def downmix(sound: Tensor, frames: FrameSpec) -> Tensor:
    """Makes one channel that has, in every cell, the mean power of two.

    A plain mean would lose what the channels hold with opposite signs.

    Args:
        sound: The sound, [2, T].
        frames: How it is cut.

    Returns:
        The middle, [T].

    Raises:
        UsageError: When there are not two channels.

    Source:
        Breebaart, van de Par, Kohlrausch & Schuijers 2005, "Parametric coding of stereo audio",
        section 4.4: a downmix that keeps power.

    Example:
        >>> wide = torch.stack([torch.ones(400), -torch.ones(400)])
        >>> round(float(downmix(wide, FrameSpec(64, 16))[200]), 2)
        1.0
    """
    left, right = _spectra(sound, frames)
    power = (left.abs().square() + right.abs().square()) / 2
    louder = torch.where(left.abs() >= right.abs(), left, right)
    both = left + right
    # the phase of the sum; of the louder channel where the sum is nearly nothing
    leader = torch.where(both.abs().square() > 0.1 * power, both, louder)
    phase = torch.polar(torch.ones_like(power), leader.angle())
    return istft((power.sqrt() * phase)[None], frames, sound.shape[1])[0]


def told(sound: Tensor, frames: FrameSpec, *, sample_rate: int) -> Tensor:
    """Tells how the channels of a sound lie to each other.

    Args:
        sound: The sound, [2, T].
        frames: How it is cut.
        sample_rate: Its rate in Hz.

    Returns:
        Rows within 0..1, where 1/2 stands for nought, [72, N]: side, together, turned of 24 bands.

    Raises:
        UsageError: When there are not two channels.

    Source:
        Breebaart et al. 2005, section 4.2: level difference, coherence and phase difference.

    Example:
        >>> same = torch.randn(1, 4000).expand(2, -1)
        >>> rows = told(same, FrameSpec(512, 128), sample_rate=16_000)
        >>> [round(float(part.mean()), 2) for part in rows.split(24)]
        [0.5, 1.0, 0.5]
    """
    left, right = _spectra(sound, frames)
    bands = _bands(frames, sample_rate).to(sound.device)
    of_left, of_right = (_meant(bands @ one.abs().square()) for one in (left, right))
    cross = left * right.conj()
    along = torch.complex(_meant(bands @ cross.real), _meant(bands @ cross.imag))
    both = of_left + of_right + _TINY
    coherence = along / (of_left * of_right + _TINY**2).sqrt().clamp(min=_TINY)
    # a band that only one channel has is together with itself
    alone = torch.minimum(of_left, of_right) < 1e-4 * both
    coherence = torch.where(alone, torch.ones_like(coherence), coherence)
    rows = torch.cat([(of_left - of_right) / both, coherence.real, coherence.imag])
    return (0.5 + rows / 2).clamp(0, 1)


def spread(
    middle: Tensor, rows: Tensor, frames: FrameSpec, *, sample_rate: int, seed: int
) -> Tensor:
    """Makes two channels of one.

    Args:
        middle: The middle, [T].
        rows: What `told` tells, [72, N].
        frames: How it is cut.
        sample_rate: Its rate in Hz.
        seed: Seed of the scatter.

    Returns:
        The sound, [2, T].

    Raises:
        UsageError: When the rows do not fit.

    Source:
        Breebaart et al. 2005, section 4.5: the mixture of a signal and its decorrelated copy.

    Example:
        >>> rows, frames = torch.full((72, 8), 0.5), FrameSpec(512, 128)
        >>> rows[:24] = 1.0  # all on the left
        >>> left, right = spread(torch.randn(1024), rows, frames, sample_rate=8000, seed=0)
        >>> bool(right.abs().max() < 1e-3 * left.abs().max())
        True
    """
    spectrum = stft(middle[None], frames)[0]
    if rows.shape != (ROWS, spectrum.shape[1]):
        raise UsageError(f"rows of shape {tuple(rows.shape)}", f"[{ROWS}, {spectrum.shape[1]}]")
    back = _back(frames, sample_rate).to(middle.device)
    side, together, turned = (back @ (2 * part - 1) for part in rows.view(3, BANDS, -1))
    own = stft(_scattered(middle, sample_rate, seed)[None], frames)[0]
    held = (together.square() + turned.square()).sqrt().clamp(0, 1)
    # two channels with this coherence: each turned by half the angle, away from the other
    angle, apart = torch.atan2(turned, together) / 2, held.clamp(-1, 1).acos() / 2
    found = []
    for sign, share in ((1, (1 + side).clamp(0, 2)), (-1, (1 - side).clamp(0, 2))):
        mixed = spectrum * apart.cos() + sign * own * apart.sin()
        turn = torch.polar(torch.ones_like(angle), sign * angle)
        found.append(mixed * turn * share.sqrt())
    return istft(torch.stack(found), frames, len(middle))


def shares(rows: Tensor, frames: FrameSpec, *, sample_rate: int) -> Tensor:
    """Tells what a magnitude of the middle is multiplied by in each channel.

    Args:
        rows: What `told` tells, [72, N].
        frames: How it is cut.
        sample_rate: Its rate in Hz.

    Returns:
        Factors for left and right, 0 to the root of 2, [2, F, N].

    Example:
        >>> rows = torch.full((72, 8), 0.5)
        >>> shares(rows, FrameSpec(512, 128), sample_rate=8000)[:, 0, 0]
        tensor([1., 1.])
    """
    side = _back(frames, sample_rate).to(rows.device) @ (2 * rows[:BANDS] - 1)
    return torch.stack([(1 + side).clamp(0, 2).sqrt(), (1 - side).clamp(0, 2).sqrt()])


def _spectra(sound: Tensor, frames: FrameSpec) -> tuple[Tensor, Tensor]:
    if sound.ndim != 2 or len(sound) != 2:
        raise UsageError(f"a sound of shape {tuple(sound.shape)}", "two channels, [2, samples]")
    left, right = stft(sound, frames)
    return left, right


def _meant(bands: Tensor) -> Tensor:
    """The mean over a few frames: of one frame alone every coherence is one."""
    return avg_pool1d(bands[None], _SMOOTH_FRAMES, 1, _SMOOTH_FRAMES // 2, count_include_pad=False)[
        0
    ]


@lru_cache(maxsize=8)
def _edges(frames: FrameSpec, sample_rate: int) -> tuple[int, ...]:
    """First bins of the bands, and the one after the last: about even for ears."""
    top = sample_rate / 2
    steps = torch.linspace(0, math.log(top / _LOWEST_HZ), BANDS, dtype=torch.float64)
    hertz = _LOWEST_HZ * steps.exp()
    bins = (hertz / top * (frames.bins - 1)).round().long().tolist()
    edges = [0]
    for place in bins:
        edges.append(min(max(place, edges[-1] + 1), frames.bins))
    edges[-1] = frames.bins
    return tuple(edges)


@lru_cache(maxsize=8)
def _bands(frames: FrameSpec, sample_rate: int) -> Tensor:
    """Sums bins to bands, [24, F]."""
    edges, matrix = _edges(frames, sample_rate), torch.zeros(BANDS, frames.bins)
    for band, (low, high) in enumerate(pairwise(edges)):
        matrix[band, low:high] = 1.0
    return matrix


@lru_cache(maxsize=8)
def _back(frames: FrameSpec, sample_rate: int) -> Tensor:
    """Tells every bin what lies between the middles of its bands, [F, 24]."""
    edges = torch.tensor(_edges(frames, sample_rate), dtype=torch.float64)
    middles = (edges[:-1] + edges[1:] - 1) / 2
    place = torch.arange(frames.bins, dtype=torch.float64)
    after = torch.searchsorted(middles, place).clamp(1, BANDS - 1)
    span = (middles[after] - middles[after - 1]).clamp(min=1e-9)
    share = ((place - middles[after - 1]) / span).clamp(0, 1).float()
    matrix = torch.zeros(frames.bins, BANDS)
    rows = torch.arange(frames.bins)
    matrix[rows, after - 1] += 1 - share
    matrix[rows, after] += share
    return matrix


def _scattered(middle: Tensor, sample_rate: int, seed: int) -> Tensor:
    """The same sound with every frequency at a time of its own: as loud, and like no other."""
    size = max(16, round(_SCATTER_S * sample_rate))
    draws = torch.Generator().manual_seed(seed)
    noise = torch.randn(size, generator=draws) * torch.linspace(1, 0, size).square()
    length = len(middle) + size
    response = torch.fft.rfft(noise.to(middle.device), length)
    flat = response / response.abs().clamp(min=1e-9)
    found: Tensor = torch.fft.irfft(torch.fft.rfft(middle, length) * flat, length)
    return found[: len(middle)]
