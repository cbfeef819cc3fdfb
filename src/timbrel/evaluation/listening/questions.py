"""What listeners are asked: each question once, for the page, the checks and the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from timbrel.errors import UsageError

LONGEST_WORDS = 2000  # characters that one answer in free words may have
Answers = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """One question of a page.

    Attributes:
        name: What it is called in the results.
        text: What is asked.
        form: "choice" (one of `choices`), "scale" (a whole number from `low` to `high`),
            "ratings" (such a number for each sound of the page) or "words".
        choices: Value and what the page says for it.
        low: The lowest number.
        high: The highest number.
        marks: Words along the scale, from low to high.
        required: Whether the page goes on without it.
        only_if: Another question and the answer to it that this one belongs to.
    """

    name: str
    text: str
    form: Literal["choice", "scale", "ratings", "words"]
    choices: tuple[tuple[str, str], ...] = ()
    low: int = 0
    high: int = 0
    marks: tuple[str, ...] = ()
    required: bool = True
    only_if: tuple[str, str] | None = None


QUESTIONNAIRE = (
    Question(
        "real",
        "Do you think the sound is real or a fake?",
        "choice",
        (("real", "Real"), ("fake", "Fake")),
    ),
    Question(
        "ease",
        "If you answered fake: was it easy to spot that it is a fake?",
        "choice",
        (("easy", "Easy"), ("unsure", "Don’t know"), ("difficult", "Difficult")),
        only_if=("real", "fake"),
    ),
    Question(
        "musicality",
        "How do you rate the quality of the sound? Is it musical at all?",
        "scale",
        low=0,
        high=10,
        marks=("Terrible", "Quite good"),
    ),
    Question(
        "inspiring",
        "Do you find it inspiring? Does it give you ideas for new music?",
        "choice",
        (("yes", "Yes"), ("maybe", "Maybe"), ("no", "No")),
    ),
    Question("words", "Your overall feedback? A short answer, please.", "words", required=False),
)
CLOSING_QUESTIONNAIRE = (
    Question(
        "helps",
        "Do you think that the model behind the fakes can help you to compose and finish songs?",
        "words",
        required=False,
    ),
    Question(
        "new_areas",
        "Do you think that some of the sounds have tapped into musical areas where you would not "
        "go as a composer?",
        "words",
        required=False,
    ),
    Question(
        "suggestions",
        "Have you any suggestions to improve the model? What would you need from it to be more "
        "inspired?",
        "words",
        required=False,
    ),
)
CLOSING = (
    Question("remarks", "Is there anything that you want to tell?", "words", required=False),
)
QUALITY = (
    Question(
        "quality",
        "How good is the quality of the sound?",
        "choice",
        (("5", "Excellent"), ("4", "Good"), ("3", "Fair"), ("2", "Poor"), ("1", "Bad")),
    ),
)
WHICH_IS_X = (
    Question("choice", "Which of the two is X?", "choice", (("a", "X is A"), ("b", "X is B"))),
)
PREFERRED = (
    Question(
        "choice",
        "Which of the two do you prefer?",
        "choice",
        (("a", "I prefer A"), ("b", "I prefer B")),
    ),
)
RATINGS = (
    Question(
        "ratings",
        "How good is each sound, compared with the reference? One of them is the reference itself.",
        "ratings",
        low=0,
        high=100,
        marks=("Bad", "Poor", "Fair", "Good", "Excellent"),
    ),
)  # fmt: skip


def checked(questions: Sequence[Question], given: Mapping[str, Any], *, sounds: int) -> Answers:
    """Checks what a listener answered on a page.

    Args:
        questions: What was asked.
        given: Question's name to answer, as it came from outside.
        sounds: How many sounds the page lets rate.

    Returns:
        The answers, and nothing else; words without blanks around, none where there are none.

    Raises:
        UsageError: When an answer is missing, or is none of those that there are.

    Example:
        >>> checked(QUALITY, {"quality": "4"}, sounds=1)
        {'quality': '4'}
    """
    unknown = sorted(set(given) - {question.name for question in questions})
    if unknown:
        names = ", ".join(question.name for question in questions)
        raise UsageError(f"an answer to {unknown[0]!r:.40}, which was not asked", names)
    answers: Answers = {}
    for question in questions:
        answer = given.get(question.name)
        if not _applies(question, answers):
            continue
        if answer is None or answer == "":
            if question.required:
                raise UsageError(f"no answer to: {question.text}", _accepted(question))
        else:
            answers[question.name] = _checked(question, answer, sounds)
    return {name: answer for name, answer in answers.items() if answer != ""}


def _applies(question: Question, answers: Answers) -> bool:
    return question.only_if is None or answers.get(question.only_if[0]) == question.only_if[1]


def _checked(question: Question, answer: Any, sounds: int) -> Any:
    if question.form == "choice":
        fits = isinstance(answer, str) and answer in dict(question.choices)
    elif question.form == "words":
        fits = isinstance(answer, str) and len(answer) <= LONGEST_WORDS
    elif question.form == "scale":
        fits = _is_on_scale(question, answer)
    else:
        fits = (
            isinstance(answer, list)
            and len(answer) == sounds
            and all(_is_on_scale(question, one) for one in answer)
        )
    if not fits:
        raise UsageError(f"{answer!r:.40} as the answer to: {question.text}", _accepted(question))
    return _plain_words(answer) if question.form == "words" else answer


def _is_on_scale(question: Question, answer: Any) -> bool:
    whole = isinstance(answer, int) and not isinstance(answer, bool)
    return whole and question.low <= answer <= question.high


def _plain_words(answer: str) -> str:
    """Without blanks around and without control characters, which no keyboard types."""
    kept = "".join(mark for mark in answer if mark.isprintable() or mark in "\n\t")
    return kept.strip()


def _accepted(question: Question) -> str:
    if question.form == "choice":
        return ", ".join(value for value, _ in question.choices)
    if question.form == "words":
        return f"up to {LONGEST_WORDS} characters"
    each = " for each sound" if question.form == "ratings" else ""
    return f"a whole number from {question.low} to {question.high}{each}"
