"""Mixtures: how much of each sound is in a morph, throughout or from moment to moment."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import torch
from torch import Tensor

from timbrel.errors import UnknownNameError, UsageError

Curve = Literal["linear", "spherical", "ease"]
CURVES: tuple[str, ...] = get_args(Curve)
FEWEST, MOST = 2, 4  # sounds
MOST_STEPS = {2: 1000, 3: 100, 4: 100}
LOWEST, HIGHEST = -1.0, 2.0  # of a weight: beyond the sounds, but not out of their sight
OFF_BY = 0.005  # that the sum of weights may be, as thirds are with three digits
MOST_BREAKPOINTS = 1000
Breakpoint = tuple[float, Sequence[float]]


@dataclass(frozen=True)
class Mixture:
    """How much of each sound is in one morph.

    Attributes:
        name: What the render is called.
        times: Moments as shares of the morph's length, 0 to 1, ascending; one where the mixture
            stays the same.
        weights: The weights of all sounds at each moment; each moment's sum to 1.
        eased: Whether the way from moment to moment leaves and arrives slowly.
    """

    name: str
    times: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]
    eased: bool = False

    @property
    def stays(self) -> bool:
        """Whether it is the same throughout."""
        return len(set(self.weights)) == 1

    @property
    def used(self) -> tuple[int, ...]:
        """The sounds that are in it at any moment."""
        return tuple(k for k, ever in enumerate(zip(*self.weights, strict=True)) if any(ever))

    def at(self, shares: Tensor) -> Tensor:
        """Gives the weights at moments, straight (or eased) between the breakpoints.

        Args:
            shares: Moments, 0 to 1, [N].

        Returns:
            Weights, float32 [S, N].

        Example:
            >>> Mixture("", (0.0, 1.0), ((1.0, 0.0), (0.0, 1.0))).at(torch.tensor([0.25]))
            tensor([[0.7500],
                    [0.2500]])
        """
        times = torch.tensor(self.times, dtype=torch.float64)
        weights = torch.tensor(self.weights, dtype=torch.float64).T
        if len(times) == 1:
            return weights.float().expand(-1, len(shares))
        place = shares.double().clamp(times[0], times[-1])
        after = torch.searchsorted(times, place).clamp(1, len(times) - 1)
        part = (place - times[after - 1]) / (times[after] - times[after - 1])
        part = eased(part) if self.eased else part
        return torch.lerp(weights[:, after - 1], weights[:, after], part).float()

    def mean(self) -> tuple[float, ...]:
        """Gives the weights on average over time.

        Returns:
            A weight for each sound; they sum to 1.
        """
        if self.stays:
            return self.weights[0]
        return tuple(self.at((torch.arange(1000) + 0.5) / 1000).double().mean(dim=1).tolist())


def eased(place: Tensor) -> Tensor:
    """Leaves and arrives slowly: a place of an even pace becomes one of an uneven pace.

    Args:
        place: Places from 0 to 1.

    Returns:
        Places from 0 to 1; those half-way stay.

    Example:
        >>> eased(torch.tensor([0.0, 0.25, 1.0]))
        tensor([0.0000, 0.1562, 1.0000])
    """
    return place * place * (3 - 2 * place)


def strangeness(weights: Sequence[float]) -> float:
    """Says how far a mixture is from any single sound.

    Args:
        weights: A weight for each sound; they sum to 1.

    Returns:
        0 for one sound alone, 1 half-way between two and everywhere beyond.

    Example:
        >>> strangeness((1.0, 0.0)), strangeness((0.5, 0.5)), strangeness((-1.0, 2.0))
        (0.0, 1.0, 1.0)
    """
    return min(1.0, abs(2 * (1 - sum(weight * weight for weight in weights))))


def planned(
    count: int,
    *,
    steps: int | None = None,
    weights: Sequence[Sequence[float]] | None = None,
    path: Sequence[Breakpoint] | None = None,
    curve: str = "linear",
) -> list[Mixture]:
    """Plans the mixtures of a morph: steps, weights that a person chose, or a path in time.

    Args:
        count: How many sounds, 2 to 4.
        steps: Of two sounds the steps of a line, ends included; of three those of a triangle's
            side, of four of a square's, row by row.
        weights: For each render a weight for each sound, which sum to 1; each -1 to 2.
        path: Breakpoints of one render: a share of its length, 0 to 1 and ascending, and the
            weights there.
        curve: "linear", "spherical" or "ease", which paces steps and the way between breakpoints.

    Returns:
        The mixtures, each with the name of its render.

    Raises:
        UsageError: When the number of sounds, of steps or of weights does not fit, the weights do
            not sum to 1, the path does not ascend, or not exactly one of the three is asked for.
        UnknownNameError: When there is no such curve.

    Example:
        >>> [mixture.name for mixture in planned(2, steps=3)]
        ['morph-0001-A100-B0', 'morph-0002-A50-B50', 'morph-0003-A0-B100']
    """
    if not FEWEST <= count <= MOST:
        raise UsageError(f"{count} sounds to morph", "two to four sounds")
    if curve not in CURVES:
        raise UnknownNameError("curve", curve, CURVES)
    if sum(asked is not None for asked in (steps, weights, path)) != 1:
        raise UsageError("steps, weights and a path in one morph, or none", "exactly one of them")
    if path is not None:
        return [_path(count, path, eased=curve == "ease")]
    if weights is not None:
        return _numbered([_checked(count, each) for each in _chosen(weights, curve)])
    return _numbered(_stepped(count, steps or 0, curve))


def _chosen(weights: Sequence[Sequence[float]], curve: str) -> Sequence[Sequence[float]]:
    if curve == "ease":
        raise UsageError("the curve 'ease' with weights", "linear or spherical", "ease paces steps")
    if not weights:
        raise UsageError("no weights", "a weight for each sound, such as 0.3,0.7")
    return weights


def _stepped(count: int, steps: int, curve: str) -> list[tuple[float, ...]]:
    if not 2 <= steps <= MOST_STEPS[count]:
        raise UsageError(f"{steps} steps", f"2 to {MOST_STEPS[count]} steps of {count} sounds")
    even = torch.arange(steps, dtype=torch.float64) / (steps - 1)
    paced = (eased(even) if curve == "ease" else even).tolist()
    return {2: _line, 3: _triangle, 4: _square}[count](paced)


def _line(paced: Sequence[float]) -> list[tuple[float, ...]]:
    return [(1 - across, across) for across in paced]


def _triangle(paced: Sequence[float]) -> list[tuple[float, ...]]:
    """The second sound lies at the end of the first row, the third at the tip below."""
    last = len(paced) - 1
    found = []
    for down in range(len(paced)):
        for across in range(len(paced) - down):
            parts = [paced[last - down - across], paced[across], paced[down]]
            found.append(tuple(part / sum(parts) for part in parts))
    return found


def _square(paced: Sequence[float]) -> list[tuple[float, ...]]:
    # The corners:  A - B   "across" runs to the right,
    #               |   |   "down" from the upper row to the lower.
    #               C - D
    return [
        tuple(row * column for row in (1 - down, down) for column in (1 - across, across))
        for down in paced
        for across in paced
    ]


def _path(count: int, path: Sequence[Breakpoint], *, eased: bool) -> Mixture:
    times = tuple(float(time) for time, _ in path)
    if not 2 <= len(times) <= MOST_BREAKPOINTS:
        raise UsageError(f"a path of {len(times)} breakpoints", f"2 to {MOST_BREAKPOINTS}")
    for time in times:
        if not 0 <= time <= 1:
            raise UsageError(f"a breakpoint at {time:g}", "0 (the beginning) to 1 (the end)")
    for before, after in pairwise(times):
        if after <= before:
            raise UsageError(f"a breakpoint at {after:g} after one at {before:g}", "ascending ones")
    return Mixture(
        "morph-path", times, tuple(_checked(count, weights) for _, weights in path), eased
    )


def _checked(count: int, weights: Sequence[float]) -> tuple[float, ...]:
    if len(weights) != count:
        raise UsageError(f"{len(weights)} weights for {count} sounds", "a weight for each sound")
    for weight in weights:
        if not (math.isfinite(weight) and LOWEST <= weight <= HIGHEST):
            raise UsageError(f"the weight {weight:g}", f"{LOWEST:g} to {HIGHEST:g}")
    total = math.fsum(weights)
    if abs(total - 1) > OFF_BY:
        said = ", ".join(f"{weight:g}" for weight in weights)
        raise UsageError(f"weights that sum to {total:g} ({said})", "weights that sum to 1")
    return tuple(weight / total for weight in weights)


def _numbered(weights: Sequence[tuple[float, ...]]) -> list[Mixture]:
    return [
        Mixture(f"morph-{number:04d}-{_told(each)}", (0.0,), (each,))
        for number, each in enumerate(weights, start=1)
    ]


def _told(weights: Sequence[float]) -> str:
    """The weights in per cent: A30-B70."""
    percents = (f"{round(100 * weight, 1) + 0.0:g}" for weight in weights)
    return "-".join(f"{letter}{share}" for letter, share in zip("ABCD", percents, strict=False))
