"""The loss of flow matching, with its parts stated."""

import torch
from torch import Tensor


def time_between(count: int, generator: torch.Generator) -> Tensor:
    """Draws times between noise (0) and data (1), most of them in the middle.

    Args:
        count: How many, B.
        generator: Where the randomness comes from.

    Returns:
        Times within 0..1, [B].

    Source:
        Esser et al. 2024, "Scaling rectified flow transformers", section 3.1 (logit-normal).

    Example:
        >>> times = time_between(1000, torch.Generator().manual_seed(0))
        >>> bool(((times > 0.25) & (times < 0.75)).float().mean() > 0.6)
        True
    """
    return torch.sigmoid(torch.randn(count, generator=generator, device=generator.device))


def flow_matching_error(velocity: Tensor, noise: Tensor, data: Tensor) -> Tensor:
    """Computes how badly a velocity matches the straight way from noise to data.

    Args:
        velocity: The predicted velocity on the way, [B, ...].
        noise: Where the way begins, [B, ...].
        data: Where it ends, [B, ...].

    Returns:
        A scalar, the mean square error; lower is better. Its least is not 0: many ways cross.

    Source:
        Lipman, Chen, Ben-Hamu, Nickel & Le 2023, "Flow matching", equation 14 with sigma 0.

    Example:
        >>> float(flow_matching_error(torch.ones(1, 2), torch.zeros(1, 2), torch.ones(1, 2)))
        0.0
    """
    return (velocity - (data - noise)).square().mean()
