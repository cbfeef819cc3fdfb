"""Sequences of embeddings: made one vector, made a sequence again, and mixed.

Networks that hear a sound piece by piece (a frame, a slice, a segment) turn it into a sequence of
embeddings, [B, K, L]. What stands for the whole sound is its mean over a few cells of time.
"""

import torch
from torch import Tensor
from torch.nn import functional


def pooled(detail: Tensor, cells: int) -> Tensor:
    """Averages sequences over equal cells of time, so that one vector stands for each.

    Args:
        detail: Sequences of embeddings, [B, K, L], of at least one position.
        cells: Cells of time that the L positions are divided into.

    Returns:
        Vectors, [B, K * cells]: the cells of the first value, then those of the second, and so on.

    Example:
        >>> pooled(torch.tensor([[[1.0, 3.0, 5.0, 7.0]]]), 2)
        tensor([[2., 6.]])
    """
    return functional.adaptive_avg_pool1d(detail, cells).flatten(1)


def stretched(latent: Tensor, cells: int, positions: int) -> Tensor:
    """Draws the sequences that pooled vectors stand for: straight lines between the cells.

    Args:
        latent: Vectors as `pooled` makes them, [B, K * cells].
        cells: The same cells.
        positions: Length L of the sequences wanted.

    Returns:
        Sequences, [B, K, L]; constant before the first cell's middle and after the last one's.

    Example:
        >>> stretched(torch.tensor([[2.0, 6.0]]), 2, 4)
        tensor([[[2., 3., 5., 6.]]])
    """
    rows = latent.reshape(len(latent), -1, cells)
    return functional.interpolate(rows, positions, mode="linear", align_corners=False)


def mixed(details: Tensor, weights: Tensor) -> Tensor:
    """Sums sequences with weights that may change over time.

    Args:
        details: Sequences of S sounds, [S, B, K, L].
        weights: Their weights at each position, [S, L]; a weight below 0 or above 1 goes beyond
            the sounds.

    Returns:
        The weighted sums, [B, K, L].

    Source:
        Langer 2023, section 4.4.1: embeddings are interpolated value by value.

    Example:
        >>> pair = torch.tensor([[[[0.0, 0.0]]], [[[10.0, 20.0]]]])
        >>> mixed(pair, torch.tensor([[1.0, 0.5], [0.0, 0.5]]))
        tensor([[[ 0., 10.]]])
    """
    return torch.einsum("sbkl,sl->bkl", details, weights.to(details))
