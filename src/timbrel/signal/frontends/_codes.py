"""What front ends share: decibels below the loudest cell as 0..1, and the checks of codes."""

import torch
from torch import Tensor

from timbrel.errors import UsageError

# The reference of silence: -200 dB. Anything below it counts as silence.
REFERENCE_FLOOR = 1e-10


def from_power(power: Tensor, range_db: float) -> tuple[Tensor, Tensor]:
    """Encodes power spectrograms relative to each one's own maximum.

    Args:
        power: Power, [B, F, N].
        range_db: How far below the maximum the code reaches, in dB.

    Returns:
        The code within 0..1, [B, F, N], where 1 is the maximum and 0 is `range_db` below it or
        less; and the amplitude of the maximum, [B].

    Raises:
        UsageError: When a sound held NaN or infinite samples.
    """
    reference = finite(power.amax(dim=(1, 2)).sqrt()).clamp(min=REFERENCE_FLOOR)
    # Divided twice, because the square of a very small reference is less than float32 can hold.
    relative = power / reference[:, None, None] / reference[:, None, None]
    decibels = 10 * relative.clamp(min=10 ** (-range_db / 10)).log10()
    return (decibels / range_db + 1).clamp(0, 1), reference


def to_power(code: Tensor, range_db: float, gate_db: float) -> Tensor:
    """Turns codes back into power relative to the maximum; cells at the floor are truly silent.

    Args:
        code: Codes, [B, F, N]; values outside of 0..1 are clipped.
        range_db: How far below the maximum the code reaches, in dB.
        gate_db: Cells up to this far above the floor count as silent, in dB.

    Returns:
        Power, 0..1, [B, F, N].
    """
    code = code.float().clamp(0, 1)
    power = torch.pow(10.0, (code - 1) * (range_db / 10))
    return torch.where(code * range_db > gate_db, power, 0.0)


def finite(reference: Tensor) -> Tensor:
    """Makes sure that references are numbers.

    Args:
        reference: Amplitudes, [B].

    Returns:
        The same.

    Raises:
        UsageError: When one is NaN or infinite.
    """
    if not reference.isfinite().all():
        raise UsageError("a sound with NaN or infinite samples", "finite samples")
    return reference


def check_code(code: Tensor, shape: tuple[int, int], length_samples: int) -> None:
    """Makes sure that codes have the shape that a front end makes.

    Args:
        code: Codes, [B, F, N].
        shape: (F, N) as the front end says.
        length_samples: Length T of the sounds wanted.

    Raises:
        UsageError: When they have not.
    """
    if code.ndim != 3 or tuple(code.shape[1:]) != shape:
        raise UsageError(
            f"a code of shape {tuple(code.shape)}",
            f"(any, {shape[0]}, {shape[1]}) for {length_samples} samples",
        )
