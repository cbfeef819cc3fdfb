"""The parts of the evidence lower bound, each with its sign and unit stated."""

import math

import torch
from torch import Tensor
from torch.nn import functional


def binary_cross_entropy(logits: Tensor, code: Tensor) -> Tensor:
    """Computes how badly a picture in 0..1 is predicted, summed over the picture.

    Args:
        logits: Predictions before their sigmoid, [B, F, N].
        code: Targets within 0..1, [B, F, N].

    Returns:
        A scalar in nats a sound (mean over the batch); lower is better.

    Source:
        Kingma & Welling 2014, appendix C.1; summed over the picture as in S3.

    Example:
        >>> round(float(binary_cross_entropy(torch.zeros(1, 2, 3), torch.ones(1, 2, 3))), 3)
        4.159
    """
    total = functional.binary_cross_entropy_with_logits(logits, code, reduction="sum")
    return total / code.shape[0]


def gaussian_error(prediction: Tensor, code: Tensor, scale: float) -> Tensor:
    """Computes the negative log-likelihood of a Gaussian of fixed width, up to a constant.

    The squared error of a code in dB, in units of `scale`: its best prediction is the mean.

    Args:
        prediction: The predicted code, [B, F, N].
        code: The true code, [B, F, N].
        scale: The width of the Gaussian, in units of the code.

    Returns:
        A scalar in nats a sound (mean over the batch); lower is better.

    Example:
        >>> float(gaussian_error(torch.zeros(2, 1, 4), torch.ones(2, 1, 4), scale=0.5))
        8.0
    """
    return (prediction - code).square().sum() / (2 * scale**2 * code.shape[0])


def roughness_error(
    prediction: Tensor, code: Tensor, log_spread: Tensor, *, lag_frames: int
) -> Tensor:
    """Computes how badly the roughness around a prediction is predicted.

    What is rough changes from one frame to a later one that shares nothing with it; a prediction
    that is merely wrong (a partial at another pitch) is wrong in both alike, and cancels. So the
    difference of the two errors is what a Laplace distribution of the predicted scale must
    explain. The prediction itself is held: no gradient flows into it.

    Args:
        prediction: The predicted code, [B, F, N].
        code: The true code, [B, F, N].
        log_spread: The natural logarithm of the predicted scale, [B, F, N].
        lag_frames: Frames between the two, as many as a window is long; at most N / 2.

    Returns:
        A scalar in nats a cell (mean over everything); lower is better.

    Source:
        Kendall & Gal 2017, section 3.2, in its Laplace form; the difference is ours.

    Example:
        >>> steps = torch.tensor([[[0.0, 2.0**0.5, 0.0, 2.0**0.5]]])
        >>> zeros = torch.zeros(1, 1, 4)
        >>> round(float(roughness_error(zeros, steps, log_spread=zeros, lag_frames=1)), 6)
        1.0
    """
    error = prediction.detach() - code
    changed = (error[:, :, lag_frames:] - error[:, :, :-lag_frames]).abs() / 2**0.5
    # the first frames have none before them: they answer for the change that follows
    rough = torch.cat([changed[:, :, :lag_frames], changed], dim=2)[:, :, : code.shape[2]]
    return (rough * torch.exp(-log_spread) + log_spread).mean()


def gaussian_log_density(value: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Computes the log-density of independent Gaussians, summed over the last dimension.

    Args:
        value: Where, [B, Z].
        mean: Their means, [B, Z].
        log_variance: The natural logarithm of their variances, [B, Z].

    Returns:
        Log-densities in nats, [B].

    Example:
        >>> zero = torch.zeros(1, 2)
        >>> round(float(gaussian_log_density(zero, zero, zero)), 4)
        -1.8379
    """
    squared = (value - mean).square() * torch.exp(-log_variance)
    return -0.5 * (math.log(2 * math.pi) + log_variance + squared).sum(-1)


def sampled_divergence(log_posterior: Tensor, latent: Tensor) -> Tensor:
    """Estimates the Kullback–Leibler divergence of a posterior from N(0, 1) by one sample each.

    Args:
        log_posterior: log q(z|x) at the sample, [B]; for a flow, log q(z0) - Σ log σ.
        latent: The sample, [B, Z].

    Returns:
        A scalar in nats a sound (mean over the batch). Its expectation is never negative; one
        estimate may be.

    Source:
        Kingma et al. 2016, equation 4.
    """
    zeros = torch.zeros_like(latent)
    return (log_posterior - gaussian_log_density(latent, zeros, zeros)).mean()
