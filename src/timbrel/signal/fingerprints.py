"""Fingerprints that tell whether two sounds are the same recording, even for a tenth of a second.

A sound becomes a row of short spectra. Two stretches are the same where their spectra, at one gain,
differ by less than `SAME_DB`: what a change of level, file format or sample rate leaves alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn import functional

from timbrel.signal.resampling import resample

SAMPLE_RATE = 16_000
WINDOW_SAMPLES = 512  # 32 ms
HOP_SAMPLES = 32  # 2 ms: sounds are laid on each other to the millisecond
STRIDE = 2  # and compared every 4 ms
LOW_RATIO = 8  # low partials are told apart at 2 kHz,
LOW_WINDOW_SAMPLES = 256  # by 128 ms
PARTIALS_BELOW_HZ, HIGH_HZ = 400.0, 7600.0
_LOW_BINS = slice(4, 51)  # 31 to 391 Hz, every 7.8 Hz
_WIDE_BANDS = 53
BANDS = 47 + _WIDE_BANDS
RANGE_DB = (
    40.0  # below its strongest band, nothing of a frame counts; nor of a sound, below its peak
)
SAME_DB = 2.5
SMOOTHED_FRAMES = 5  # 20 ms: one odd frame ends no copy
FARTHEST_DB = 10.0
LEAST_OVERLAP = 0.8


@dataclass(frozen=True)
class Fingerprint:
    """What is kept of a sound to know it again.

    Attributes:
        bands_db: Each frame's bands below its strongest, from -`RANGE_DB` to 0, [N, `BANDS`].
        levels_db: Each frame's strongest band, from -`RANGE_DB` to 0 below the sound's, [N].
    """

    bands_db: Tensor
    levels_db: Tensor

    @property
    def audible_ms(self) -> float:
        """How long the sound can be heard: from the first to the last frame above the range."""
        return len(self.levels_db) * HOP_SAMPLES * 1000 / SAMPLE_RATE


def fingerprint(samples: Tensor, sample_rate: int) -> Fingerprint:
    """Takes the fingerprint of a sound.

    Args:
        samples: A sound, [T] or [C, T]; channels are mixed. It is compared from its first to its
            last moment within `RANGE_DB` of its strongest.
        sample_rate: Its rate in Hz; what lies above 7.6 kHz or below 30 Hz does not count.

    Returns:
        Its fingerprint, of N = 0 frames for silence.

    Source:
        After Haitsma and Kalker, "A highly robust audio fingerprinting system" (2002): band
        energies of heavily overlapping frames. Here they are kept in dB and not as one bit each,
        because the bits of a steady or a very short sound say too little.

    Example:
        >>> tone = torch.sin(torch.arange(8000) * 0.3)
        >>> fingerprint(tone, 16_000).audible_ms
        526.0
    """
    mono = samples if samples.ndim == 1 else samples.mean(dim=0)
    heard = resample(mono.float(), from_hz=sample_rate, to_hz=SAMPLE_RATE)
    power = _powers(heard)
    if not bool(power.max() > 0):  # silence, or values that are no numbers
        return Fingerprint(power[:0], power[:0, 0])
    level_db = 10 * torch.log10(power / power.max() + 1e-12)
    return _audible(level_db, level_db.amax(dim=1).clamp(min=-RANGE_DB))


def _powers(heard: Tensor) -> Tensor:
    """Bands above `PARTIALS_BELOW_HZ` of 32 ms, and bins below it of 128 ms, [N, `BANDS`]."""
    wide = _frames(heard, WINDOW_SAMPLES, HOP_SAMPLES) @ _bands()
    low = resample(heard, from_hz=SAMPLE_RATE, to_hz=SAMPLE_RATE // LOW_RATIO)
    partials = _frames(low, LOW_WINDOW_SAMPLES, HOP_SAMPLES // LOW_RATIO)
    # both kinds of frames are centred, the first before the sound by half its own window
    earlier = (LOW_WINDOW_SAMPLES * LOW_RATIO - WINDOW_SAMPLES) // (2 * HOP_SAMPLES)
    partials = partials[earlier : earlier + len(wide), _LOW_BINS]
    missing = len(wide) - len(partials)
    return torch.cat([functional.pad(partials, (0, 0, 0, missing)), wide], dim=1)


def _frames(sound: Tensor, window_samples: int, hop_samples: int) -> Tensor:
    """Power of frames, the first of which ends where the sound begins; 1/4 for a full tone."""
    window = torch.hann_window(window_samples)
    padded = functional.pad(sound, (window_samples, window_samples))
    frames = padded.unfold(0, window_samples, hop_samples) * (window / window.sum())
    power: Tensor = torch.fft.rfft(frames).abs().square()
    return power


def _audible(band_levels_db: Tensor, levels_db: Tensor) -> Fingerprint:
    """The frames from the first to the last that can be heard."""
    places = torch.nonzero(levels_db > -RANGE_DB)[:, 0]
    kept = slice(int(places[0]), int(places[-1]) + 1)
    relative = (band_levels_db - levels_db[:, None]).clamp(min=-RANGE_DB)
    return Fingerprint(relative[kept].clone(), levels_db[kept].clone())


@lru_cache(maxsize=1)
def _bands() -> Tensor:
    """Triangles, each at least one bin wide, even on the mel scale of O'Shaughnessy, [F, 53]."""
    low, high = (2595 * math.log10(1 + hz / 700) for hz in (PARTIALS_BELOW_HZ, HIGH_HZ))
    edges_hz = 700 * (10 ** (torch.linspace(low, high, _WIDE_BANDS + 2) / 2595) - 1)
    bin_hz = SAMPLE_RATE / WINDOW_SAMPLES
    bins_hz = torch.arange(WINDOW_SAMPLES // 2 + 1)[:, None] * bin_hz
    widths_hz = edges_hz.diff().clamp(min=bin_hz)
    rise = (bins_hz - edges_hz[:-2]) / widths_hz[:-1]
    fall = (edges_hz[2:] - bins_hz) / widths_hz[1:]
    return torch.minimum(rise, fall).clamp(min=0)


def copied_run_ms(a: Fingerprint, b: Fingerprint) -> float:
    """Measures the longest stretch over which two sounds are the same, up to one gain.

    A stretch is the same where, at one shift and one gain, the bands differ by less than `SAME_DB`
    (root mean square over bands, smoothed over 20 ms).

    Args:
        a: A sound.
        b: Another.

    Returns:
        The length of the stretch in ms; 0 where there is none. A stretch within other material is
        measured up to 80 ms too short, because frames reach beyond its ends.

    Example:
        >>> noise = torch.randn(8000, generator=torch.Generator().manual_seed(0))
        >>> whole, part = fingerprint(noise, 16_000), fingerprint(0.5 * noise[2000:6000], 16_000)
        >>> 170 < copied_run_ms(whole, part) < 260
        True
    """
    return max(_longest_run(*laid) for laid in _laid_on_each_other(a, b)) * _step_ms()


def fingerprint_distance(a: Fingerprint, b: Fingerprint) -> float:
    """Measures how far two sounds are from being the same recording, at their best alignment.

    Of all shifts at which at least 80 % of the shorter sound lies on the longer one, the least mean
    difference. A part of a sound is as near to it as the whole.

    Args:
        a: A sound, from about 50 ms.
        b: Another.

    Returns:
        From 0 (the same up to gain) to 1 (`FARTHEST_DB` or more apart, or one of them silent). A
        re-encoded sound lies at about 0.1; see docs/evaluation.md.

    Example:
        >>> noise = torch.randn(2, 8000, generator=torch.Generator().manual_seed(0))
        >>> one, other = fingerprint(noise[0], 16_000), fingerprint(noise[1], 16_000)
        >>> round(fingerprint_distance(one, one), 2), fingerprint_distance(one, other) > 0.3
        (0.0, True)
    """
    return min(_mean_distance(*laid) for laid in _laid_on_each_other(a, b))


def _step_ms() -> float:
    return STRIDE * HOP_SAMPLES * 1000 / SAMPLE_RATE


def _laid_on_each_other(a: Fingerprint, b: Fingerprint) -> list[tuple[Tensor, Tensor]]:
    """Squared differences and where there are any, [frames of a, shifts], at two half steps."""
    fixed = Fingerprint(b.bands_db[::STRIDE], b.levels_db[::STRIDE])
    return [
        _at_every_shift(Fingerprint(a.bands_db[first::STRIDE], a.levels_db[first::STRIDE]), fixed)
        for first in range(STRIDE)
    ]


def _at_every_shift(a: Fingerprint, b: Fingerprint) -> tuple[Tensor, Tensor]:
    """Mean squared difference in dB² at the shift's own gain, and where both are, [N, shifts]."""
    if not len(a.levels_db) or not len(b.levels_db):
        return torch.zeros(1, 1), torch.zeros(1, 1, dtype=torch.bool)
    shapes = _diagonals(squared_differences(a.bands_db, b.bands_db))
    gains_db = _diagonals(a.levels_db[:, None] - b.levels_db[None])
    both = _diagonals(torch.ones(len(a.levels_db), len(b.levels_db))) > 0
    alike = both & (shapes < SAME_DB**2)
    gain_db = gains_db.masked_fill(~alike, math.nan).nanmedian(dim=0).values.nan_to_num(0.0)
    return (shapes + (gains_db - gain_db).square()) * both, both


def squared_differences(a_db: Tensor, b_db: Tensor) -> Tensor:
    """Gives the mean squared difference over bands of every two frames.

    Args:
        a_db: Bands of frames in dB, [N, F].
        b_db: Bands of other frames in dB, [M, F].

    Returns:
        Differences in dB², [N, M].

    Example:
        >>> squared_differences(torch.tensor([[0.0, -3.0]]), torch.tensor([[0.0, -1.0]]))
        tensor([[2.]])
    """
    squares = a_db.square().sum(dim=1)[:, None] + b_db.square().sum(dim=1)[None]
    return (squares - 2 * a_db @ b_db.T).clamp(min=0) / a_db.shape[1]


def _diagonals(cells: Tensor) -> Tensor:
    """Lays the diagonals of [N, M] beside each other: [N, N + M - 1], zeros where there is none.

    Column k holds cells[i, i + k - (N - 1)].
    """
    rows, columns = cells.shape
    padded = functional.pad(cells, (rows - 1, rows - 1))
    return padded.as_strided((rows, rows + columns - 1), (padded.shape[1] + 1, 1))


def _longest_run(squares: Tensor, both: Tensor) -> int:
    """The longest unbroken stretch of a column, in frames."""
    hopeful = (both & (squares < SAME_DB**2)).any(dim=0)
    if not bool(hopeful.any()):
        return 0
    squares, both = squares[:, hopeful], both[:, hopeful]
    same = both & (_smoothed(squares) < SAME_DB**2 * _smoothed(both.float()))
    running = longest = torch.zeros(same.shape[1], dtype=torch.long)
    for row in same:
        running = (running + 1) * row
        longest = torch.maximum(longest, running)
    return int(longest.max())


def _smoothed(columns: Tensor) -> Tensor:
    """Sums over `SMOOTHED_FRAMES` rows around each."""
    around = SMOOTHED_FRAMES // 2
    padded = functional.pad(columns, (0, 0, around, around))
    shifted = [padded[first : first + len(columns)] for first in range(SMOOTHED_FRAMES)]
    return torch.stack(shifted).sum(dim=0)


def _mean_distance(squares: Tensor, both: Tensor) -> float:
    counts = both.sum(dim=0)
    if not int(counts.max()):
        return 1.0
    means_db = squares.sqrt().sum(dim=0) / counts.clamp(min=1)
    enough = counts >= LEAST_OVERLAP * counts.max()
    return min(1.0, float(means_db[enough].min()) / FARTHEST_DB)
