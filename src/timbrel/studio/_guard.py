"""The guard: what every request must be like, and what every answer says about itself.

A page on this machine is within reach of every site that its user visits. So a request must be
addressed to us by name (else a site could point its own name here), must not come from another
site's page, and must not be large; and answers tell browsers to load nothing from elsewhere.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY_BYTES = 65_536
HOSTS = ("127.0.0.1", "localhost")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SAID_OF_ALL = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Guard:
    """Stands before an application; all that reaches it has passed.

    Args:
        app: The application.
        port: The port that it is served on.
    """

    def __init__(self, app: App, *, port: int) -> None:
        self._app = app
        self._hosts = {f"{host}:{port}" for host in HOSTS}
        if port == 80:  # which browsers do not name
            self._hosts |= set(HOSTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request.

        Args:
            scope: What it is.
            receive: Gives its body.
            send: Takes the answer.
        """
        if scope["type"] != "http":  # nothing else is served
            return
        refused = self._refused(Headers(scope=scope))
        answer = _told(send)
        if refused is not None:
            await refused(scope, receive, answer)
            return
        try:
            await self._app(scope, _Limited(receive), answer)
        except TooLarge:
            await _refusal(413, "the request is too large")(scope, receive, answer)

    def _refused(self, headers: Headers) -> JSONResponse | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return _refusal(421, "this page is not served under that name")
        origin = headers.get("origin")
        if origin is not None and origin.lower() != f"http://{hosts[0].lower()}":
            return _refusal(403, "requests of other sites are not answered")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:12]) > LARGEST_BODY_BYTES:
            return _refusal(413, "the request is too large")
        return None


class TooLarge(Exception):
    """A body was longer than it said."""


class _Limited:
    """Gives the body of a request, up to a limit."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._had_bytes = receive, 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._had_bytes += len(message.get("body", b""))
        if self._had_bytes > LARGEST_BODY_BYTES:
            raise TooLarge
        return message


def _told(send: Send) -> Send:
    """Adds to every answer what is said of all."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, text in SAID_OF_ALL.items():
                headers[name] = text
        await send(message)

    return sending


def _refusal(status: int, reason: str) -> JSONResponse:
    return JSONResponse({"error": reason}, status)
