"""Windows: the periodic Hann window of most spectrograms, and a Gaussian one beside it."""

import math
from functools import lru_cache
from typing import Literal

import torch
from torch import Tensor

Window = Literal["hann", "gaussian"]

# A Gaussian window ends where it has fallen to this; the step is below what a sound shows.
_GAUSSIAN_EDGE = 0.01
# Width of the Gaussian nearest to each window, as a part of the window's length squared.
_WIDTH = {"hann": 0.25645, "gaussian": -math.pi / (4 * math.log(_GAUSSIAN_EDGE))}


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


@lru_cache(maxsize=32)
def _gaussian(length_samples: int) -> Tensor:
    places = torch.arange(length_samples, dtype=torch.float64) - length_samples // 2
    return torch.exp(-math.pi * places**2 / gaussian_width("gaussian", length_samples)).float()


def window(name: Window, length_samples: int, *, device: torch.device | str = "cpu") -> Tensor:
    """Gives a window by its name.

    Args:
        name: "hann" or "gaussian"; the Gaussian ends where it has fallen to a hundredth.
        length_samples: Length of the window, even, at least 2.
        device: Where the window shall live.

    Returns:
        The window, float32 [length_samples]; a copy that may be changed.

    Example:
        >>> window("gaussian", 4)
        tensor([0.0100, 0.3162, 1.0000, 0.3162])
    """
    made = _hann if name == "hann" else _gaussian
    return made(length_samples).to(device, copy=True)


def gaussian_width(name: Window, length_samples: int) -> float:
    """Says how wide the Gaussian nearest to a window is: ``gamma`` of ``exp(-pi n^2 / gamma)``.

    Args:
        name: "hann" or "gaussian".
        length_samples: Length of the window.

    Returns:
        The width in samples squared.

    Source:
        Průša, Balazs & Søndergaard, "A noniterative method for reconstruction of phase from STFT
        magnitude", IEEE/ACM TASLP 2017, table I.

    Example:
        >>> gaussian_width("hann", 1000)
        256450.0
    """
    return _WIDTH[name] * length_samples**2
