"""Copied runs: the longest stretch of each sound that a training sound has too, up to gain.

A whole library is asked without holding it: first every training sound against a few moments of
each query, then the likeliest few against the whole of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from timbrel.signal.fingerprints import (
    STRIDE,
    Fingerprint,
    copied_run_ms,
    fingerprint_distance,
    squared_differences,
)

MOMENTS = 8  # of a query that every training sound is asked for
CANDIDATES = 8


@dataclass(frozen=True)
class CopiedRun:
    """The training sound of which a sound holds the longest stretch.

    Attributes:
        source: Name of the training sound.
        run_ms: How long the stretch is.
        share: The stretch's share of the sound's audible length, 0 to 1.
        distance: `fingerprint_distance` of the two, 0 to 1.
    """

    source: str
    run_ms: float
    share: float
    distance: float


def longest_copied_runs(
    queries: Sequence[Fingerprint],
    sources: Sequence[str],
    fingerprint_of: Callable[[str], Fingerprint],
    *,
    candidates: int = CANDIDATES,
) -> list[CopiedRun]:
    """Finds for each sound the training sound of which it holds the longest stretch.

    Args:
        queries: Fingerprints of the sounds to judge; a silent one copies nothing.
        sources: Names of the training sounds, at least one.
        fingerprint_of: Gives a training sound's fingerprint by its name; asked once or twice for
            each, one at a time.
        candidates: How many training sounds are compared with the whole of each query; memory grows
            with it and with the number of queries, not with the library.

    Returns:
        One answer a query, in their order; of equal runs the nearer source.

    Example:
        >>> from timbrel.signal.fingerprints import fingerprint
        >>> noise = torch.randn(2, 8000, generator=torch.Generator().manual_seed(0))
        >>> library = {"a": fingerprint(noise[0], 16_000), "b": fingerprint(noise[1], 16_000)}
        >>> quieter = fingerprint(0.1 * noise[1], 16_000)
        >>> [found] = longest_copied_runs([quieter], list(library), library.__getitem__)
        >>> found.source, found.share
        ('b', 1.0)
    """
    likely = _likeliest(queries, sources, fingerprint_of, min(candidates, len(sources)))
    found: list[list[CopiedRun]] = [[] for _ in queries]
    for place, source in enumerate(sources):
        asking = torch.nonzero((likely == place).any(dim=1))[:, 0].tolist()
        training = fingerprint_of(source) if asking else None
        for query in asking:
            if training is not None:
                found[query].append(_run(queries[query], source, training))
    return [min(runs, key=lambda run: (-run.run_ms, run.distance)) for runs in found]


def _run(query: Fingerprint, source: str, training: Fingerprint) -> CopiedRun:
    run_ms = copied_run_ms(query, training)
    share = min(1.0, run_ms / query.audible_ms) if run_ms else 0.0
    return CopiedRun(source, run_ms, share, fingerprint_distance(query, training))


def _likeliest(
    queries: Sequence[Fingerprint],
    sources: Sequence[str],
    fingerprint_of: Callable[[str], Fingerprint],
    count: int,
) -> Tensor:
    """Places of the training sounds that have the most moments in common, [queries, count]."""
    moments = torch.cat([_moments(query) for query in queries])
    best = torch.full((len(queries), 0), torch.inf)
    places = torch.zeros((len(queries), 0), dtype=torch.long)
    for place, source in enumerate(sources):
        score = _score(moments, fingerprint_of(source))
        best = torch.cat([best, score[:, None]], dim=1)
        places = torch.cat([places, torch.full((len(queries), 1), place)], dim=1)
        if best.shape[1] > 4 * count:
            best, places = _least(best, places, count)
    return _least(best, places, count)[1]


def _moments(query: Fingerprint) -> Tensor:
    """Frames spread evenly over the query, [MOMENTS, F]."""
    frames = len(query.levels_db)
    if not frames:
        return torch.zeros(MOMENTS, query.bands_db.shape[1])
    return query.bands_db[(torch.arange(MOMENTS) + 0.5).mul(frames / MOMENTS).long()]


def _score(moments: Tensor, training: Fingerprint) -> Tensor:
    """How far the nearer half of each query's moments is from the training sound's, [queries]."""
    if not len(training.levels_db):
        return torch.full((len(moments) // MOMENTS,), torch.inf)
    nearest = squared_differences(moments, training.bands_db[::STRIDE]).amin(dim=1)
    return nearest.view(-1, MOMENTS).sort(dim=1).values[:, : MOMENTS // 2].mean(dim=1)


def _least(best: Tensor, places: Tensor, count: int) -> tuple[Tensor, Tensor]:
    kept = best.topk(count, dim=1, largest=False).indices
    return best.gather(1, kept), places.gather(1, kept)
