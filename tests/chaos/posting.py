"""Agencies that post, whatever happens to the other side: the same event again until it is taken, as one would."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

import orjson

from services.db import hot_transaction, rerun_on_conflict
from services.db.clock_store import set_manual
from services.replay.calls import Reply
from services.trial.world import Arrival
from tests.chaos.installation import CLIENT, Installation
from tests.polling import until

CHUNK = 25
"""Events posted between two moves of the clock."""
SENDERS = 4
AWAY = {500, 502, 503, 504}
PATIENCE_SECONDS = 120.0


@dataclass
class Posting:
    """Everything there is to post, and how far it has come."""

    on: Installation
    rng: random.Random
    done: int = 0
    refused: list[str] = field(default_factory=list)
    token: str = ""

    async def post_all(self, posts: Sequence[Arrival]) -> None:
        """Post in chunks; the clock goes on to the latest receipt of each, whether all before it was read or not."""
        clock = None
        for start in range(0, len(posts), CHUNK):
            chunk = posts[start : start + CHUNK]
            clock = max(a.received_at for a in chunk) if clock is None else max(clock, *(a.received_at for a in chunk))
            await self.set_clock_to(clock)
            share = -(-len(chunk) // SENDERS)
            parts = [chunk[n : n + share] for n in range(0, len(chunk), share)]
            await asyncio.gather(*(self._send(part) for part in parts))

    async def set_clock_to(self, moment: datetime) -> None:
        async def work() -> None:
            async with hot_transaction(self.on.pool) as conn:
                await set_manual(conn, moment)

        await rerun_on_conflict(work)

    async def _send(self, part: Sequence[Arrival]) -> None:
        """Some one by one, some as a batch."""
        live = [arrival for arrival in part if not arrival.history]
        if len(live) > 1 and self.rng.random() < 0.5:
            await self._send_batch(live)
            live = []
        for arrival in (*live, *(arrival for arrival in part if arrival.history)):
            path = "/v1/backfill" if arrival.history else "/v1/events"
            reply = await self._until_taken(path, "application/cloudevents+json", _event(arrival))
            if reply.status != 202:
                self.refused.append(f"{arrival.event['type']}: {reply.status} {reply.body.decode()}")
            self.done += 1

    async def _send_batch(self, left: Sequence[Arrival]) -> None:
        count = len(left)
        while left:
            body = b"[" + b",".join(_event(arrival) for arrival in left) + b"]"
            reply = await self._until_taken("/v1/events", "application/cloudevents-batch+json", body)
            results = orjson.loads(reply.body)["results"]
            self.refused += [str(one) for one in results if one["status"] not in {202, *AWAY}]
            left = [one for one, result in zip(left, results, strict=True) if result["status"] in AWAY]
        self.done += count

    async def _until_taken(self, path: str, kind: str, body: bytes) -> Reply:
        async def ask() -> Reply | None:
            try:
                reply = await self._call(path, kind, body)
            except OSError:
                return None  # nobody there, or gone while answering: it may have been taken, and is sent again
            if reply.status == 401:
                self.token = ""
            return None if reply.status in {401, *AWAY} else reply

        found = await until(ask, timeout_seconds=PATIENCE_SECONDS, what=f"an answer to POST {path}")
        assert found is not None
        return found

    async def _call(self, path: str, kind: str, body: bytes) -> Reply:
        if not self.token:
            form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": self.on.secret}
            reply = await self.on.gateway.call(
                "POST", "/oauth/token", body=urlencode(form).encode(),
                headers={"content-type": "application/x-www-form-urlencoded"},
            )  # fmt: skip
            if not reply.ok:
                return reply
            self.token = orjson.loads(reply.body)["access_token"]
        headers = {"authorization": f"Bearer {self.token}", "content-type": kind}
        return await self.on.gateway.call("POST", path, body=body, headers=headers)


def _event(arrival: Arrival) -> bytes:
    return orjson.dumps({**arrival.event, "receivedat": arrival.received_at.isoformat()})
