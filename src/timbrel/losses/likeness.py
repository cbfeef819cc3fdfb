"""How far made sounds are from real ones as a crowd: the levels of their bands, in dB.

No made sound has a real one that it should be equal to, so that what is compared is how often each
band has which level, and how often a level changes how much: steady noise of the right colour is
far from music. A loss of a critic says who is ahead; this says how far the sounds are off.
"""

import math

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.signal.stft import FrameSpec, in_small_batches, power

FRAME_S = 0.05  # as long as a level is heard to hold
SHORTEST_FRAME_SAMPLES = 16
RANGE_DB = 80.0  # below the loudest real band; what is softer counts as silence
RANKS = 256  # at which two distributions are compared
LAGS_FRAMES = (1, 4)  # over which levels change
_TINY = 1e-20  # power of silence


def band_level_distance(made: Tensor, real: Tensor, sample_rate: int) -> Tensor:
    """Computes how far the levels of made sounds' bands are from those of real ones; 0 is alike.

    Levels are those of bands of half an octave in frames of about 50 ms, every 25 ms. What is more
    than 80 dB below the loudest real band is silence.

    Args:
        made: Waveforms, [B, T].
        real: Other waveforms of the same rate, [B', T'].
        sample_rate: Their rate in Hz.

    Returns:
        See `level_distance`; a scalar in dB.

    Raises:
        UsageError: When either is no batch of sounds of 64 samples or more.

    Example:
        >>> noise = torch.randn(2, 8000, generator=torch.Generator().manual_seed(0))
        >>> round(float(band_level_distance(noise / 2, noise, 16_000)), 1)
        6.0
    """
    frames = _frames(min(_length(made), _length(real)), sample_rate)
    return level_distance(*_floored(band_levels_db(made, frames), band_levels_db(real, frames)))


def level_distance(made_db: Tensor, real_db: Tensor) -> Tensor:
    """Computes how far two crowds of levels are apart, and the ways they change; 0 is alike.

    Args:
        made_db: Levels in dB, [B, K, N].
        real_db: Others of the same bands, [B', K, N'].

    Returns:
        The `crowd_distance` of levels, plus the mean of those of their changes over one frame and
        over four; a scalar in dB.

    Raises:
        UsageError: When the numbers of bands differ.

    Example:
        >>> float(level_distance(torch.zeros(1, 2, 8), torch.full((3, 2, 5), -4.0)))
        4.0
    """
    lags = [lag for lag in LAGS_FRAMES if lag < min(made_db.shape[2], real_db.shape[2])]
    changes = [crowd_distance(_changes(made_db, lag), _changes(real_db, lag)) for lag in lags]
    return crowd_distance(made_db, real_db) + sum(changes) / max(1, len(changes))


def crowd_distance(made: Tensor, real: Tensor) -> Tensor:
    """Computes how far two crowds of numbers are apart, band by band; 0 is alike.

    All numbers of a band count together, whichever sound and frame they come from.

    Args:
        made: Numbers, [B, K, N].
        real: Others of the same bands, [B', K, N'].

    Returns:
        The mean over bands of the distance between the two distributions, a scalar in their unit:
        by so much a number must move, on average, to make one distribution the other.

    Raises:
        UsageError: When the numbers of bands differ.

    Source:
        The 1-Wasserstein distance on the line, the mean difference of quantiles: Vallender 1974.

    Example:
        >>> float(crowd_distance(torch.tensor([[[0.0, 2.0]]]), torch.tensor([[[2.0, 0.0, 1.0]]])))
        0.0
    """
    if made.shape[1] != real.shape[1]:
        raise UsageError(f"{made.shape[1]} bands", f"{real.shape[1]} bands, as the others have")
    return (_ranked(made) - _ranked(real)).abs().mean()


def band_levels_db(sound: Tensor, frames: FrameSpec) -> Tensor:
    """Tells the levels of a sound's half-octave bands over time.

    Args:
        sound: Waveforms, [B, T].
        frames: How they are cut.

    Returns:
        The power in each band in dB, [B, K, N], the lowest band first; silence is -200 dB.

    Example:
        >>> band_levels_db(torch.zeros(1, 64), FrameSpec(16, 8))[0, :, 0]
        tensor([-200., -200., -200., -200., -200.])
    """
    edges = _edges(frames.bins)

    def bands(part: Tensor) -> Tensor:
        cells = power(part, frames)
        return torch.stack([cells[:, low:high].sum(1) for low, high in edges], dim=1)

    return 10 * in_small_batches(bands, sound.float(), frames).clamp(min=_TINY).log10()


def _edges(bins: int) -> list[tuple[int, int]]:
    """First bin and the one after the last of each band, from the lowest; bin 0 is no sound."""
    steps = range(2 * math.ceil(math.log2(bins)) + 1)
    starts = sorted({max(1, round((bins - 1) * 2 ** (-step / 2))) for step in steps} - {bins - 1})
    return list(zip(starts, [*starts[1:], bins], strict=True))


def _frames(length_samples: int, sample_rate: int) -> FrameSpec:
    wanted = max(64.0, FRAME_S * sample_rate)
    longest = length_samples // 4
    n_fft = 2 ** math.floor(math.log2(min(wanted * math.sqrt(2), longest)))
    return FrameSpec(n_fft, n_fft // 2)


def _floored(made_db: Tensor, real_db: Tensor) -> tuple[Tensor, Tensor]:
    floor = real_db.amax() - RANGE_DB
    return made_db.maximum(floor), real_db.maximum(floor)


def _length(sound: Tensor) -> int:
    if sound.ndim != 2 or not len(sound) or sound.shape[1] < 4 * SHORTEST_FRAME_SAMPLES:
        raise UsageError(
            f"sounds of shape {tuple(sound.shape)}",
            f"[batch, samples] with {4 * SHORTEST_FRAME_SAMPLES} samples or more",
        )
    return int(sound.shape[1])


def _changes(levels: Tensor, lag: int) -> Tensor:
    return levels[..., lag:] - levels[..., :-lag]


def _ranked(levels: Tensor) -> Tensor:
    """Quantiles of each band's levels, [K, RANKS], between the two nearest in order."""
    ordered = levels.transpose(0, 1).flatten(1).sort(dim=1).values
    last = ordered.shape[1] - 1
    place = (torch.arange(RANKS, device=levels.device) + 0.5) / RANKS * last
    low = place.floor().long()
    high = (low + 1).clamp(max=last)
    return torch.lerp(ordered[:, low], ordered[:, high], place - low)
