"""The player: one thread that uses the instruments, in the order in which it is asked.

One thread, so that what networks need while they play is taken from the system once and not by
each of the many threads that answer requests.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from timbrel.studio.workbench.faults import TooMuch

T = TypeVar("T")
MOST_WAITING = 256


class Player:
    """Plays for one request at a time.

    Args:
        is_busy: Says whether a job has the processor.
        most_waiting: How many may wait, the one that is played for among them.

    Example:
        >>> player = Player(lambda: False)
        >>> player.play(lambda: "a sound")
        'a sound'
    """

    def __init__(self, is_busy: Callable[[], bool], most_waiting: int = MOST_WAITING) -> None:
        self._is_busy, self._most = is_busy, most_waiting
        self._lock, self._asked = threading.Lock(), 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="playing")

    @property
    def is_asked(self) -> bool:
        """Whether it plays, or somebody waits for it."""
        return self._asked > 0

    def play(self, work: Callable[[], T]) -> T:
        """Waits for its turn, works, and gives what came of it.

        Args:
            work: What uses instruments.

        Returns:
            What it returns.

        Raises:
            TooMuch: When too many wait already.
        """
        with self._lock:
            if self._asked >= self._most:
                raise TooMuch("too many sounds are asked for at once", advice="wait a moment")
            self._asked += 1
        try:
            return self._thread.submit(self._alone, work).result()
        finally:
            with self._lock:
                self._asked -= 1

    def _alone(self, work: Callable[[], T]) -> T:
        """One processor thread beside a job, where many would only wait for one another."""
        import torch

        wanted = 1 if self._is_busy() else _half()
        if torch.get_num_threads() != wanted:
            torch.set_num_threads(wanted)
        return work()


def _half() -> int:
    """Half of the processors: single sounds are short work, which two of one core only share."""
    from timbrel.library.pool import cores

    return max(1, cores() // 2)
