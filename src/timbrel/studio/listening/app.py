"""The listening test as a web application: a page, its sounds, and the answers of listeners.

What a listener is given are opaque names looked up in tables; nothing that comes from outside is
ever part of a path. The key of the test is not opened here.
"""

import os
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from timbrel.errors import TimbrelError
from timbrel.evaluation.listening.results import UnknownListener
from timbrel.studio._guard import Guard, rules_of_port
from timbrel.studio.listening.sitting import Checked, Sitting, sit
from timbrel.tasks.listen import Opened

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
NOT_KEPT = {"cache-control": "no-store"}
MOST_SECONDS = 86_400.0
MOST_PLAYS = 100_000

Token = Annotated[str, Header(alias="x-listener", max_length=64)]


class Said(BaseModel):
    """What the page sends when a listener goes on."""

    model_config = ConfigDict(extra="forbid")
    given: dict[str, Any]
    plays: list[Annotated[int, Field(ge=0, le=MOST_PLAYS)]] = Field(max_length=32)
    seconds: float = Field(ge=0, le=MOST_SECONDS, allow_inf_nan=False)


class Closing(BaseModel):
    """What the page sends at the end."""

    model_config = ConfigDict(extra="forbid")
    given: dict[str, Any]


class SoundResponse(FileResponse):
    """A sound, or a range of it, with no word about when its file was written."""

    def set_stat_headers(self, stat_result: os.stat_result) -> None:
        """Says how long it is, and lets its name stand for its content.

        Args:
            stat_result: What the system says of the file.
        """
        self.headers.setdefault("content-length", str(stat_result.st_size))
        self.headers.setdefault("etag", f'"{Path(self.path).stem}"')
        self.headers.setdefault("last-modified", "Thu, 01 Jan 1970 00:00:00 GMT")


def make_app(test: Opened, *, port: int) -> Guard:
    """Puts the application together.

    Args:
        test: The test.
        port: The port that it is served on, for requests must name it.

    Returns:
        An ASGI application.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    _add_page(app)
    _add_listener(app, test)
    _add_pages(app, test)
    _add_errors(app)
    return Guard(app, rules_of_port(port))


def _page_files() -> dict[str, bytes]:
    folder = files("timbrel.studio.listening") / "page"
    return {
        entry.name: entry.read_bytes()
        for entry in folder.iterdir()
        if Path(entry.name).suffix in KINDS
    }


def _add_page(app: FastAPI) -> None:
    contents = _page_files()

    def whole(name: str) -> Response:
        if name not in contents:
            raise HTTPException(404, "there is no such file")
        headers = {"content-type": KINDS[Path(name).suffix], "cache-control": "no-cache"}
        return Response(contents[name], headers=headers)

    @app.get("/")
    def page() -> Response:
        return whole("index.html")

    @app.get("/page/{name}")
    def part(name: str) -> Response:
        return whole(name)


def _add_listener(app: FastAPI, test: Opened) -> None:
    @app.get("/api/test")
    def about() -> JSONResponse:
        return _json(Sitting.about(test))

    @app.post("/api/listener")
    def begin() -> JSONResponse:
        token = test.results.enlist()
        return _json({"token": token, **sit(test, token).state()})

    @app.get("/api/listener")
    def state(token: Token) -> JSONResponse:
        return _json(sit(test, token).state())

    @app.delete("/api/listener")
    def forget(token: Token) -> JSONResponse:
        sit(test, token).forget()
        return _json({"deleted": True})

    @app.put("/api/check")
    def check(token: Token, found: Checked) -> JSONResponse:
        sit(test, token).check(found)
        return _json(sit(test, token).state())

    @app.put("/api/closing")
    def close(token: Token, closing: Closing) -> JSONResponse:
        sit(test, token).close(closing.given)
        return _json(sit(test, token).state())


def _add_pages(app: FastAPI, test: Opened) -> None:
    @app.get("/api/pages/{place}")
    def shown(token: Token, place: int) -> JSONResponse:
        return _json(sit(test, token).page(place))

    @app.put("/api/pages/{place}")
    def answer(token: Token, place: int, said: Said) -> JSONResponse:
        sit(test, token).answer(place, said.given, plays=said.plays, seconds=said.seconds)
        return _json(sit(test, token).state())

    @app.get("/sounds/{name}")
    def sound(name: str) -> Response:
        if name not in test.sounds:
            raise HTTPException(404, "there is no such sound")
        headers = {"cache-control": "private, max-age=86400"}
        return SoundResponse(test.sounds[name], media_type="audio/wav", headers=headers)


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(UnknownListener)
    def unknown(_request: Request, error: UnknownListener) -> JSONResponse:
        return _json({"error": str(error)}, 404)

    @app.exception_handler(TimbrelError)
    def failed(_request: Request, error: TimbrelError) -> JSONResponse:
        return _json({"error": str(error)}, 400 if error.exit_code == 2 else 500)

    @app.exception_handler(HTTPException)
    def refused(_request: Request, error: HTTPException) -> JSONResponse:
        return _json({"error": error.detail}, error.status_code)

    @app.exception_handler(RequestValidationError)
    def misshapen(_request: Request, error: RequestValidationError) -> JSONResponse:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        return _json({"error": f"{where}: {fault['msg']}"[:300]}, 422)


def _json(content: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(content, status, headers=NOT_KEPT)
