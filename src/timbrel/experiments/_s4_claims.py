"""Which of S4's findings hold here, each word derived from an interval."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from timbrel.evaluation.statistics import Interval
from timbrel.experiments import _controlled_tables as tables
from timbrel.experiments import _findings as findings
from timbrel.experiments._contrasts import Contrast, Variable, contrast
from timbrel.experiments._controlled import Measured
from timbrel.experiments._controlled_run import Outcome
from timbrel.experiments._played_back import HEARD, PLAINLY
from timbrel.experiments._s4_tables import BANDS, EMBEDDINGS, FRAME, SPLITS, STRIDES, arm_name
from timbrel.experiments._slopes import s4_slope, slope
from timbrel.library.rows import SoundRow

PCA = "PCA"
TEST = "test"
MSE = Variable(TEST, "MSE (dB²)", relative=True)
HOLDS, AGAINST, UNDECIDED = "holds", "the other way round", "undecided"
HEARS = ("log_spectral_distance", "pitch_error", "odg")
SINGLE = arm_name(BANDS[0], STRIDES[0])
ORDERS = (
    *((arm_name(bands, one), arm_name(bands, other))
      for bands in BANDS for one, other in pairwise(STRIDES)),
    *((arm_name(BANDS[0], stride), arm_name(BANDS[1], stride)) for stride in STRIDES),
)  # fmt: skip
WHY = (
    "Where this differs from S4, what is known of why: S4 learned from NSynth's 289,205 training "
    "notes; its test set came out easier than its training set, which here it cannot, for all "
    "splits are drawn from the same notes, and notes of one instrument at two velocities may lie "
    "on both sides. Decibels count down to 80 below a note's maximum: a note with many bins at "
    "that floor has a small error, and mel bands, which sum several bins, lie at it less often."
)


@dataclass(frozen=True)
class Evidence:
    """What was measured.

    Attributes:
        outcome: The trainings.
        codes: Name of a trial to the errors of codes.
        heard: Name of a trial to what metrics hear.
        pooled: Name of an arm to the test notes of all seeds, each with its error.
    """

    outcome: Outcome
    codes: Mapping[str, Measured]
    heard: Mapping[str, Measured]
    pooled: Mapping[str, Sequence[tuple[SoundRow, float]]]

    def between(self, one: str, other: str, variable: Variable) -> Contrast | None:
        """Compares two arms.

        Args:
            one: Name of the arm that is compared with.
            other: Name of the arm that is compared.
            variable: By what.

        Returns:
            The difference, where there is one.
        """
        arms = {arm.name: arm for arm in self.outcome.design.arms}
        measured = self.codes if variable == MSE else self.heard
        pair = (arms[one], arms[other])
        return contrast(self.outcome.trials, measured, variable, pair, unit="notes")

    def slope(self, name: str) -> tuple[Interval, Interval] | None:
        """Finds how an arm's test error changes with pitch.

        Args:
            name: The arm.

        Returns:
            As `timbrel.experiments._slopes.slope`; None where there are fewer than three pitches.
        """
        pitched = [
            (note.pitch_semitones, error)
            for note, error in self.pooled[name]
            if note.pitch_semitones is not None
        ]
        pitches = [pitch for pitch, _ in pitched]
        if len(set(pitches)) < 3:
            return None
        return slope(pitches, [error for _, error in pitched], seed=self.outcome.request.seed)


@dataclass(frozen=True)
class Claim:
    """One of S4's findings, tested.

    Attributes:
        said: The finding.
        word: "holds", "the other way round" or "undecided".
        proof: The numbers.
    """

    said: str
    word: str
    proof: str

    def told(self) -> str:
        """Gives the sentence of a report."""
        return f"“{self.said}”: {self.word}{', ' if self.proof else ''}{self.proof}."


def verdict(evidence: Evidence) -> list[str]:
    """Tests S4's findings, and answers what S4 left open.

    Args:
        evidence: What was measured.

    Returns:
        Sentences, the sum of all first.
    """
    names = [arm_name(bands, stride) for bands in BANDS for stride in STRIDES]
    claims = [
        *(_order_claim(evidence, *pair) for pair in ORDERS),
        *(_pitch_claim(evidence, name) for name in names),
        _frame_claim(evidence),
    ]
    count = Counter(claim.word for claim in claims)
    outcome = evidence.outcome
    head = (
        f"Of {len(claims)} of S4's findings about errors {count[HOLDS]} hold here, "
        f"{count[AGAINST]} come out the other way round, and {count[UNDECIDED]} cannot be told. "
        f"{tables.ended(outcome.courses, outcome.terms)}"
    )
    said = [claim.told() for claim in claims]
    return [head, *said, _frame_sound(evidence), *_energy(evidence), _components(evidence), WHY]


def s4_order(one: str, other: str) -> str:
    """Tells how S4's test errors lie to each other.

    Args:
        one: A network.
        other: Another one.

    Returns:
        How much more error the other has.

    Example:
        >>> s4_order("log-magnitude single", "log-magnitude double")
        'S4 +36.8 %'
    """
    return f"S4 {100 * (SPLITS[other][2] / SPLITS[one][2] - 1):+.1f} %"


def _order_claim(evidence: Evidence, lower: str, higher: str) -> Claim:
    found, said = evidence.between(lower, higher, MSE), f"{lower} has less error than {higher}"
    if found is None:
        return Claim(said, UNDECIDED, "")
    word = {"higher": HOLDS, "lower": AGAINST}.get(found.word, UNDECIDED)
    return Claim(said, word, f"{found.said()}; {s4_order(lower, higher)}")


def _pitch_claim(evidence: Evidence, name: str) -> Claim:
    """S4 saw no trend over pitch in log-magnitude, and rising errors in log-mel."""
    rising, found = name.startswith(BANDS[1]), evidence.slope(name)
    said = f"the error of {name} {'rises with' if rising else 'is flat over'} pitch"
    if found is None:
        return Claim(said, UNDECIDED, "for the notes have too few pitches")
    own, theirs = found[1], s4_slope(name)[1]
    word = rises(own) if rising else is_flat(own, within=_s4_rise(name))
    return Claim(said, word, f"{_share(own)}, {own.count} notes; S4 {_share(theirs)}")


def _s4_rise(name: str) -> float:
    """The slope of S4's log-mel network of the same strides, in per cent an octave."""
    return s4_slope(arm_name(BANDS[1], name.rpartition(" ")[2]))[1].value


def rises(slope_percent: Interval) -> str:
    """Says whether an error rises.

    Args:
        slope_percent: Its slope.

    Returns:
        "holds", "the other way round" or "undecided".
    """
    if slope_percent.low > 0:
        return HOLDS
    return AGAINST if slope_percent.high < 0 else UNDECIDED


def is_flat(slope_percent: Interval, *, within: float) -> str:
    """Says whether an error has no trend; an interval too wide to tell is no proof of that.

    Args:
        slope_percent: Its slope.
        within: The slope, up or down, that the interval must leave out.

    Returns:
        "holds", "the other way round" or "undecided".

    Example:
        >>> [is_flat(Interval(1, low, high, 9), within=10) for low, high in ((-3, 4), (-9, 12))]
        ['holds', 'undecided']
    """
    if slope_percent.low > 0 or slope_percent.high < 0:
        return AGAINST
    return HOLDS if -within < slope_percent.low and slope_percent.high < within else UNDECIDED


def _share(one: Interval) -> str:
    return f"{one.value:+.1f} % an octave ({one.low:+.1f} to {one.high:+.1f})"


def _frame_claim(evidence: Evidence) -> Claim:
    found, said = evidence.between(SINGLE, FRAME, MSE), f"{FRAME} has less error than {SINGLE}"
    if found is None:
        return Claim(said, UNDECIDED, "")
    word = {"lower": HOLDS, "higher": AGAINST}.get(found.word, UNDECIDED)
    return Claim(said, word, f"{found.said()}; {s4_order(SINGLE, FRAME)}")


def _frame_sound(evidence: Evidence) -> str:
    """S4's paradox: the 1-D network has the lowest error and poor sound."""
    hearing = [
        found
        for one in HEARD
        if one.key in HEARS and (found := evidence.between(SINGLE, FRAME, one)) is not None
    ]
    told = "; ".join(f"{one.variable.title} {better(one)}, {one.said()}" for one in hearing)
    return (
        f"How {FRAME} sounds beside {SINGLE}, by metrics that hear: {told or 'cannot be told'}. "
        "S4 by ear: it loses the stroke and adds noise, in spite of its lower error."
    )


def better(one: Contrast) -> str:
    """Says whether the second arm is better.

    Args:
        one: The difference.

    Returns:
        "better", "worse" or "not told apart".
    """
    return {1: "better", -1: "worse", 0: "not told apart"}[one.gain]


def _energy(evidence: Evidence) -> list[str]:
    """S4's energy correction brings back the stroke: ODG with it less ODG without."""
    own = [trial.name for trial in evidence.outcome.trials if trial.arm.name == SINGLE]
    apart = [
        corrected - plain
        for name in own
        for corrected, plain in zip(
            evidence.heard[name].get("odg", []), evidence.heard[name][PLAINLY], strict=True
        )
    ]
    cell = findings.mean(apart, seed=evidence.outcome.request.seed)
    if cell.value is None or cell.low is None or cell.high is None:
        return []
    word = "helps" if cell.low > 0 else "harms" if cell.high < 0 else "is not told apart from none"
    return [
        f"Energy correction {word} in ODG of {SINGLE}: {cell.value:+.2f} ({cell.low:+.2f} to "
        f"{cell.high:+.2f}, {cell.count} notes); S4 by ear: it brings back the stroke."
    ]


def _components(evidence: Evidence) -> str:
    told = []
    for bands in BANDS:
        for stride, size in EMBEDDINGS[bands].items():
            name = arm_name(bands, stride)
            found = evidence.between(components_name(bands, size), name, MSE)
            told += [f"{name} {better(found)}, {found.said()}"] if found else []
    return f"Against principal components of as many values, in error: {'; '.join(told)}."


def components_name(bands: str, size: int) -> str:
    """Names principal components in tables.

    Args:
        bands: "log-magnitude" or "log-mel".
        size: How many there are.

    Returns:
        The name.

    Example:
        >>> components_name("log-mel", 56)
        'PCA, log-mel 56'
    """
    return f"{PCA}, {bands} {size}"
