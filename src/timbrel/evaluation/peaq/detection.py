"""Detection: how likely somebody hears that two frames differ, and by how much."""

import numpy as np

from timbrel.evaluation.peaq.bands import Array

_STEP_FIT = (-0.198719, 0.0550197, -0.00102438, 5.05622e-6, 9.01033e-11)


def detection(reference: Array, test: Array) -> tuple[Array, Array]:
    """Says how likely a difference is detected, and how many just noticeable steps it has.

    In each band the ear that hears more decides; the bands together decide about the frame.

    Args:
        reference: Lasting excitation, [C, N, BANDS].
        test: Lasting excitation, [C, N, BANDS].

    Returns:
        The probability from 0 to 1 and the number of steps, [N] each.

    Source:
        BS.1387-1, annex 2, 4.7, equations 73 to 79; INT of equation 78 cuts towards 0.
    """
    ours, theirs = 10 * np.log10(reference), 10 * np.log10(test)
    step_db = _step_db(0.3 * np.maximum(ours, theirs) + 0.7 * theirs)
    error_db = ours - theirs
    steepness = np.where(ours > theirs, 4.0, 6.0)
    unheard = 0.5 ** (np.abs(error_db) / step_db) ** steepness
    steps = np.abs(np.trunc(error_db)) / step_db
    return 1 - unheard.min(axis=0).prod(axis=-1), steps.max(axis=0).sum(axis=-1)


def _step_db(level_db: Array) -> Array:
    """Gives the just noticeable difference of level; none is noticed at or below 0 dB."""
    heard = np.maximum(level_db, 1e-9)
    fit = sum(factor * heard**power for power, factor in enumerate(_STEP_FIT))
    return np.where(level_db > 0, 5.95072 * (6.39468 / heard) ** 1.71332 + fit, 1e30)
