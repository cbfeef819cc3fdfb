"""Pairs: which sounds are worth morphing between."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.instruments.cloud import Cloud
from timbrel.instruments.instrument import Instrument
from timbrel.synthesis.renders import checked_seed

MOST_SOUNDS = 2048  # looked at: a table of 2048 x 2048 correlations is 16 MB


@dataclass(frozen=True)
class Member:
    """One sound of a pair.

    Attributes:
        id: Its id in the library.
        name: What a person calls it.
        label: Its label, "" where unknown.
    """

    id: str
    name: str
    label: str


@dataclass(frozen=True)
class Pair:
    """Two sounds between which much happens.

    Attributes:
        first: One sound.
        second: The other.
        correlation: Pearson's correlation of their latents, -1 to 1; the lower, the less alike.
    """

    first: Member
    second: Member
    correlation: float


def suggest(instrument: Instrument, *, count: int = 10, seed: int = 0) -> list[Pair]:
    """Suggests pairs whose latents correlate least: their mixtures surprise most.

    Args:
        instrument: Who hears; pairs are taken from its training sounds.
        count: How many pairs at most, 1 or more.
        seed: Seed of the sample of 2048 sounds that is looked at where there are more.

    Returns:
        Pairs, the lowest correlation first; no sound is in two of them.

    Raises:
        AbilityError: When the instrument cannot morph.
        UsageError: When `count` is below 1.

    Source:
        S4: of all pairs, those with the lowest correlation of latents made the most interesting
        mixtures.
    """
    instrument.require("morph")
    if count < 1:
        raise UsageError(f"{count} pairs", "1 or more")
    rows = _sample(len(instrument.cloud), checked_seed(seed))
    table = correlations(instrument.cloud.latents[torch.from_numpy(rows)])
    chosen = least_alike(table, count)
    return [
        Pair(_member(instrument.cloud, rows[a]), _member(instrument.cloud, rows[b]), value)
        for a, b, value in chosen
    ]


def _sample(count: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if count <= MOST_SOUNDS:
        return np.arange(count)
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(count, MOST_SOUNDS, replace=False))


def _member(cloud: Cloud, row: int) -> Member:
    return Member(cloud.ids[row], cloud.names[row], cloud.labels[row])


def correlations(latents: Tensor) -> Tensor:
    """Correlates each latent with each other.

    Args:
        latents: [M, Z].

    Returns:
        Pearson's correlation, [M, M]; 0 where a latent is the same in all its values.

    Example:
        >>> correlations(torch.tensor([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]])).round(decimals=4)
        tensor([[ 1., -1.],
                [-1.,  1.]])
    """
    centred = latents - latents.mean(dim=1, keepdim=True)
    directions = torch.nn.functional.normalize(centred, dim=1)
    return (directions @ directions.T).clamp(-1.0, 1.0)


def least_alike(table: Tensor, count: int) -> list[tuple[int, int, float]]:
    """Takes the lowest values of a symmetric table, each row and column once.

    Args:
        table: [M, M]; is changed.
        count: How many at most.

    Returns:
        (row, column, value), row < column, the lowest first.

    Example:
        >>> least_alike(torch.tensor([[1.0, 0.5, -1.0], [0.5, 1.0, 0.0], [-1.0, 0.0, 1.0]]), 5)
        [(0, 2, -1.0)]
    """
    found: list[tuple[int, int, float]] = []
    table.fill_diagonal_(torch.inf)
    while len(found) < min(count, len(table) // 2):
        row, column = divmod(int(table.argmin()), len(table))
        found.append((min(row, column), max(row, column), float(table[row, column])))
        for place in (row, column):
            table[place], table[:, place] = torch.inf, torch.inf
    return found
