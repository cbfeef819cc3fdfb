"""Listening tests that are served while the studio runs, each on a port of its own."""

import threading

from timbrel.studio.listening import Served, begin
from timbrel.tasks import listen


class ServedTests:
    """The listening tests that are served now."""

    def __init__(self) -> None:
        self._served: dict[str, Served] = {}
        self._lock = threading.Lock()

    def address(self, name: str) -> str:
        """Where a test is served; "" where it is not."""
        with self._lock:
            return self._served[name].address if name in self._served else ""

    def begin(self, name: str, test: listen.Opened) -> None:
        """Serves a test, on a port that is free.

        Args:
            name: Its name.
            test: The test.
        """
        with self._lock:
            if name not in self._served:
                self._served[name] = begin(test)

    def end(self, name: str) -> None:
        """Ends the serving of a test.

        Args:
            name: Its name.
        """
        with self._lock:
            served = self._served.pop(name, None)
        if served is not None:
            served.end()

    def end_all(self) -> None:
        """Ends the serving of all."""
        for name in list(self._served):
            self.end(name)
