"""The workbench: the studio's one page, served on this machine."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from timbrel import atomic
from timbrel.errors import LibraryError, TimbrelError, UsageError
from timbrel.studio.listening import ADDRESS, bound
from timbrel.tasks.workspace import Workspace, mark

SHORTEST_TOKEN = 16


def serve(
    workspace: Workspace,
    *,
    port: int,
    address: str = ADDRESS,
    token: str | None = None,
    device: str = "cpu",
    page: Path | None = None,
    ready: Callable[[str], None],
) -> None:
    """Serves the studio of a workspace until somebody presses Ctrl-C.

    Args:
        workspace: The workspace; it is made where there is none.
        port: The port; 0 takes one that is free.
        address: Where it listens. Anywhere but on this machine alone it asks for a token.
        token: The token; None draws one where one is needed.
        device: Where networks live.
        page: The folder of a page that somebody is working on; None for the one that ships.
        ready: Told the address of the page, once it can be opened.

    Raises:
        TimbrelError: When the port is taken, another studio serves this workspace, or the extra
            `studio` is not installed.
        UsageError: When the token is too short.
    """
    try:
        import uvicorn

        from timbrel.studio.workbench import overview, pages
        from timbrel.studio.workbench.app import make_app
        from timbrel.studio.workbench.bench import Bench
    except ImportError as error:
        raise TimbrelError(
            f"the studio needs the package {error.name}", advice="pip install 'timbrel[studio]'"
        ) from None
    from timbrel.library import lock

    known = _token(address, token)
    mark(workspace)
    workspace.studio.mkdir(parents=True, exist_ok=True)
    listening = bound(port, address)
    port = listening.getsockname()[1]
    try:
        with lock.exclusive(workspace.studio / ".lock"):
            atomic.tidy_files(workspace.renders / "studio")
            bench = Bench(workspace.root, device=device)
            files = None if page is None else pages.read(page)
            config = uvicorn.Config(
                make_app(bench, port=port, token=known, page=files),
                log_level="warning", access_log=False, server_header=False, ws="websockets-sansio",
                ws_max_size=65_536, timeout_graceful_shutdown=3,
            )  # fmt: skip
            bench.start(lambda: overview.state(bench))
            shown = f"http://{address}:{port}/" + (f"?token={known}" if known else "")
            try:
                ready(shown)
                with suppress(KeyboardInterrupt):  # that is how it ends
                    uvicorn.Server(config).run(sockets=[listening])
            finally:
                bench.close()
    except LibraryError as error:
        raise TimbrelError(
            f"another studio serves {workspace.root}", advice="close it, or choose a --workspace"
        ) from error


def _token(address: str, token: str | None) -> str:
    """The token that requests must know; none where only this machine can ask."""
    if address == ADDRESS and token is None:
        return ""
    if token is None:
        return secrets.token_urlsafe(24)
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable():
        raise UsageError("the token", f"{SHORTEST_TOKEN} letters and digits or more")
    return token


SERVER = serve
