"""Griffin-Lim in any transform that has an inverse, such as the constant-Q transform."""

import torch
from torch import Tensor

from timbrel.signal.phase import Transform

_TINY = 1e-30


@torch.no_grad()
def find_waveform_in(
    magnitude: Tensor,
    transform: Transform,
    *,
    iterations: int,
    momentum: float,
    length_samples: int,
    start: Tensor,
) -> Tensor:
    """Finds sounds for magnitudes, from a phase given, one after the other.

    Args:
        magnitude: Linear magnitudes, non-negative, [B, F, N].
        transform: What they are the magnitudes of.
        iterations: Rounds, 0 or more.
        momentum: How far each round leaps ahead along the last step; 0 is plain Griffin-Lim.
        length_samples: Length T of the sounds wanted.
        start: The phase to begin with in turns, [N, F] for all sounds or [B, N, F].

    Returns:
        Waveforms, float32 [B, T].

    Source:
        As `timbrel.signal.phase._iteration.refine`.
    """
    wanted = magnitude.detach().float()
    level = wanted.amax(dim=(1, 2)).clamp(min=_TINY)
    turns = start.to(wanted.device).expand(len(wanted), *start.shape[-2:]).transpose(1, 2)
    out = wanted.new_zeros(len(wanted), length_samples)
    for k, one in enumerate(wanted / level[:, None, None]):
        now = transform.inverse(_at(one[None], turns[k : k + 1]), length_samples)
        before = torch.zeros_like(now)
        for _ in range(iterations):
            ahead = now - momentum / (1 + momentum) * before
            spectrum = transform.forward(ahead)
            spectrum = spectrum * (one / spectrum.abs().clamp(min=_TINY))
            now, before = transform.inverse(spectrum, length_samples), now
        out[k] = now[0]
    return out * level[:, None]


def random_turns_in(shape: torch.Size, seed: int) -> Tensor:
    """Draws the phases to begin with, always on the CPU, so that every device gets the same.

    Args:
        shape: (B, F, N) of the magnitudes.
        seed: The seed.

    Returns:
        Phases in turns, 0..1, [N, F].
    """
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(shape[2], shape[1], generator=generator)


def _at(magnitude: Tensor, turns: Tensor) -> Tensor:
    return torch.polar(magnitude, turns * (2 * torch.pi))
