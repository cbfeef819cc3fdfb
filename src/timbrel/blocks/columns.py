"""Networks that hear a sound column by column: each column of a code becomes one embedding."""

from abc import abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.sequences import mixed

_COLUMNS_AT_ONCE = 64  # so that memory does not grow with the length of the sound


class ColumnNetwork(nn.Module):
    """What networks share that turn each column into one embedding, and each embedding back.

    A *detail* [B, K + 1, L] is the sequence of embeddings, one a column, and last whether the
    column is heard: 1, or 0 for silence. Silence is played as silence, whatever a network would
    make of it, and carries the embedding of the last column that was heard, so that no mixture is
    one with the embedding of nothing.

    A latent [B, K + 1] is the mean embedding of all columns that are heard, and last which share of
    the sound that is.

    Args:
        bins: F, the values of a column.
        frames: N, the columns of the longest sound.

    Shape:
        forward: code [B, F, N'] -> code [B, F, N']
        encode: code [B, F, N'] -> latent [B, K + 1]
        decode: latent [B, K + 1] -> code [B, F, N]
    """

    any_length = True
    slice_frames = 1

    def __init__(self, *, bins: int, frames: int) -> None:
        super().__init__()
        self.bins, self.frames = bins, frames

    @abstractmethod
    def embedded(self, columns: Tensor) -> Tensor:
        """Finds the embeddings of columns, [M, F] -> [M, K]."""

    @abstractmethod
    def restored(self, embeddings: Tensor) -> Tensor:
        """Finds the columns of embeddings, [M, K] -> [M, F]."""

    def forward(self, code: Tensor) -> Tensor:
        """Passes all columns of codes through the bottleneck, [B, F, N'] -> [B, F, N']."""
        columns = code.transpose(1, 2)
        found = self.restored(self.embedded(columns.flatten(0, 1)))
        return found.view(columns.shape).transpose(1, 2)

    # --- hearing -------------------------------------------------------------------------------

    def detail(self, code: Tensor) -> Tensor:
        """Finds the details of codes [B, F, N'] of any length up to N, [B, K + 1, N']."""
        return torch.stack([self._detail_of(one.t()) for one in code.float()])

    def _detail_of(self, columns: Tensor) -> Tensor:
        heard = (columns != 0).any(1)
        places = heard.nonzero()[:, 0] if heard.any() else heard.new_zeros(1, dtype=torch.int64)
        embeddings = _in_parts(self.embedded, columns[places])
        held = embeddings[(heard.cumsum(0) - 1).clamp(min=0)]
        return torch.cat([held, heard[:, None].to(held)], dim=1).t()

    def encode(self, code: Tensor) -> Tensor:
        """Finds the latents of codes [B, F, N'] of any length up to N, [B, K + 1]."""
        detail = self.detail(code)
        heard = detail[:, -1:]
        count = heard.sum(2)
        mean = (detail[:, :-1] * heard).sum(2) / count.clamp(min=1)
        return torch.cat([mean, count / self.frames], dim=1)

    # --- playing -------------------------------------------------------------------------------

    def play(self, detail: Tensor) -> tuple[Tensor, None]:
        """Plays details.

        Args:
            detail: Details, [B, K + 1, L].

        Returns:
            Codes, [B, F, N], silent after the detail's end, and no roughness, for it knows of none.
        """
        end = min(self.frames, detail.shape[2])
        played = [self._columns_of(one[:, :end].t()).t() for one in detail.float()]
        return functional.pad(torch.stack(played), (0, self.frames - end)), None

    def _columns_of(self, detail: Tensor) -> Tensor:
        heard = detail[:, -1:].clamp(0, 1)
        places = heard.nonzero()[:, 0]
        columns = detail.new_zeros(len(detail), self.bins)
        if len(places):
            columns[places] = _in_parts(self.restored, detail[places, :-1])
        return columns * heard

    def decode(self, latent: Tensor) -> Tensor:
        """Plays latents [B, K + 1], [B, F, N]."""
        return self.play(self._drawn(latent))[0]

    def draw(self, latent: Tensor, generator: torch.Generator) -> Tensor:
        """Finds the details [B, K + 1, N] that latents stand for; nothing is left to chance."""
        return self._drawn(latent)

    def _drawn(self, latent: Tensor) -> Tensor:
        detail = latent[:, :, None].repeat(1, 1, self.frames)
        place = torch.arange(self.frames, device=latent.device) + 0.5
        detail[:, -1] = (place < latent[:, -1:] * self.frames).to(detail)
        return detail

    def blend(self, details: Tensor, weights: Tensor, generator: torch.Generator) -> Tensor:
        """Mixes details [S, B, K + 1, L] by weights [S, L]; nothing is left to chance."""
        return mixed(details, weights)


def _in_parts(work: Callable[[Tensor], Tensor], items: Tensor) -> Tensor:
    return torch.cat([work(part) for part in torch.split(items, _COLUMNS_AT_ONCE)])
