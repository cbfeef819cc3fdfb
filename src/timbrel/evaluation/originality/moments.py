"""Moments: what a sound is like around each twentieth of a second, whatever its level.

A window is 0.4 s of a spectrogram: 8 frames, 50 ms apart, of 64 mel bands in dB below its own
strongest cell, in four parts from low to high that can be compared alone::

    window w    |f |f |f |f |f |f |f |f |             each f: 64 ms of sound, 4 x 16 bands
    window w+1     |f |f |f |f |f |f |f |f |

A recording has a window every 10 ms, what is compared with it one every 50 ms, so that no copy lies
further than 5 ms from a window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.signal.files import Sound
from timbrel.signal.levels import is_finite, is_silent, to_mono
from timbrel.signal.mel import MelBands, filterbank
from timbrel.signal.resampling import resample
from timbrel.signal.stft import FrameSpec, cut

SAMPLE_RATE = 16_000
FRAMES = FrameSpec(n_fft=1024, hop_samples=160)  # 64 ms, every 10 ms
HOP_S = FRAMES.hop_samples / SAMPLE_RATE
STRIDE = 5  # frames from a moment to the next
STEP_S = STRIDE * HOP_S
CONTEXT = 8  # moments in a window
CONTEXT_S = CONTEXT * STEP_S
PARTS = 4  # low to high
BANDS = 16  # mel bands of each part
FEWEST_CELLS = 8  # of a part, by which differences are shared out
LOW_HZ, HIGH_HZ = 30.0, 7200.0
RANGE_DB = 40.0  # below its strongest cell, nothing of a window counts
AUDIBLE_DB = 50.0  # moments so far below the loudest one are silence
FAINT_DB = 30.0  # a part so far below a moment's strongest is not heard beside it
SHORTEST_S, LONGEST_S = 0.5, 600.0
LOWEST_RATE = 8000
GAP_S = 1.0  # of silence between two recordings
_NYQUIST_SHARE = 0.9  # resampled sounds have nothing above
_ROWS = 2048  # frames or windows worked on at once
_TINY = 1e-20


@dataclass(frozen=True, eq=False)
class Moments:
    """The windows of a sound, and what can be heard when.

    Attributes:
        shapes_db: Levels of each part of each window around their mean, [PARTS, W, D].
        means_db: The mean of each part around the window's own, [PARTS, W].
        cells: How many cells of each part can be heard, [PARTS, W].
        heard: Which windows are not silent, [W].
        audible: Which moments are not silent, [N].
        parts_audible: Which parts can be heard at each moment, [PARTS, N].
    """

    shapes_db: Tensor
    means_db: Tensor
    cells: Tensor
    heard: Tensor
    audible: Tensor
    parts_audible: Tensor

    def __len__(self) -> int:
        """The number of windows W."""
        return len(self.heard)


def checked(sound: Sound, what: str) -> Sound:
    """Refuses sounds that have no moments.

    Args:
        sound: Any sound.
        what: What it is to whoever reads the message, such as "the recording".

    Returns:
        The sound.

    Raises:
        UsageError: When it is shorter than half a second or longer than ten minutes, is not
            finite, or its rate is below 8 kHz.
    """
    if sound.sample_rate < LOWEST_RATE:
        raise UsageError(f"{what} at {sound.sample_rate} Hz", f"{LOWEST_RATE} Hz or more")
    if not SHORTEST_S <= sound.duration_s <= LONGEST_S:
        raise UsageError(
            f"{what} of {sound.duration_s:.2f} s",
            f"{SHORTEST_S:g} to {LONGEST_S:g} s",
            "cut it, or join short sounds" if sound.duration_s else "",
        )
    if not is_finite(sound.samples):
        raise UsageError(f"{what} has samples that are not finite")
    return sound


def joined(recordings: Sequence[Sound], *, gap_s: float = GAP_S) -> Tensor:
    """Brings recordings to one channel, one rate and one level, and puts them end to end.

    Args:
        recordings: One or several, not all silent.
        gap_s: How much silence stands between two of them, in seconds.

    Returns:
        Samples at 16 kHz, [T].

    Raises:
        UsageError: When there is none, one cannot be heard in moments, all are silent, or they are
            longer than ten minutes together.
    """
    if not recordings:
        raise UsageError("no recording", "at least one")
    checked_ones = [checked(one, "the recording") for one in recordings]
    if all(is_silent(one.samples) for one in checked_ones):
        raise UsageError("a recording of silence", "a recording in which something sounds")
    total_s = sum(one.duration_s for one in checked_ones)
    if total_s > LONGEST_S:
        raise UsageError(f"recordings of {total_s:.0f} s", f"{LONGEST_S:g} s or less together")
    gap = torch.zeros(round(gap_s * SAMPLE_RATE))
    parts = [part for one in checked_ones for part in (_levelled(monaural(one)), gap)]
    return torch.cat(parts[:-1])


def monaural(sound: Sound) -> Tensor:
    """Brings a sound to one channel and to the rate at which moments are heard.

    Args:
        sound: Any sound.

    Returns:
        Samples at 16 kHz, [T].
    """
    mono = to_mono(sound.samples.detach().float())[0]
    return resample(mono, from_hz=sound.sample_rate, to_hz=SAMPLE_RATE)


def _levelled(sound: Tensor) -> Tensor:
    return sound / sound.square().mean().sqrt().clamp(min=1e-9)


def top_hz(sample_rate: int) -> float:
    """Says up to which frequency sounds are compared.

    Args:
        sample_rate: The lowest rate of all of them, in Hz.

    Returns:
        The frequency in Hz, 7,200 at most.

    Example:
        >>> top_hz(44_100), top_hz(8_000)
        (7200.0, 3600.0)
    """
    return min(HIGH_HZ, _NYQUIST_SHARE * sample_rate / 2)


def hear(sound: Tensor, *, sample_rate: int, stride: int) -> Moments:
    """Takes the windows of a sound.

    Args:
        sound: Samples at 16 kHz, [T], half a second or more.
        sample_rate: The lowest rate in Hz of all sounds that are compared; what it cannot hold
            does not count.
        stride: Frames of 10 ms from a window to the next: 1 for a recording, `STRIDE` for what is
            compared with it.

    Returns:
        Its windows, and its moments every `stride` frames: window w begins with moment w.

    Example:
        >>> noise = torch.randn(16_000, generator=torch.Generator().manual_seed(0))
        >>> moments = hear(noise, sample_rate=44_100, stride=STRIDE)
        >>> len(moments), moments.shapes_db.shape, len(moments.audible)
        (13, torch.Size([4, 13, 128]), 20)
    """
    levels_db = _levels_db(sound, top_hz(sample_rate))
    parts_db = levels_db.view(len(levels_db), PARTS, BANDS).amax(dim=2)[::stride]
    peaks_db = parts_db.amax(dim=1)
    loudest = peaks_db.max()
    audible = peaks_db > max(float(loudest) - AUDIBLE_DB, -100.0)
    windows = levels_db.unfold(0, STRIDE * (CONTEXT - 1) + 1, stride)[:, :, ::STRIDE]
    spaced = audible.unfold(0, STRIDE // stride * (CONTEXT - 1) + 1, 1)[:, :: STRIDE // stride]
    shapes = [
        _shapes(part, float(loudest) - AUDIBLE_DB - RANGE_DB / 2)
        for part in torch.split(windows, _ROWS)
    ]
    return Moments(
        shapes_db=torch.cat([one[0] for one in shapes], dim=1),
        means_db=torch.cat([one[1] for one in shapes], dim=1),
        cells=torch.cat([one[2] for one in shapes], dim=1),
        heard=spaced.any(dim=1),
        audible=audible,
        parts_audible=((parts_db > peaks_db[:, None] - FAINT_DB) & audible[:, None]).T,
    )


def _levels_db(sound: Tensor, high_hz: float) -> Tensor:
    """Levels of mel bands, [N, PARTS * BANDS]; 0 dB is a full-scale tone, about."""
    bands = MelBands(SAMPLE_RATE, FRAMES.n_fft, PARTS * BANDS, LOW_HZ, high_hz)
    window = FRAMES.taper(sound.device)
    weights = filterbank(bands).T
    found = [
        torch.view_as_real(torch.fft.rfft(part * (window / window.sum()))).square().sum(dim=-1)
        @ weights
        for part in torch.split(cut(sound[None], FRAMES)[0], _ROWS)
    ]
    return 10 * torch.log10(torch.cat(found).clamp(min=_TINY))


def _shapes(windows_db: Tensor, floor_db: float) -> tuple[Tensor, Tensor, Tensor]:
    """Parts of windows [W, bands, CONTEXT] around their means, these around the whole's, cells."""
    lowest = (windows_db.amax(dim=(1, 2), keepdim=True) - RANGE_DB).clamp(min=floor_db)
    parts = torch.maximum(windows_db, lowest).reshape(len(windows_db), PARTS, -1)
    means = parts.mean(dim=2)
    shapes = (parts - means[..., None]).transpose(0, 1).contiguous()
    cells = (parts > lowest).sum(dim=2).clamp(min=FEWEST_CELLS).float()
    return shapes, (means - means.mean(dim=1, keepdim=True)).T, cells.T
