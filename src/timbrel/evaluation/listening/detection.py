"""Signal detection: how well fakes are told from originals, apart from liking to say "fake"."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from timbrel.evaluation.listening.inference import binomial_p
from timbrel.evaluation.statistics import UNDEFINED, Z_95, Interval, rate_interval

_NORMAL = NormalDist()


@dataclass(frozen=True)
class Detection:
    """What was said of fakes and of originals. The signal to detect is that a sound is a fake.

    Attributes:
        hits: Fakes that were called fake.
        fakes: Fakes that were judged.
        false_alarms: Originals that were called fake.
        originals: Originals that were judged.

    Example:
        >>> found = Detection(hits=9, fakes=10, false_alarms=2, originals=10)
        >>> found.correct, round(found.d_prime.value, 2), round(found.p, 4)
        (17, 1.84, 0.0026)
    """

    hits: int
    fakes: int
    false_alarms: int
    originals: int

    @property
    def beyond(self) -> float:
        """The rate of hits less that of false alarms: 0 by chance, whatever one likes to say."""
        if not self.fakes or not self.originals:
            return math.nan
        return self.hits / self.fakes - self.false_alarms / self.originals

    @property
    def count(self) -> int:
        """How many sounds were judged."""
        return self.fakes + self.originals

    @property
    def correct(self) -> int:
        """How many were judged right."""
        return self.hits + self.originals - self.false_alarms

    @property
    def share(self) -> Interval:
        """The share that was judged right, with its Wilson interval."""
        return rate_interval(self.correct, self.count) if self.count else UNDEFINED

    @property
    def d_prime(self) -> Interval:
        """Sensitivity d': 0 for chance, whatever a listener likes to say; about 1 is some hearing.

        Rates are corrected log-linearly, so that none is 0 or 1 (Hautus 1995); the interval is
        that of Gourevitch and Galanter (1967), which is rough below some twenty sounds.
        """
        if not self.fakes or not self.originals:
            return UNDEFINED
        (hit, hit_variance), (alarm, alarm_variance) = (
            _score(self.hits, self.fakes),
            _score(self.false_alarms, self.originals),
        )
        reach = Z_95 * math.sqrt(hit_variance + alarm_variance)
        value = hit - alarm
        return Interval(value, value - reach, value + reach, self.count)

    @property
    def criterion(self) -> float:
        """Bias c: below 0 for who likes to say fake, above for who likes to say real."""
        if not self.fakes or not self.originals:
            return math.nan
        hit, alarm = _score(self.hits, self.fakes), _score(self.false_alarms, self.originals)
        return -(hit[0] + alarm[0]) / 2

    @property
    def is_balanced(self) -> bool:
        """Whether half of the sounds were fakes, so that half right is what chance gives."""
        return self.fakes == self.originals

    @property
    def p(self) -> float:
        """The two-sided p that such answers are chance.

        By the exact binomial test against one half where half of the sounds were fakes. Else who
        says the same of every sound gets more than half right, and Fisher's exact test is taken,
        which asks whether "fake" is said of fakes more often than of originals.
        """
        if self.is_balanced:
            return binomial_p(self.correct, self.count)
        from scipy import stats  # late: it takes a second to import

        table = [
            [self.hits, self.fakes - self.hits],
            [self.false_alarms, self.originals - self.false_alarms],
        ]
        return float(stats.fisher_exact(table)[1])

    @property
    def test(self) -> str:
        """The name of the test behind `p`."""
        return "exact binomial test" if self.is_balanced else "Fisher's exact test"


def _score(said: int, count: int) -> tuple[float, float]:
    """The normal score of a corrected rate, and the variance of that score."""
    rate = (said + 0.5) / (count + 1)
    score = _NORMAL.inv_cdf(rate)
    return score, rate * (1 - rate) / (count * _NORMAL.pdf(score) ** 2)
