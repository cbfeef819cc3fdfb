"""The losses of a Wasserstein game with gradient penalty: a critic scores, a generator pleases.

A critic's score is any real number, higher where it takes a code for real. Scores are [B], codes
[B, ...]; all losses are scalars that are minimised.
"""

from collections.abc import Callable

import torch
from torch import Tensor

_TINY = 1e-12  # keeps the slope of a square root finite where a gradient is nothing


def critic_loss(real: Tensor, fake: Tensor) -> Tensor:
    """Computes how badly a critic tells real codes from made ones.

    Minus this is the critic's estimate of the Wasserstein distance of the two sets, once its
    gradients have norm 1.

    Args:
        real: Scores of real codes, [B].
        fake: Scores of made codes, [B].

    Returns:
        A scalar, the mean score of made codes less that of real ones; lower is better.

    Source:
        Arjovsky, Chintala & Bottou 2017, "Wasserstein GAN", algorithm 1; S1, equation 7.1.

    Example:
        >>> float(critic_loss(torch.tensor([3.0, 1.0]), torch.tensor([-1.0, 0.0])))
        -2.5
    """
    return fake.float().mean() - real.float().mean()


def generator_loss(fake: Tensor) -> Tensor:
    """Computes how little made codes please a critic.

    Args:
        fake: Scores of made codes, [B].

    Returns:
        A scalar, minus their mean; lower is better.

    Source:
        Arjovsky, Chintala & Bottou 2017, algorithm 1; S1, equation 7.2.

    Example:
        >>> float(generator_loss(torch.tensor([3.0, 1.0])))
        -2.0
    """
    return -fake.float().mean()


def drift(real: Tensor) -> Tensor:
    """Computes how far a critic's scores have drifted from zero, where they mean the same.

    Args:
        real: Scores of real codes, [B].

    Returns:
        A scalar, their mean square; weighed by 0.001 to 0.002 as a rule.

    Source:
        Karras, Aila, Laine & Lehtinen 2018, "Progressive growing of GANs", appendix A.1.

    Example:
        >>> float(drift(torch.tensor([3.0, -1.0])))
        5.0
    """
    return real.float().square().mean()


def interpolated(real: Tensor, fake: Tensor, generator: torch.Generator) -> Tensor:
    """Draws one code on the straight line between each real and each made one.

    Args:
        real: Real codes, [B, ...].
        fake: Made codes, the same shape.
        generator: Where the randomness comes from.

    Returns:
        Codes between them, detached from both, the same shape.

    Source:
        Gulrajani et al. 2017, "Improved training of Wasserstein GANs", algorithm 1.

    Example:
        >>> between = interpolated(torch.zeros(1, 3), torch.ones(1, 3), torch.Generator())
        >>> bool((between == between[0, 0]).all())
        True
    """
    share = torch.rand(len(real), generator=generator, device=generator.device)
    share = share.to(real.device).view(-1, *[1] * (real.ndim - 1))
    return torch.lerp(real.detach().float(), fake.detach().float(), share)


def gradient_penalty(
    critic: Callable[[Tensor], Tensor],
    real: Tensor,
    fake: Tensor,
    generator: torch.Generator,
) -> Tensor:
    """Computes how far a critic's slope is from 1 between real and made codes.

    Also works where gradients are switched off; the penalty then has none itself.

    Args:
        critic: Codes [B, ...] -> scores [B].
        real: Real codes, [B, ...].
        fake: Made codes, the same shape.
        generator: Where the randomness comes from.

    Returns:
        A scalar, the mean of (norm of the gradient - 1) squared; weighed by 10 as a rule.

    Source:
        Gulrajani et al. 2017, equation 3; S1, section 7.3.3.

    Example:
        >>> slope = torch.tensor([3.0, 4.0])  # a norm of 5 everywhere
        >>> code = torch.zeros(2, 2)
        >>> round(float(gradient_penalty(lambda c: c @ slope, code, code, torch.Generator())), 4)
        16.0
    """
    graph = torch.is_grad_enabled()
    with torch.enable_grad():
        between = interpolated(real, fake, generator).requires_grad_()
        (slope,) = torch.autograd.grad(critic(between).float().sum(), between, create_graph=graph)
    norm = (slope.float().flatten(1).square().sum(1) + _TINY).sqrt()
    return (norm - 1).square().mean()
