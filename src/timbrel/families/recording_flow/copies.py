"""Dull and noisy copies of codes, as networks see them while they learn to restore."""

import torch
from torch import Tensor

DULL, NOISY = 0, 1
_LOWEST, _HIGHEST = 0.1, 0.75  # of all bins, that a dull copy has
_LEAST_DB, _MOST_DB = -5.0, 25.0  # that noise lies below the mean level
_STEEPEST = 2.0  # powers of frequency by which noise may fall


def dulled(code: Tensor, kept: int, *, bins: int) -> Tensor:
    """Makes a copy that has no high frequencies.

    Args:
        code: Codes, [..., F, N].
        kept: How many bins it has, from the lowest.
        bins: How many of the rows are bins; others stay.

    Returns:
        The same shape.
    """
    out = code.clone()
    out[..., kept:bins, :] = 0
    return out


def random_dull(code: Tensor, *, bins: int, generator: torch.Generator) -> Tensor:
    """Makes a copy without frequencies above a place drawn for each code, [B, F, N]."""
    draw = torch.rand(len(code), generator=generator, device=generator.device)
    shares = _LOWEST * (_HIGHEST / _LOWEST) ** draw
    return torch.stack(
        [
            dulled(one, max(1, round(float(share) * bins)), bins=bins)
            for one, share in zip(code, shares, strict=True)
        ]
    )


def random_noisy(code: Tensor, *, bins: int, range_db: float, generator: torch.Generator) -> Tensor:
    """Makes a copy with steady noise of a level and a colour drawn for each code.

    Powers add, and so does what two sounds of unlike phase add by chance.

    Args:
        code: Codes in dB as 0..1, [B, F, N].
        bins: How many of the rows are bins; others stay.
        range_db: What a code's range stands for.
        generator: Where the randomness comes from.

    Returns:
        The same shape.
    """

    def draw(*shape: int) -> Tensor:
        return torch.rand(shape, generator=generator, device=generator.device).to(code.device)

    power = 10 ** ((code[:, :bins] - 1) * (range_db / 10))
    below_db = _LEAST_DB + (_MOST_DB - _LEAST_DB) * draw(len(code), 1, 1)
    steep = -_STEEPEST * draw(len(code), 1, 1)
    place = torch.arange(1, bins + 1, device=code.device)[:, None] / bins
    colour = place**steep
    level = power.mean((1, 2), keepdim=True) * 10 ** (-below_db / 10)
    noise = level * colour / colour.mean(1, keepdim=True)
    noise = -noise * draw(*power.shape).clamp(min=1e-6).log()  # the power of Rayleigh magnitudes
    turn = torch.cos(2 * torch.pi * draw(*power.shape))
    both = (power + noise + 2 * (power * noise).sqrt() * turn).clamp(min=1e-12)
    both = both / both.amax((1, 2), keepdim=True).clamp(min=1.0)
    out = code.clone()
    out[:, :bins] = (1 + 10 * both.log10() / range_db).clamp(0, 1)
    return out
