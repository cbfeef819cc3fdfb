"""The page of a listening test: served on 127.0.0.1, for as long as the command runs."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from timbrel.errors import TimbrelError, UsageError
from timbrel.tasks.listen import Opened

if TYPE_CHECKING:
    from uvicorn import Server

ADDRESS = "127.0.0.1"


def serve(test: Opened, *, port: int, ready: Callable[[str], None]) -> None:
    """Serves a listening test until somebody presses Ctrl-C.

    Args:
        test: The test.
        port: The port; 0 takes one that is free.
        ready: Told the address of the page, once it can be opened.

    Raises:
        TimbrelError: When the port is taken, or the extra `studio` is not installed.
    """
    listening, server = _ready(test, port)
    ready(_address(listening))
    with suppress(KeyboardInterrupt):  # that is how it ends
        server.run(sockets=[listening])


@dataclass(frozen=True)
class Served:
    """A test that is served in the background.

    Attributes:
        address: Where.
        end: Ends it.
    """

    address: str
    end: Callable[[], None]


def begin(test: Opened, *, port: int = 0) -> Served:
    """Serves a listening test in the background.

    Args:
        test: The test.
        port: The port; 0 takes one that is free.

    Returns:
        Where it is served, and how that ends.

    Raises:
        TimbrelError: When the port is taken, or the extra `studio` is not installed.
    """
    listening, server = _ready(test, port)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()

    def end() -> None:
        server.should_exit = True
        thread.join(5)
        listening.close()

    return Served(_address(listening), end)


def _address(listening: socket.socket) -> str:
    return f"http://{ADDRESS}:{listening.getsockname()[1]}/"


def _ready(test: Opened, port: int) -> "tuple[socket.socket, Server]":
    try:
        import uvicorn

        from timbrel.studio.listening.app import make_app
    except ImportError as error:
        raise TimbrelError(
            f"serving needs the package {error.name}", advice="pip install 'timbrel[studio]'"
        ) from None
    listening = bound(port)
    config = uvicorn.Config(
        make_app(test, port=listening.getsockname()[1]),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    return listening, uvicorn.Server(config)


def bound(port: int, address: str = ADDRESS) -> socket.socket:
    """Takes a port of this machine, before anything is said about it.

    Args:
        port: The port; 0 takes one that is free.
        address: Which of the machine's addresses is listened at.

    Returns:
        A socket that listens on it.

    Raises:
        TimbrelError: When it is taken.
        UsageError: When there is no such port.
    """
    if not 0 <= port <= 65_535:
        raise UsageError(f"port {port}", "0 to 65535")
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(64)
    except OSError as error:
        listening.close()
        raise TimbrelError(
            f"port {port} cannot be had ({error.strerror or error})",
            "a free port",
            "choose another with --port",
        ) from None
    return listening


SERVER = serve
