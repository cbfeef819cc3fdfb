"""Areas: the hills of a map, where its sounds crowd."""

import numpy as np
from numpy.typing import NDArray

from timbrel.mapping.layout import FloatArray

CELLS = 128  # a side
WIDTHS = (0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.17, 0.25)
MOST = 16
SOUNDS_AN_AREA = 60  # fewer sounds than so many times the areas have fewer areas
FEW = 24  # sounds that may still be two areas
LEAST_SHARE = 0.01


def find(positions: FloatArray) -> NDArray[np.intp]:
    """Divides a map into the hills of its density.

    The sounds are counted on a grid and the counts blurred; from every cell the way leads to the
    highest of the cells around it, until it ends on a summit. All sounds from which the way leads
    to one summit are an area. The blur is the narrowest that leaves sixteen summits at most, or
    one for sixty sounds, two where there are few; what has less than a hundredth of the sounds
    joins the area that lies nearest.

    Args:
        positions: [M, 2], each from 0 to 1.

    Returns:
        The area of each sound [M], from 0 on, the one with the most sounds first.

    Source:
        Koontz, Narendra and Fukunaga, "A graph-theoretic approach to nonparametric cluster
        analysis", 1976.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> two = np.repeat([[0.2, 0.2], [0.8, 0.8]], [40, 20], axis=0)
        >>> two = two + rng.normal(0, 0.02, (60, 2))
        >>> np.bincount(find(two.astype(np.float32))).tolist()
        [40, 20]
    """
    from scipy.ndimage import gaussian_filter

    cells = np.clip((positions * CELLS).astype(np.intp), 0, CELLS - 1)
    counts = np.zeros((CELLS, CELLS))
    np.add.at(counts, tuple(cells.T), 1.0)
    most = max(1 + (len(positions) >= FEW), min(MOST, len(positions) // SOUNDS_AN_AREA))
    summits = np.zeros(len(positions), dtype=np.intp)
    for width in WIDTHS:
        density = gaussian_filter(counts, width * CELLS, mode="constant")
        summits = _summits(density)[tuple(cells.T)]
        if len(np.unique(summits)) <= most:
            break
    return _ranked(_without_specks(positions, summits))


def _summits(density: NDArray[np.float64]) -> NDArray[np.intp]:
    """The cell [CELLS, CELLS] on which the steepest way from each cell ends."""
    side = len(density)
    numbers = np.pad(np.arange(side * side).reshape(side, side), 1, mode="edge")
    heights = np.pad(density, 1, constant_values=-1.0)
    steps = [(y, x) for y in range(3) for x in range(3)]
    around = np.stack([heights[y : y + side, x : x + side] for y, x in steps])
    near = np.stack([numbers[y : y + side, x : x + side] for y, x in steps])
    up = np.take_along_axis(near, around.argmax(axis=0)[None], 0)[0].ravel()
    while not np.array_equal(up, up[up]):
        up = up[up]
    return np.asarray(up.reshape(side, side), np.intp)


def _without_specks(positions: FloatArray, areas: NDArray[np.intp]) -> NDArray[np.intp]:
    from scipy.spatial import cKDTree

    names, own, counts = np.unique(areas, return_inverse=True, return_counts=True)
    small = counts[own] < LEAST_SHARE * len(areas)
    if small.all() or not small.any() or len(names) == 1:
        return areas
    _, nearest = cKDTree(positions[~small]).query(positions[small])
    joined = areas.copy()
    joined[small] = areas[~small][nearest]
    return joined


def _ranked(areas: NDArray[np.intp]) -> NDArray[np.intp]:
    _, own, counts = np.unique(areas, return_inverse=True, return_counts=True)
    rank = np.empty(len(counts), dtype=np.intp)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
    return rank[own]
