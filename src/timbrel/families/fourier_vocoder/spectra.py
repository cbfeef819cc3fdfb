"""What the vocoder hears, and what it shall say: magnitudes in dB and differences of phase."""

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from timbrel.signal import mel
from timbrel.signal.mel import MelBands
from timbrel.signal.stft import FrameSpec
from timbrel.signal.windows import gaussian_width

_TINY = 1e-12


def smooth_magnitude(magnitude: Tensor, bands: MelBands) -> Tensor:
    """Squeezes magnitudes to mel bands and spreads them out again.

    Magnitudes that were spread from the same bands already come out as they went in.

    Args:
        magnitude: Linear magnitudes, [B, F, N].
        bands: The bands.

    Returns:
        The smoothest magnitudes with the same power in each band, [B, F, N].
    """
    return mel.to_linear(mel.to_mel(magnitude.square(), bands), bands).sqrt()


def to_code(magnitude: Tensor, reference: Tensor, range_db: float) -> Tensor:
    """Tells magnitudes in dB below a reference, as 0..1.

    Args:
        magnitude: Linear magnitudes, [B, F, N].
        reference: What 1 stands for, [B].
        range_db: How far below it 0 lies, in dB.

    Returns:
        Codes within 0..1, [B, F, N].
    """
    relative = magnitude / reference[:, None, None]
    return (20 / range_db * relative.clamp(min=_TINY).log10() + 1).clamp(0, 1)


def to_magnitude(code: Tensor, reference: Tensor, range_db: float) -> Tensor:
    """Turns codes of `to_code` back into linear magnitudes, [B, F, N]."""
    return torch.pow(10.0, (code - 1) * (range_db / 20)) * reference[:, None, None]


def time_difference(spectrum: Tensor, frames: FrameSpec) -> Tensor:
    """Gives how far each cell's phase turned since the frame before, beside its bin's own pace.

    Args:
        spectrum: Complex spectra, [B, F, N].
        frames: How they were framed.

    Returns:
        Complex numbers of magnitude one, [B, F, N - 1]: 1 where a partial lies in a bin's middle.
    """
    turned = spectrum[..., 1:] * spectrum[..., :-1].conj()
    return _unit(turned) * bin_pace(frames, spectrum.device).conj()[:, None]


def frequency_difference(spectrum: Tensor) -> Tensor:
    """Gives how far the phase turns from each bin to the next, seen from the window's centre.

    Args:
        spectrum: Complex spectra, [B, F, N].

    Returns:
        Complex numbers of magnitude one, [B, F - 1, N]: 1 where the energy lies in the centre.
    """
    # A frame's transform counts from its first sample: an impulse in its centre turns by -pi.
    return -_unit(spectrum[:, 1:] * spectrum[:, :-1].conj())


def guessed_turns(code: Tensor, range_db: float, frames: FrameSpec) -> tuple[Tensor, Tensor]:
    """Guesses the turns of `time_difference` and `frequency_difference` from magnitudes alone.

    Args:
        code: Magnitudes in dB as 0..1, [B, F, N].
        range_db: How many dB the code spans.
        frames: How they were framed.

    Returns:
        Complex numbers of magnitude one, [B, F, N] each: the turn since the frame before, and the
        turn to the next bin.

    Source:
        Průša, Balazs & Søndergaard, "A noniterative method for reconstruction of phase from STFT
        magnitude", IEEE/ACM TASLP 2017, equations 16 and 17.
    """
    logs = code * (range_db * math.log(10) / 20)
    width = gaussian_width(frames.window, frames.n_fft)
    ratio = frames.hop_samples * frames.n_fft / width
    over_frequency = _slope(logs.transpose(1, 2)).transpose(1, 2) * ratio
    over_time = -_slope(logs) / ratio
    before = torch.cat([over_frequency[..., :1], over_frequency[..., :-1]], dim=2)
    above = torch.cat([over_time[:, 1:], over_time[:, -1:]], dim=1)
    ones = torch.ones_like(logs)
    return torch.polar(ones, (over_frequency + before) / 2), torch.polar(
        ones, (over_time + above) / 2
    )


def _slope(logs: Tensor) -> Tensor:
    """Differences around each cell along the last axis."""
    padded = pad(logs, (1, 1), mode="replicate")
    return (padded[..., 2:] - padded[..., :-2]) / 2


def bin_pace(frames: FrameSpec, device: torch.device) -> Tensor:
    """Gives the turn of a sinusoid in the middle of each bin from frame to frame, complex [F]."""
    turns = torch.arange(frames.bins, device=device) * frames.hop_samples % frames.n_fft
    return torch.polar(torch.ones(frames.bins, device=device), turns * (2 * math.pi / frames.n_fft))


def _unit(value: Tensor) -> Tensor:
    return value / value.abs().clamp(min=1e-20)
