"""Strips: a few frames of all bins at once, told by their principal components.

    code [F, N] -- cut --> strips [L, F * S] -- components --> coordinates [K, L]

The components are those of the library's strips, each label counting the same; they are known
without training, and the first ones hold most: whoever keeps K' of K coordinates has the best
linear code of that size.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

_NO_SCALE = 1e-3  # of a direction that the library does not have


class StripBasis(nn.Module):
    """Principal components of strips: a linear map to K coordinates a strip, and back.

    Until `fit` has been called the components are zero.

    Args:
        components: K, coordinates of a strip.
        bins: F.
        strip_frames: S, frames that one strip joins.
    """

    mean: Tensor
    components: Tensor
    scales: Tensor
    silence: Tensor

    def __init__(self, components: int, bins: int, strip_frames: int) -> None:
        super().__init__()
        self.bins, self.strip_frames = bins, strip_frames
        cells = bins * strip_frames
        self.register_buffer("mean", torch.zeros(cells))
        self.register_buffer("components", torch.zeros(components, cells))
        self.register_buffer("scales", torch.ones(components))
        self.register_buffer("silence", torch.zeros(components))

    def cut(self, code: Tensor) -> Tensor:
        """Cuts codes into strips; the last strip is filled up with silence.

        Args:
            code: Codes, [B, F, N].

        Returns:
            Strips, [B, L, F * S].
        """
        missing = -code.shape[2] % self.strip_frames
        full = functional.pad(code, (0, missing))
        cells = full.view(code.shape[0], self.bins, -1, self.strip_frames)
        return cells.transpose(1, 2).flatten(2)

    def joined(self, strips: Tensor) -> Tensor:
        """Joins strips.

        Args:
            strips: [B, L, F * S].

        Returns:
            Codes, [B, F, L * S].
        """
        cells = strips.view(*strips.shape[:2], self.bins, self.strip_frames)
        return cells.transpose(1, 2).flatten(2)

    def coordinates(self, code: Tensor, first: int | None = None) -> Tensor:
        """Finds the coordinates of codes, in units of the code.

        Args:
            code: Codes, [B, F, N].
            first: How many coordinates are wanted; None for all K.

        Returns:
            Coordinates, [B, K, L].
        """
        kept = self.components[:first]
        return (self.cut(code) @ kept.t() - kept @ self.mean).transpose(1, 2)

    def code(self, coordinates: Tensor) -> Tensor:
        """Goes back, from all coordinates or the first few.

        Args:
            coordinates: [B, K', L], K' at most K.

        Returns:
            Codes, not clipped, [B, F, L * S].
        """
        kept = self.components[: coordinates.shape[1]]
        return self.joined(coordinates.transpose(1, 2) @ kept + self.mean)

    def fit(self, codes: Tensor, weights: Tensor) -> None:
        """Finds the components of a library; silence after a sound's end does not count.

        Args:
            codes: Some hundreds to thousands of codes, [M, F, N], of any float type.
            weights: How much each code counts, [M]; they sum to 1. Within a code its strips
                count the same.

        Source:
            Pearson 1901; here from the covariance of weighted strips.
        """
        cells = self.bins * self.strip_frames
        total, products = torch.zeros(cells), torch.zeros(cells, cells)
        for code, weight in zip(codes, weights, strict=True):
            strips = self.cut(audible(code.float())[None])[0]
            share = weight / len(strips)
            total += share * strips.sum(0)
            products.addmm_(strips.t(), strips, alpha=float(share))
        self.mean.copy_(total)
        spread = products.double() - torch.outer(total.double(), total.double())
        variances, vectors = torch.linalg.eigh(spread)
        kept = min(len(self.scales), int((variances > _NO_SCALE**2).sum()))
        self.components.zero_()
        self.scales.fill_(_NO_SCALE)
        if kept:
            self.components[:kept] = vectors[:, -kept:].flip(1).t().float()
            self.scales[:kept] = variances[-kept:].flip(0).sqrt().float()
        self.silence.copy_(self.coordinates(codes.new_zeros(1, self.bins, 1).float())[0, :, 0])


def audible(code: Tensor) -> Tensor:
    """Cuts the silence off the end of a code; one frame stays at least.

    Args:
        code: A code, [F, N].

    Returns:
        The code up to its last frame that is not silent, [F, N'].

    Example:
        >>> audible(torch.tensor([[0.5, 0.0, 0.2, 0.0]])).shape
        torch.Size([1, 3])
    """
    return code[:, : max(1, last_audible(code))]


def last_audible(code: Tensor) -> int:
    """Counts the frames up to the last that is not silent, in any of some codes.

    Args:
        code: A code [F, N], or some, [B, F, N].

    Returns:
        A number of frames, 0 where all is silent.

    Example:
        >>> last_audible(torch.zeros(2, 3, 4))
        0
    """
    frames = code.flatten(0, -2).amax(0) > 0
    heard = frames.nonzero()
    return int(heard[-1]) + 1 if len(heard) else 0
