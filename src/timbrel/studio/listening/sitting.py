"""A sitting: one listener before the test, and all that the page may ask and tell."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from timbrel.errors import UsageError
from timbrel.evaluation.listening.kinds import kind_of
from timbrel.evaluation.listening.order import Shown, shown_to
from timbrel.evaluation.listening.questions import Question, checked
from timbrel.evaluation.listening.results import Answer, Listener
from timbrel.evaluation.listening.tokens import listener_of, receipt_of
from timbrel.tasks.listen import Opened

AHEAD = 1  # pages whose sounds are fetched while one is answered


class Checked(BaseModel):
    """What the headphone check found.

    Attributes:
        headphones: "passed", "failed" or "skipped".
        sides: Whether left and right were told apart; "" where it was not asked.
        right: Of how many threes the quietest tone was found.
        asked: How many threes there were.
    """

    model_config = ConfigDict(extra="forbid")
    headphones: Literal["passed", "failed", "skipped"]
    sides: Literal["right", "wrong", ""] = ""
    right: int = Field(0, ge=0, le=12)
    asked: int = Field(0, ge=0, le=12)


class Sitting:
    """One listener before one test.

    Args:
        test: The test.
        listener: The listener as the results know them.
    """

    def __init__(self, test: Opened, listener: Listener) -> None:
        self._test, self._listener = test, listener
        self._kind = kind_of(test.description.kind)
        self._pages = shown_to(test.description, listener.id)
        self._answers = {answer.trial: answer for answer in listener.answers}

    @staticmethod
    def about(test: Opened) -> dict[str, Any]:
        """Tells what anybody may know who opens the page.

        Args:
            test: The test.

        Returns:
            Its title and kind, how many pages of how many seconds, and what is asked.
        """
        description, kind = test.description, kind_of(test.description.kind)
        return {
            "id": description.id,
            "title": description.title,
            "kind": kind.name,
            "told": kind.told,
            "count": description.per_listener,
            "longest_s": description.longest_s,
            "loudness_lufs": description.loudness_lufs,
            "questions": _plain(kind.asked),
            "closing": _plain(kind.closing),
        }

    def state(self) -> dict[str, Any]:
        """Tells how far the listener is.

        Returns:
            Pages answered and in all, what is done, and the receipt.
        """
        return {
            "done": self._done(),
            "count": len(self._pages),
            "checked": bool(self._listener.checks),
            "ended": bool(self._listener.ended_at),
            "receipt": receipt_of(self._listener.id),
        }

    def _done(self) -> int:
        """Pages answered without a gap from the first on."""
        open_ = (n for n, page in enumerate(self._pages) if page.trial not in self._answers)
        return next(open_, len(self._pages))

    def page(self, place: int) -> dict[str, Any]:
        """Tells what stands on a page.

        Args:
            place: From 0 on, up to the first page that is not answered.

        Returns:
            The names of its sounds place by place, what was answered before, and the sounds to
            fetch ahead.

        Raises:
            UsageError: When the listener is not as far as that.
        """
        shown = self._shown(place)
        answer = self._answers.get(shown.trial)
        ahead = self._pages[place + 1 : place + 1 + AHEAD]
        return {
            "place": place,
            "count": len(self._pages),
            "sounds": shown.sounds,
            "reference": shown.reference,
            "x": shown.x,
            "given": answer.given if answer else None,
            "plays": answer.plays if answer else None,
            "ahead": [name for page in ahead for name in _names(page)],
        }

    def _shown(self, place: int) -> Shown:
        last = min(self._done(), len(self._pages) - 1)
        if not 0 <= place <= last:
            raise UsageError(f"page {place}", f"0 to {last}, as far as you are")
        return self._pages[place]

    def answer(
        self, place: int, given: Mapping[str, Any], *, plays: Sequence[int], seconds: float
    ) -> None:
        """Keeps an answer.

        Args:
            place: The page, from 0 on.
            given: Question's name to answer.
            plays: How often each sound was played: those that are judged, then the reference or X.
            seconds: How long the page was open this time, in s.

        Raises:
            UsageError: When an answer does not fit its question, or the page is not that far.
        """
        shown = self._shown(place)
        count = len(_names(shown))
        if len(plays) != count:
            raise UsageError(f"plays of {len(plays)} sounds", f"those of {count}")
        answers = checked(self._kind.asked, given, sounds=len(shown.sounds))
        kept = Answer(shown.trial, asdict(shown), answers, plays, seconds)
        self._test.results.answer(self._listener.id, place, kept)

    def check(self, found: Checked) -> None:
        """Keeps what the headphone check found.

        Args:
            found: What was found.
        """
        self._test.results.check(self._listener.id, found.model_dump())

    def close(self, given: Mapping[str, Any]) -> None:
        """Keeps the closing answers.

        Args:
            given: Question's name to words.

        Raises:
            UsageError: When pages are left, or an answer does not fit.
        """
        left = len(self._pages) - self._done()
        if left:
            raise UsageError(f"{left} pages are not answered", "an answer on each page")
        words = checked(self._kind.closing, given, sounds=0)
        self._test.results.close(self._listener.id, words)

    def forget(self) -> None:
        """Deletes the listener and all answers."""
        self._test.results.forget(self._listener.id)


def sit(test: Opened, token: str) -> Sitting:
    """Finds the listener of a token.

    Args:
        test: The test.
        token: What the listener's browser kept, or the listener typed.

    Returns:
        The sitting.

    Raises:
        UnknownListener: When nobody has that token.
    """
    return Sitting(test, test.results.listener(listener_of(token)))


def _names(shown: Shown) -> tuple[str, ...]:
    return (*shown.sounds, *(name for name in (shown.reference, shown.x) if name))


def _plain(questions: Sequence[Question]) -> list[dict[str, Any]]:
    return [asdict(question) for question in questions]
