"""How much each sound counts where a library's labels are unequally frequent."""

import torch
from torch import Tensor


def label_weights(labels: Tensor) -> Tensor:
    """Weighs sounds so that each label counts the same, however many sounds it has.

    Otherwise what is found of a library would serve its snares and leave its bells out.

    Args:
        labels: Label numbers, [M], -1 where unknown; those count by their number.

    Returns:
        Weights, [M], that sum to 1.

    Example:
        >>> label_weights(torch.tensor([0, 0, 1]))
        tensor([0.2500, 0.2500, 0.5000])
    """
    _, numbers, counts = torch.unique(labels, return_inverse=True, return_counts=True)
    known = labels >= 0
    weights = torch.where(known, 1.0 / counts[numbers].float(), 0.0)
    weights *= known.float().mean() / weights.sum().clamp(min=1e-12)
    return weights + (~known).float() / len(labels)
