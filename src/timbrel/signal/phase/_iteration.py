"""The iteration that Griffin-Lim and its fast variant share."""

import torch
from torch import Tensor

from timbrel.signal.stft import FrameSpec, check_shape, istft, stft


def iterate(
    magnitude: Tensor,
    frames: FrameSpec,
    *,
    iterations: int,
    momentum: float,
    length_samples: int,
    seed: int,
) -> Tensor:
    check_shape(magnitude, frames, length_samples)
    generator = torch.Generator().manual_seed(seed)
    angle = torch.rand(magnitude.shape[1:], generator=generator).to(magnitude.device)
    spectrum = torch.polar(magnitude, (angle * 2 * torch.pi).expand_as(magnitude))
    previous = torch.zeros_like(spectrum)
    for _ in range(iterations):
        rebuilt = stft(istft(spectrum, frames, length_samples), frames)
        ahead = rebuilt - previous * (momentum / (1 + momentum))
        previous = rebuilt
        spectrum = ahead * (magnitude / (ahead.abs() + 1e-16))
    return istft(spectrum, frames, length_samples)
