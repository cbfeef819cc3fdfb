"""The page itself, and the reports that it opens in frames of their own."""

import secrets
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from timbrel.studio._guard import COOKIE
from timbrel.studio.workbench import judging
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.faults import Gone

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".txt": "text/plain; charset=utf-8",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self'; font-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# What a report holds was made here, of names from elsewhere: it may show itself, and do nothing.
OF_REPORTS = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline' {here}; "
    "img-src data: {here}; media-src data: {here}; frame-ancestors 'self'; sandbox allow-scripts"
)


def shipped() -> dict[str, bytes]:
    """Reads the page that ships with timbrel.

    Returns:
        Name below the page's folder -> content.
    """
    root = files("timbrel.studio.workbench") / "page"
    found: dict[str, bytes] = {}
    for entry in root.iterdir():
        if entry.is_dir():
            found |= {f"{entry.name}/{one.name}": one.read_bytes() for one in entry.iterdir()}
        else:
            found[entry.name] = entry.read_bytes()
    return found


def read(folder: Path) -> dict[str, bytes]:
    """Reads a page that somebody is working on.

    Args:
        folder: Where it was built.

    Returns:
        Name below the folder -> content.
    """
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def routes(bench: Bench, page: dict[str, bytes], *, token: str) -> APIRouter:
    """Gives the routes of the page and of reports.

    Args:
        bench: What the studio works with.
        page: The files of the page.
        token: What requests must know, "" where nothing.

    Returns:
        The routes.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def index() -> Response:
        answer = _file(page, "index.html")
        if token:
            answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", max_age=30 * 86_400)
        return answer

    @router.get("/assets/{name}")
    def asset(name: str) -> Response:
        return _file(page, f"assets/{name}")

    @router.get("/favicon.ico")
    def icon() -> Response:
        return RedirectResponse("/icon.svg", 308)

    @router.get("/{name}")
    def beside(name: str) -> Response:
        return _file(page, name)

    @router.get("/reports/{secret}/{report}/{path:path}")
    def report(request: Request, secret: str, report: str, path: str) -> FileResponse:
        return _report(bench, request, (secret, report, path or "index.html"))

    return router


def _file(page: dict[str, bytes], name: str) -> Response:
    if name not in page or Path(name).suffix not in KINDS:
        raise Gone(f"no file {name[:100]!r}")
    headers = {"content-security-policy": POLICY, "cache-control": "no-cache"}
    return Response(page[name], media_type=KINDS[Path(name).suffix], headers=headers)


def _report(bench: Bench, request: Request, asked: tuple[str, str, str]) -> FileResponse:
    """A file of a report: looked up among those that are there, never joined unseen."""
    secret, name, inside = asked
    root = bench.workspace.reports
    known = {p.name: p for p in root.iterdir() if judging.is_own(p)} if root.is_dir() else {}
    if not secrets.compare_digest(secret.encode(), bench.secret.encode()) or name not in known:
        raise Gone("no such report", advice="load the list of reports again")
    folder = known[name].resolve()
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    path = there.get(inside)
    if path is None or not path.is_file() or path.is_symlink() or path.suffix not in KINDS:
        raise Gone(f"no file {inside[:100]!r} in the report", advice="make the report again")
    here = f"http://{request.headers['host']}/reports/{bench.secret}/"  # as the guard let it pass
    headers = {
        "content-security-policy": OF_REPORTS.format(here=here),
        "x-frame-options": "SAMEORIGIN",
        "cross-origin-resource-policy": "cross-origin",  # a sandboxed page is of no origin
        "cache-control": "no-cache",
    }
    return FileResponse(path, media_type=KINDS[path.suffix], headers=headers)
