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
        >>> undoable.of(undoable.keep({"kick": ["1", "2"]}))
        {'kick': ['1', '2']}
    """

    def __init__(self) -> None:
        self._kept: dict[str, Before] = {}
        self._lock = threading.Lock()

    def keep(self, before: Before) -> str:
        """Keeps labels; the oldest ones make way.

        Args:
            before: Label -> ids of the sounds that had it.

        Returns:
            Their name.
        """
        name = secrets.token_hex(8)
        with self._lock:
            self._kept[name] = before
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return name

    def of(self, name: str) -> Before:
        """Gives labels that were kept.

        Args:
            name: Their name.

        Returns:
            Label -> ids.

        Raises:
            Gone: When there is nothing of this name.
        """
        with self._lock:
            if name not in self._kept:
                raise Gone(
                    "labels that cannot be taken back any more",
                    advice="the studio keeps the last eight times, until it ends",
                )
            return self._kept[name]

    def forget(self, name: str) -> None:
        """Keeps labels no longer.

        Args:
            name: Their name.
        """
        with self._lock:
            self._kept.pop(name, None)
