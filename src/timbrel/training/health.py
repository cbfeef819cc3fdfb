"""What goes wrong between a generator and a critic, noticed and said in plain words."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

ALIKE = 0.05  # the share of the usual variety below which made sounds are nearly alike
TIMES = 2  # judgements in a row at which sounds are alike that make a warning
AT_FIRST = 6  # as many where they never were varied: what a fresh generator makes is much alike
LOST = 4  # judgements in a row without gain, scores far apart, that make one
FAR = 10.0  # how often further apart than at the level's beginning scores are when the critic wins
FIRST = 3  # judgements that tell how far apart scores are at the beginning of a level

COLLAPSED = (
    "made sounds are nearly alike ({variety:.0%} as varied as real ones): the generator has "
    "collapsed onto few sounds"
)
OVERWHELMED = (
    "the critic wins: its scores lie {times:.0f} times as far apart as when the level began, and "
    "made sounds come no nearer to real ones"
)
RECOVERED = "made sounds are varied again ({variety:.0%} as varied as real ones)"


@dataclass
class Health:
    """Watches what each judgement says of the two players; part of every checkpoint.

    Attributes:
        alike: Judgements in a row at which made sounds were nearly alike.
        varied: Whether they ever were varied.
        collapsed: Whether that was said, and nothing since took it back.
        gaps: How far apart real and made scores lay at the first judgements of the level.
        growing: Judgements in a row at which they lay far further apart and nothing was gained.
        overwhelmed: Whether that was said for this level.
        best: The smallest distance at this level.
    """

    alike: int = 0
    varied: bool = False
    collapsed: bool = False
    gaps: list[float] = field(default_factory=list)
    growing: int = 0
    overwhelmed: bool = False
    best: float = math.inf

    def begin_level(self) -> None:
        """Forgets what holds for one level only: a critic's scores have a scale of their own."""
        self.gaps, self.growing, self.overwhelmed, self.best = [], 0, False, math.inf

    def see(self, trained: Mapping[str, float], judged: Mapping[str, float]) -> str:
        """Takes in one judgement.

        Args:
            trained: Means of the training losses since the last one: ``critic_real`` and
                ``critic_fake`` are looked at, where there are any.
            judged: The parts of the validation: ``loss`` and, where it could be said, ``variety``.

        Returns:
            What is wrong, or that it has come right again; nothing as a rule.

        Example:
            >>> health = Health()
            >>> [health.see({}, {"loss": 1.0, "variety": share}) for share in (0.9, 0.01)]
            ['', '']
            >>> health.see({}, {"loss": 1.0, "variety": 0.01})[:29]
            'made sounds are nearly alike '
        """
        found = [self._collapse(judged), self._overwhelming(trained, judged)]
        return "; ".join(sentence for sentence in found if sentence)

    def _collapse(self, judged: Mapping[str, float]) -> str:
        share = judged.get("variety")
        if share is None:
            return ""
        self.alike = self.alike + 1 if share < ALIKE else 0
        self.varied = self.varied or share >= 2 * ALIKE
        if self.alike >= (TIMES if self.varied else AT_FIRST) and not self.collapsed:
            self.collapsed = True
            return COLLAPSED.format(variety=share)
        if self.collapsed and share > 2 * ALIKE:
            self.collapsed = False
            return RECOVERED.format(variety=share)
        return ""

    def _overwhelming(self, trained: Mapping[str, float], judged: Mapping[str, float]) -> str:
        gained, self.best = judged["loss"] < self.best, min(judged["loss"], self.best)
        gap = trained.get("critic_real", math.nan) - trained.get("critic_fake", math.nan)
        if not math.isfinite(gap):
            return ""
        if len(self.gaps) < FIRST:
            self.gaps.append(abs(gap))
            return ""
        usual = max(sorted(self.gaps)[FIRST // 2], 1e-6)
        self.growing = self.growing + 1 if gap > FAR * usual and not gained else 0
        if self.growing < LOST or self.overwhelmed:
            return ""
        self.overwhelmed = True
        return OVERWHELMED.format(times=gap / usual)
