"""What a fresh network of `long_flow` knows of a library before training."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from timbrel.blocks.label_weights import label_weights
from timbrel.blocks.strips import audible
from timbrel.families.long_flow.beats import SIDE_ROWS, cell_of, metre_of
from timbrel.families.long_flow.network import LongFlow

_LEAST_LEFT = 1e-2  # as the flow sees it, of a coordinate that never changes


def start(network: nn.Module, codes: Tensor, labels: Tensor) -> None:
    """Gives a fresh network what can be known of the library without training: its components.

    Args:
        network: What `build` made.
        codes: Some hundreds to thousands of the library's codes, [M, F + 3, N'].
        labels: Their label numbers, [M], -1 where unknown.
    """
    if not isinstance(network, LongFlow):
        return
    weights = label_weights(labels)
    network.strips.fit(codes[:, :-SIDE_ROWS], weights)
    looks = [Look(network, code) for code in codes]
    network.grooves.fit(torch.cat([look.means for look in looks]), weights)
    network.lively.fit(torch.cat([look.moves(network) for look in looks]), weights)
    network.lively.compare(float(network.grooves.scales[0]))
    values = torch.cat([network.paces.values(look.metre) for look in looks])
    network.paces.fit(values, weights, float(network.grooves.scales[0]))
    _measure(network, looks, weights)


class Look:
    """What is seen of one piece before training."""

    def __init__(self, network: LongFlow, code: Tensor) -> None:
        heard = audible(code.float())[None]
        self.coordinates = network.coordinates(heard, network.drawn)
        self.metre = metre_of(heard, network.position_frames)
        every = self.coordinates.new_ones(1, self.coordinates.shape[2])
        self.means = network.grooves.means(self.coordinates, cell_of(self.metre.beats), every)[:, 0]

    def moves(self, network: LongFlow) -> Tensor:
        """How far the piece is from its groove, as logarithms, [1, K']."""
        groove = network.grooves.of(self.means)[:, None]
        told = network.grooves.told(groove, cell_of(self.metre.beats))
        return network.lively.logs(self.coordinates, told)


@torch.no_grad()
def _measure(network: LongFlow, looks: Sequence[Look], weights: Tensor) -> None:
    """Finds how far coordinates are from their grooves, once components are known."""
    left, moves = torch.zeros_like(network.left), torch.zeros_like(network.moves)
    for look, weight in zip(looks, weights, strict=True):
        latent = network.latent_of(look.coordinates, look.metre)[:, None]
        mean = network.told(latent, look.metre, weights.new_zeros(1)).mean
        left += weight * (look.coordinates / network.scale() - mean)[0].square().mean(1)
        moves += weight * mean[0].square().mean(1)
    network.left.copy_(left.sqrt().clamp(min=_LEAST_LEFT))
    network.moves.copy_(moves.sqrt().clamp(min=_LEAST_LEFT))
