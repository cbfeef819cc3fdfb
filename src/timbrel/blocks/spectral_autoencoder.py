"""What spectral autoencoders share: codes become decibels, slices become embeddings, and back."""

from collections.abc import Sequence

import torch
from torch import Tensor

from timbrel.blocks import slices
from timbrel.blocks.mirrored import Layer, Mirrored
from timbrel.blocks.slices import SliceNetwork


class SpectralAutoencoder(SliceNetwork):
    """Convolutions that squeeze each slice of a spectrogram into one vector of one channel.

    Inside, a code is decibels below the sound's maximum: as they are, or, once `measure` has been
    called, relative to the library's mean in each bin, in units of the spread around it.

    Args:
        layers: The encoder's layers; the decoder is their mirror image.
        frames: N, of the longest sound.
        slice_frames: Frames k of a slice.
        cells: Cells of time of the latent.
        unit_db: Decibels that one unit of the code stands for.
        relative: Whether decibels are relative to the library's; `measure` is called once.
        leak: Slope of the activation below zero; 0 is ReLU.

    Shape:
        forward: slices of a code [B, F, k] -> decibels [B, F, k]

    Source:
        Langer 2023, chapter 4.
    """

    mean_db: Tensor
    spread_db: Tensor

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        frames: int,
        slice_frames: int,
        cells: int,
        unit_db: float,
        relative: bool = False,
        leak: float = 0.0,
    ) -> None:
        bins = layers[0].bins_in
        super().__init__(bins=bins, frames=frames, slice_frames=slice_frames, cells=cells)
        self.unit_db, self.relative = unit_db, relative
        self.embedding_size = layers[-1].bins_out
        self.layers = Mirrored(layers, leak)
        self.register_buffer("mean_db", torch.zeros(bins, 1))
        self.register_buffer("spread_db", torch.ones(1))

    def decibels(self, code: Tensor) -> Tensor:
        """Says what codes stand for, in dB below the maximum of their sound, the same shape."""
        return (code - 1) * self.unit_db

    def forward(self, code: Tensor) -> Tensor:
        """Passes slices of a code through the bottleneck, [B, F, k] -> decibels [B, F, k]."""
        return self._restored_db(self.embedded(code))

    def embedded(self, slices: Tensor) -> Tensor:
        """See `SliceNetwork.embedded`."""
        relative = (self.decibels(slices) - self.mean_db) / self.spread_db
        return self.layers.encode(relative.transpose(1, 2).unsqueeze(1)).flatten(1)

    def restored(self, embeddings: Tensor) -> Tensor:
        """See `SliceNetwork.restored`."""
        return self._restored_db(embeddings) / self.unit_db + 1

    def _restored_db(self, embeddings: Tensor) -> Tensor:
        found = self.layers.decode(embeddings[:, None, None]).squeeze(1).transpose(1, 2)
        return found.float() * self.spread_db + self.mean_db

    def measure(self, codes: Tensor) -> None:
        """Takes the library's mean and spread as what decibels are relative to inside.

        Args:
            codes: Some of the library's codes, [M, F, N'], of any float type; silence at their
                ends does not count.
        """
        count, total, squares = 0, torch.zeros(self.bins), 0.0
        for code in codes:
            heard = self.decibels(slices.audible(code.float())).double()
            count += heard.shape[1]
            total = total + heard.sum(1)
            squares += float(heard.square().sum())
        mean = total / count
        variance = squares / (count * self.bins) - float(mean.square().mean())
        self.mean_db.copy_(mean[:, None])
        self.spread_db.fill_(max(1.0, variance) ** 0.5)
