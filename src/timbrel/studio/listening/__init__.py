"""The page of a listening test: served on 127.0.0.1, for as long as the command runs."""

import socket
from collections.abc import Callable
from contextlib import suppress

from timbrel.errors import TimbrelError, UsageError
from timbrel.tasks.listen import Opened

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
    try:
        import uvicorn

        from timbrel.studio.listening.app import make_app
    except ImportError as error:
        raise TimbrelError(
            f"serving needs the package {error.name}", advice="pip install 'timbrel[studio]'"
        ) from None
    listening = bound(port)
    port = listening.getsockname()[1]
    config = uvicorn.Config(
        make_app(test, port=port),
        log_level="warning",
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="off",
        timeout_graceful_shutdown=2,
    )
    ready(f"http://{ADDRESS}:{port}/")
    with suppress(KeyboardInterrupt):  # that is how it ends
        uvicorn.Server(config).run(sockets=[listening])


def bound(port: int) -> socket.socket:
    """Takes a port of this machine, before anything is said about it.

    Args:
        port: The port; 0 takes one that is free.

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
        listening.bind((ADDRESS, port))
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
