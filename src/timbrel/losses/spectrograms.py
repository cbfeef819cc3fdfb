"""The distance of two sounds by their spectrograms at several resolutions, as one number."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad


class Resolution(NamedTuple):
    """How a spectrogram is made.

    Attributes:
        n_fft: Length of the transform, in samples.
        hop_samples: Distance between frames.
        window_samples: Length of the window.
    """

    n_fft: int
    hop_samples: int
    window_samples: int


RESOLUTIONS = (Resolution(2048, 240, 1200), Resolution(1024, 120, 600), Resolution(512, 50, 240))


def spectrogram_distance(made: Tensor, real: Tensor) -> Tensor:
    """Computes how far magnitudes are apart: the norm of their difference, over all cells.

    It grows with the length of the sounds (by its root) and with their level.

    Args:
        made: Waveforms, [B, T], T more than 1024.
        real: Others of the same shape.

    Returns:
        The mean over three resolutions and over the batch, a scalar; lower is better.

    Source:
        Dhariwal et al. 2020, "Jukebox", section 3.3, with the windows of Yamamoto, Song & Kim
        2020, as Catch-A-Waveform uses it.

    Example:
        >>> tone = torch.sin(torch.arange(4000) / 5)[None]
        >>> float(spectrogram_distance(tone, tone)) < float(spectrogram_distance(tone / 2, tone))
        True
    """
    distances = [
        (_magnitudes(made, one) - _magnitudes(real, one)).flatten(1).norm(dim=1).mean()
        for one in RESOLUTIONS
    ]
    return torch.stack(distances).mean()


def _magnitudes(sound: Tensor, resolution: Resolution) -> Tensor:
    sound = sound.float()
    window = torch.hann_window(resolution.window_samples, device=sound.device)
    half = resolution.n_fft // 2
    padded = pad(sound[:, None], (half, half), mode="reflect")[:, 0]
    spectrum = torch.stft(
        padded,
        resolution.n_fft,
        resolution.hop_samples,
        resolution.window_samples,
        window,
        center=False,
        return_complex=True,
    )
    # the slope of a root at nothing has no end
    return (spectrum.real.square() + spectrum.imag.square() + 1e-12).sqrt()
