"""Ctrl-C as a wish: the step in hand is finished, the state kept, and training ends in order."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def gentle() -> Iterator[Callable[[], bool]]:
    """Turns the first Ctrl-C (or SIGTERM) into a wish to stop; a second Ctrl-C stops at once.

    Outside the main thread, where Python allows no signal handlers, it changes nothing.

    Yields:
        A function that says whether somebody wished to stop.
    """
    wished = threading.Event()

    def wish(number: int, _frame: FrameType | None) -> None:
        if wished.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        wished.set()

    if threading.current_thread() is not threading.main_thread():
        yield wished.is_set
        return
    before = {number: signal.signal(number, wish) for number in _SIGNALS}
    try:
        yield wished.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
