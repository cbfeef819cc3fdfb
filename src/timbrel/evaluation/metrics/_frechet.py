"""What the Fréchet distances share: two clouds of points seen as two Gaussians."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import UsageError
from timbrel.evaluation.metrics import Table

Matrix = NDArray[np.float64]


def frechet_to(reference: Table) -> Callable[[Table], float]:
    """Makes a measure of how far clouds of points are from one, each seen as a Gaussian.

    The squared distance of the means plus the trace of S + R - 2 (S R)^(1/2) of the covariances.
    A cloud of few points seems farther than it is: compare clouds of as many points each.

    Args:
        reference: Points, [M, D], at least two.

    Returns:
        A function of points [Q, D], at least two, to the squared distance, in squared units of
        the points.

    Raises:
        UsageError: When there are fewer than two points, or they have no dimension.

    Source:
        Dowson and Landau, "The Fréchet distance between multivariate normal distributions" (1982),
        equation 4; Heusel et al., "GANs trained by a two time-scale update rule" (2017).

    Example:
        >>> apart = frechet_to(np.array([[0.0], [2.0]], np.float32))
        >>> apart(np.array([[3.0], [5.0]], np.float32))
        9.0
    """
    mean, covariance = _moments(reference)
    root = _root(covariance)

    def distance(points: Table) -> float:
        other_mean, other = _moments(points)
        # The eigenvalues of R^(1/2) S R^(1/2) are those of S R, and it is symmetric.
        shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ other @ root), 0)).sum()
        spread = np.trace(covariance) + np.trace(other) - 2 * shared
        return float(max(0.0, ((mean - other_mean) ** 2).sum() + spread))

    return distance


def _moments(points: Table) -> tuple[Matrix, Matrix]:
    if len(points) < 2 or not points.shape[1]:
        raise UsageError(
            f"points of shape {points.shape}", "two points or more, with one number or more each"
        )
    table = points.astype(np.float64)
    return table.mean(axis=0), np.atleast_2d(np.cov(table, rowvar=False))


def _root(covariance: Matrix) -> Matrix:
    """The symmetric square root of a covariance."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)
