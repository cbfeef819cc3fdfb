"""RFFT: a sound in segments, each as the values of its own Fourier transform."""

from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn import functional

from timbrel.errors import UsageError
from timbrel.recipes import option
from timbrel.signal.frontends import FrontEnd, _codes
from timbrel.signal.phase import GivesPhase

LARGEST_RAW = 60_000.0  # codes are kept in half precision, which ends at 65,504


class RfftCoefficients(FrontEnd):
    """Real and imaginary parts of the Fourier transform of each segment; nothing is lost.

    A segment of T samples becomes T values, a column of the code: ``[re0, *, re1, im1, re2, ...]``.
    The imaginary part of 0 Hz is always 0 and says nothing, so its place ``*`` holds the one value
    that would be left over at the end: the real part of half the rate, or, where T is odd, the
    imaginary part of the highest coefficient.

    Source:
        Metsälä 2024 (S0), section 5.2.1, whose 6,615 complex values of 13,230 samples leave out
        the coefficient at half the rate; apart from its place, the order is the same.
    """

    title: ClassVar[str] = "Fourier coefficients of segments"
    spectral: ClassVar[bool] = False
    source: ClassVar[str] = "Metsälä 2024 (S0)"

    name: Literal["rfft"] = option("rfft", "Which front end.")
    segment_samples: int = option(
        13_230, "Length of a segment, a column of the code.", unit="samples", low=2, high=1_048_576
    )
    relative: bool = option(
        True, "Whether a code is divided by its sound's largest value; else it is as it comes."
    )

    def code_shape(self, length_samples: int) -> tuple[int, int]:
        """See `FrontEnd.code_shape`."""
        return self.segment_samples, -(-length_samples // self.segment_samples)

    def encode(self, sound: Tensor, *, sample_rate: int) -> tuple[Tensor, Tensor]:
        """See `FrontEnd.encode`; the last segment is filled up with silence."""
        if sound.ndim != 2 or not sound.shape[1]:
            raise UsageError(f"sounds of shape {tuple(sound.shape)}", "[batch, samples]")
        _, count = self.code_shape(sound.shape[1])
        missing = count * self.segment_samples - sound.shape[1]
        segments = functional.pad(sound, (0, missing)).view(len(sound), count, -1)
        values = packed(segments)
        reference = self._reference(_codes.finite(values.abs().amax(dim=(1, 2))))
        return (values / reference[:, None, None]).transpose(1, 2).contiguous(), reference

    def _reference(self, largest: Tensor) -> Tensor:
        if self.relative:
            return largest.clamp(min=_codes.REFERENCE_FLOOR)
        return (largest / LARGEST_RAW).clamp(min=1.0)

    def decode(
        self,
        code: Tensor,
        reference: Tensor,
        *,
        sample_rate: int,
        length_samples: int,
        phase: GivesPhase,
        seed: int,
    ) -> Tensor:
        """See `FrontEnd.decode`; codes that are not relative have no range to be clipped to."""
        _codes.check_code(code, self.code_shape(length_samples), length_samples)
        values = code.float().transpose(1, 2)
        if self.relative:
            values = values.clamp(-1, 1)
        sound = unpacked(values).flatten(1)[:, :length_samples]
        return sound * reference.float()[:, None]


def packed(segment: Tensor) -> Tensor:
    """Transforms segments to as many real values as they have samples, without a loss.

    Args:
        segment: Segments, [..., T], T of 2 or more.

    Returns:
        ``[re0, last, re1, im1, ...]``, [..., T]; not scaled, so that the inverse divides by T.

    Example:
        >>> packed(torch.tensor([1.0, 2.0, 3.0, 4.0]))
        tensor([10., -2., -2.,  2.])
    """
    length = segment.shape[-1]
    every = torch.view_as_real(torch.fft.rfft(segment)).flatten(-2)
    values = every[..., :length].clone()
    values[..., 1] = every[..., length]
    return values


def unpacked(values: Tensor) -> Tensor:
    """Inverts `packed`.

    Args:
        values: As `packed` gives them, [..., T].

    Returns:
        Segments, [..., T].

    Example:
        >>> unpacked(packed(torch.tensor([1.0, 2.0, 3.0])))
        tensor([1., 2., 3.])
    """
    length = values.shape[-1]
    every = functional.pad(values, (0, 2 - length % 2))
    every[..., length] = values[..., 1]
    every[..., 1] = 0
    spectrum = torch.view_as_complex(every.view(*values.shape[:-1], -1, 2))
    segment: Tensor = torch.fft.irfft(spectrum, n=length)
    return segment


FRONT_END = RfftCoefficients
