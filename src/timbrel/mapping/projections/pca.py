"""Principal component analysis: the two directions in which latents differ most. Instant."""

import numpy as np

from timbrel.mapping.projections import FloatArray, NoOptions, Projection

PLAIN = NoOptions()


def fit(latents: FloatArray, seed: int = 0, options: NoOptions = PLAIN) -> FloatArray:
    """Projects latents onto their first two principal components.

    Distances far apart are kept, near ones may fold onto each other. The sign of a component is
    free; here its largest entry is positive, so that the same latents give the same map anywhere.

    Args:
        latents: [M, Z], any M from 1 on.
        seed: Unused; nothing here is drawn.
        options: There are none.

    Returns:
        Positions [M, 2], centred on zero.

    Source:
        Hotelling, "Analysis of a complex of statistical variables into principal components", 1933.

    Example:
        >>> fit(np.array([[0.0, 0.0], [0.0, 2.0]], dtype=np.float32)).tolist()
        [[-1.0, 0.0], [1.0, 0.0]]
    """
    centred = np.asarray(latents, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    components = _components(centred.T @ centred)
    positions = np.zeros((len(centred), 2))
    positions[:, : components.shape[1]] = centred @ components
    return np.asarray(positions + 0.0, dtype=np.float32)


def _components(scatter: np.ndarray) -> np.ndarray:
    """The two leading eigenvectors [Z, 2] of a scatter matrix [Z, Z], their signs fixed."""
    _, vectors = np.linalg.eigh(scatter)
    leading = vectors[:, ::-1][:, :2]
    largest = np.abs(leading).argmax(axis=0)
    signs = np.where(leading[largest, np.arange(leading.shape[1])] < 0, -1.0, 1.0)
    return np.asarray(leading * signs)


PROJECTION = Projection(title="PCA", source="Hotelling 1933", fit=fit)
