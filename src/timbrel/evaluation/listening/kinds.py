"""The kinds of listening tests: what each is for, and what its pages ask."""

from dataclasses import dataclass
from typing import Literal

from timbrel.errors import UnknownNameError
from timbrel.evaluation.listening import questions
from timbrel.evaluation.listening.questions import Question

Bandwidth = Literal["match", "keep"]


@dataclass(frozen=True)
class Kind:
    """A kind of listening test.

    Attributes:
        name: What the command line calls it.
        about: What it tells, in a sentence.
        told: What listeners are told to do.
        asked: What each page asks.
        closing: What is asked at the end.
        grouped: Whether a page holds several versions of one sound; else each sound has its own.
        items: Pages of a test, where nobody says how many.
        seconds: The longest that a sound is, where nobody says.
        bandwidth: Whether originals are brought down to the others' bandwidth.
        source: Where the method comes from.
    """

    name: str
    about: str
    told: str
    asked: tuple[Question, ...]
    closing: tuple[Question, ...] = questions.CLOSING
    grouped: bool = False
    items: int = 20
    seconds: float = 10.0
    bandwidth: Bandwidth = "match"
    source: str = ""


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "questionnaire",
            "Can people tell new sounds from real ones, and are they of any use to a musician?",
            "You hear sounds one after the other. Some are real recordings, some were made by a "
            "program. Say what you think of each.",
            questions.QUESTIONNAIRE,
            questions.CLOSING_QUESTIONNAIRE,
            seconds=25.0,
            source="S2, section 5.1 and figures 37 and 38",
        ),
        Kind(
            "mos",
            "How good does each system sound, on its own, from bad to excellent?",
            "You hear sounds one after the other. Grade how good each of them sounds, whether you "
            "like the music or not.",
            questions.QUALITY,
            source="ITU-T P.800 (1996), annex B: absolute category rating",
        ),
        Kind(
            "abx",
            "Can people hear any difference between an original and a version of it?",
            "You hear two sounds, A and B, and a third, X, which is the same as one of them. Find "
            "out which. Switch between them as often as you like: they go on playing.",
            questions.WHICH_IS_X,
            grouped=True,
            source="Munson and Gardner 1950; Clark 1982, JAES 30(5)",
        ),
        Kind(
            "mushra",
            "How far is each version of a sound from its original, from 0 to 100?",
            "On each page you hear a reference and versions of it. Rate how good each version is, "
            "compared with the reference. One of them is the reference itself and should get 100.",
            questions.RATINGS,
            grouped=True,
            items=8,
            bandwidth="keep",
            source="ITU-R BS.1534-3 (2015)",
        ),
        Kind(
            "preference",
            "Which of two versions of a sound do people prefer?",
            "You hear two sounds, A and B. Say which you prefer; there are no wrong answers.",
            questions.PREFERRED,
            grouped=True,
            source="Bradley and Terry 1952, Biometrika 39",
        ),
    )
}


def kind_of(name: str) -> Kind:
    """Finds a kind by its name.

    Args:
        name: One of `KINDS`.

    Returns:
        The kind.

    Raises:
        UnknownNameError: When there is no such kind.

    Example:
        >>> kind_of("abx").grouped
        True
    """
    if name not in KINDS:
        raise UnknownNameError("kind of listening test", name, KINDS)
    return KINDS[name]
