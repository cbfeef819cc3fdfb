"""Networks that hear a sound slice by slice: cut, embed, restore, average where slices overlap.

A code [F, N] is cut into slices [L, F, k], and each slice becomes one of the embeddings [L, K].
"""

from abc import abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks import sequences
from timbrel.errors import RecipeError

_SLICES_AT_ONCE = 32  # few enough for a processor's cache, whatever the length of the sound


def cut(code: Tensor, slice_frames: int) -> Tensor:
    """Cuts codes into all their slices, each a frame after the one before.

    Args:
        code: Codes, [..., F, N]; one shorter than a slice is filled up with silence.
        slice_frames: Frames k of a slice.

    Returns:
        Slices, [..., L, F, k], with L = max(1, N - k + 1).

    Source:
        Langer 2023, section 4.5: slices of 3 frames that overlap by 2.

    Example:
        >>> cut(torch.arange(4.0)[None], 3).tolist()
        [[[0.0, 1.0, 2.0]], [[1.0, 2.0, 3.0]]]
    """
    full = functional.pad(code, (0, max(0, slice_frames - code.shape[-1])))
    return full.unfold(-1, slice_frames, 1).transpose(-3, -2)


def overlapped(slices: Tensor) -> Tensor:
    """Joins slices to codes; where they overlap it takes their mean.

    Args:
        slices: Slices, [..., L, F, k].

    Returns:
        Codes, [..., F, L + k - 1].

    Source:
        Langer 2023, section 4.5.2.

    Example:
        >>> overlapped(torch.tensor([[[0.0, 1.0]], [[3.0, 2.0]]])).tolist()
        [[0.0, 2.0, 2.0]]
    """
    *batch, count, bins, k = slices.shape
    total = slices.new_zeros(*batch, bins, count + k - 1)
    covered = slices.new_zeros(count + k - 1)
    for place in range(k):
        total[..., place : place + count] += slices[..., place].transpose(-2, -1)
        covered[place : place + count] += 1
    return total / covered


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
    heard = (code > 0).any(0).nonzero()
    return code[:, : int(heard[-1]) + 1 if len(heard) else 1]


class SliceNetwork(nn.Module):
    """What networks share that turn each slice into one embedding.

    A *detail* [B, K + 1, L] is the sequence of embeddings, and last how much of each slice is
    heard: 1, or 0 for silence. Silence is never shown to the network, for it was cut away before
    training; it is played as silence, and carries the embedding of the last slice that was heard,
    so that no mixture is one with the embedding of nothing.

    Args:
        bins: F.
        frames: N, of the longest sound.
        slice_frames: Frames k of a slice.
        cells: Cells of time that the latent averages the embeddings over.

    Shape:
        encode: code [B, F, N'] -> latent [B, (K + 1) * cells]
        decode: latent [B, (K + 1) * cells] -> code [B, F, N] within 0..1

    Raises:
        RecipeError: When sounds are shorter than a slice.
    """

    any_length = True
    memory_format = torch.channels_last

    def __init__(self, *, bins: int, frames: int, slice_frames: int, cells: int) -> None:
        super().__init__()
        if frames < slice_frames:
            raise RecipeError(
                f"sounds of {frames} frames and slices of {slice_frames}",
                "sounds as long as a slice",
                "raise duration_s, or lower hop_samples of the front end",
            )
        self.bins, self.frames, self.slice_frames, self.cells = bins, frames, slice_frames, cells

    @abstractmethod
    def embedded(self, slices: Tensor) -> Tensor:
        """Finds the embeddings of slices of a code, [M, F, k] -> [M, K]."""

    @abstractmethod
    def restored(self, embeddings: Tensor) -> Tensor:
        """Plays embeddings as slices of a code, not clipped, [M, K] -> [M, F, k]."""

    # --- hearing -------------------------------------------------------------------------------

    def encode(self, code: Tensor) -> Tensor:
        """Finds the latents of codes [B, F, N'] of any length up to N, [B, (K + 1) * cells]."""
        full = functional.pad(code, (0, max(0, self.frames - code.shape[2])))
        return sequences.pooled(self.detail(full), self.cells)

    def detail(self, code: Tensor) -> Tensor:
        """Finds the details of codes [B, F, N'] of any length, [B, K + 1, L]."""
        return torch.stack([self._detail_of(cut(one, self.slice_frames)) for one in code.float()])

    def _detail_of(self, slices: Tensor) -> Tensor:
        heard = (slices > 0).any(2).any(1)
        places = heard.nonzero()[:, 0] if heard.any() else heard.new_zeros(1, dtype=torch.int64)
        embeddings = _in_parts(self.embedded, slices[places])
        held = embeddings[(heard.cumsum(0) - 1).clamp(min=0)]
        return torch.cat([held, heard[:, None].to(held)], dim=1).t()

    # --- playing -------------------------------------------------------------------------------

    def decode(self, latent: Tensor) -> Tensor:
        """Plays latents [B, (K + 1) * cells], [B, F, N]."""
        return self.play(self._stretched(latent))[0]

    def play(self, detail: Tensor) -> tuple[Tensor, None]:
        """Plays details.

        Args:
            detail: Details, [B, K + 1, L].

        Returns:
            Codes within 0..1, [B, F, L + k - 1], and no roughness, for it knows of none.
        """
        codes = [overlapped(self._slices_of(one.t())) for one in detail.float()]
        return torch.stack(codes).clamp(0, 1), None

    def _slices_of(self, detail: Tensor) -> Tensor:
        embeddings, heard = detail[:, :-1], detail[:, -1].clamp(0, 1)
        slices = detail.new_zeros(len(detail), self.bins, self.slice_frames)
        places = heard.nonzero()[:, 0]
        if len(places):
            slices[places] = _in_parts(self.restored, embeddings[places])
        return slices * heard[:, None, None]

    def draw(self, latent: Tensor, generator: torch.Generator) -> Tensor:
        """Finds the details [B, K + 1, L] that latents stand for; nothing is left to chance."""
        return self._stretched(latent)

    def _stretched(self, latent: Tensor) -> Tensor:
        return sequences.stretched(latent, self.cells, self.frames - self.slice_frames + 1)

    def blend(self, details: Tensor, weights: Tensor, generator: torch.Generator) -> Tensor:
        """Mixes details [S, B, K + 1, L] by weights [S, L]; nothing is left to chance."""
        return sequences.mixed(details, weights)


def _in_parts(work: Callable[[Tensor], Tensor], items: Tensor) -> Tensor:
    return torch.cat([work(part) for part in torch.split(items, _SLICES_AT_ONCE)])
