"""Mixing: means, differences and extrapolations of latents."""

from collections.abc import Sequence

import numpy as np

from timbrel.errors import UsageError
from timbrel.mapping.layout import FloatArray


def shares(count: int, weights: Sequence[float] | None) -> list[float]:
    """Says how much of each thing is in a mix.

    Weights without a negative among them are proportions: 1,3 and 0.25,0.75 are the same. With a
    negative among them they are taken as they stand.

    Args:
        count: How many things are mixed, 1 or more.
        weights: A number each; None for equal parts.

    Returns:
        The shares; they sum to 1 where no weight is negative.

    Raises:
        UsageError: When there is not one finite weight a thing, or nothing is left of them.

    Example:
        >>> shares(2, [1, 3]), shares(3, [1, -1, 1]), shares(2, None)
        ([0.25, 0.75], [1.0, -1.0, 1.0], [0.5, 0.5])
    """
    values = [1.0] * count if weights is None else [float(weight) for weight in weights]
    if len(values) != count or not np.isfinite(values).all():
        raise UsageError(
            f"{len(values)} weights for {count} points and sounds",
            "one number for each: those of --at first, then those of --sound",
        )
    if not any(values):
        raise UsageError("weights that are all 0", "at least one other than 0")
    if min(values) < 0:
        return values
    total = sum(values)
    return [value / total for value in values]


def mix(latents: FloatArray, parts: Sequence[float], middle: FloatArray) -> FloatArray:
    """Adds latents up, each counted from the middle of the cloud.

        middle + sum of part * (latent - middle)

    Where the parts sum to 1 the middle cancels: 0.5, 0.5 is a mean; 1, -1, 1 is A - B + C; 2, -1
    goes as far beyond A as B lies before it. Where they sum to 0, as in 1, -1, it is the
    difference, heard around the middle of the cloud.

    Args:
        latents: [K, Z].
        parts: K numbers, such as `shares` gives.
        middle: The mean of the cloud's latents, [Z].

    Returns:
        A latent, [Z].

    Example:
        >>> ends = np.array([[1.0, 0.0], [0.0, 1.0]], dtype=np.float32)
        >>> mix(ends, [0.5, 0.5], np.zeros(2, dtype=np.float32)).tolist()
        [0.5, 0.5]
    """
    added = np.asarray(parts, dtype=np.float64) @ (latents.astype(np.float64) - middle)
    return np.asarray(middle + added, dtype=np.float32)
