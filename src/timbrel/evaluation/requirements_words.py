"""What an instrument's requirements come to, in plain sentences."""

from timbrel.evaluation.requirements import LEAST_S, LONG_SHARE, Likened, Requirements
from timbrel.evaluation.statistics import Interval

NEAR, FAR = 1.0, 2.0  # spreads of the songs
ASKED = {"R1": "length", "R2": "a beat and a form that hold", "R4": "freedom from noise"}


def words(found: Requirements) -> list[str]:
    """Says how far an instrument's sounds are from what S1 asks of long sounds.

    Args:
        found: What was measured.

    Returns:
        Sentences: on R1, R2 and R4.
    """
    return [_length(found), *(_apart(found, name) for name in found.distances)]


def _length(found: Requirements) -> str:
    audible = found.measures["audible_length"].generated.value
    asked = f"R1, {ASKED['R1']}: its sounds can be heard for {audible:.1f} s"
    if found.long_enough >= LONG_SHARE:
        return f"{asked}, as long as S1 asks for (ten seconds and more)."
    return f"{asked}; S1 asks for ten seconds, and {100 * found.long_enough:.0f} % of them last so."


def _apart(found: Requirements, requirement: str) -> str:
    apart, theirs = found.distances[requirement], found.held_out_distances[requirement]
    said = f"{requirement}, {ASKED[requirement]}: {_spreads(apart)} from the training songs' own"
    said += f" (held-out songs {_spreads(theirs)}): {near(apart)}" if theirs.count else ""
    own = [one for one in found.measures.values() if one.requirement == requirement]
    known = [one for one in own if one.distance.count]
    if not known:
        return f"{requirement}, {ASKED[requirement]}: nothing of it can be measured."
    farthest = max(known, key=lambda one: one.distance.value)
    ending = "" if farthest.distance.value < NEAR else f"; farthest in {_farthest(farthest)}"
    short = found.length_s < LEAST_S and requirement == "R2"
    return f"{said}{ending}." + (f" {_SHORT}" if short else "")


_SHORT = f"Sounds of less than {LEAST_S:g} s have no tempo and no form: not met."


def near(apart: Interval) -> str:
    """Says in words how far sounds are from the songs' own.

    Args:
        apart: Their mean distance in spreads of the songs.

    Returns:
        The end of a sentence.

    Example:
        >>> near(Interval(0.4, 0.3, 0.5, 9)), near(Interval(3.0, 2.5, 3.5, 9))
        ('like songs', 'unlike any song')
    """
    if apart.value < NEAR:
        return "like songs"
    return "on the way to songs" if apart.low < FAR else "unlike any song"


def _farthest(one: Likened) -> str:
    title = one.title[0].lower() + one.title[1:]
    extra = one.undefined["generated"]
    missing = f"; {100 * extra:.0f} % without a value" if 0 < extra < 1 else ""
    return f"{title} ({_value(one.generated, one)}{missing}; songs {_value(one.training, one)})"


def _value(mean: Interval, one: Likened) -> str:
    if not mean.count:
        return "no value"
    return f"{mean.value:.3g} {one.unit}".rstrip()


def _spreads(apart: Interval) -> str:
    return f"{apart.value:.1f} spreads ({apart.low:.1f} to {apart.high:.1f})"
