"""The code that all spectral front ends share: decibels below the loudest cell, as 0..1."""

import torch
from torch import Tensor

# The reference of silence. Anything below it counts as silence.
REFERENCE_FLOOR = 1e-10


def encode(power: Tensor, range_db: float) -> tuple[Tensor, Tensor]:
    """Encodes power spectrograms relative to each one's own maximum.

    Args:
        power: Power, [B, F, N].
        range_db: How far below the maximum the code reaches, in dB.

    Returns:
        The code within 0..1, [B, F, N], where 1 is the maximum and 0 is ``range_db`` below it or
        less; and the amplitude of the maximum, [B].
    """
    reference = power.amax(dim=(1, 2)).sqrt().clamp(min=REFERENCE_FLOOR)
    lowest = 10 ** (-range_db / 10)
    relative = (power / reference.square()[:, None, None]).clamp(min=lowest)
    return (relative.log10() * (10 / range_db) + 1).clamp(0, 1), reference


def decode(code: Tensor, reference: Tensor, range_db: float) -> Tensor:
    """Turns codes back into power; cells at the floor are silent, not merely quiet.

    Args:
        code: Codes, [B, F, N]; values outside of 0..1 are clipped.
        reference: The amplitude of the maximum, [B].
        range_db: How far below the maximum the code reaches, in dB.

    Returns:
        Power, [B, F, N].
    """
    code = code.float().clamp(0, 1)
    power = (
        torch.pow(10.0, (code - 1) * (range_db / 10)) * reference.float().square()[:, None, None]
    )
    return power * (code > 0)
