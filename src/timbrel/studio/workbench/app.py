"""The studio as a web application: its API, its page, and what guards both."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import Response

import timbrel
from timbrel.studio._guard import Guard, Rules, hosts_of_port
from timbrel.studio.workbench import faults, limits, pages, uploads
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.player import MOST_WAITING
from timbrel.studio.workbench.routes import (
    instruments,
    judging,
    library,
    made,
    training,
    workspace,
)

THREADS = MOST_WAITING + 64  # those that wait for an instrument must not keep others waiting
ROUTES = (workspace, library, instruments, made, training, judging)
LARGEST = {"/api/": 8 * 2**20, "/api/uploads": uploads.MOST_BYTES}


def make_api(bench: Bench) -> FastAPI:
    """Puts the API together.

    Args:
        bench: What the studio works with.

    Returns:
        The application, without page and guard.
    """

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        yield

    app = FastAPI(
        title="timbrel studio",
        version=timbrel.__version__,
        description="What the studio's page asks of timbrel. Every action is a command of the "
        "command line, and its answer tells which.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
        responses=faults.ANSWERS,  # type: ignore[arg-type]
    )
    for room in ROUTES:
        app.include_router(room.routes(bench), prefix="/api")
    faults.add(app)
    counted = limits.Limits()

    @app.middleware("http")
    async def limit(
        request: Request, following: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        return await limits.limited(counted, request, following)

    return app


def make_app(
    bench: Bench, *, port: int, token: str = "", page: dict[str, bytes] | None = None
) -> Guard:
    """Puts the studio together.

    Args:
        bench: What the studio works with.
        port: The port that it is served on, for requests must name it.
        token: What every request must know; "" where it is served on this machine alone.
        page: The files of the page; None for those that ship with timbrel.

    Returns:
        An ASGI application.
    """
    app = make_api(bench)
    files = pages.shipped() if page is None else page
    app.include_router(pages.routes(bench, files, token=token))
    hosts = None if token else hosts_of_port(port)
    rules = Rules(
        hosts, token, LARGEST, sockets=True, told=faults.in_words,
        sandboxed=f"/reports/{bench.secret}/",
    )  # fmt: skip
    return Guard(app, rules)
