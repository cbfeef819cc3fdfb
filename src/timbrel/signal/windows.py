"""Windows: the periodic Hann window that all spectrograms of timbrel use."""

from functools import lru_cache

import torch
from torch import Tensor


@lru_cache(maxsize=32)
def _hann(length_samples: int) -> Tensor:
    # Made in double precision, so that the float32 window is right to its last bit.
    return torch.hann_window(length_samples, periodic=True, dtype=torch.float64).float()


def hann(length_samples: int, *, device: torch.device | str = "cpu") -> Tensor:
    """Gives a periodic Hann window, the one to use for spectrograms that are inverted again.

    Args:
        length_samples: Length of the window, at least 1.
        device: Where the window shall live.

    Returns:
        The window, float32 [length_samples]; a copy that may be changed.

    Source:
        Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform",
        Proc. IEEE 1978, section V.C; ``w[n] = 0.5 - 0.5 cos(2 pi n / length)``.

    Example:
        >>> hann(4)
        tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    return _hann(length_samples).to(device, copy=True)
