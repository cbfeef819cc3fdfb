"""What can be taken back: the labels that sounds had, of the last few times they were changed."""

import secrets
import threading
from collections.abc import Mapping, Sequence

from timbrel.studio.workbench.faults import Gone

MOST_KEPT = 8  # a hundred thousand ids each at most

Before = Mapping[str, Sequence[str]]


class Undoable:
    """The labels that sounds had, kept in memory while the studio runs.

    Example:
        >>> undoable = Undoable()
        >>> undoable.take(undoable.keep({"kick": ["1", "2"]}))
        {'kick': ['1', '2']}
    """

    def __init__(self) -> None:
        self._kept: dict[str, Before] = {}
        self._lock = threading.Lock()

    def keep(self, before: Before, name: str | None = None) -> str:
        """Keeps labels; the oldest ones make way.

        Args:
            before: Label -> ids of the sounds that had it.
            name: Under which name; None for a new one.

        Returns:
            The name.
        """
        name = name or secrets.token_hex(8)
        with self._lock:
            self._kept[name] = before
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return name

    def take(self, name: str) -> Before:
        """Gives labels out that were kept, once.

        Args:
            name: Their name.

        Returns:
            Label -> ids.

        Raises:
            Gone: When there is nothing of this name.
        """
        with self._lock:
            before = self._kept.pop(name, None)
        if before is None:
            raise Gone(
                "labels that cannot be taken back any more",
                advice="the studio keeps the last eight times, until it ends",
            )
        return before
