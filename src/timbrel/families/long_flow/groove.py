"""The groove of a piece: what sounds, on average, in each sixteenth of a bar, as a short vector.

And its liveliness: how far what sounds is from that, now and then.

coordinates [K', L] -- means over cells of the bar --> [K' * 16] -- components --> groove [G]
"""

import torch
from torch import Tensor, nn

from timbrel.families.long_flow.beats import CELLS

_NO_SCALE = 1e-3
_LEAST_MOVE = 1e-2  # of a coordinate that stands still
_FARTHEST = 2.0  # natural logarithms from the library's mean
_SHARE = 0.5  # of the grooves' largest spread, that of liveliness


class Components(nn.Module):
    """Principal components of vectors: a linear map to a few values, and back.

    Until `fit` has been called the components are zero.

    Args:
        size: How many components.
        values: Length V of the vectors.
    """

    mean: Tensor
    components: Tensor
    scales: Tensor

    def __init__(self, size: int, values: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(values))
        self.register_buffer("components", torch.zeros(size, values))
        self.register_buffer("scales", torch.ones(size))

    def of(self, vectors: Tensor) -> Tensor:
        """Finds the values [..., size] of vectors [..., V]."""
        return (vectors - self.mean) @ self.components.t()

    def vectors(self, values: Tensor, *, change: bool = False) -> Tensor:
        """Finds the vectors [..., V] of values [..., size], or the change that a change makes."""
        found = values @ self.components
        return found if change else found + self.mean

    def fit(self, vectors: Tensor, weights: Tensor) -> None:
        """Finds the components of a library.

        Args:
            vectors: Of some hundreds of pieces, [M, V].
            weights: How much each counts, [M]; they sum to 1.

        Source:
            Pearson 1901.
        """
        self.mean.copy_(weights @ vectors)
        centred = weights.sqrt()[:, None] * (vectors - self.mean)
        _, lengths, directions = torch.linalg.svd(centred, full_matrices=False)
        kept = min(len(self.scales), int((lengths > _NO_SCALE).sum()))
        self.components.zero_()
        self.scales.fill_(_NO_SCALE)
        self.components[:kept] = directions[:kept]
        self.scales[:kept] = lengths[:kept]


class GrooveBasis(Components):
    """What sounds in each sixteenth of a bar, on average.

    Args:
        size: G.
        coordinates: K', the first coordinates of each strip, which the groove knows of.
    """

    def __init__(self, size: int, coordinates: int) -> None:
        super().__init__(size, coordinates * CELLS)
        self.known = coordinates

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
        sums = torch.einsum("blm,bkl,al->bakm", member, known, weights)
        shares = torch.einsum("blm,al->bam", member, weights)[:, :, None]
        every = sums.sum(3, keepdim=True) / shares.sum(3, keepdim=True).clamp(min=1e-9)
        found = torch.where(shares > 1e-6, sums / shares.clamp(min=1e-9), every)
        return found.flatten(2)

    def told(self, groove: Tensor, cells: Tensor, *, change: bool = False) -> Tensor:
        """Tells grooves as coordinates at each position.

        Args:
            groove: Grooves, or differences of two, at each position or for all, [B, L or 1, G].
            cells: The cell of each position, [B, L].
            change: Whether they are differences.

        Returns:
            Coordinates, [B, K', L].
        """
        means = self.vectors(groove, change=change)
        shape = (*means.shape[:2], self.known, CELLS)
        every = means.view(shape).expand(-1, cells.shape[1], -1, -1)
        index = cells[:, :, None, None].expand(-1, -1, self.known, 1)
        return every.gather(3, index).squeeze(3).transpose(1, 2)


class Liveliness(Components):
    """How much each coordinate moves around its groove, in one piece.

    Args:
        size: S.
        coordinates: K', the first coordinates of each strip.
    """

    unit: Tensor

    def __init__(self, size: int, coordinates: int) -> None:
        super().__init__(size, coordinates)
        self.register_buffer("unit", torch.tensor(1.0))

    def logs(self, coordinates: Tensor, coarse: Tensor) -> Tensor:
        """Measures pieces.

        Args:
            coordinates: [B, K, L].
            coarse: Their grooves as coordinates, [B, K', L].

        Returns:
            The natural logarithms of standard deviations, [B, K'].
        """
        apart = coordinates[:, : coarse.shape[1]].float() - coarse
        return 0.5 * (apart.square().mean(dim=2) + _LEAST_MOVE**2).log()

    def of(self, vectors: Tensor) -> Tensor:
        """Finds the values [..., S] of logarithms [..., K'], in units of a groove's."""
        return super().of(vectors) * self.unit

    def told(self, values: Tensor) -> Tensor:
        """Tells standard deviations [..., K'] of values [..., S], not beyond what is likely."""
        logs = self.vectors(values / self.unit)
        return (self.mean + (logs - self.mean).clamp(-_FARTHEST, _FARTHEST)).exp()

    def compare(self, scale: float) -> None:
        """Makes values count beside grooves.

        Args:
            scale: The grooves' largest spread.
        """
        self.unit.copy_(_SHARE * scale / self.scales[0])
        self.scales.mul_(self.unit)
