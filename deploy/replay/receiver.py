"""The desks' side of webhooks: a server on the loopback address that verifies every call as a receiver should."""

import base64
import hmac
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from aiohttp import web

from schemas.webhooks import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER
from services.clock import real_now

TOLERANCE_SECONDS: Final = 300
"""As Standard Webhooks has it: an older call could be a recorded one."""
SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what every secret begins with, and no secret
"""In front of every secret, by the same specification."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that arrived, with a signature that held."""

    agency: str
    desk: str
    """Path under which it was registered; empty for the agency's default."""
    text: str
    body: Any


@dataclass(slots=True)
class Receiver:
    """Collects calls. `url` of an agency's desk is where to register it; its secret comes with the answer."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Calls whose signature did not hold: there must be none."""
    secrets: dict[str, str] = field(default_factory=dict)
    """Path -> secret."""
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def url(self, agency: str, desk: str | None) -> str:
        """Return the address of an agency's desk."""
        return f"http://127.0.0.1:{self.port}{self.path(agency, desk)}"

    @staticmethod
    def path(agency: str, desk: str | None) -> str:
        """Return the path of an agency's desk."""
        return f"/{agency}/{desk}" if desk else f"/{agency}"

    async def take(self, request: web.Request) -> web.Response:
        """Take one call: 2xx means received, not acknowledged. The same call twice counts once."""
        body = await request.read()
        fault = fault_of(dict(request.headers), body, self.secrets.get(request.path, ""))
        if fault is not None:
            self.refused.append(f"{request.path}: {fault}")
            return web.Response(status=401)
        key = (request.path, request.headers[ID_HEADER])
        if key not in self._seen:
            self._seen.add(key)
            _, agency, *desk = request.path.split("/")
            self.calls.append(Call(agency, "/".join(desk), body.decode(), orjson.loads(body)))
        return web.Response(status=204)


def fault_of(headers: dict[str, str], body: bytes, secret: str) -> str | None:
    """Return what is wrong with a call's Standard Webhooks headers, or None."""
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        name, stamp, given = lower[ID_HEADER], lower[TIMESTAMP_HEADER], lower[SIGNATURE_HEADER]
    except KeyError as missing:
        return f"no {missing.args[0]} header"
    if not stamp.isdecimal() or abs(real_now().timestamp() - int(stamp)) > TOLERANCE_SECONDS:
        return "its time is too far from now"
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = base64.b64encode(hmac.digest(key, f"{name}.{stamp}.".encode() + body, "sha256")).decode()
    if not any(hmac.compare_digest(one, f"v1,{signed}") for one in given.split()):
        return "its signature does not hold"
    return None


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """Run a receiver on a free port."""
    found = Receiver()
    async with serving([web.post("/{path:.*}", found.take)]) as found.port:
        yield found


@asynccontextmanager
async def serving(routes: Sequence[web.RouteDef], *, shutdown_seconds: float = 60.0) -> AsyncIterator[int]:
    """Answer calls on a free port of the loopback address, and yield the port; at the end wait so long for calls under way."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=shutdown_seconds)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
