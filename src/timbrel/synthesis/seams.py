"""Seams: where a made sound and a known one take turns, so that no ear finds the place."""

from itertools import pairwise

import torch
from torch import Tensor

from timbrel.errors import UsageError

_TINY = 1e-12


def merged(known: Tensor, made: Tensor, share: Tensor) -> Tensor:
    """Fades between two sounds that lie on each other, and keeps the level on the way.

    Where the two agree, a plain fade keeps the level; where they do not, it would sink by up to
    3 dB in the middle. How far they agree is measured around each fade.

    Args:
        known: A sound, [C, T].
        made: Another, [C, T].
        share: How much of the known one is heard at each sample, 0 to 1, [T].

    Returns:
        The sound, [C, T].

    Raises:
        UsageError: When the three do not fit together.

    Source:
        A fade of two signals of correlation r keeps its power by the gain
        1 / sqrt(a^2 + b^2 + 2 a b r): Fink, Holters & Zölzer 2016, "Signal-matched power-
        complementary cross-fading and dry-wet mixing".

    Example:
        >>> ones, share = torch.ones(1, 5), torch.tensor([1.0, 0.75, 0.5, 0.25, 0.0])
        >>> torch.allclose(merged(ones, ones, share), ones)
        True
    """
    if known.shape != made.shape or share.shape != known.shape[-1:]:
        raise UsageError(
            f"sounds of shapes {tuple(known.shape)} and {tuple(made.shape)}, shares "
            f"{tuple(share.shape)}",
            "[C, T], [C, T] and [T]",
        )
    out = known * share + made * (1 - share)
    for first, end in _fades(share):
        a, b = share[first:end], 1 - share[first:end]
        r = _correlation(known[:, first:end], made[:, first:end])
        gain = (a.square() + b.square() + 2 * a * b * max(r, 0.0)).sqrt().clamp(min=0.5)
        out[:, first:end] = out[:, first:end] / gain
    return out


def shares(known: Tensor, fade_samples: int) -> Tensor:
    """Makes shares for `merged`: fades lie in what is known, and are over where it ends.

    Args:
        known: Which samples are known, of 0 and 1, [T].
        fade_samples: Length of a fade, at least 0; shorter where less is known.

    Returns:
        How much of the known sound is heard, 0 to 1, [T].

    Example:
        >>> shares(torch.tensor([1.0, 1.0, 1.0, 0.0, 0.0]), 2)
        tensor([1.0000, 0.8536, 0.1464, 0.0000, 0.0000])
    """
    out = known.float().clone()
    edges = (known > 0).float().diff().nonzero()[:, 0].tolist()
    bounds = [0, *(edge + 1 for edge in edges), len(known)]
    for first, end in pairwise(bounds):
        if not known[first]:
            continue
        sides = (first > 0) + (end < len(known))
        length = min(fade_samples, (end - first) // max(1, sides))
        ramp = 0.5 - 0.5 * torch.cos(torch.pi * (torch.arange(length) + 0.5) / max(length, 1))
        ramp = ramp.to(out)
        if first > 0:
            out[first : first + length] = ramp
        if end < len(known):
            out[end - length : end] = ramp.flip(0)
    return out


def _fades(share: Tensor) -> list[tuple[int, int]]:
    """Where shares lie between 0 and 1: first and end of each stretch."""
    inside = ((share > 0) & (share < 1)).int()
    steps = torch.nn.functional.pad(inside, (1, 1)).diff()
    firsts, ends = (steps == 1).nonzero()[:, 0], (steps == -1).nonzero()[:, 0]
    return list(zip(firsts.tolist(), ends.tolist(), strict=True))


def _correlation(one: Tensor, other: Tensor) -> float:
    power = (one.square().sum() * other.square().sum()).sqrt()
    return float((one * other).sum() / power.clamp(min=_TINY))
