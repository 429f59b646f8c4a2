"""A receiver of webhooks that does as it is told: answers, refuses, hangs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from deploy.replay.receiver import serving
from schemas.webhooks import AlertCall, WebhookBody
from services.clock import monotonic


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    raw: bytes
    at: float = field(default_factory=monotonic)

    @property
    def body(self) -> WebhookBody:
        return WebhookBody.model_validate_json(self.raw)

    @property
    def alert(self) -> AlertCall:
        (call,) = self.body.data.alerts
        return call

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    url: str = ""
    calls: list[Received] = field(default_factory=list)
    answer: Callable[[Received], int] = lambda _call: 204
    headers: dict[str, str] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    """While set to an event that is not set, calls get no answer."""
    under_way: int = 0
    most_under_way: int = 0

    async def take(self, request: web.Request) -> web.Response:
        call = Received(request.path, {k.lower(): v for k, v in request.headers.items()}, await request.read())
        self.calls.append(call)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            if self.hold is not None:
                await self.hold.wait()
            return web.Response(status=self.answer(call), headers=self.headers)
        finally:
            self.under_way -= 1

    def at(self, path: str) -> list[Received]:
        return [call for call in self.calls if call.path == path]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with serving([web.post("/{path:.*}", receiver.take)], shutdown_seconds=0.1) as port:
        receiver.url = f"http://127.0.0.1:{port}"
        try:
            yield receiver
        finally:
            if receiver.hold is not None:
                receiver.hold.set()
