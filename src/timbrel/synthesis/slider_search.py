"""How sliders are found: without labels, by listening to what directions do.

1. *Probes.* New sounds are drawn as `generate` draws them, each moved a random way and the opposite
   way within the first principal directions, its detail and grain drawn by the same seed. What
   every descriptor changes by is measured on the sounds, in just audible steps.
2. *Slopes.* A ridge regression of these changes on the moves gives the mean slope of each
   descriptor; its strength is chosen by leaving one probe out.
3. *Candidates.* For each descriptor its own slope with the slopes of the others held down, so that
   cross-talk is small, and, should that fail, its slope as it is. Then principal directions.
4. *Naming.* Some sounds are walked along a candidate to both sides. It is named after the
   descriptor that it moves furthest, if that never goes audibly back for eleven seeds of twelve and
   no other moves by more than three quarters as much; its range is the longest for which that
   holds, no farther than one and a half standard deviations of the cloud. Plus is the name. A
   candidate that was made for one descriptor and moves another further is none.
5. *Check.* Fresh seeds are walked over that range in five positions; by how much they move, and
   which share of them never goes back, is what the table tells. What holds for fewer than 37 of
   40, so that it is likely to hold for nine in ten of all, is tried once more over two thirds of
   the range with other seeds, then left out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from timbrel.instruments.instrument import Instrument
from timbrel.progress import Report, Tracker, silent
from timbrel.signal.descriptors import DESCRIPTORS, NAMES
from timbrel.synthesis.directions import Basis, basis_of
from timbrel.synthesis.renders import SEEDS
from timbrel.synthesis.sliders import Slider, Sliders, checked_count
from timbrel.synthesis.slopes import fitted, probed
from timbrel.synthesis.walks import Listener, Numbers, Walk

DIRECTIONS = 16  # principal directions that are looked at
PRINCIPAL = 4  # of them, tried as they are
OFFSETS = (-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)  # standard deviations along a candidate
FIRST_WALKS, WALKS = 5, 12  # seeds that name a candidate; the first say whether it is worth more
CHECKS, POSITIONS = 40, 5
STEADY = 0.925  # share of these that it must hold for, so that others keep to nine in ten
LEAST_STEPS = 2.0  # just audible steps that its range must have
CROSS_TALK = 0.75  # that another descriptor may move by, of what the slider's own does
_WALK_SEED, _CHECK_SEEDS = 1_000_002, (1_000_003, 1_000_004)
_HELD_DOWN = (2.0, 0.0)  # how much the slopes of other descriptors count in a candidate
_SHORTER = 2 / 3  # of its range, what is tried once more
_ALIKE = 0.8  # cosine from which a candidate is one that there is already


class Candidate(NamedTuple):
    """A direction that is worth walking along.

    Attributes:
        way: The direction in standard deviations, of length 1, [K].
        sought: The number of the descriptor that it was made for; None for a principal one.
    """

    way: Numbers
    sought: int | None


class Span(NamedTuple):
    """What a direction is good for.

    Attributes:
        number: The number of the descriptor that it moves furthest.
        sign: 1 or -1: the way in which there is more of it.
        low: Where its range begins, told in that way, in standard deviations.
        high: Where it ends.
    """

    number: int
    sign: float
    low: float
    high: float


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
    checked_count(count)
    listener, basis = Listener(instrument), basis_of(instrument, most=DIRECTIONS)
    slopes = fitted(*probed(listener, basis, report))
    tried = candidates(slopes, len(basis.moves))
    kept: list[tuple[Candidate, Slider]] = []
    tracker = Tracker("walking along directions", len(tried), report)
    for candidate in tried:
        if len(kept) < count and _is_new(candidate, kept):
            found = _named(listener, basis, candidate, [slider.name for _, slider in kept])
            kept += [(candidate, found)] if found is not None else []
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


def candidates(slopes: dict[int, Numbers], size: int) -> list[Candidate]:
    """Lists the directions that are worth walking along.

    Args:
        slopes: The mean slope of each descriptor, [K] each.
        size: K.

    Returns:
        Two for each descriptor, then the first principal directions.

    Example:
        >>> ways = candidates({0: np.array([1.0, 0.2]), 1: np.array([0.0, 9.0])}, 2)
        >>> bool(abs(ways[0].way[1]) < 0.1)
        True
    """
    return [
        *(Candidate(_alone(slopes, one, held), one) for one in slopes for held in _HELD_DOWN),
        *(Candidate(way, None) for way in np.eye(size)[:PRINCIPAL]),
    ]


def _alone(slopes: dict[int, Numbers], number: int, held_down: float) -> Numbers:
    """The direction of one descriptor, with what moves the others held down."""
    own = slopes[number]
    others = [np.outer(slope, slope) for other, slope in slopes.items() if other != number]
    held = sum(others, np.zeros((len(own), len(own))))
    unit = own / np.linalg.norm(own)
    weight = held_down / max(float(unit @ held @ unit), 1e-12)
    way = np.linalg.solve(np.eye(len(own)) + weight * held, own)
    return np.asarray(way / np.linalg.norm(way))


def _is_new(candidate: Candidate, kept: Sequence[tuple[Candidate, Slider]]) -> bool:
    """Whether it is no second try of what was found, nor nearly the same way."""
    if candidate.sought is not None:
        wanted = NAMES[candidate.sought]
        if any(slider.descriptor == wanted for _, slider in kept):
            return False
    return all(abs(float(candidate.way @ other.way)) < _ALIKE for other, _ in kept)


def _named(
    listener: Listener, basis: Basis, candidate: Candidate, taken: Sequence[str]
) -> Slider | None:
    """Walks along a direction and makes a slider of it, if it is steady enough for one."""
    first, way = _WALK_SEED * SEEDS, candidate.way
    walk = listener.walk(basis, way, OFFSETS, range(first, first + FIRST_WALKS))
    if longest(walk, allowed=1, sought=candidate.sought) is None:
        return None
    more = listener.walk(basis, way, OFFSETS, range(first + FIRST_WALKS, first + WALKS))
    span = longest(walk.joined(more), allowed=1, sought=candidate.sought)
    return None if span is None else _checked(listener, basis, way, span, taken)


def _checked(
    listener: Listener, basis: Basis, way: Numbers, span: Span, taken: Sequence[str]
) -> Slider | None:
    for seed, share in zip(_CHECK_SEEDS, (1.0, _SHORTER), strict=True):
        at = share * np.linspace(span.low, span.high, POSITIONS)
        seeds = range(seed * SEEDS, seed * SEEDS + CHECKS)
        walk = listener.walk(basis, span.sign * way, at.tolist(), seeds)
        slider = _slider(basis, span.sign * way, walk, span.number, taken)
        if slider is not None:
            return slider
    return None


def longest(walk: Walk, *, allowed: int, sought: int | None = None) -> Span | None:
    """Finds what a direction moves furthest, and over which range it never goes back.

    Args:
        walk: A walk to both sides of 0.
        allowed: How many seeds may go back.
        sought: The number of the descriptor that alone will do; None for any.

    Returns:
        The range over which most is moved; None where nothing is steady over any.
    """
    middle, best, most = len(walk.at) // 2, None, LEAST_STEPS
    for first in range(middle):
        for last in range(middle + 1, len(walk.at)):
            part = walk.part(first, last)
            moved = part.moved()
            number = int(np.abs(moved).argmax())
            sign = 1.0 if moved[number] >= 0 else -1.0
            back = round((1 - part.forward(sign)[0][number]) * len(walk.steps))
            fits = sought in (None, number) and _alone_enough(moved, number)
            if fits and back <= allowed and abs(moved[number]) > most:
                low, high = sorted((sign * float(walk.at[first]), sign * float(walk.at[last])))
                best, most = Span(number, sign, low, high), abs(moved[number])
    return best


def _alone_enough(moved: Numbers, number: int) -> bool:
    return _cross_talk(moved, number) <= CROSS_TALK


def _cross_talk(moved: Numbers, number: int) -> float:
    """The largest change of another descriptor, as a share of this one's."""
    own = max(abs(float(moved[number])), 1e-9)
    return float(np.delete(np.abs(moved), number).max(initial=0.0)) / own


def _slider(
    basis: Basis, way: Numbers, walk: Walk, number: int, taken: Sequence[str]
) -> Slider | None:
    """Makes a slider of what fresh seeds say; None where they say that it is none."""
    moved = walk.moved()
    audible, strict = (float(share[number]) for share in walk.forward())
    steps = float(moved[number])
    if audible < STEADY or steps < LEAST_STEPS or not _alone_enough(moved, number):
        return None
    low, high = float(walk.at[0]), float(walk.at[-1])
    units = steps / (high - low)  # in a standard deviation
    direction, about = torch.from_numpy(way), DESCRIPTORS[number]
    return Slider(
        name=_free(about.more, taken),
        descriptor=about.name,
        unit=about.unit,
        step=about.step,
        low=low * units,
        high=high * units,
        monotone=audible,
        strictly=strict,
        moved={name: round(float(each), 2) for name, each in zip(NAMES, moved, strict=True)},
        cross_talk=round(_cross_talk(moved, number), 3),
        move=tuple((direction @ basis.moves / units).tolist()),
        read=tuple((direction @ basis.reads * units).tolist()),
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
