"""What the metrics of one sound share: a checked sound, levels of short frames, mel levels."""

import math

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.signal.mel import MelBands, filterbank

_AT_ONCE = 1024  # frames


def checked(sound: Tensor) -> Tensor:
    """Refuses what no metric can judge, and gives other sounds with a peak of 1: no level counts.

    Args:
        sound: A sound, [T].

    Returns:
        It, float32, [T].

    Raises:
        UsageError: When it is no mono sound, empty, or not finite.
    """
    if sound.ndim != 1:
        raise UsageError(f"a sound of shape {tuple(sound.shape)}", "one mono sound, [T]")
    if not len(sound) or not bool(torch.isfinite(sound).all()):
        raise UsageError("an empty sound, or values that are not finite")
    peak = sound.detach().abs().max().double()
    return (sound.detach() / torch.where(peak > 0, peak, 1.0)).float()


def frame_powers(sound: Tensor, sample_rate: int, *, frame_s: float) -> Tensor:
    """Gives the mean power of frames that follow each other without a gap.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.
        frame_s: Length of a frame in seconds.

    Returns:
        Mean squares, [N]; what is left at the end makes no frame.
    """
    size = max(round(frame_s * sample_rate), 1)
    return sound[: len(sound) // size * size].reshape(-1, size).double().square().mean(dim=1)


def spectra(sound: Tensor, sample_rate: int, *, window_s: float, hop_s: float) -> Tensor:
    """Gives the power spectra of frames that lie wholly within a sound.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.
        window_s: Length of the Hann window in seconds, taken to the nearest power of two samples.
        hop_s: Distance between frames in seconds; frame n begins at ``n * hop_s``, at any rate.

    Returns:
        Powers, [N, F]; no frame where the sound is shorter than the window.
    """
    n_fft = 2 ** round(math.log2(window_s * sample_rate))
    count = max(math.floor((len(sound) - n_fft) / (hop_s * sample_rate) + 1e-6) + 1, 0)
    if not count:
        return torch.zeros(0, n_fft // 2 + 1)
    starts = (torch.arange(count, dtype=torch.float64) * hop_s * sample_rate).round().long()
    window, within = torch.hann_window(n_fft), torch.arange(n_fft)
    parts = [
        torch.view_as_real(torch.fft.rfft(sound[part[:, None] + within] * window))
        .square()
        .sum(dim=-1)
        for part in torch.split(starts, _AT_ONCE)
    ]
    return torch.cat(parts)


def mel_levels_db(
    power: Tensor, sample_rate: int, *, mels: int, high_hz: float, range_db: float
) -> Tensor:
    """Gives the levels of mel bands from 60 Hz up, below the loudest band at any time.

    Args:
        power: Power spectra, [N, F], not all 0.
        sample_rate: Rate of the sound in Hz.
        mels: The number of bands.
        high_hz: Upper end of the highest, at most half the rate is taken.
        range_db: What lies further below the loudest counts as this far.

    Returns:
        Levels in dB, 0 and below, [N, mels].
    """
    n_fft = 2 * (power.shape[1] - 1)
    bands = MelBands(sample_rate, n_fft, mels, 60.0, min(high_hz, sample_rate / 2))
    heard = power @ filterbank(bands).T
    return 10 * torch.log10((heard / heard.max()).clamp(min=10 ** (-range_db / 10)))
