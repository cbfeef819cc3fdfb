"""The last two values of a latent: how fast the beat is, and how clear."""

import torch
from torch import Tensor, nn

from timbrel.families.long_flow.beats import Metre

VALUES = 2
OCTAVE = 4.0  # of the grooves' largest spread, that twice the tempo is away
CLEAR = 1.0  # of it, that a machine's beat is from none
SLOWEST, FASTEST = 2.0**-7, 2.0**2  # beats a position


class PaceScale(nn.Module):
    """Tells the pace of music, in beats a position, so that latents can be compared by distance.

    Until `fit` has been called one unit is one octave of pace.
    """

    unit: Tensor
    mean: Tensor
    spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("unit", torch.tensor([1.0, 1.0]))
        self.register_buffer("mean", torch.zeros(VALUES))
        self.register_buffer("spread", torch.ones(VALUES))

    def values(self, metre: Metre) -> Tensor:
        """Finds the two values of some beats, [B, 2]; where there is none, of the mean pace."""
        beats, clarity = metre.beats, metre.clarity.mean(dim=1)
        count = max(1, beats.shape[1] - 1)
        pace = ((beats[:, -1] - beats[:, 0]) / count).clamp(SLOWEST, FASTEST)
        mean = torch.exp2(self.mean[0] / self.unit[0])
        pace = torch.where(clarity > 0, pace, mean)
        return torch.stack([pace.log2() * self.unit[0], clarity * self.unit[1]], dim=1)

    def pace(self, latent: Tensor) -> Tensor:
        """Reads the pace of latents [..., Z] in beats a position, [...]."""
        return torch.exp2(latent[..., -2] / self.unit[0]).clamp(SLOWEST, FASTEST)

    def clarity(self, latent: Tensor) -> Tensor:
        """Reads the clarity of the beat of latents [..., Z], 0 to 1, [...]."""
        return (latent[..., -1] / self.unit[1]).clamp(0, 1)

    def with_pace(self, latent: Tensor, pace: float) -> Tensor:
        """Gives latents [B, Z] another pace, in beats a position; the beat gets clear enough."""
        changed = latent.clone()
        changed[:, -2] = torch.tensor(pace).clamp(SLOWEST, FASTEST).log2() * self.unit[0]
        changed[:, -1] = torch.maximum(changed[:, -1], self.mean[1])
        return changed

    def fit(self, values: Tensor, weights: Tensor, scale: float) -> None:
        """Finds units, mean and spread of a library.

        Args:
            values: Log2 pace and clarity of each piece, [M, 2].
            weights: How much each counts, [M]; they sum to 1.
            scale: The grooves' largest spread.
        """
        self.unit.copy_(torch.tensor([OCTAVE, CLEAR]) * max(scale, 1e-3))
        scaled = values * self.unit
        self.mean.copy_(weights @ scaled)
        self.spread.copy_((weights @ (scaled - self.mean).square()).sqrt().clamp(min=1e-3))
