"""Turns: one at a time, in the order in which they came."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock that is handed on in the order of asking, so that nobody waits for ever.

    Example:
        >>> turns = Turns()
        >>> with turns.mine():
        ...     turns.waiting
        0
    """

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._given = self._serving = 0

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        with self._change:
            return max(0, self._given - self._serving - 1)

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Waits for a turn, and passes it on at the end of the block.

        Yields:
            Nothing.
        """
        with self._change:
            ticket = self._given
            self._given += 1
            self._change.wait_for(lambda: self._serving == ticket)
        try:
            yield
        finally:
            with self._change:
                self._serving += 1
                self._change.notify_all()
