"""The network of `spectral_slice_autoencoder`: S4's tables of layers."""

from collections.abc import Iterator
from typing import NamedTuple

from torch import Tensor, nn

from timbrel.blocks.mirrored import Layer
from timbrel.blocks.spectral_autoencoder import SpectralAutoencoder
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.spectral_slice_autoencoder.config import Bands, SpectralSliceOptions, Strides

SLICE_FRAMES = 3
LEAST_BINS = 48  # with fewer, three strides leave nothing


class Frequency(NamedTuple):
    """What each of the five layers does along frequency.

    Attributes:
        kernels: Extents of the kernels.
        strides: Steps.
        paddings: Zeros on each side.
    """

    kernels: tuple[int, ...] = (3, 3, 3, 3, 3)
    strides: tuple[int, ...] = (1, 2, 1, 1, 1)
    paddings: tuple[int, ...] = (0, 0, 0, 0, 0)


# The strides are S4's table 4.1 and section 4.6; kernels and paddings are our reading, the
# simplest that gives its sizes of the embedding.
TABLES: dict[tuple[Bands, Strides], Frequency] = {
    ("linear", "single"): Frequency(paddings=(1, 0, 0, 0, 0)),
    ("linear", "double"): Frequency(strides=(1, 2, 1, 2, 1), paddings=(1, 0, 0, 0, 0)),
    ("linear", "triple"): Frequency(strides=(1, 2, 2, 1, 2), paddings=(1, 0, 0, 0, 0)),
    ("mel", "single"): Frequency(),
    ("mel", "double"): Frequency(strides=(1, 2, 1, 2, 1), paddings=(0, 0, 0, 1, 0)),
    ("mel", "triple"): Frequency(
        kernels=(3, 3, 3, 3, 2), strides=(1, 2, 2, 2, 1), paddings=(0, 0, 0, 1, 0)
    ),
}


def layers_of(options: SpectralSliceOptions, bins: int) -> tuple[Layer, ...]:
    """Lists the encoder's layers; the decoder's are their mirror images.

    Args:
        options: The recipe's network table.
        bins: F.

    Returns:
        Five layers. Time is padded in all but the last, which makes one frame of three.

    Example:
        >>> [layer.bins_out for layer in layers_of(SpectralSliceOptions(), 513)]
        [513, 256, 254, 252, 250]
    """
    return tuple(_layers(options, bins))


def _layers(options: SpectralSliceOptions, bins: int) -> Iterator[Layer]:
    table = TABLES[options.bands, options.strides]
    widths = (1, *options.channels, 1)
    for number, (kernel, stride, padding) in enumerate(zip(*table, strict=True)):
        layer = Layer(
            widths[number],
            widths[number + 1],
            kernel=(SLICE_FRAMES, kernel),
            stride=stride,
            padding=(0 if number == len(table.kernels) - 1 else 1, padding),
            bins_in=bins,
        )
        bins = layer.bins_out
        yield layer


def build(options: SpectralSliceOptions, facts: DataFacts) -> SpectralAutoencoder:
    """Builds the network that a recipe asks for.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Returns:
        A freshly initialised network.

    Raises:
        RecipeError: When the codes have too few bins, or sounds are shorter than a slice.
    """
    if facts.bins < LEAST_BINS:
        raise RecipeError(f"a code of {facts.bins} bins", f"{LEAST_BINS} bins or more")
    return SpectralAutoencoder(
        layers_of(options, facts.bins),
        frames=facts.frames,
        slice_frames=SLICE_FRAMES,
        cells=options.cells,
        unit_db=options.unit_db,
        relative=options.scaling == "library",
    )


def start(network: nn.Module, codes: Tensor, labels: Tensor) -> None:
    """Tells a fresh network what its decibels are relative to, where the recipe says so.

    Args:
        network: What `build` made.
        codes: Some hundreds to thousands of the library's codes, [M, F, N'].
        labels: Their label numbers, [M]; each slice counts the same, whatever its label.
    """
    if isinstance(network, SpectralAutoencoder) and network.relative:
        network.measure(codes)
