"""Generate: new sounds, of all labels or of one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from timbrel.errors import AbilityError, UnknownNameError, UsageError
from timbrel.instruments.cloud import Cloud
from timbrel.instruments.instrument import Instrument
from timbrel.synthesis.neighbours import Neighbours
from timbrel.synthesis.phases import Phase
from timbrel.synthesis.priors import drawn
from timbrel.synthesis.renders import Origin, Parent, Render, checked_seed
from timbrel.synthesis.takes import Take

MOST = 10_000
AS_IT_IS = Take()
NEIGHBOURS = 4
NOISE = 0.1  # of the neighbours' spread
REACH = 0.4  # of how far neighbours of a label usually are apart
LONELY_SPREAD = 0.1  # of the whole cloud's, where a label has a single sound


@dataclass(frozen=True, eq=False)
class Draw:
    """A latent drawn inside a cloud.

    Attributes:
        latent: The latent, [Z].
        parents: Rows of the cloud that it lies between.
        weights: How much of each is in it; they sum to 1.
    """

    latent: Tensor
    parents: tuple[int, ...]
    weights: tuple[float, ...]


def generate(
    instrument: Instrument,
    *,
    count: int,
    label: str | None = None,
    seed: int = 0,
    from_prior: bool = False,
    phase: Phase | None = None,
    take: Take = AS_IT_IS,
    numbers: Sequence[int] | None = None,
) -> Iterator[Render]:
    """Makes new sounds.

    Args:
        instrument: Who plays.
        count: How many, 1 to 10,000.
        label: The label they shall have; None for all the instrument knows.
        seed: Seed of the draws and of the phase method. Sound number i of a seed is the same
            however many are asked for.
        from_prior: Whether latents are drawn from the network's own prior instead of inside the
            cloud; it goes farther from the library, and labels do not hold. An instrument
            without a cloud always draws so.
        phase: The way from magnitudes to a waveform; None takes the instrument's own.
        take: Sliders, length and tempo.
        numbers: Which of the `count` sounds are made, each 0 to `count` - 1; None makes all.

    Returns:
        The renders, each with a peak of -1 dBFS, made as they are asked for. Where one cannot be
        made, the others still can.

    Raises:
        AbilityError: When the instrument cannot, or not for so long, or knows of no tempo.
        UnknownNameError: When it knows no such label.
        UsageError: When `count` is out of range, or a label is asked of the prior.
    """
    instrument.require("generate")
    checked_seed(seed)
    if not 1 <= count <= MOST:
        raise UsageError(f"a count of {count}", f"1 to {MOST}")
    inside = not from_prior and instrument.cloud.plays
    take.check(instrument)
    settings = {"label": label, "from_prior": not inside, **take.settings()}
    origins = (
        Origin("", "generate", seed, number, settings=settings, phase=phase)
        for number in (range(count) if numbers is None else numbers)
    )
    if inside:
        rows, neighbours = labelled(instrument.cloud, label), Neighbours(instrument.cloud)
        return map(lambda origin: _inside(instrument, neighbours, rows, origin, take), origins)
    _check_prior(instrument, label, seed)
    return map(lambda origin: _of_prior(instrument, origin, take), origins)


def labelled(cloud: Cloud, label: str | None) -> tuple[int, ...]:
    """Finds the rows of a cloud that carry a label.

    Args:
        cloud: The training sounds.
        label: A label, or None for all rows.

    Returns:
        Rows in ascending order, at least one.

    Raises:
        UnknownNameError: When no sound carries it.
    """
    if label is None:
        return tuple(range(len(cloud)))
    rows = tuple(row for row, other in enumerate(cloud.labels) if other == label)
    if not rows or not label:
        raise UnknownNameError("label", label, {name for name in cloud.labels if name})
    return rows


def draw(neighbours: Neighbours, rows: tuple[int, ...], *, seed: int, number: int) -> Draw:
    """Draws one latent inside a cloud: between neighbours of one label.

    A seed sound is chosen uniformly among `rows`; the latent is a convex mixture of it and its
    nearest neighbours of the same label, plus a little normal noise of the neighbours' own spread.
    The weights are drawn evenly, but fall with the distance (a Gaussian a little narrower than
    neighbours of that label are apart): notes of two pitches lie far apart, and half of each is
    no note. Why not from the prior: training pulls the latents of all sounds together towards it,
    but they never fill it. Draws from it fall into the holes between them, where the decoder never
    learned to play and where labels mean nothing. Between close neighbours it has learned to play,
    and the label that they share holds.

    Args:
        neighbours: The training sounds and who is near whom.
        rows: The rows that a seed sound may come from; `labelled` finds them.
        seed: A whole number of 0 or more.
        number: Which draw of this seed.

    Returns:
        The latent, its parents and their weights.

    Source:
        The holes of the aggregate posterior: Hoffman & Johnson 2016, "ELBO surgery"; mixtures of
        neighbours within a class: Chawla et al. 2002, "SMOTE".
    """
    cloud = neighbours.cloud
    rng, first = _seed_sound(rows, seed, number)
    parents, distances = neighbours.of(first, NEIGHBOURS)
    weights = _weights(rng, distances, neighbours.typical(cloud.labels[first]))
    noise = torch.from_numpy(rng.standard_normal(cloud.latents.shape[1])).float()
    family = cloud.latents[list(parents)]
    latent = weights @ family + NOISE * _spread(cloud, family) * noise
    return Draw(latent, parents, tuple(weights.tolist()))


def names(
    instrument: Instrument, *, count: int, label: str | None, seed: int, from_prior: bool = False
) -> list[str]:
    """Says what the sounds of `generate` will be called, without making them.

    Args:
        instrument: Who would play.
        count: How many.
        label: Their label, or None for all.
        seed: Seed of the draws.
        from_prior: Whether latents are drawn from the network's own prior.

    Returns:
        Their names, in order.

    Raises:
        UnknownNameError: When the instrument knows no such label.
    """
    if from_prior or not instrument.cloud.plays:
        return [_name(number, "prior") for number in range(count)]
    cloud, rows = instrument.cloud, labelled(instrument.cloud, label)
    firsts = [_seed_sound(rows, seed, number)[1] for number in range(count)]
    return [_name(number, cloud.labels[first]) for number, first in enumerate(firsts)]


def _name(number: int, label: str) -> str:
    return f"{number + 1:04d}-{label or 'sound'}"


def _seed_sound(rows: tuple[int, ...], seed: int, number: int) -> tuple[np.random.Generator, int]:
    rng = np.random.default_rng((seed, number))
    return rng, rows[int(rng.integers(len(rows)))]


def _weights(rng: np.random.Generator, distances: Tensor, typical: float) -> Tensor:
    """Random weights that sum to 1 and fall with the distance."""
    even = torch.from_numpy(rng.standard_exponential(len(distances))).float()
    if typical > 0:
        even = even * torch.exp(-0.5 * (distances / (REACH * typical)).square())
    return even / even.sum()


def _spread(cloud: Cloud, family: Tensor) -> Tensor:
    """Standard deviation of each latent value among neighbours, [Z]."""
    if len(family) > 1:
        return family.std(dim=0)
    if len(cloud) > 1:
        return LONELY_SPREAD / NOISE * cloud.latents.std(dim=0)
    return torch.full_like(family[0], LONELY_SPREAD / NOISE)


def _inside(
    instrument: Instrument,
    neighbours: Neighbours,
    rows: tuple[int, ...],
    origin: Origin,
    take: Take,
) -> Render:
    cloud = instrument.cloud
    found = draw(neighbours, rows, seed=origin.seed, number=origin.number)
    parents = [
        Parent(cloud.names[row], weight, cloud.ids[row], cloud.labels[row])
        for row, weight in zip(found.parents, found.weights, strict=True)
    ]
    name = _name(origin.number, cloud.labels[found.parents[0]])
    named = replace(origin, name=name, parents=parents)
    return take.play(instrument, found.latent, named)


def _check_prior(instrument: Instrument, label: str | None, seed: int) -> None:
    if label is not None and not instrument.cloud.plays:
        raise AbilityError(
            f"the instrument {instrument.name!r} knows no labels", advice="leave out --label"
        )
    if label is not None:
        raise UsageError(
            f"the label {label!r} with draws from the prior",
            "one or the other",
            "labels hold only inside the cloud",
        )
    drawn(instrument, seed=seed, number=0)


def _of_prior(instrument: Instrument, origin: Origin, take: Take) -> Render:
    latent = drawn(instrument, seed=origin.seed, number=origin.number)
    named = replace(origin, name=_name(origin.number, "prior"))
    return take.play(instrument, latent, named)
