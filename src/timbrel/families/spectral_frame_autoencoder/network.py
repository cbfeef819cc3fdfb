"""The network of `spectral_frame_autoencoder`: eighteen layers over the bins of one frame."""

from itertools import pairwise

from torch import Tensor, nn

from timbrel.blocks.mirrored import Layer
from timbrel.blocks.spectral_autoencoder import SpectralAutoencoder
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.spectral_frame_autoencoder.config import SpectralFrameOptions

KERNEL = 3  # without padding: each layer takes two bins, nine of them make 495 of 513


def layers_of(options: SpectralFrameOptions, bins: int) -> tuple[Layer, ...]:
    """Lists the encoder's layers; the decoder's are their mirror images.

    Args:
        options: The recipe's network table.
        bins: F.

    Returns:
        One layer more than the options name channels.

    Example:
        >>> [layer.bins_out for layer in layers_of(SpectralFrameOptions(), 513)]
        [511, 509, 507, 505, 503, 501, 499, 497, 495]
    """
    widths = pairwise((1, *options.channels, 1))
    return tuple(
        Layer(
            inputs,
            outputs,
            kernel=(1, KERNEL),
            stride=1,
            padding=(0, 0),
            bins_in=bins - number * (KERNEL - 1),
        )
        for number, (inputs, outputs) in enumerate(widths)
    )


def build(options: SpectralFrameOptions, facts: DataFacts) -> SpectralAutoencoder:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Returns:
        A freshly initialised network.

    Raises:
        RecipeError: When the codes have too few bins for so many layers.
    """
    layers = layers_of(options, facts.bins)
    if layers[-1].bins_out < 1:
        least = len(layers) * (KERNEL - 1) + 1
        raise RecipeError(f"a code of {facts.bins} bins", f"{least} bins or more")
    return SpectralAutoencoder(
        layers,
        frames=facts.frames,
        slice_frames=1,
        cells=options.cells,
        unit_db=options.unit_db,
        relative=options.scaling == "library",
        leak=options.leak,
    )


def start(network: nn.Module, codes: Tensor, labels: Tensor) -> None:
    """Tells a fresh network what its decibels are relative to, where the recipe says so.

    Args:
        network: What `build` made.
        codes: Some hundreds to thousands of the library's codes, [M, F, N'].
        labels: Their label numbers, [M]; each frame counts the same, whatever its label.
    """
    if isinstance(network, SpectralAutoencoder) and network.relative:
        network.measure(codes)
