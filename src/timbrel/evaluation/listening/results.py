"""Results: the answers of a test, in a database of one file that is written at each answer.

Listeners are known by a token that their browser keeps. The database holds only its hash, so that
whoever reads it can neither answer nor delete in a listener's name.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from timbrel.errors import TimbrelError, UsageError, reason_line
from timbrel.evaluation.listening.tokens import listener_of, new_token

SCHEMA_VERSION = 1
MOST_LISTENERS = 10_000
_WAIT_S = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS listeners (
    id TEXT PRIMARY KEY, begun_at TEXT NOT NULL, ended_at TEXT, checks TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS answers (
    listener TEXT NOT NULL REFERENCES listeners(id) ON DELETE CASCADE,
    trial TEXT NOT NULL, place INTEGER NOT NULL, shown TEXT NOT NULL, given TEXT NOT NULL,
    plays TEXT NOT NULL, seconds REAL NOT NULL, answered_at TEXT NOT NULL,
    changes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (listener, trial)
);
CREATE TABLE IF NOT EXISTS closing (
    listener TEXT NOT NULL REFERENCES listeners(id) ON DELETE CASCADE,
    question TEXT NOT NULL, words TEXT NOT NULL,
    PRIMARY KEY (listener, question)
);
"""


class UnknownListener(TimbrelError):
    """A token that no listener of this test has."""

    def __init__(self) -> None:
        super().__init__(
            "this code belongs to no listener of this test",
            "the code that was shown when you began",
            "begin anew if its answers were deleted",
        )


@dataclass(frozen=True)
class Answer:
    """What a listener answered on one page.

    Attributes:
        trial: The page.
        shown: Which sounds stood where, as `order.Shown` says it.
        given: Question's name to answer.
        plays: How often each sound was played, in the order of the page.
        seconds: How long the page was open, in s.
        changes: How often the answer was changed afterwards.
    """

    trial: str
    shown: Mapping[str, Any]
    given: Mapping[str, Any]
    plays: Sequence[int]
    seconds: float
    changes: int = 0


@dataclass(frozen=True)
class Listener:
    """A listener with all answers.

    Attributes:
        id: The name in the results: a hash of the token.
        begun_at: When they began, UTC.
        ended_at: When they came to the end, UTC; "" where they have not.
        checks: What the headphone check found.
        answers: Page by page, in the order in which they were shown.
        closing: Question's name to words.
    """

    id: str
    begun_at: str
    ended_at: str
    checks: Mapping[str, Any]
    answers: tuple[Answer, ...]
    closing: Mapping[str, str]


class Results:
    """The answers of one test. Each call is one transaction, on the disk when it returns.

    Args:
        path: The database's file; it is made at the first listener.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = sqlite3.connect(self.path, timeout=_WAIT_S)
        except sqlite3.Error as error:
            raise self._fault(error) from None
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")  # deleted words leave the file
            self._prepare(connection)
            with connection:
                yield connection
        except (sqlite3.Error, ValueError, RecursionError) as error:  # what was damaged in it too
            raise self._fault(error) from None
        finally:
            connection.close()

    def _prepare(self, connection: sqlite3.Connection) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            connection.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
            )
        elif version != SCHEMA_VERSION:
            raise UsageError(f"{self.path} is of another format", f"format {SCHEMA_VERSION}")

    def _fault(self, error: Exception) -> TimbrelError:
        return TimbrelError(f"the results {self.path} cannot be used ({reason_line(error)})")

    def enlist(self) -> str:
        """Begins a listener.

        Returns:
            The listener's token, which is kept nowhere else.

        Raises:
            TimbrelError: When there are too many already.
        """
        token = new_token()
        with self._open() as database:
            count = database.execute("SELECT count(*) FROM listeners").fetchone()[0]
            if count >= MOST_LISTENERS:
                raise TimbrelError(f"{count} listeners", f"up to {MOST_LISTENERS}")
            database.execute(
                "INSERT INTO listeners (id, begun_at) VALUES (?, ?)", (listener_of(token), _now())
            )
        return token

    def listener(self, id_: str) -> Listener:
        """Reads a listener with all answers.

        Args:
            id_: The listener's name, as `listener_of` gives it.

        Returns:
            The listener.

        Raises:
            UnknownListener: When there is none of that name.
        """
        with self._open() as database:
            row = database.execute(
                "SELECT id, begun_at, ended_at, checks FROM listeners WHERE id = ?", (id_,)
            ).fetchone()
            if row is None:
                raise UnknownListener
            return _listener(database, row)

    def everybody(self) -> list[Listener]:
        """Reads all listeners with all answers.

        Returns:
            The listeners, in the order in which they began; none where the file is not there.
        """
        if not self.path.is_file():
            return []
        with self._open() as database:
            rows = database.execute(
                "SELECT id, begun_at, ended_at, checks FROM listeners ORDER BY rowid"
            ).fetchall()
            return [_listener(database, row) for row in rows]

    def answer(self, id_: str, place: int, answer: Answer) -> None:
        """Keeps an answer; one that was given before is replaced, and counted as changed.

        Args:
            id_: The listener's name.
            place: The page's place in the listener's order, from 0 on.
            answer: The answer.

        Raises:
            UnknownListener: When there is none of that name.
        """
        row = (
            id_,
            answer.trial,
            place,
            json.dumps(dict(answer.shown)),
            json.dumps(dict(answer.given), ensure_ascii=False),
            json.dumps(list(answer.plays)),
            answer.seconds,
            _now(),
        )
        with self._open() as database:
            _require(database, id_)
            database.execute(
                "INSERT INTO answers (listener, trial, place, shown, given, plays, seconds,"
                " answered_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (listener, trial) DO UPDATE SET given = excluded.given,"
                " plays = excluded.plays, seconds = seconds + excluded.seconds,"
                " answered_at = excluded.answered_at, changes = changes + 1",
                row,
            )

    def check(self, id_: str, found: Mapping[str, Any]) -> None:
        """Keeps what the headphone check found.

        Args:
            id_: The listener's name.
            found: What was found.

        Raises:
            UnknownListener: When there is none of that name.
        """
        with self._open() as database:
            _require(database, id_)
            database.execute(
                "UPDATE listeners SET checks = ? WHERE id = ?", (json.dumps(dict(found)), id_)
            )

    def close(self, id_: str, words: Mapping[str, str]) -> None:
        """Keeps the closing answers, with which a listener has come to the end.

        Args:
            id_: The listener's name.
            words: Question's name to words.

        Raises:
            UnknownListener: When there is none of that name.
        """
        with self._open() as database:
            _require(database, id_)
            database.execute("DELETE FROM closing WHERE listener = ?", (id_,))
            database.executemany(
                "INSERT INTO closing (listener, question, words) VALUES (?, ?, ?)",
                [(id_, question, said) for question, said in words.items()],
            )
            database.execute("UPDATE listeners SET ended_at = ? WHERE id = ?", (_now(), id_))

    def forget(self, id_: str) -> None:
        """Deletes a listener and all answers, so that not even the file holds them any more.

        Args:
            id_: The listener's name.

        Raises:
            UnknownListener: When there is none of that name.
        """
        with self._open() as database:
            _require(database, id_)
            database.execute("DELETE FROM listeners WHERE id = ?", (id_,))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _require(database: sqlite3.Connection, id_: str) -> None:
    if not database.execute("SELECT 1 FROM listeners WHERE id = ?", (id_,)).fetchone():
        raise UnknownListener


def _listener(database: sqlite3.Connection, row: Sequence[Any]) -> Listener:
    id_, begun_at, ended_at, checks = row
    answers = database.execute(
        "SELECT trial, shown, given, plays, seconds, changes FROM answers WHERE listener = ?"
        " ORDER BY place",
        (id_,),
    )
    closing = database.execute(
        "SELECT question, words FROM closing WHERE listener = ? ORDER BY rowid", (id_,)
    )
    found = Listener(
        id_,
        begun_at,
        ended_at or "",
        json.loads(checks),
        tuple(
            Answer(trial, json.loads(shown), json.loads(given), json.loads(plays), seconds, changes)
            for trial, shown, given, plays, seconds, changes in answers
        ),
        dict(closing.fetchall()),
    )
    return _KEPT.validate_python(asdict(found))


_KEPT = TypeAdapter(Listener)
