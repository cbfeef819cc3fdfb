"""Other sampling rates of sounds in memory: whole ones, and ones that come in parts."""

import math
from collections.abc import Iterable, Iterator

import numpy as np
import soxr
import torch
from torch import Tensor

from timbrel.errors import UsageError

# soxr's filter at its best quality is shorter than this on either side, at the lower rate.
FILTER_SAMPLES = 1024


def resample(samples: Tensor, *, from_hz: int, to_hz: int) -> Tensor:
    """Changes the sample rate, anti-aliased, in the best quality there is.

    What is above half the lower rate is gone (by more than 100 dB), what is below 0.91 of it
    stays within 0.01 dB, and nothing moves in time.

    Args:
        samples: Sounds, [..., T].
        from_hz: Their rate in Hz, above 0.
        to_hz: The wanted rate in Hz, above 0.

    Returns:
        The sounds, [..., T'], T' = T * to_hz / from_hz rounded (at least 1 where T is); float32
        on the CPU is the kind it works in, other kinds are given back as they came.

    Raises:
        UsageError: For a rate below 1 Hz.

    Source:
        R. Sykes, the SoX Resampler library (soxr), quality VHQ.

    Example:
        >>> resample(torch.zeros(2, 44100), from_hz=44100, to_hz=16000).shape
        torch.Size([2, 16000])
    """
    check_rate(from_hz)
    check_rate(to_hz)
    length = samples.shape[-1]
    if from_hz == to_hz or not samples.numel():
        return samples
    wanted = max(1, (2 * length * to_hz + from_hz) // (2 * from_hz))
    # Silence behind, so that soxr never gives fewer than wanted.
    behind = 2 * math.ceil(from_hz / to_hz) + 16
    rows = samples.detach().cpu().float().reshape(-1, length)
    out = torch.empty(len(rows), wanted)
    for row, target in zip(rows, out, strict=True):
        padded = np.pad(row.numpy(), (0, behind))
        target.copy_(torch.from_numpy(soxr.resample(padded, from_hz, to_hz, "VHQ")[:wanted]))
    return out.reshape(*samples.shape[:-1], wanted).to(samples)


def resampled_parts(parts: Iterable[Tensor], *, from_hz: int, to_hz: int) -> Iterator[Tensor]:
    """Changes the rate of a sound that comes in parts, as `resample` does of the whole.

    Args:
        parts: What comes one after the other, [C, T] each; they may never end.
        from_hz: Their rate in Hz, above 0.
        to_hz: The wanted rate in Hz, above 0.

    Yields:
        The sound at that rate, [C, T'] each, a little later than its parts come; in all as long as
        `resample` makes the whole.

    Raises:
        UsageError: For a rate below 1 Hz.

    Source:
        As `resample`.

    Example:
        >>> whole = torch.randn(1, 3000, generator=torch.Generator().manual_seed(0))
        >>> made = torch.cat(list(resampled_parts(whole.split(1000, 1), from_hz=8, to_hz=12)), 1)
        >>> torch.allclose(made, resample(whole, from_hz=8, to_hz=12), atol=1e-5)
        True
    """
    check_rate(from_hz)
    check_rate(to_hz)
    stream: soxr.ResampleStream | None = None
    given = told = 0
    last: Tensor | None = None
    for part in parts:
        if stream is None:
            stream = soxr.ResampleStream(from_hz, to_hz, len(part), dtype="float32", quality="VHQ")
        given, last = given + part.shape[1], part
        found = _more(stream, part, last=False)
        told += found.shape[1]
        if found.shape[1]:
            yield found
    if stream is None or last is None:
        return
    wanted = max(1, (2 * given * to_hz + from_hz) // (2 * from_hz))
    behind = last.new_zeros(len(last), 2 * math.ceil(from_hz / to_hz) + 16)
    yield _more(stream, behind, last=True)[:, : wanted - told]


def _more(stream: soxr.ResampleStream, part: Tensor, *, last: bool) -> Tensor:
    rows = part.detach().cpu().float().t().contiguous().numpy()
    found = stream.resample_chunk(rows, last=last).reshape(-1, len(part))
    return torch.from_numpy(found).t().to(part)


def check_rate(sample_rate: int) -> None:
    """Refuses what is no sampling rate.

    Args:
        sample_rate: In Hz.

    Raises:
        UsageError: For a rate below 1 Hz.

    Example:
        >>> check_rate(44_100)
    """
    if sample_rate < 1:
        raise UsageError(f"a sample rate of {sample_rate} Hz", "1 Hz or more")
