"""Losses of phase."""

import torch
from torch import Tensor


def turn_surprise(predicted: Tensor, turn: Tensor, weight: Tensor) -> Tensor:
    """Computes how surprising true turns are to von Mises distributions; lower is better.

    A prediction points in the likeliest direction, and is as long as it is certain (the
    concentration). A network that cannot know says 0, and pays the surprise of an even circle,
    which counts as 0.

    Args:
        predicted: Directions times concentrations, complex, any shape.
        turn: True turns as complex numbers of magnitude one, the same shape.
        weight: How much each counts, the same shape, not all 0.

    Returns:
        The weighted mean in nats, below 0 where predictions help, a scalar.

    Source:
        Mardia & Jupp, "Directional Statistics", 2000, section 3.5.4.

    Example:
        >>> even = torch.zeros(3, dtype=torch.complex64)
        >>> turns = torch.ones(3, dtype=torch.complex64)
        >>> round(float(turn_surprise(even, turns, torch.ones(3))), 4)
        0.0
    """
    concentration = (predicted.real.square() + predicted.imag.square() + 1e-12).sqrt()
    agreement = predicted.real * turn.real + predicted.imag * turn.imag
    normaliser = torch.special.i0e(concentration).log() + concentration
    surprise: Tensor = ((normaliser - agreement) * weight).sum() / weight.sum().clamp(min=1e-12)
    return surprise
