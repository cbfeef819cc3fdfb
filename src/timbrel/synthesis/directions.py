"""Directions of a latent space along which most happens, found without labels."""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from timbrel.instruments.hearing import playing
from timbrel.instruments.instrument import Instrument
from timbrel.instruments.offers import Decodes
from timbrel.synthesis.priors import Prior, drawn, prior_of

_DRAWS = 512  # of the prior that tell its directions, where early activations are at hand
_CODES = 128  # where whole codes must be made instead
_POOLED = 1024  # values that a code is brought down to
_LEAST_SHARE = 1e-3  # of the largest spread: smaller directions are noise


@dataclass(frozen=True, eq=False)
class Basis:
    """Principal directions of a latent space, in standard deviations.

    Attributes:
        prior: How latents become the values that are moved.
        origin: The middle, [Z].
        moves: What one standard deviation along each direction adds, [K, Z].
        reads: What tells how far a latent lies along each: ``(x - origin) @ reads.T``, [K, Z].
    """

    prior: Prior
    origin: Tensor
    moves: Tensor
    reads: Tensor


def basis_of(instrument: Instrument, *, most: int) -> Basis:
    """Finds the principal directions of an instrument's latents, the widest first.

    Of a cloud they are those of its latents. Where there is none, the prior is as wide one way as
    another; then they are the directions that move the network's early activations most (its
    codes, where it tells of no early activations), brought back to latents by regression.

    Args:
        instrument: Any instrument that generates.
        most: How many at most.

    Returns:
        The basis, in float64.

    Source:
        Härkönen, Hertzmann, Lehtinen & Paris 2020, "GANSpace: Discovering interpretable GAN
        controls", sections 2.1 and 2.2.
    """
    prior = prior_of(instrument)
    if instrument.cloud.plays:
        return _of_cloud(instrument.cloud.latents.double(), prior, most)
    return _of_prior(instrument, prior, most)


def _of_cloud(latents: Tensor, prior: Prior, most: int) -> Basis:
    origin = latents.mean(dim=0)
    _, sizes, ways = torch.linalg.svd(latents - origin, full_matrices=False)
    spread = sizes / max(len(latents) - 1, 1) ** 0.5
    kept = int((spread > _LEAST_SHARE * spread[0]).sum()) if len(spread) else 0
    kept = min(kept, most)
    ways, spread = ways[:kept], spread[:kept, None]
    return Basis(prior, origin, ways * spread, ways / spread)


def _of_prior(instrument: Instrument, prior: Prior, most: int) -> Basis:
    early = getattr(instrument.network, "early", None)
    count = _DRAWS if early is not None else _CODES
    latents = torch.stack([drawn(instrument, seed=0, number=k) for k in range(count)])
    with playing(instrument.network):
        if early is not None:
            activations = early(latents.to(instrument.device)).cpu().clone()
        else:
            activations = torch.cat([_pooled(instrument, one[None]) for one in latents])
    normal, seen = prior.inward(latents).double(), activations.flatten(1).double()
    scores, _, _ = torch.linalg.svd(seen - seen.mean(dim=0), full_matrices=False)
    kept = min(most, normal.shape[1], count - 1)
    # of normal values the mean slope of a score is their covariance (Stein's lemma)
    slopes = normal.T @ scores[:, :kept]
    ways = torch.linalg.qr(slopes).Q.T.contiguous()
    return Basis(prior, torch.zeros(normal.shape[1], dtype=torch.float64), ways, ways)


def _pooled(instrument: Instrument, latent: Tensor) -> Tensor:
    """What a code is like, coarsely; of a waveform how loud each moment is."""
    code = cast(Decodes, instrument.network).decode(latent.to(instrument.device)).float()
    rows = code if instrument.front_end.spectral else code.abs()
    height = min(rows.shape[1], 32)
    size = (height, min(rows.shape[2], _POOLED // height))
    return torch.nn.functional.adaptive_avg_pool2d(rows[:, None], size).flatten(1).cpu().clone()
