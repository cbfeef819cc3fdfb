"""How sliders are found: without labels, by listening to what directions do.

1. *Probes.* New sounds are drawn as `generate` draws them, each moved a random way and the opposite
   way within the first principal directions, its detail and grain drawn by the same seed. What
   every descriptor changes by is measured on the sounds, in just audible steps.
2. *Slopes.* A ridge regression of these changes on the moves gives the mean slope of each
   descriptor; its strength is chosen by leaving one probe out.
3. *Candidates.* One direction for each descriptor: its own slope, with the slopes of the others
   held down, so that cross-talk is small. After them the principal directions themselves.
4. *Naming.* Along each candidate some sounds are walked to both sides. It is named after the
   descriptor that it moves furthest without ever going audibly back, for at least 11 of 12 seeds,
   over the longest range for which that holds, no farther than one and a half standard deviations
   of the cloud. Plus is the name.
5. *Check.* Fresh seeds are walked over that range in five positions; what moves by how much, and
   for which share of seeds it never goes back, is what the table tells. A slider that fails for
   more than one seed in ten is left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Report, Tracker, silent
from timbrel.signal.descriptors import DESCRIPTORS, NAMES, measured
from timbrel.synthesis.directions import Basis, basis_of
from timbrel.synthesis.generate import draw, labelled
from timbrel.synthesis.neighbours import Neighbours
from timbrel.synthesis.priors import drawn, has_cloud
from timbrel.synthesis.renders import GRAIN, SEEDS
from timbrel.synthesis.sliders import MOST, Slider, Sliders

Numbers = NDArray[np.float64]

DIRECTIONS = 16  # principal directions that are looked at
PROBES = 80
PRINCIPAL = 4  # of them, tried as they are
REACH = 2.0  # standard deviations that a probe is moved by, on the whole
OFFSETS = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)  # standard deviations along a candidate
WALKS = 12  # seeds that name a candidate
CHECKS, POSITIONS = 20, 5
STEADY = 0.9  # share of seeds that a slider must hold for
LEAST_STEPS = 2.0  # just audible steps that its range must have
_PROBE_SEED, _WALK_SEED, _CHECK_SEED = 1_000_001, 1_000_002, 1_000_003
_HELD_DOWN = 10.0  # how much the slopes of other descriptors count in a candidate
_MEASURABLE = 0.8  # of the probes, which must have a descriptor
_FARTHEST = 30.0  # steps: a change beyond counts as so many
_ALIKE = 0.8  # cosine from which a candidate is one that there is already


@dataclass(frozen=True, eq=False)
class Walk:
    """What a direction does: every descriptor at every position of every seed.

    Attributes:
        at: The positions, in standard deviations, [P].
        steps: What was measured, in just audible steps, [S, P, D]; NaN where there was none.
    """

    at: Numbers
    steps: Numbers

    def part(self, first: int, last: int) -> "Walk":
        """Gives the walk between two positions, both included."""
        return Walk(self.at[first : last + 1], self.steps[:, first : last + 1])

    def forward(self, sign: float = 1.0) -> tuple[Numbers, Numbers]:
        """Tells which seeds never go audibly back, and which never at all, of each descriptor.

        Args:
            sign: 1, or -1 to walk the other way.

        Returns:
            Shares of seeds, [D] each. A seed that on the whole moves by less than an audible step,
            or that has no such descriptor somewhere, counts as going back.
        """
        steps = sign * np.diff(self.steps, axis=1)
        whole = sign * (self.steps[:, -1] - self.steps[:, 0])
        with np.errstate(invalid="ignore"):
            audible = (steps > -1).all(axis=1) & (whole >= 1)
            strict = (steps > 0).all(axis=1) & (whole >= 1)
        return audible.mean(axis=0), strict.mean(axis=0)

    def moved(self) -> Numbers:
        """The median change over all positions, in steps, [D]; 0 where there is none."""
        whole = self.steps[:, -1] - self.steps[:, 0]
        known = np.isfinite(whole).mean(axis=0) >= 0.5
        return np.array(
            [np.nanmedian(whole[:, d]) if known[d] else 0.0 for d in range(whole.shape[1])]
        )


class Listener:
    """Plays latents of an instrument as `generate` does, and measures them.

    Args:
        instrument: Who plays.
    """

    def __init__(self, instrument: Instrument) -> None:
        instrument.require("generate")
        self.instrument = instrument
        self._steps = np.array([each.step for each in DESCRIPTORS])
        self._drawn = _drawn_by(instrument)

    def drawn(self, seed: int, number: int) -> Tensor:
        """Draws a latent as `generate` does, [Z]."""
        return self._drawn(seed, number)

    def steps(self, latent: Tensor, drawn_by: int) -> Numbers:
        """Measures the sound of a latent, in just audible steps, [D]."""
        sound = self.instrument.decode(latent.float()[None], seed=drawn_by, grain=GRAIN)
        return np.asarray(measured(sound, self.instrument.sample_rate) / self._steps)

    def walk(self, basis: Basis, way: Numbers, at: Sequence[float], seeds: range) -> Walk:
        """Walks sounds along a direction.

        Args:
            basis: What the direction is told in.
            way: The direction, in standard deviations, [K].
            at: Positions along it.
            seeds: Which sounds; the same seed gives the same sound and the same detail.

        Returns:
            What was measured.
        """
        step = torch.from_numpy(way) @ basis.moves
        rows = []
        for number in seeds:
            x = basis.prior.inward(self.drawn(seeds.start // SEEDS, number % SEEDS)).double()
            latents = [basis.prior.outward(x + place * step) for place in at]
            rows.append([self.steps(latent, number) for latent in latents])
        return Walk(np.asarray(at, dtype=np.float64), np.array(rows))


def find(instrument: Instrument, *, count: int = 8, report: Report = silent) -> Sliders:
    """Finds the sliders of an instrument; the same instrument gives the same sliders.

    Args:
        instrument: Any instrument that generates.
        count: How many at most, 1 to 16.
        report: Where progress goes.

    Returns:
        Its sliders, those of the regression first.

    Raises:
        AbilityError: When the instrument does not generate.
        UsageError: When `count` is out of range.

    Source:
        Principal directions: Härkönen et al. 2020, "GANSpace". Refined by regression on what is
        measured, as Jahanian, Chai & Isola 2020, "On the steerability of generative adversarial
        networks", learn a walk for a known change.
    """
    if not 1 <= count <= MOST:
        raise UsageError(f"{count} sliders", f"1 to {MOST}")
    listener, basis = Listener(instrument), basis_of(instrument, most=DIRECTIONS)
    moves, changes = probed(listener, basis, report)
    slopes = fitted(moves, changes)
    kept: list[tuple[Numbers, Slider]] = []
    ways = candidates(slopes, len(basis.moves))
    tracker = Tracker("walking along directions", len(ways), report)
    for way in ways:
        if len(kept) < count and (new := _apart(way, [other for other, _ in kept])) is not None:
            found = _named(listener, basis, new, [slider.name for _, slider in kept])
            kept += [(new, found)] if found is not None else []
        tracker.advance()
    return Sliders(
        fingerprint=instrument.fingerprint,
        bounds=basis.prior.bounds,
        origin=tuple(basis.origin.tolist()),
        asked=count,
        seeds=CHECKS,
        sliders=tuple(slider for _, slider in kept),
        without=_without(slopes, [slider.descriptor for _, slider in kept]),
    )


def probed(listener: Listener, basis: Basis, report: Report) -> tuple[Numbers, Numbers]:
    """Moves new sounds random ways and measures what changes.

    Args:
        listener: Who plays and measures.
        basis: The directions.
        report: Where progress goes.

    Returns:
        The moves in standard deviations [M, K], and the changes in just audible steps [M, D].
    """
    rng, size = np.random.default_rng(_PROBE_SEED), len(basis.moves)
    moves = rng.standard_normal((PROBES, size)) * REACH / max(size, 1) ** 0.5
    changes = []
    tracker = Tracker("listening to directions", PROBES, report)
    for number, move in enumerate(moves):
        seeds = range(_PROBE_SEED * SEEDS + number, _PROBE_SEED * SEEDS + number + 1)
        steps = listener.walk(basis, move, (-0.5, 0.5), seeds).steps[0]
        changes.append(steps[1] - steps[0])
        tracker.advance()
    return moves, np.array(changes)


def fitted(moves: Numbers, changes: Numbers) -> dict[int, Numbers]:
    """Finds the mean slope of each descriptor, by ridge regression.

    Args:
        moves: [M, K].
        changes: [M, D]; NaN where a sound has no such descriptor.

    Returns:
        Slopes [K] by the number of the descriptor, the best explained first; without those that
        too few sounds have, or that no direction explains.

    Source:
        Hoerl & Kennard 1970; the sum of squares of the left-out: Allen 1974 (PRESS).

    Example:
        >>> moves = np.random.default_rng(0).standard_normal((40, 3))
        >>> fitted(moves, moves @ np.array([[0.0], [2.0], [0.0]]))[0].round(1).tolist()
        [0.0, 2.0, 0.0]
    """
    found = []
    for number in range(changes.shape[1]):
        known = np.isfinite(changes[:, number])
        if known.mean() < _MEASURABLE:
            continue
        change = np.clip(changes[known, number], -_FARTHEST, _FARTHEST)
        explained, slope = _ridge(moves[known], change)
        if explained > 0:
            found.append((explained, number, slope))
    return {number: slope for _, number, slope in sorted(found, key=lambda one: -one[0])}


def _ridge(moves: Numbers, change: Numbers) -> tuple[float, Numbers]:
    """The share of a change that is explained when left out, and the slope."""
    best, total = (-np.inf, np.zeros(moves.shape[1])), float(np.square(change).sum())
    square = moves.T @ moves
    for strength in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0):
        inverse = np.linalg.inv(square + strength * np.trace(square) / len(square) * np.eye(
            len(square)))  # fmt: skip
        slope = inverse @ (moves.T @ change)
        leverage = np.einsum("mk,kl,ml->m", moves, inverse, moves)
        left_out = (change - moves @ slope) / (1 - leverage)
        explained = 1 - float(np.square(left_out).sum()) / max(total, 1e-12)
        best = max(best, (explained, slope), key=lambda one: one[0])
    return best


def candidates(slopes: dict[int, Numbers], size: int) -> list[Numbers]:
    """Lists the directions that are worth walking along, each of length 1.

    Args:
        slopes: The mean slope of each descriptor, [K] each.
        size: K.

    Returns:
        One for each descriptor, then the first principal directions.

    Example:
        >>> ways = candidates({0: np.array([1.0, 0.2]), 1: np.array([0.0, 9.0])}, 2)
        >>> bool(abs(ways[0][1]) < 0.1)
        True
    """
    return [
        *(_alone(slopes, number) for number in slopes),
        *np.eye(size)[: min(PRINCIPAL, size)],
    ]


def _alone(slopes: dict[int, Numbers], number: int) -> Numbers:
    """The direction of one descriptor, with what moves the others held down."""
    own = slopes[number]
    others = [np.outer(slope, slope) for other, slope in slopes.items() if other != number]
    held = sum(others, np.zeros((len(own), len(own))))
    weight = _HELD_DOWN * len(own) / max(float(np.trace(held)), 1e-12)
    way = np.linalg.solve(np.eye(len(own)) + weight * held, own)
    return np.asarray(way / np.linalg.norm(way))


def _apart(way: Numbers, others: Sequence[Numbers]) -> Numbers | None:
    """A principal direction without what others do already; None where little is left."""
    if any(abs(float(way @ other)) > _ALIKE for other in others):
        return None
    return way


def _named(listener: Listener, basis: Basis, way: Numbers, taken: Sequence[str]) -> Slider | None:
    """Walks along a direction and makes a slider of it, if it is steady enough for one."""
    seeds = range(_WALK_SEED * SEEDS, _WALK_SEED * SEEDS + WALKS)
    span = longest(listener.walk(basis, way, OFFSETS, seeds))
    if span is None:
        return None
    number, sign, low, high = span
    at = np.linspace(low, high, POSITIONS)
    fresh = range(_CHECK_SEED * SEEDS, _CHECK_SEED * SEEDS + CHECKS)
    walk = listener.walk(basis, sign * way, at.tolist(), fresh)
    return _slider(basis, sign * way, walk, number, taken)


def longest(walk: Walk) -> tuple[int, float, float, float] | None:
    """Finds what a direction moves furthest without going back, and over which range.

    Args:
        walk: A walk to both sides of 0.

    Returns:
        The number of the descriptor, 1 or -1 for the way in which there is more of it, and the
        range in standard deviations, told in that way; None where nothing is steady.
    """
    middle, best = len(walk.at) // 2, (LEAST_STEPS, -1, 1.0, 0.0, 0.0)
    for first in range(middle):
        for last in range(middle + 1, len(walk.at)):
            part = walk.part(first, last)
            moved = part.moved()
            for number in range(len(moved)):
                sign = 1.0 if moved[number] >= 0 else -1.0
                steady = part.forward(sign)[0][number] >= STEADY
                if steady and abs(moved[number]) > best[0]:
                    ends = sorted((sign * walk.at[first], sign * walk.at[last]))
                    best = (abs(moved[number]), number, sign, ends[0], ends[1])
    return None if best[1] < 0 else best[1:]


def _slider(
    basis: Basis, way: Numbers, walk: Walk, number: int, taken: Sequence[str]
) -> Slider | None:
    moved = walk.moved()
    audible, strict = (share[number] for share in walk.forward())
    if audible < STEADY or moved[number] < LEAST_STEPS:
        return None
    per_unit = float(walk.at[-1] - walk.at[0]) / float(moved[number])
    direction = torch.from_numpy(way)
    others = np.delete(np.abs(moved), number)
    about = DESCRIPTORS[number]
    return Slider(
        name=_free(about.more, taken),
        descriptor=about.name,
        unit=about.unit,
        step=about.step,
        low=float(walk.at[0]) / per_unit,
        high=float(walk.at[-1]) / per_unit,
        monotone=float(audible),
        strictly=float(strict),
        moved={name: round(float(steps), 2) for name, steps in zip(NAMES, moved, strict=True)},
        cross_talk=float(others.max() / moved[number]),
        move=tuple((per_unit * direction @ basis.moves).tolist()),
        read=tuple((direction @ basis.reads / per_unit).tolist()),
    )


def _free(name: str, taken: Sequence[str]) -> str:
    """A name, with a number where it is taken."""
    numbered = (name if k == 1 else f"{name} {k}" for k in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)


def _without(slopes: dict[int, Numbers], found: Sequence[str]) -> dict[str, str]:
    """Why descriptors have no slider."""
    why = {
        name: "no direction moves it the same way for nine seeds of ten"
        if number in slopes
        else "too few of its sounds have it, or nothing moves it"
        for number, name in enumerate(NAMES)
    }
    return {name: reason for name, reason in why.items() if name not in found}


def _drawn_by(instrument: Instrument) -> Callable[[int, int], Tensor]:
    """How `generate` draws latents for this instrument."""
    if not has_cloud(instrument):
        return lambda seed, number: drawn(instrument, seed=seed, number=number)
    rows, kin = labelled(instrument.cloud, None), Neighbours(instrument.cloud)
    return lambda seed, number: draw(kin, rows, seed=seed, number=number).latent
