"""Keeps decoders from talking: mpg123 writes what it thinks of a file to standard error itself."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_STDERR = 2


class _Silence:
    """Standard error of the whole process, which goes nowhere while anybody is inside.

    Decoders run in several threads at once, so the first that comes in silences it and the last
    that leaves gives it back: no one waits for another.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._kept: int | None = None

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._kept = _silence()

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0 and self._kept is not None:
                kept, self._kept = self._kept, None
                os.dup2(kept, _STDERR)
                os.close(kept)


def _silence() -> int | None:
    """Points standard error to nowhere; gives what it was, or None where there was none.

    Where a program was started without one, that number may be any file of its own.
    """
    if sys.__stderr__ is None:
        return None
    try:
        kept = os.dup(_STDERR)
    except OSError:
        return None
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, _STDERR)
    os.close(nowhere)
    return kept


_SILENCE = _Silence()


@contextmanager
def quiet() -> Iterator[None]:
    """Lets no library write to standard error, whatever it thinks of a file.

    Yields:
        Nothing; what Python itself writes there is lost as well, so keep the stretch short.
    """
    _SILENCE.enter()
    try:
        yield
    finally:
        _SILENCE.leave()
