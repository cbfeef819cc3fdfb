"""The plan of a sound: how its strips change over time, roughly, as one short vector.

Time is told ever more coarsely: the attack strip by strip, what comes later by means over cells
that grow by a fifth each. What is left out, the detail, is drawn anew for each new sound.

    coordinates [K', L] -- means over cells --> [K' * cells] -- components --> plan [Z]
"""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

_GROWTH = 1.2
_NO_SCALE = 1e-3


def cell_edges(positions: int) -> list[int]:
    """Divides positions into cells that grow geometrically.

    Args:
        positions: How many positions there are, at least 1.

    Returns:
        Where each cell begins, and the end.

    Example:
        >>> cell_edges(20)
        [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 20]
    """
    edges = [0]
    while edges[-1] < positions:
        grown = max(edges[-1] + 1, math.ceil(edges[-1] * _GROWTH))
        edges.append(min(positions, grown))
    return edges


class PlanBasis(nn.Module):
    """Principal components of the means over cells: a linear map to Z values, and back.

    Args:
        latent_size: Z.
        coordinates: K', the first coordinates of each strip, which the plan knows of.
        positions: L, the longest sound in strips.
    """

    mean: Tensor
    components: Tensor
    scales: Tensor
    cell_of: Tensor

    def __init__(self, latent_size: int, coordinates: int, positions: int) -> None:
        super().__init__()
        self.coordinates_known, self.positions = coordinates, positions
        edges = cell_edges(positions)
        self.cells = len(edges) - 1
        lengths = [end - begin for begin, end in pairwise(edges)]
        self.register_buffer("mean", torch.zeros(coordinates * self.cells))
        self.register_buffer("components", torch.zeros(latent_size, coordinates * self.cells))
        self.register_buffer("scales", torch.ones(latent_size))
        cell_of = [cell for cell, length in enumerate(lengths) for _ in range(length)]
        self.register_buffer("cell_of", torch.tensor(cell_of), persistent=False)

    def means(self, coordinates: Tensor, silence: Tensor) -> Tensor:
        """Averages coordinates over cells; after a sound's end there is silence.

        Args:
            coordinates: [B, K, L'], L' at most L.
            silence: The coordinates of silence, [K].

        Returns:
            Means, [B, K' * cells].
        """
        known = coordinates[:, : self.coordinates_known]
        rest = silence[None, : self.coordinates_known, None]
        full = functional.pad(known - rest, (0, self.positions - known.shape[2])) + rest
        sums = full.new_zeros(*full.shape[:2], self.cells).index_add_(2, self.cell_of, full)
        return (sums / torch.bincount(self.cell_of)).flatten(1)

    def of(self, means: Tensor) -> Tensor:
        """Finds plans, in units of the code, so that a distance of plans is one of sounds.

        Args:
            means: As `means` gives them, [B, K' * cells].

        Returns:
            Plans, [B, Z].
        """
        return (means - self.mean) @ self.components.t()

    def coarse(self, plan: Tensor, positions: int) -> Tensor:
        """Tells a plan as coordinates, held over each cell.

        Args:
            plan: [B, Z].
            positions: How many positions are wanted, at most L.

        Returns:
            Coordinates, [B, K', positions].
        """
        return self._held(plan @ self.components + self.mean, positions)

    def change(self, plan_change: Tensor, positions: int) -> Tensor:
        """Tells what a change of plan changes in the coordinates.

        Args:
            plan_change: A difference of two plans, [B, Z].
            positions: How many positions are wanted, at most L.

        Returns:
            What to add to the coordinates, [B, K', positions].
        """
        return self._held(plan_change @ self.components, positions)

    def _held(self, means: Tensor, positions: int) -> Tensor:
        cells = means.view(-1, self.coordinates_known, self.cells)
        return cells[:, :, self.cell_of[:positions]]

    def fit(self, means: Tensor, weights: Tensor) -> None:
        """Finds the components of a library.

        Args:
            means: Of some hundreds to thousands of sounds, [M, K' * cells].
            weights: How much each sound counts, [M]; they sum to 1.
        """
        self.mean.copy_(weights @ means)
        centred = weights.sqrt()[:, None] * (means - self.mean)
        _, lengths, directions = torch.linalg.svd(centred, full_matrices=False)
        kept = min(len(self.scales), int((lengths > _NO_SCALE).sum()))
        self.components.zero_()
        self.scales.fill_(_NO_SCALE)
        self.components[:kept] = directions[:kept]
        self.scales[:kept] = lengths[:kept]
