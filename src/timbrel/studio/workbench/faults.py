"""What goes wrong, as the page is told: what was given, what is accepted, what to do next."""

import errno
import logging

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as PlainHTTPException

from timbrel.errors import ExistsError, TimbrelError, UnknownNameError, UsageError
from timbrel.studio.workbench.models.common import Fault, FaultAnswer

NOT_KEPT = {"cache-control": "no-store"}
LOG = logging.getLogger("timbrel.studio")
ANSWERS = {
    status: {"model": FaultAnswer, "description": words}
    for status, words in (
        (400, "What was asked cannot be."),
        (401, "The token is missing."),
        (403, "The request comes from another page."),
        (404, "There is no such thing."),
        (409, "It is there already, or not ready yet."),
        (413, "The request is too large."),
        (421, "The server is not known by this name."),
        (422, "The request does not fit."),
        (429, "Too much was asked at once."),
        (500, "The work failed."),
        (507, "The disk is full."),
    )
}


class Gone(TimbrelError):
    """What was asked for is not there."""

    exit_code = 2


class NotReady(TimbrelError):
    """What was asked for needs something else first."""


class TooMuch(TimbrelError):
    """More was asked than can be done now."""


def fault_of(error: TimbrelError) -> Fault:
    """Tells an error as the page shows it.

    Args:
        error: What went wrong.

    Returns:
        The same in parts.
    """
    return Fault(text=str(error), given=error.given, accepted=error.accepted, advice=error.advice)


def in_words(text: str) -> dict[str, str]:
    """Tells what is no error of ours as the page shows it.

    Args:
        text: What is wrong.

    Returns:
        The parts of a fault.
    """
    parts: dict[str, str] = Fault(text=text, given=text).model_dump()
    return parts


def status_of(error: TimbrelError) -> int:
    """Says which status an error is answered with.

    Args:
        error: What went wrong.

    Returns:
        400 and above.
    """
    kinds: tuple[tuple[type[TimbrelError], int], ...] = (
        (Gone, 404), (UnknownNameError, 404), (ExistsError, 409), (TooMuch, 429), (UsageError, 400),
    )  # fmt: skip
    return next((status for kind, status in kinds if isinstance(error, kind)), 409)


def answer(fault: Fault, status: int) -> JSONResponse:
    """Makes the answer to a request that failed.

    Args:
        fault: What went wrong.
        status: 400 and above.

    Returns:
        The answer.
    """
    return JSONResponse({"error": fault.model_dump()}, status, headers=NOT_KEPT)


def add(app: FastAPI) -> None:
    """Gives an application our way to answer errors.

    Args:
        app: The application.
    """

    @app.exception_handler(TimbrelError)
    def failed(_request: Request, error: TimbrelError) -> JSONResponse:
        return answer(fault_of(error), status_of(error))

    @app.exception_handler(PlainHTTPException)
    @app.exception_handler(HTTPException)
    def refused(_request: Request, error: HTTPException) -> JSONResponse:
        said = str(error.detail)
        return answer(Fault(text=said, given=said), error.status_code)

    @app.exception_handler(RequestValidationError)
    def misshapen(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query"))
        text = f"{where}: {first['msg']}" if where else str(first["msg"])
        fault = Fault(text=text[:300], given=where[:100], accepted=first["msg"][:200])
        return answer(fault, 422)

    @app.exception_handler(OSError)
    def system(_request: Request, error: OSError) -> JSONResponse:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        said = error.strerror or "the system refused"
        advice = "make room, and try again" if is_full else "look whether the file may be used"
        fault = Fault(text=f"{said}; {advice}.", given=said, advice=advice)
        return answer(fault, 507 if is_full else 409)

    @app.exception_handler(Exception)
    def unforeseen(_request: Request, error: Exception) -> JSONResponse:
        LOG.exception("something unforeseen happened", exc_info=error)
        said = f"something unforeseen happened ({type(error).__name__})"
        return answer(Fault(text=f"{said}; the terminal shows more.", given=said), 500)
