"""The agencies' side of the gateway: tokens, events, endpoints, alerts and acknowledgements, over HTTP as anybody would."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import orjson

from deploy.cases.load import Posting
from services.replay.calls import Caller, open_caller


class GatewayRefused(RuntimeError):
    """The gateway did not take what a replay sent it; with its own words."""


@dataclass(slots=True)
class Agencies:
    """Every agency of a case, each with its own token."""

    gateway: Caller
    secrets: Mapping[str, str]
    """Agency id -> secret of its client, whose id is the agency's."""
    _tokens: dict[str, str] = field(default_factory=dict)

    async def post(self, agency: str, posting: Posting, *, received: str | None = None) -> None:
        """Post one event for an agency; with `received`, as if the gateway had received it then."""
        event = posting.event if received is None else {**posting.event, "receivedat": received}
        path = "/v1/backfill" if posting.lane == "history" else "/v1/events"
        await self._call(agency, "POST", path, event, kind="application/cloudevents+json")

    async def register(self, agency: str, desk: str | None, url: str) -> dict[str, Any]:
        """Register a webhook endpoint for a desk; the answer holds its secret."""
        body = {"url": url} if desk is None else {"url": url, "desk": desk}
        found: dict[str, Any] = await self._call(agency, "POST", "/v1/webhook-endpoints", body)
        return found

    async def alert(self, agency: str, alert: UUID) -> bytes:
        """Return what the agency may see of an alert, as it comes."""
        return await self._raw(agency, "GET", f"/v1/alerts/{alert}")

    async def acknowledge(self, agency: str, alert: UUID, body: Mapping[str, Any]) -> None:
        """Acknowledge an alert for an agency."""
        await self._call(agency, "POST", f"/v1/alerts/{alert}/acknowledgements", body)

    async def _call(self, agency: str, method: str, path: str, body: object, *, kind: str = "application/json") -> Any:  # noqa: ANN401 - the gateway's answer, whose shape the caller knows
        return orjson.loads(await self._raw(agency, method, path, orjson.dumps(body), kind))

    async def _raw(self, agency: str, method: str, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        headers = {"authorization": f"Bearer {await self._token(agency)}"}
        if body is not None:
            headers["content-type"] = kind
        reply = await self.gateway.call(method, path, body=body, headers=headers)
        if not reply.ok:
            raise GatewayRefused(f"{method} {path} for {agency}: {reply.status} {reply.body.decode(errors='replace')}")
        return reply.body

    async def _token(self, agency: str) -> str:
        if agency not in self._tokens:
            form = {"grant_type": "client_credentials", "client_id": agency, "client_secret": self.secrets[agency]}
            headers = {"content-type": "application/x-www-form-urlencoded"}
            reply = await self.gateway.call("POST", "/oauth/token", body=urlencode(form).encode(), headers=headers)
            if not reply.ok:
                raise GatewayRefused(f"no token for {agency}: {reply.status}")
            self._tokens[agency] = orjson.loads(reply.body)["access_token"]
        return self._tokens[agency]


@asynccontextmanager
async def agencies(url: str, secrets: Mapping[str, str]) -> AsyncIterator[Agencies]:
    """Open the agencies' connections to a gateway."""
    async with open_caller(url) as gateway:
        yield Agencies(gateway, secrets)
