"""The rows of a code that tell the pitch, and what they mean."""

from typing import NamedTuple

import torch
from torch import Tensor

SIDE_ROWS = 3
NO_PITCH = 45.0  # semitones that stand in where there is no pitch: 110 Hz


class Parted(NamedTuple):
    """A code of the front end `pitched`, taken apart.

    Attributes:
        magnitude: Magnitudes, 0..1, [B, F, N].
        semitones: Pitch as a MIDI note, `NO_PITCH` where there is none, [B, N].
        clarity: How clear the pitch is, 0 to 1; 0 where there is none, [B, N].
    """

    magnitude: Tensor
    semitones: Tensor
    clarity: Tensor


def parted(code: Tensor) -> Parted:
    """Takes a code apart.

    Args:
        code: A code of the front end `pitched`, [B, F + 3, N].

    Returns:
        Its magnitudes and its pitch.
    """
    note, above, clarity = code[:, -SIDE_ROWS:].unbind(dim=1)
    told = (note * 128).round() + above.clamp(0, 1)
    known = told > 0
    semitones = torch.where(known, told, NO_PITCH)
    return Parted(code[:, :-SIDE_ROWS], semitones, torch.where(known, clarity.clamp(0, 1), 0.0))


def joined(magnitude: Tensor, semitones: Tensor, clarity: Tensor) -> Tensor:
    """Puts a code together again.

    Args:
        magnitude: Magnitudes, 0..1, [B, F, N].
        semitones: Pitch as a MIDI note, [B, N].
        clarity: How clear it is, 0 to 1, [B, N]; 0 says that there is no pitch.

    Returns:
        A code, [B, F + 3, N].

    Example:
        >>> code = joined(torch.ones(1, 4, 1), torch.tensor([[60.25]]), torch.tensor([[0.5]]))
        >>> parted(code).semitones
        tensor([[60.2500]])
    """
    heard = (magnitude.amax(dim=1) > 0) & (clarity > 0)
    semitones = semitones.clamp(0.0, 127.99)
    note = semitones.floor()
    rows = torch.stack([note / 128, semitones - note, clarity], dim=1)
    return torch.cat([magnitude, rows * heard[:, None]], dim=1)


def fundamental_bins(semitones: Tensor, bin_hz: float) -> Tensor:
    """Gives pitches in bins of the spectrogram.

    Args:
        semitones: MIDI notes, any shape.
        bin_hz: Distance between bins in Hz.

    Returns:
        Fundamental frequencies in bins, the same shape.

    Example:
        >>> fundamental_bins(torch.tensor([69.0, 81.0]), 10.0)
        tensor([44., 88.])
    """
    return 440.0 * torch.exp2((semitones - 69.0) / 12) / bin_hz
