"""Whether two arms of a controlled experiment differ: paired trials, intervals, words."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from timbrel.evaluation.statistics import Interval
from timbrel.experiments import _findings as findings
from timbrel.experiments._controlled import Arm, Measured, Trial
from timbrel.experiments._findings import NOTHING, Cell

FEWEST_SEEDS = 3  # below that, trainings say nothing of how they scatter


@dataclass(frozen=True)
class Variable:
    """A dependent variable.

    Attributes:
        key: Its name among what is measured.
        title: What it is called.
        better: "lower" or "higher"; "" where neither is.
        digits: Digits behind the point.
        unit: Its unit.
        relative: Whether differences are told in per cent; its values are then above 0.
    """

    key: str
    title: str
    better: str = "lower"
    digits: int = 2
    unit: str = ""
    relative: bool = False


@dataclass(frozen=True)
class Contrast:
    """How far one arm is from another.

    Attributes:
        interval: The mean of paired differences; of their logarithms where told in per cent.
        basis: What was paired, such as "3 seeds".
        variable: Of which variable.
    """

    interval: Interval
    basis: str
    variable: Variable

    @property
    def word(self) -> str:
        """``"lower"``, ``"higher"``, or ``"not told apart"`` where the interval holds 0."""
        if self.interval.low > 0:
            return "higher"
        return "lower" if self.interval.high < 0 else "not told apart"

    @property
    def gain(self) -> int:
        """1 where it is better, -1 where it is worse, 0 where that cannot be told."""
        if self.word == "not told apart" or not self.variable.better:
            return 0
        return 1 if self.word == self.variable.better else -1

    def said(self) -> str:
        """Tells difference and interval, such as ``-26.7 % (-31.0 to -22.1, 3 seeds)``."""
        value, low, high = (self.shown(one) for one in self._ends)
        unit = " %" if self.variable.relative else f" {self.variable.unit}".rstrip()
        within = f"{low} to {high}, " if math.isfinite(self.interval.low) else ""
        return f"{value}{unit} ({within}{self.basis})"

    @property
    def _ends(self) -> tuple[float, float, float]:
        return self.interval.value, self.interval.low, self.interval.high

    def shown(self, value: float) -> str:
        """Writes one number of the interval in the unit that differences are told in.

        Args:
            value: The number.

        Returns:
            Its text, with a sign.
        """
        digits = 1 if self.variable.relative else self.variable.digits
        return f"{self.scaled(value):+.{digits}f}"

    def scaled(self, value: float) -> float:
        """Turns a logarithm into per cent where differences are told so.

        Args:
            value: The number.

        Returns:
            The number as it is shown.
        """
        return 100 * math.expm1(min(value, 50.0)) if self.variable.relative else value


def student_interval(values: Sequence[float]) -> Interval:
    """Gives a mean with Student's 95 % interval.

    The bootstrap, by which other intervals are found, is too narrow for three trainings.

    Args:
        values: Finite numbers, one at least.

    Returns:
        The mean and its interval; without ends (not a number) where there is but one.

    Source:
        Student, "The probable error of a mean" (1908).

    Example:
        >>> found = student_interval([1.0, 2.0, 3.0])
        >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
        (2.0, -0.48, 4.48)
    """
    from scipy.stats import t as students

    count, centre = len(values), float(np.mean(values))
    if count < 2:
        return Interval(centre, math.nan, math.nan, count)
    reach = float(students.ppf(0.975, count - 1) * np.std(values, ddof=1) / math.sqrt(count))
    return Interval(centre, centre - reach, centre + reach, count)


def mean_cell(
    trials: Sequence[Trial], measured: Mapping[str, Measured], arm: Arm, key: str
) -> Cell:
    """Makes a cell of a variable's mean over an arm's trainings.

    Args:
        trials: The trials.
        measured: What was measured of each.
        arm: The arm.
        key: The variable.

    Returns:
        The mean of each training's mean, with its interval over seeds; empty where undefined.
    """
    means = [mean_of(measured[one.name].get(key, [])) for one in trials if one.arm == arm]
    finite = [value for value in means if math.isfinite(value)]
    return seeds_cell(finite) if finite else NOTHING


def seeds_cell(values: Sequence[float]) -> Cell:
    """Makes a cell of one number a training.

    Args:
        values: The numbers, finite, at least one.

    Returns:
        Their mean; with an interval where there are two or more.
    """
    found = student_interval(values)
    return findings.of(found) if found.count > 1 else Cell(found.value, count=1)


def mean_of(values: Sequence[float]) -> float:
    """Averages those values that are numbers.

    Args:
        values: Any numbers.

    Returns:
        The mean; not a number where there is none.
    """
    finite = [value for value in values if math.isfinite(value)]
    return float(np.mean(finite)) if finite else math.nan


def contrast(
    trials: Sequence[Trial],
    measured: Mapping[str, Measured],
    variable: Variable,
    arms: tuple[Arm, Arm],
    *,
    unit: str,
) -> Contrast | None:
    """Says how far the second arm is from the first, by trials of the same seed.

    With three seeds or more the means of paired trainings are compared, so that the interval holds
    how trainings scatter. With fewer, unit by unit: that tells these very networks apart, and
    says nothing of how others would come out.

    Args:
        trials: The trials.
        measured: What was measured of each.
        variable: Which variable.
        arms: The arm to compare with, and the one that is compared.
        unit: What one value of the variable belongs to, for people, such as "notes".

    Returns:
        The difference; None where the variable has no pair of values.
    """
    pairs = [
        (measured[one.name].get(variable.key, []), measured[other.name].get(variable.key, []))
        for one, other in _paired(trials, arms)
    ]
    if len(pairs) >= FEWEST_SEEDS:
        apart = [_apart(mean_of(a), mean_of(b), variable) for a, b in pairs]
        finite = [value for value in apart if math.isfinite(value)]
        found = student_interval(finite) if len(finite) > 1 else None
        return Contrast(found, f"{len(finite)} seeds", variable) if found else None
    apart = [_apart(x, y, variable) for a, b in pairs for x, y in zip(a, b, strict=True)]
    finite = [value for value in apart if math.isfinite(value)]
    if len(finite) < 2:
        return None
    basis = f"{len(finite)} {unit} of {len(pairs)} training{'s' if len(pairs) > 1 else ''} each"
    return Contrast(student_interval(finite), basis, variable)


def _paired(trials: Sequence[Trial], arms: tuple[Arm, Arm]) -> list[tuple[Trial, Trial]]:
    by_seed = {(one.arm.name, one.seed): one for one in trials}
    seeds = sorted({one.seed for one in trials})
    return [(by_seed[arms[0].name, seed], by_seed[arms[1].name, seed]) for seed in seeds]


def _apart(one: float, other: float, variable: Variable) -> float:
    if not variable.relative:
        return other - one
    return math.log(other / one) if one > 0 and other > 0 else math.nan
