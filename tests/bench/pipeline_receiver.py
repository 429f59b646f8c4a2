"""A receiver of webhooks that verifies each call, answers at once and notes when it came."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson
from aiohttp import web

from deploy.replay.receiver import fault_of, serving
from services.clock import monotonic


@dataclass(slots=True)
class Receiver:
    """When each alert was first told, and what did not verify."""

    port: int = 0
    secrets: dict[str, str] = field(default_factory=dict)
    """Agency -> secret of its endpoint."""
    told: dict[tuple[str, str], float] = field(default_factory=dict)
    """(Agency, alert) -> monotonic seconds of the first call."""
    calls: int = 0
    refused: list[str] = field(default_factory=list)

    def url(self, agency: str) -> str:
        """Where an agency is called."""
        return f"http://127.0.0.1:{self.port}/{agency}"

    async def take(self, request: web.Request) -> web.Response:
        """Take one call."""
        came = monotonic()
        body = await request.read()
        agency = request.path.removeprefix("/")
        fault = fault_of(dict(request.headers), body, self.secrets[agency])
        if fault is not None:
            self.refused.append(fault)
            return web.Response(status=401)
        self.calls += 1
        for call in orjson.loads(body)["data"]["alerts"]:
            self.told.setdefault((agency, call["alert"]), came)
        return web.Response(status=204)


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Run a receiver on a free port."""
    receiver = Receiver()
    async with serving([web.post("/{agency}", receiver.take)]) as receiver.port:
        yield receiver
