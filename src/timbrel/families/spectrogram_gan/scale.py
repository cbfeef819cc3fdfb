"""How the networks of `spectrogram_gan` see a code: each bin by its own mean and spread."""

import torch
from torch import Tensor, nn

_LEAST_SPREAD = 1e-3  # of a code: a bin that is always silent has none of its own


class BinScale(nn.Module):
    """Normalises each bin to mean 0 and spread 1, clips, and brings it to -1..1.

    Until `measure` has been called a code's middle is its mean, and its range the clip.

    Args:
        bins: F.
        clip: Standard deviations around the mean that are seen.

    Source:
        Donahue, McAuley & Puckette 2019, section 3.1.

    Example:
        >>> scale = BinScale(2, clip=3.0)
        >>> scale.normalised(torch.tensor([[[0.5], [1.0]]]))
        tensor([[[0.],
                 [1.]]])
    """

    mean: Tensor
    spread: Tensor

    def __init__(self, bins: int, clip: float) -> None:
        super().__init__()
        self.clip = clip
        self.register_buffer("mean", torch.full((1, bins, 1), 0.5))
        self.register_buffer("spread", torch.full((1, bins, 1), 0.5 / clip))

    def normalised(self, code: Tensor) -> Tensor:
        """Shows codes [B, F, N] as the networks see them, within -1..1."""
        return ((code - self.mean) / (self.clip * self.spread)).clamp(-1, 1)

    def restored(self, normalised: Tensor) -> Tensor:
        """Inverts `normalised` for what was not clipped, to codes [B, F, N] within 0..1."""
        return (normalised * (self.clip * self.spread) + self.mean).clamp(0, 1)

    def measure(self, codes: Tensor) -> None:
        """Finds the mean and the spread of each bin over all frames of all codes.

        Args:
            codes: Codes, [M, F, N], of any float type.
        """
        found = (torch.var_mean(code.double(), dim=1, correction=0) for code in codes)
        variances, means = (torch.stack(part) for part in zip(*found, strict=True))
        mean = means.mean(0)
        variance = variances.mean(0) + (means - mean).square().mean(0)
        self.mean.copy_(mean[:, None])
        self.spread.copy_(variance.sqrt().clamp(min=_LEAST_SPREAD)[:, None])
