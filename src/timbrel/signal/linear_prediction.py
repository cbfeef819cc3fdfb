"""Linear prediction: how a sound goes on for a few milliseconds, as its own resonances tell."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel.errors import UsageError

_TINY = 1e-20


def coefficients(samples: Tensor, order: int) -> Tensor:
    """Finds the predictor of a sound, stable always.

    Args:
        samples: The sound, [T], T above the order.
        order: How many samples before each it is told by.

    Returns:
        What ``x[t] = sum(a[k] * x[t - 1 - k])`` takes of each, float64 [order].

    Raises:
        UsageError: When the sound is too short.

    Source:
        Burg 1967, "Maximum entropy spectral analysis".

    Example:
        >>> tone = torch.cos(torch.arange(200) * 0.3)
        >>> a = coefficients(tone, 2)
        >>> [round(float(one), 2) for one in a]  # 2 cos(0.3), and -1
        [1.91, -1.0]
    """
    if samples.ndim != 1 or not 1 <= order < len(samples):
        raise UsageError(f"an order of {order} for {tuple(samples.shape)}", "1 to T - 1 for [T]")
    forward: NDArray[np.float64] = samples.double().numpy()[1:].copy()
    backward: NDArray[np.float64] = samples.double().numpy()[:-1].copy()
    found = np.ones(1)
    for _ in range(order):
        power = float(forward @ forward + backward @ backward)
        reflection = 0.0 if power < _TINY else -2 * float(forward @ backward) / power
        longer = np.append(found, 0.0)
        found = longer + reflection * longer[::-1]
        forward, backward = forward + reflection * backward, backward + reflection * forward
        forward, backward = forward[1:], backward[:-1]
    return torch.from_numpy(-found[1:])


def continued(samples: Tensor, count: int, *, order: int) -> Tensor:
    """Lets a sound go on as it would without anything new.

    Args:
        samples: The sound, [T], T above the order.
        count: How many samples more, 0 or more.
        order: How many samples before each it is told by.

    Returns:
        What follows, of the sound's kind, [count].

    Raises:
        UsageError: When the sound is too short.

    Source:
        Kay 1988, "Modern Spectral Estimation", on extrapolation by autoregressive models.

    Example:
        >>> tone = torch.sin(torch.arange(500) * 0.3)
        >>> more = continued(tone[:400], 20, order=4)
        >>> bool((more - tone[400:420]).abs().max() < 0.01)
        True
    """
    from scipy.signal import lfilter, lfiltic

    weights = np.append(1.0, -coefficients(samples, order).numpy())
    before = samples[-order:].double().numpy()[::-1]
    state = lfiltic([1.0], weights, before)
    more, _ = lfilter([1.0], weights, np.zeros(count), zi=state)
    return torch.from_numpy(more).to(samples)
