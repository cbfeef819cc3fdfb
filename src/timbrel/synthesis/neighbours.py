"""Neighbours: which sounds of a cloud lie near which, among those of one label."""

import torch
from torch import Tensor

from timbrel.instruments.cloud import Cloud

# sounds of a label that say how near its neighbours usually are
_ASKED = 256


class Neighbours:
    """Finds the nearest sounds of the same label; what a label's search needs is found once.

    Args:
        cloud: The training sounds.
    """

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._rows: dict[str, Tensor] = {}
        self._typical: dict[str, float] = {}

    def of(self, row: int, count: int) -> tuple[tuple[int, ...], Tensor]:
        """Finds a sound and its nearest neighbours of the same label.

        Args:
            row: The row of the sound.
            count: How many rows at most, the sound itself among them.

        Returns:
            Rows, the sound itself first, and their distances from it.
        """
        alike = self.rows(self.cloud.labels[row])
        distance = self._distances(row, alike)
        distance[alike == row] = -1.0  # the sound itself comes first, also among equal ones
        order = torch.argsort(distance, stable=True)[:count]
        return tuple(alike[order].tolist()), distance[order].clamp(min=0)

    def rows(self, label: str) -> Tensor:
        """Finds the rows of a label.

        Args:
            label: A label of the cloud.

        Returns:
            Row numbers in ascending order.
        """
        if label not in self._rows:
            found = [row for row, other in enumerate(self.cloud.labels) if other == label]
            self._rows[label] = torch.tensor(found, dtype=torch.int64)
        return self._rows[label]

    def typical(self, label: str) -> float:
        """Says how far a sound of a label usually is from its nearest neighbour.

        Args:
            label: A label of the cloud.

        Returns:
            The median distance over some sounds of the label; 0 where there is but one.
        """
        if label not in self._typical:
            alike = self.rows(label)
            asked = alike[:: max(1, len(alike) // _ASKED)]
            nearest = (
                [self._nearest_but(int(row), alike) for row in asked] if len(alike) > 1 else []
            )
            self._typical[label] = float(torch.tensor(nearest or [0.0]).median())
        return self._typical[label]

    def _nearest_but(self, row: int, alike: Tensor) -> float:
        others = alike[alike != row]
        return float(self._distances(row, others).min())

    def _distances(self, row: int, others: Tensor) -> Tensor:
        latents = self.cloud.latents
        distances: Tensor = torch.linalg.vector_norm(latents[others] - latents[row], dim=1)
        return distances
