"""The groove of a piece: what sounds, on average, in each sixteenth of a bar, as a short vector.

coordinates [K', L] -- means over cells of the bar --> [K' * 16] -- components --> groove [G]
"""

import torch
from torch import Tensor, nn

from timbrel.families.long_flow.beats import CELLS

_NO_SCALE = 1e-3


class GrooveBasis(nn.Module):
    """Principal components of the means over a bar's cells: a linear map to G values, and back.

    Until `fit` has been called the components are zero.

    Args:
        size: G.
        coordinates: K', the first coordinates of each strip, which the groove knows of.
    """

    mean: Tensor
    components: Tensor
    scales: Tensor

    def __init__(self, size: int, coordinates: int) -> None:
        super().__init__()
        self.known = coordinates
        self.register_buffer("mean", torch.zeros(coordinates * CELLS))
        self.register_buffer("components", torch.zeros(size, coordinates * CELLS))
        self.register_buffer("scales", torch.ones(size))

    def means(self, coordinates: Tensor, cells: Tensor, weights: Tensor) -> Tensor:
        """Averages coordinates over the cells of a bar, seen from several places of the piece.

        Args:
            coordinates: [B, K, L].
            cells: The cell of each position, [B, L].
            weights: How much each position counts from each of A places, [A, L].

        Returns:
            Means, [B, A, K' * cells]; a cell that nothing falls into has the mean of all.
        """
        known = coordinates[:, : self.known].float()
        member = torch.nn.functional.one_hot(cells, CELLS).to(known)  # [B, L, cells]
        sums = torch.einsum("al,bkl,blc->bakc", weights, known, member)
        shares = torch.einsum("al,blc->bac", weights, member)[:, :, None]
        every = sums.sum(3, keepdim=True) / shares.sum(3, keepdim=True).clamp(min=1e-9)
        found = torch.where(shares > 1e-6, sums / shares.clamp(min=1e-9), every)
        return found.flatten(2)

    def of(self, means: Tensor) -> Tensor:
        """Finds grooves [..., G] of means [..., K' * cells]."""
        return (means - self.mean) @ self.components.t()

    def told(self, groove: Tensor, cells: Tensor, *, change: bool = False) -> Tensor:
        """Tells grooves as coordinates at each position.

        Args:
            groove: Grooves, or differences of two, at each position or for all, [B, L or 1, G].
            cells: The cell of each position, [B, L].
            change: Whether they are differences.

        Returns:
            Coordinates, [B, K', L].
        """
        means = groove @ self.components
        if not change:
            means = means + self.mean
        shape = (*means.shape[:2], self.known, CELLS)
        every = means.view(shape).expand(-1, cells.shape[1], -1, -1)
        index = cells[:, :, None, None].expand(-1, -1, self.known, 1)
        return every.gather(3, index).squeeze(3).transpose(1, 2)

    def fit(self, means: Tensor, weights: Tensor) -> None:
        """Finds the components of a library.

        Args:
            means: Of some hundreds of pieces, [M, K' * cells].
            weights: How much each counts, [M]; they sum to 1.

        Source:
            Pearson 1901.
        """
        self.mean.copy_(weights @ means)
        centred = weights.sqrt()[:, None] * (means - self.mean)
        _, lengths, directions = torch.linalg.svd(centred, full_matrices=False)
        kept = min(len(self.scales), int((lengths > _NO_SCALE).sum()))
        self.components.zero_()
        self.scales.fill_(_NO_SCALE)
        self.components[:kept] = directions[:kept]
        self.scales[:kept] = lengths[:kept]
