"""What every request passes first: a request id, an access log that betrays nothing, and no unexplained failure."""

import itertools
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.counts import Counts
from gateway.problems import note_failure, problem_of, response_of
from services.clock import monotonic
from services.errors import TocsinError
from services.telemetry import Log, note

SLOW_SECONDS: Final = 1.0  # a post takes 5 ms: one that takes this long deserves a line of its own
COUNTED_ROUTES: Final = frozenset({"/v1/events", "/v1/backfill", "/health/live", "/health/ready"})
"""Logged as counts unless refused or slow."""


class Front:
    """ASGI app around FastAPI's.

    `direct`: POST to these paths goes straight to its ASGI app, past FastAPI's stack, which would be a sixth of the cost
    of a single post.
    """

    def __init__(self, app: ASGIApp, *, direct: Mapping[str, ASGIApp]) -> None:
        self.app = app
        self._direct = direct
        self._ids = (f"{secrets.token_hex(6)}-{n:x}" for n in itertools.count())
        self._log = AccessLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            if scope["type"] == "lifespan":
                self._log.write_counts()
            return
        started, status = monotonic(), 0
        request_id = next(self._ids)

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        app = self._direct.get(scope["path"], self.app) if scope["method"] == "POST" else self.app
        try:
            await app(scope, receive, send_marked)
        except TocsinError as error:  # of a direct route: FastAPI makes problems of those below it
            await response_of(problem_of(error))(scope, receive, send_marked)
        except Exception as error:  # noqa: BLE001 - the edge of the process: whatever it is, the caller is answered
            problem = note_failure(error, _route(scope))
            if not status:  # of a direct route
                await response_of(problem)(scope, receive, send_marked)
        self._log.add(scope, status, monotonic() - started, request_id)


class AccessLog:
    """Who called which route with what outcome. Paths are logged as their route, because a path holds ids."""

    def __init__(self) -> None:
        self._counts = Counts(_write_requests)

    def add(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        """Take note of one request."""
        route, client = _route(scope), scope.get("tocsin.client", "")
        if route in COUNTED_ROUTES and status < HTTPStatus.BAD_REQUEST and seconds < SLOW_SECONDS:
            self._counts.add(route, status, client)
            return
        note(
            Log.GATEWAY_REQUEST,
            method=scope["method"],
            route=route,
            status=status,
            client=client,
            milliseconds=round(seconds * 1000, 1),
            request=request_id,
        )

    def write_counts(self) -> None:
        """Write what was counted, one line for each route, status and client."""
        self._counts.write()


def _write_requests(route: str, status: int, client: str, count: int) -> None:
    note(Log.GATEWAY_REQUESTS, route=route, status=status, client=client, count=count)


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path", "") if route is not None else "unknown"
