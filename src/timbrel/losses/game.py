"""One turn of each player of a Wasserstein game with gradient penalty: its loss and its parts."""

from collections.abc import Callable

import torch
from torch import Tensor

from timbrel.losses.wasserstein import critic_loss, generator_loss, gradient_penalty

Critic = Callable[[Tensor], Tensor]


def critic_turn(
    critic: Critic,
    real: Tensor,
    made: Tensor,
    generator: torch.Generator,
    *,
    penalty_weight: float,
) -> dict[str, Tensor]:
    """Computes what a critic minimises; real and made codes pass through it together.

    Args:
        critic: Codes [B, ...] -> scores [B].
        real: Real codes, [B, ...].
        made: Made codes, the same shape, without gradients.
        generator: Where the randomness of the penalty comes from.
        penalty_weight: Weight of the gradient penalty; 10 as a rule.

    Returns:
        ``loss``, and its parts ``real`` and ``fake`` (mean scores) and ``penalty``.

    Source:
        Gulrajani et al. 2017, algorithm 1.

    Example:
        >>> codes = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 0.0]])
        >>> turn = critic_turn(lambda c: c[:, 0], *codes, torch.Generator(), penalty_weight=10)
        >>> float(turn["loss"])
        -1.0
    """
    scores = critic(torch.cat([real, made]))
    of_real, of_made = scores[: len(real)], scores[len(real) :]
    penalty = gradient_penalty(critic, real, made, generator)
    return {
        "loss": critic_loss(of_real, of_made) + penalty_weight * penalty,
        "real": of_real.detach().mean(),
        "fake": of_made.detach().mean(),
        "penalty": penalty.detach(),
    }


def generator_turn(critic: Critic, made: Tensor) -> dict[str, Tensor]:
    """Computes what a generator minimises.

    Args:
        critic: Codes [B, ...] -> scores [B].
        made: Made codes, [B, ...], with gradients.

    Returns:
        ``loss``, minus the mean score.

    Example:
        >>> {name: float(value) for name, value in generator_turn(
        ...     lambda code: code.sum(1), torch.ones(2, 3)).items()}
        {'loss': -3.0}
    """
    return {"loss": generator_loss(critic(made))}
