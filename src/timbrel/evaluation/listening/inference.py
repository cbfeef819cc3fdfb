"""Inference: intervals and exact tests for the few numbers that listeners give."""

import math
from collections.abc import Sequence
from itertools import combinations, product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from timbrel.evaluation.statistics import Interval

LEVEL = 0.05
MOST_EXACT = 20_000  # arrangements that are all looked at; of more, so many are drawn
_SAME = 1e-9  # two sums that differ by less are one, added up in another order


def t_interval(values: Sequence[float]) -> Interval:
    """Gives a mean with its 95 % interval by Student's t.

    Args:
        values: The votes, at least one.

    Returns:
        The mean and its interval; of a single vote, one without width.

    Source:
        ITU-T P.1401 (2020), for opinion scores of P.800; ITU-R BS.1534-3, section 9.

    Example:
        >>> found = t_interval([4, 5, 3, 4])
        >>> found.value, round(found.high - found.value, 3)
        (4.0, 1.299)
    """
    from scipy import stats  # late: it takes a second to import

    votes = np.asarray(values, dtype=np.float64)
    mean, count = float(votes.mean()), len(votes)
    if count < 2:
        return Interval(mean, mean, mean, count)
    reach = float(stats.t.ppf(0.975, count - 1) * votes.std(ddof=1) / math.sqrt(count))
    return Interval(mean, mean - reach, mean + reach, count)


def sign_flip_p(differences: Sequence[float], *, seed: int = 0) -> float:
    """Tests whether paired differences lie around zero, by turning their signs.

    Args:
        differences: One a pair, at least one.
        seed: Seed of the draws, where there are too many arrangements to look at all.

    Returns:
        The two-sided p: exact for up to 14 pairs, else from 20,000 drawn arrangements.

    Source:
        Fisher, "The design of experiments" (1935), section 21; drawn arrangements count the one
        that was found (Phipson and Smyth 2010).

    Example:
        >>> sign_flip_p([1.0, 2.0, 3.0])
        0.25
    """
    pairs = np.asarray(differences, dtype=np.float64)
    found = abs(pairs.sum()) - _SAME
    if 2 ** len(pairs) <= MOST_EXACT:
        signs = np.array(list(product((-1.0, 1.0), repeat=len(pairs))))
        return float((np.abs(signs @ pairs) >= found).mean())
    rng = np.random.default_rng(seed)
    signs = rng.choice((-1.0, 1.0), size=(MOST_EXACT, len(pairs)))
    return _drawn_p(np.abs(signs @ pairs) >= found)


def relabelling_p(first: Sequence[float], second: Sequence[float], *, seed: int = 0) -> float:
    """Tests whether two sets of numbers have one mean, by dealing them out anew.

    Args:
        first: One set, at least one number.
        second: The other.
        seed: Seed of the draws, where there are too many arrangements to look at all.

    Returns:
        The two-sided p: exact for up to 20,000 arrangements, else from as many drawn ones.

    Source:
        Pitman, "Significance tests which may be applied to samples from any populations" (1937).

    Example:
        >>> round(relabelling_p([1, 2, 3], [4, 5, 6]), 3)
        0.1
    """
    every = np.array([*first, *second], dtype=np.float64)
    every = every - every.mean()  # then the sum of one set tells the difference of the means
    size = len(first)
    found = abs(every[:size].sum()) - _SAME
    if math.comb(len(every), size) <= MOST_EXACT:
        chosen = np.array(list(combinations(range(len(every)), size)))
        return float((np.abs(every[chosen].sum(axis=1)) >= found).mean())
    rng = np.random.default_rng(seed)
    dealt = rng.permuted(np.tile(every, (MOST_EXACT, 1)), axis=1)
    sums = dealt[:, :size].sum(axis=1)
    return _drawn_p(np.abs(sums) >= found)


def _drawn_p(extreme: NDArray[np.bool_]) -> float:
    return float((extreme.sum() + 1) / (len(extreme) + 1))


def binomial_p(
    successes: int, count: int, *, alternative: Literal["two-sided", "greater"] = "two-sided"
) -> float:
    """Tests whether successes are those of a fair coin, exactly.

    Args:
        successes: How many succeeded.
        count: How many were tried; none gives 1.
        alternative: "two-sided", or "greater" where fewer than half can only be bad luck.

    Returns:
        The p.

    Source:
        Clopper and Pearson 1934, as in scipy.

    Example:
        >>> round(binomial_p(12, 16, alternative="greater"), 4)
        0.0384
    """
    from scipy import stats  # late: it takes a second to import

    return float(stats.binomtest(successes, count, 0.5, alternative).pvalue) if count else 1.0


def enough(count: int, *, alternative: Literal["two-sided", "greater"] = "two-sided") -> int | None:
    """Says how many of some answers must be right before chance is an unlikely reason.

    Args:
        count: How many answers.
        alternative: As in `binomial_p`.

    Returns:
        The least number above half; None where not even all would do.

    Example:
        >>> enough(16, alternative="greater"), enough(5)
        (12, None)
    """
    above = range(count // 2 + 1, count + 1)
    return next((k for k in above if binomial_p(k, count, alternative=alternative) < LEVEL), None)


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrects the p of several comparisons, so that one in twenty whole families errs by chance.

    Args:
        p_values: One a comparison.

    Returns:
        The corrected ones, in the same order.

    Source:
        Holm, "A simple sequentially rejective multiple test procedure" (1979).

    Example:
        >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
        [0.03, 0.06, 0.06]
    """
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected
