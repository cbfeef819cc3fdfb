"""The guard: what every request must be like, and what every answer says about itself.

A page on this machine is within reach of every site that its user visits. So a request must be
addressed to us by name (else a site could point its own name here), must not come from another
site's page, and must not be large; and answers tell browsers to load nothing from elsewhere.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass, field
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY_BYTES = 65_536
TOO_LARGE = "the request is too large"
COOKIE = "timbrel"
HOSTS = ("127.0.0.1", "localhost")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SAID_OF_ALL = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@dataclass(frozen=True)
class Rules:
    """What a guard lets pass.

    Attributes:
        hosts: The names, with their ports, under which we are served; None where a token stands
            for them.
        token: What every request must know; "" where none is asked for.
        largest_body_bytes: Beginning of a path -> the longest body there; the longest beginning
            counts.
        sockets: Whether web sockets are served.
        policy: The content security policy of all answers that do not bring their own.
        told: How the reason of a refusal stands in its answer.
        sandboxed: Beginning of the paths whose pages are shown in a sandbox, and so ask for their
            own pictures and sounds as pages of no origin; "" where there are none.
    """

    hosts: frozenset[str] | None
    token: str = ""
    largest_body_bytes: Mapping[str, int] = field(default_factory=dict)
    sockets: bool = False
    policy: str = POLICY
    told: Callable[[str], Any] = str
    sandboxed: str = ""

    def largest(self, path: str) -> int:
        """Says how long the body of a request may be.

        Args:
            path: What is asked for.

        Returns:
            Bytes.
        """
        fitting = [begin for begin in self.largest_body_bytes if path.startswith(begin)]
        return self.largest_body_bytes[max(fitting, key=len)] if fitting else LARGEST_BODY_BYTES


def rules_of_port(port: int) -> Rules:
    """Gives the rules of what is served on this machine alone.

    Args:
        port: The port.

    Returns:
        The rules.
    """
    return Rules(hosts_of_port(port))


def hosts_of_port(port: int) -> frozenset[str]:
    """Lists the names under which this machine reaches itself.

    Args:
        port: The port that is served.

    Returns:
        Names with ports.
    """
    hosts = {f"{host}:{port}" for host in HOSTS}
    return frozenset(hosts | set(HOSTS)) if port == 80 else frozenset(hosts)


class Guard:
    """Stands before an application; all that reaches it has passed.

    Args:
        app: The application.
        rules: What passes.
    """

    def __init__(self, app: App, rules: Rules) -> None:
        self._app, self._rules = app, rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request.

        Args:
            scope: What it is.
            receive: Gives its body.
            send: Takes the answer.
        """
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        refused = self._refused(scope)
        answer = _told(send, self._rules.policy)
        if refused is not None:
            await refused(scope, receive, answer)
            return
        body = _Limited(receive, self._rules.largest(scope["path"]))
        await self._app(scope, body, body.unless_too_large(answer))
        if body.is_too_large:
            await self._refusal(413, TOO_LARGE)(scope, receive, answer)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._rules.sockets and self._refused(scope) is None:
            await self._app(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.close", "code": 1008})

    def _refused(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        allowed = self._rules.hosts
        if len(hosts) != 1 or (allowed is not None and hosts[0].lower() not in allowed):
            return self._refusal(421, "this page is not served under that name")
        origin = headers.get("origin")
        if not self._may_come_from(origin, hosts[0], scope):
            return self._refusal(403, "requests of other sites are not answered")
        if not self._knows(scope, headers):
            return self._refusal(401, "open the address that the terminal shows, with its token")
        length = headers.get("content-length", "0")
        largest = self._rules.largest(scope["path"])
        if not length.isdecimal() or int(length[:15]) > largest:
            return self._refusal(413, TOO_LARGE)
        return None

    def _may_come_from(self, origin: str | None, host: str, scope: Scope) -> bool:
        """Whether the page that asks is ours; a sandboxed one has no origin, and may only look."""
        if origin is None or origin.lower() == f"http://{host.lower()}":
            return True
        looks = scope.get("method") in ("GET", "HEAD")
        below = bool(self._rules.sandboxed) and scope["path"].startswith(self._rules.sandboxed)
        return origin == "null" and looks and below

    def _refusal(self, status: int, reason: str) -> JSONResponse:
        return JSONResponse({"error": self._rules.told(reason)}, status)

    def _knows(self, scope: Scope, headers: Headers) -> bool:
        """Whether a request knows the token: by its cookie, its header, or its address."""
        token = self._rules.token
        if not token:
            return True
        given = [headers.get("authorization", "").removeprefix("Bearer ")]
        with suppress(CookieError):
            cookies = SimpleCookie(headers.get("cookie", ""))
            given += [cookies[COOKIE].value] if COOKIE in cookies else []
        if scope["path"] == "/":
            given += parse_qs(scope.get("query_string", b"").decode("ascii", "replace")).get(
                "token", []
            )
        return any(compare_digest(one.encode(), token.encode()) for one in given)


class _Limited:
    """Gives the body of a request, up to a limit; what is longer is as if it broke off."""

    def __init__(self, receive: Receive, largest_bytes: int) -> None:
        self._receive, self._largest_bytes, self._had_bytes = receive, largest_bytes, 0

    @property
    def is_too_large(self) -> bool:
        return self._had_bytes > self._largest_bytes

    async def __call__(self) -> Message:
        message = await self._receive()
        self._had_bytes += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.is_too_large else message

    def unless_too_large(self, send: Send) -> Send:
        """Keeps back what the application answers to half a body."""

        async def sending(message: Message) -> None:
            if not self.is_too_large:
                await send(message)

        return sending


def _told(send: Send, policy: str) -> Send:
    """Adds to every answer what is said of all, where it does not say it itself."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("content-security-policy", policy)
            for name, text in SAID_OF_ALL.items():
                headers.setdefault(name, text)
        await send(message)

    return sending
