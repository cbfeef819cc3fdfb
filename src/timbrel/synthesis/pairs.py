"""Pairs: which sounds are worth morphing between."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.instruments.cloud import Cloud
from timbrel.instruments.instrument import Instrument
from timbrel.synthesis.renders import checked_seed

SAME_PITCH_SEMITONES = 0.5
LAST = 4.0  # added to a correlation, it comes after all others
MOST_SOUNDS = 2048  # looked at: a table of 2048 x 2048 correlations is 16 MB


@dataclass(frozen=True)
class Member:
    """One sound of a pair.

    Attributes:
        id: Its id in the library.
        name: What a person calls it.
        label: Its label, "" where unknown.
        pitch_semitones: Its pitch as a MIDI note, None where unknown.
    """

    id: str
    name: str
    label: str
    pitch_semitones: float | None = None


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


def suggest(
    instrument: Instrument,
    *,
    count: int = 10,
    seed: int = 0,
    pitches: Mapping[str, float] | None = None,
) -> list[Pair]:
    """Suggests pairs whose latents correlate least: their mixtures surprise most.

    Two sounds that are known to have different pitches come after all others: half of each note is
    no note.

    Args:
        instrument: Who hears; pairs are taken from its training sounds.
        count: How many pairs at most, 1 or more.
        seed: Seed of the sample of 2048 sounds that is looked at where there are more.
        pitches: What is known of their pitches: a sound's id to a MIDI note.

    Returns:
        Pairs, the lowest correlation first, and after them those of two pitches; no sound is in
        two of them.

    Raises:
        AbilityError: When the instrument cannot morph.
        UsageError: When `count` is below 1.

    Source:
        Langer 2023, section 4.5.1: correlation coefficients of the embeddings of notes, mostly of
        one pitch; those with the lowest made the most interesting mixtures.
    """
    instrument.require("morph")
    if count < 1:
        raise UsageError(f"{count} pairs", "1 or more")
    rows = _sample(len(instrument.cloud), checked_seed(seed))
    cloud = instrument.cloud
    members = [_member(cloud, int(row), pitches or {}) for row in rows]
    table = correlations(cloud.latents[torch.from_numpy(rows)])
    apart = pitches_apart([member.pitch_semitones for member in members])
    chosen = least_alike(table + LAST * apart, count)
    return [Pair(members[a], members[b], float(table[a, b])) for a, b, _ in chosen]


def _sample(count: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if count <= MOST_SOUNDS:
        return np.arange(count)
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(count, MOST_SOUNDS, replace=False))


def _member(cloud: Cloud, row: int, pitches: Mapping[str, float]) -> Member:
    id_ = cloud.ids[row]
    return Member(id_, cloud.names[row], cloud.labels[row], pitches.get(id_))


def pitches_apart(pitches: Sequence[float | None]) -> Tensor:
    """Tells which sounds are known to have different pitches.

    Args:
        pitches: MIDI notes, None where unknown, M of them.

    Returns:
        Whether each pair is more than half a semitone apart, [M, M].

    Example:
        >>> pitches_apart([60.0, 60.2, 67.0, None]).int().tolist()
        [[0, 0, 1, 0], [0, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]]
    """
    notes = torch.tensor([math.nan if each is None else each for each in pitches])
    return (notes[:, None] - notes).abs() > SAME_PITCH_SEMITONES


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
