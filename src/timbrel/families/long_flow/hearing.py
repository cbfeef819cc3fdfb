"""How the network of `long_flow` hears: from codes to coordinates, latents and their beat."""

import torch
from torch import Tensor, nn

from timbrel.blocks.strips import StripBasis, last_audible
from timbrel.families import DataFacts
from timbrel.families.long_flow.beats import SIDE_ROWS, Metre, cell_of, metre_of
from timbrel.families.long_flow.config import LongFlowOptions
from timbrel.families.long_flow.groove import GrooveBasis, Liveliness
from timbrel.families.long_flow.pace import VALUES, PaceScale

_NOISE_FLOOR = 0.02  # of the groove's largest spread: noise in directions that hardly vary


class Hears(nn.Module):
    """The network as far as it hears; see `timbrel.families.long_flow.network.LongFlow`.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes; N is that of the longest piece that is heard.
    """

    any_length = True

    def __init__(self, options: LongFlowOptions, facts: DataFacts) -> None:
        super().__init__()
        self.options, self.frames = options, facts.frames
        self.slice_frames = min(options.slice_frames, facts.frames)
        self.position_frames = options.strip_frames
        self.positions = -(-facts.frames // options.strip_frames)
        self.latent_size, self.drawn = options.latent_size, options.drawn_components
        self.bins = facts.bins - SIDE_ROWS
        self.strips = StripBasis(options.components, self.bins, options.strip_frames)
        self.groove_size = options.latent_size - options.liveliness_size - VALUES
        self.grooves = GrooveBasis(self.groove_size, options.groove_components)
        self.lively = Liveliness(options.liveliness_size, options.groove_components)
        self.paces = PaceScale()

    def encode(self, code: Tensor) -> Tensor:
        """Finds the latents of codes [B, F + 3, N'] of any length, [B, Z]."""
        heard = code[:, :, : max(1, last_audible(code))].float()
        return self.latent_of(
            self.coordinates(heard, self.drawn), metre_of(heard, self.position_frames)
        )

    def coordinates(self, code: Tensor, first: int | None = None) -> Tensor:
        """Finds the coordinates of codes [B, F + 3, N'], or the first of them, [B, K, L]."""
        return self.strips.coordinates(code[:, :-SIDE_ROWS].float(), first)

    def latent_of(self, coordinates: Tensor, metre: Metre) -> Tensor:
        """Finds the latents of coordinates [B, K', L] and their beat, [B, Z]."""
        every, cells = coordinates.new_ones(1, coordinates.shape[2]), cell_of(metre.beats)
        groove = self.grooves.of(self.grooves.means(coordinates, cells, every))
        logs = self.lively.logs(coordinates, self.grooves.told(groove, cells))
        return torch.cat([groove[:, 0], self.lively.of(logs), self.paces.values(metre)], dim=1)

    def detail(self, code: Tensor) -> Tensor:
        """Finds the details of codes.

        Args:
            code: Codes, [B, F + 3, N'], of any length.

        Returns:
            Details, [B, K + 3, L], as long as the longest sound; all of them is known.
        """
        heard = code[:, :, : max(1, last_audible(code))]
        coordinates = self.coordinates(heard)
        metre = metre_of(heard, self.position_frames)
        return self.with_known(coordinates, coordinates.new_ones(len(code)), metre)

    def pace(self, latent: Tensor) -> Tensor:
        """Tells how fast the beat of latents [B, Z] is, in beats a position, [B]."""
        return self.paces.pace(latent)

    def at_pace(self, latent: Tensor, pace: float) -> Tensor:
        """Gives latents [B, Z] another pace in beats a position, and a beat that is clear."""
        return self.paces.with_pace(latent, pace)

    def centre(self) -> Tensor:
        """The mean of the library's latents, [Z]."""
        return torch.cat([self.paces.mean.new_zeros(self.latent_size - VALUES), self.paces.mean])

    def latent_spreads(self) -> Tensor:
        """The library's spread of each value of a latent, [Z]."""
        return torch.cat([self.grooves.scales, self.lively.scales, self.paces.spread])

    def parts(self, latent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Groove, liveliness and pace of latents [..., Z]."""
        size = self.groove_size
        return latent[..., :size], latent[..., size:-VALUES], latent[..., -VALUES:]

    def doubtful(self) -> Tensor:
        """Spread of the noise that latents are doubted by, [Z]; no direction is ever sure."""
        scales = self.latent_spreads()
        return torch.maximum(scales, _NOISE_FLOOR * scales[0])

    def with_known(self, coordinates: Tensor, known: Tensor, metre: Metre) -> Tensor:
        """Makes details of coordinates [B, K, L], of how much of each is known [B], and a beat."""
        held = known[:, None, None].expand(-1, 1, coordinates.shape[2])
        return torch.cat([coordinates, held, metre.beats[:, None], metre.clarity[:, None]], dim=1)
