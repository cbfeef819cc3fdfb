"""The network of `principal_components`: a mean, a basis, and nothing to train."""

import torch
from torch import Tensor, nn

from timbrel.blocks.slices import SliceNetwork, audible, cut
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.principal_components.config import PrincipalComponentsOptions

MOST_CELLS = 8192  # of a slice: finding the components of more takes more than 2 GiB


class PrincipalComponents(SliceNetwork):
    """The linear autoencoder of slices that no other of its size surpasses in squared error.

    Until `fit` has been called all it plays is the mean, zero.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Shape:
        forward: slices of a code [B, F, k] -> slices of a code [B, F, k], not clipped

    Source:
        Pearson 1901; Roche et al. 2018, "Autoencoders for music sound modeling".
    """

    mean: Tensor
    components: Tensor

    def __init__(self, options: PrincipalComponentsOptions, facts: DataFacts) -> None:
        super().__init__(
            bins=facts.bins,
            frames=facts.frames,
            slice_frames=options.slice_frames,
            cells=options.cells,
        )
        self.embedding_size = options.latent_size
        size = facts.bins * options.slice_frames
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("components", torch.zeros(options.latent_size, size))

    def embedded(self, slices: Tensor) -> Tensor:
        """See `SliceNetwork.embedded`."""
        return (slices.flatten(1) - self.mean) @ self.components.t()

    def restored(self, embeddings: Tensor) -> Tensor:
        """See `SliceNetwork.restored`."""
        found = embeddings @ self.components + self.mean
        return found.reshape(-1, self.bins, self.slice_frames)

    def forward(self, code: Tensor) -> Tensor:
        """Passes slices of a code through the components and back, [B, F, k] -> [B, F, k]."""
        return self.restored(self.embedded(code))

    def fit(self, codes: Tensor) -> None:
        """Finds the components of a library, a sound at a time; every slice counts the same.

        Args:
            codes: Some hundreds to thousands of codes, [M, F, N'], of any float type; silence at
                their ends does not count.

        Source:
            The eigenvectors of the covariance; it is summed around the first sound's mean, so
            that nothing is lost to rounding.
        """
        first = _rows(codes[0], self.slice_frames).mean(0)
        size = len(first)
        count, total = 0, torch.zeros(size, dtype=torch.float64)
        products = torch.zeros(size, size, dtype=torch.float64)
        for code in codes:
            rows = _rows(code, self.slice_frames) - first
            count += len(rows)
            total += rows.sum(0)
            products += (rows.t() @ rows).double()
        shift = total / count
        _, vectors = torch.linalg.eigh(products / count - torch.outer(shift, shift))
        self.mean.copy_(first + shift)
        kept = min(self.embedding_size, size, count)
        self.components.zero_()
        self.components[:kept] = vectors[:, -kept:].flip(1).t().float()


def _rows(code: Tensor, slice_frames: int) -> Tensor:
    return cut(audible(code.float()), slice_frames).flatten(1)


def build(options: PrincipalComponentsOptions, facts: DataFacts) -> PrincipalComponents:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Returns:
        A network that knows no component yet.

    Raises:
        RecipeError: When a slice has too many cells, or fewer than components are asked for.
    """
    size = facts.bins * options.slice_frames
    if size > MOST_CELLS:
        raise RecipeError(
            f"slices of {size} cells", f"{MOST_CELLS} at most", "lower slice_frames or the bins"
        )
    if options.latent_size > size:
        raise RecipeError(
            f"latent_size = {options.latent_size} of slices of {size} cells", f"{size} at most"
        )
    return PrincipalComponents(options, facts)


def start(network: nn.Module, codes: Tensor, labels: Tensor) -> None:
    """Finds the components: all that this network ever learns.

    Args:
        network: What `build` made.
        codes: Some hundreds to thousands of the library's codes, [M, F, N'].
        labels: Their label numbers, [M]; each slice counts the same, as in the error that
            autoencoders of slices minimise.
    """
    if isinstance(network, PrincipalComponents):
        network.fit(codes)
