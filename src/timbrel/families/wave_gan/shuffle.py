"""Phase shuffle: what keeps a critic from telling made sounds by the phase of their artefacts."""

import torch
from torch import Tensor


def drawn_shifts(count: int, most: int, generator: torch.Generator) -> list[int]:
    """Draws how far each sound is shifted.

    Args:
        count: How many sounds.
        most: The largest shift either way, in positions.
        generator: Where the randomness comes from.

    Returns:
        Whole numbers from ``-most`` to ``most``, each as likely.

    Example:
        >>> drawn_shifts(3, 0, torch.Generator())
        [0, 0, 0]
    """
    shifts = torch.randint(-most, most + 1, (count,), generator=generator, device=generator.device)
    return shifts.tolist()


def shifted(signal: Tensor, shifts: list[int]) -> Tensor:
    """Shifts each sound along its last axis; what is missing at an end is mirrored there.

    Args:
        signal: Activations, [B, ..., L].
        shifts: How far each one moves to the right, in positions; less than L, one a sound.

    Returns:
        The same shape.

    Source:
        Donahue, McAuley & Puckette 2019, section 3.3 and figure 3.

    Example:
        >>> sounds = torch.tensor([[1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]])
        >>> shifted(sounds, [1, -2])
        tensor([[2., 1., 2., 3.],
                [3., 4., 3., 2.]])
    """
    pairs = zip(signal.chunk(len(signal)), shifts, strict=True)  # keeps channels last
    return torch.cat([_moved(one, shift) for one, shift in pairs])


def _moved(one: Tensor, shift: int) -> Tensor:
    if shift == 0:
        return one
    if shift > 0:
        return torch.cat([one[..., 1 : shift + 1].flip(-1), one[..., :-shift]], dim=-1)
    return torch.cat([one[..., -shift:], one[..., shift - 1 : -1].flip(-1)], dim=-1)
