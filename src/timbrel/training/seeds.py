"""Every draw of training comes from the run's seed and a counter, so nothing needs remembering."""

from typing import Literal

import numpy as np
import torch

Purpose = Literal[
    "order",
    "balance",
    "loss",
    "validation",
    "estimate",
    "lengths",
    "critic",
    "span",
    "variety",
    "preview",
    "worker",
]

_NUMBERS: dict[Purpose, int] = {
    "order": 1,
    "balance": 2,
    "loss": 3,
    "validation": 4,
    "estimate": 5,
    "lengths": 6,
    "critic": 7,
    "span": 8,
    "variety": 9,
    "preview": 10,
    "worker": 11,
}


def derived(seed: int, purpose: Purpose, counter: int) -> int:
    """Derives the seed of one draw from the run's seed.

    A resumed run draws what an uninterrupted one would have drawn, because the draw depends on
    the counter alone and on no state that could be lost.

    Args:
        seed: The run's seed, any integer.
        purpose: What is drawn, so that two kinds of draw never share numbers.
        counter: The step, epoch or batch, from 0.

    Returns:
        A seed within 0 ... 2^63 - 1.

    Source:
        Counter-based seeding by numpy's SeedSequence (O'Neill's seed_seq_fe).

    Example:
        >>> derived(7, "loss", 3) == derived(7, "loss", 3) != derived(7, "loss", 4)
        True
    """
    parts = [seed & (2**64 - 1), _NUMBERS[purpose], counter]
    return int(np.random.SeedSequence(parts).generate_state(1, np.uint64)[0] >> np.uint64(1))


def seed_layers(seed: int, device: torch.device) -> None:
    """Seeds the global generators too, for layers that know no other (dropout).

    `torch.manual_seed` would do, but where no card is in use it notes the wish down, with a
    traceback, each time: slow, and memory that never comes back.

    Args:
        seed: The seed.
        device: Where the arithmetic happens.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)
