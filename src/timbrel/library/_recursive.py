"""Recursive filters, without the import of all of scipy.signal.

`scipy.signal` takes a second of the processor to import, most of it for statistics and splines that
a filter has no use for, and every process that reads sounds pays it before its first one. The loop
that it runs for second-order sections is a compiled module of its own, which is loaded by itself
here. Where a scipy keeps it elsewhere the whole is imported, for the same numbers.
"""

import importlib.machinery
import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@cache
def _loop() -> Callable[[Any, Any, Any], None]:
    """The compiled loop: sections [S, 6], samples [C, T] and states [C, S, 2], both in place."""
    import scipy

    folder = str(Path(scipy.__file__).parent / "signal")
    spec = importlib.machinery.PathFinder.find_spec("_sosfilt", [folder])
    if spec is None or spec.loader is None:
        return _by_all_of_scipy
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[Any, Any, Any], None] = getattr(module, "_sosfilt", _by_all_of_scipy)
    return found


def _by_all_of_scipy(sections: Any, samples: Any, states: Any) -> None:
    from scipy.signal import sosfilt

    samples[:], after = sosfilt(sections, samples, zi=states.transpose(1, 0, 2))
    states[:] = after.transpose(1, 0, 2)


def filtered(
    sections: NDArray[np.float64], samples: NDArray[np.float64], states: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Runs second-order sections over the next piece of a sound.

    Args:
        sections: b0, b1, b2, 1, a1, a2 of each, [S, 6].
        samples: The piece, [C, T].
        states: Where the filters stand after what came before, zeros at first, [C, S, 2].

    Returns:
        The filtered piece, [C, T], and where the filters stand after it, [C, S, 2].

    Example:
        >>> halved = np.array([[0.5, 0, 0, 1, 0, 0]])
        >>> filtered(halved, np.ones((1, 3)), np.zeros((1, 1, 2)))[0].tolist()
        [[0.5, 0.5, 0.5]]
    """
    out = np.array(samples, dtype=np.float64, order="C")
    after = np.array(states, dtype=np.float64, order="C")
    _loop()(np.ascontiguousarray(sections, dtype=np.float64), out, after)
    return out, after
