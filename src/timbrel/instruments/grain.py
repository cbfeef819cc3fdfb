"""Grain: the roughness of a sound, which its smooth mean lost, drawn back.

A network that learns from many noises learns their mean, and the mean of noises is smooth. Where
the network also says how far off its mean may be, that roughness can be drawn: white noise seen
through the same front end is rough in just the natural way, neighbouring cells included.
"""

from functools import lru_cache
from typing import cast

import torch
from torch import Tensor

from timbrel.recipes import Recipe
from timbrel.signal.frontends import FrontEnd


def drawn(
    code: Tensor,
    spread: Tensor,
    recipe: Recipe,
    length_samples: int,
    *,
    amount: float,
    seed: int,
) -> Tensor:
    """Draws the grain of codes.

    No cell gets rougher than white noise is, however unsure the network was of it: beyond that it
    is not noise but ignorance. Silent cells stay silent.

    Args:
        code: Smooth codes within 0..1, [B, F, N].
        spread: How rough each cell is: its mean absolute deviation in units of the code, [B, F, N].
        recipe: Whose front end saw the codes.
        length_samples: Length T of the sounds that the codes stand for.
        amount: How much of the grain is drawn, 0 to 1.
        seed: Seed of the noise.

    Returns:
        Codes within 0..1, [B, F, N].

    Source:
        S3's blur and its cure: the smooth magnitude is the spectrum of a noise (Serra & Smith 1990,
        spectral modelling synthesis, stochastic part).
    """
    noise = _noise(recipe, len(code), length_samples, seed).to(code.device)
    natural = noise.abs().mean(dim=(0, 2), keepdim=True).clamp(min=1e-6)
    rough = amount * torch.minimum(spread, natural) / natural * noise
    return torch.where(code > 0, code + rough, code).clamp(0, 1)


@lru_cache(maxsize=4)
def _noise(recipe: Recipe, count: int, length_samples: int, seed: int) -> Tensor:
    """White noise as the front end sees it, around its mean in each bin, [B, F, N].

    Kept for the next call: clicks on a map ask for the same noise again and again.
    """
    generator = torch.Generator().manual_seed(seed)
    white = torch.randn(count, length_samples, generator=generator)
    front_end = cast(FrontEnd, recipe.front_end)
    code, _ = front_end.encode(white, sample_rate=recipe.sample_rate)
    return code - code.mean(dim=(0, 2), keepdim=True)
