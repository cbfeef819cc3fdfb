"""How often one visitor may ask: a bucket that fills again, for each kind of request."""

import threading
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import Response

from timbrel.studio.workbench import faults
from timbrel.studio.workbench.models.common import Fault

# beginning of a path, how many at once, how many a second; the first that fits counts
BUCKETS = (
    ("/api/uploads", 20, 0.5),
    ("/api/jobs", 60, 5.0),
    ("/api/packs", 20, 0.5),
    ("/api/tests", 30, 2.0),
    ("/api/", 2000, 500.0),
)
CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MOST_VISITORS = 4096


class Limits:
    """Counts requests that change something, by visitor and kind."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._left: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, visitor: str, path: str) -> bool:
        """Counts one request.

        Args:
            visitor: Whose it is.
            path: What is asked for.

        Returns:
            Whether it may pass.
        """
        bucket = next((one for one in BUCKETS if path.startswith(one[0])), None)
        if bucket is None:
            return True
        name, size, per_s = bucket
        now_s = self._now_s()
        with self._lock:
            left, since_s = self._left.pop((visitor, name), (float(size), now_s))
            left = min(float(size), left + (now_s - since_s) * per_s)
            self._left[visitor, name] = (max(0.0, left - 1), now_s)
            while len(self._left) > MOST_VISITORS:
                self._left.popitem(last=False)
        return left >= 1


async def limited(
    limits: Limits, request: Request, following: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Lets a request pass, or answers that too much is asked.

    Args:
        limits: Who counts.
        request: The request.
        following: Answers it.

    Returns:
        The answer.
    """
    visitor = request.client.host if request.client else ""
    if request.method in CHANGES and not limits.allows(visitor, request.url.path):
        advice = "wait a few seconds"
        fault = Fault(
            text=f"too many requests; {advice}.", given="too many requests", advice=advice
        )
        return faults.answer(fault, 429)
    return await following(request)
