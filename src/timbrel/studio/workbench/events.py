"""What happens, told to every page that is open, as it happens."""

import asyncio
import threading
from contextlib import suppress
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect

MOST_WAITING = 500  # messages of one page; what does not listen misses some
MOST_PAGES = 200


class Events:
    """The pages that listen. `tell` may be called from any thread."""

    def __init__(self) -> None:
        self._pages: set[tuple[asyncio.AbstractEventLoop, asyncio.Queue[dict[str, Any]]]] = set()
        self._lock = threading.Lock()

    def changed(self, what: str) -> None:
        """Tells that something is not what it was.

        Args:
            what: library, instruments, made, reports or tests.
        """
        self.tell({"type": "changed", "what": what})

    def tell(self, message: dict[str, Any]) -> None:
        """Tells every page.

        Args:
            message: Plain values.
        """
        with self._lock:
            pages = list(self._pages)
        for loop, queue in pages:
            with suppress(RuntimeError):  # its loop has ended
                loop.call_soon_threadsafe(_put, queue, message)

    async def serve(self, socket: WebSocket) -> None:
        """Tells one page until it is closed.

        Args:
            socket: The page's.
        """
        if len(self._pages) >= MOST_PAGES:
            await socket.close(1013)
            return
        await socket.accept()
        page = (asyncio.get_running_loop(), asyncio.Queue[dict[str, Any]](MOST_WAITING))
        with self._lock:
            self._pages.add(page)
        sending = asyncio.create_task(_send(socket, page[1]))
        try:
            with suppress(RuntimeError):
                # What it says does not matter; that it goes does.
                while (await socket.receive())["type"] != "websocket.disconnect":
                    pass
        finally:
            with self._lock:
                self._pages.discard(page)
            sending.cancel()
            with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await sending


def _put(queue: "asyncio.Queue[dict[str, Any]]", message: dict[str, Any]) -> None:
    with suppress(asyncio.QueueFull):
        queue.put_nowait(message)


async def _send(socket: WebSocket, queue: "asyncio.Queue[dict[str, Any]]") -> None:
    while True:
        await socket.send_json(await queue.get())
