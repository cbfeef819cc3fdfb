"""What the metrics of pairs share: checked pairs, and magnitudes and dB spectrograms of them."""

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.signal.stft import FrameSpec, magnitude

FLOOR_DB = 80.0
FRAMES = FrameSpec(n_fft=1024, hop_samples=256)


def checked_pair(reference: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    """Refuses pairs that no metric can compare, and gives the others in double precision.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].

    Returns:
        Both, float64, [T].

    Raises:
        UsageError: When they are not of one length, empty, not finite, or the reference is silent.
    """
    if reference.ndim != 1 or reference.shape != test.shape:
        raise UsageError(
            f"a pair of shapes {tuple(reference.shape)} and {tuple(test.shape)}",
            "two mono sounds of one length, [T]",
            "cut or pad one of them first",
        )
    if not len(reference) or not bool(torch.isfinite(reference).all() & torch.isfinite(test).all()):
        raise UsageError("a pair with an empty sound or with values that are not finite")
    if not bool(reference.any()):
        raise UsageError("a silent reference", "a reference that can be heard")
    return reference.double(), test.double()


def decibel_pair(
    reference: Tensor, test: Tensor, *, sample_rate: int, max_hz: float | None = None
) -> tuple[Tensor, Tensor]:
    """Gives the dB spectrograms of a pair: Hann window of 1024 samples, hop 256.

    0 dB is the largest magnitude of the *reference*, in or out of the band that counts; both
    spectrograms are cut off 80 dB below.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz.
        max_hz: The highest frequency that counts; None counts all.

    Returns:
        Both spectrograms in dB, [F, N].

    Raises:
        UsageError: As `checked_pair`.
    """
    pair = torch.stack(checked_pair(reference, test))
    bins = FRAMES.bins if max_hz is None else int(max_hz * FRAMES.n_fft / sample_rate) + 1
    spectra = magnitude(pair, FRAMES)
    relative = spectra[:, :bins] / spectra[0].amax()
    a, b = 20 * torch.log10(relative.clamp(min=10 ** (-FLOOR_DB / 20)))
    return a, b
