"""Noise floors: how loud the steady noise of a sound is, measured where the sound is softest."""

import math

import torch
from torch import Tensor

SOFTEST = 0.1  # share of the frames that tell of the noise
# of the power of noise, which is spread as an exponential, above its lowest tenth
MEAN_ABOVE_DB = -10 * math.log10(-math.log(1 - SOFTEST))
_SMOOTH_BINS = 9


def level(code: Tensor) -> Tensor:
    """Measures the noise in each row of a code in dB, in units of the code.

    Args:
        code: Levels in dB as any linear code, such as 0..1, [F, N].

    Returns:
        The level below which a tenth of the frames lie in each row, smoothed over rows, [F].

    Source:
        Quantiles as noise estimates: Stahl, Fischer & Bippus 2000, "Quantile based noise
        estimation for spectral subtraction and Wiener filtering".

    Example:
        >>> level(torch.tensor([[0.2, 0.2, 0.9, 0.8]] * 12))[5]
        tensor(0.2000)
    """
    floor = torch.quantile(code.float(), SOFTEST, dim=1)
    padded = torch.nn.functional.pad(
        floor[None, None], (_SMOOTH_BINS // 2, _SMOOTH_BINS // 2), mode="replicate"
    )
    smooth: Tensor = padded[0, 0].unfold(0, _SMOOTH_BINS, 1).median(1).values
    return smooth
