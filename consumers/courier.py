"""The courier: brings endpoints up to date.

A claim locks deliveries, deletes their tell rows, reads their alerts and takes leases, in one transaction; calls are made
with none open; a note says how it went and gives the lease back. A courier that dies in between is followed by another
when the lease runs out, with the same message id, by which receivers drop the one repeat that this can cause.

A call that timed out counts as told: it may have been heard, and the human clock runs whatever the transport did. An
endpoint that fails again and again is probed slowly, and a person is told; none is ever disabled.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from consumers import queue
from schemas.topics import alerts_topic
from schemas.webhooks import CONTENT_TYPE
from services.alerts import rule_infos
from services.audit import store as audit
from services.audit.record import Action, Entry
from services.bus.message import Message as BusMessage
from services.bus.producer import Bus
from services.clock import monotonic, real_now
from services.db import (
    FAILURES,
    Connection,
    Pool,
    hot_transaction,
    rerun_on_conflict,
    snapshot_transaction,
    wait_for_pool,
)
from services.directory import store as directories
from services.disclosure import store as disclosure
from services.disclosure.material import RuleInfo
from services.errors import BusUnavailable
from services.kafka import create_topics
from services.operators import store as operators
from services.outbound import Answer, Outbound, Outcome, open_outbound
from services.settings import Settings
from services.telemetry import Log, note
from services.webhooks import schedule, sign, signing_keys, tell_store
from services.webhooks import store as deliveries
from services.webhooks.message import SOURCE, TYPE, Message, has_news, message, rings
from services.webhooks.store import Claimed, Noted

IN_FLIGHT: Final = 64
"""Calls under way in one process."""
PER_ENDPOINT: Final = 4
"""Calls under way to one endpoint: a slow receiver holds these and no more."""
LEASE_MARGIN: Final = timedelta(seconds=20)
"""What a lease lasts beyond a call's time limit: for the note, and for a database that is away for a moment."""
BEGIN_WITHIN: Final = LEASE_MARGIN / 2
"""How long after a claim its call may begin: where a busy machine takes longer, the lease might run out before the note."""


Ended = tuple[Noted, Entry | None]
"""How a call went, and what is written of it in the audit if it was heard."""


@dataclass(slots=True)
class Courier:
    """One process's courier."""

    pool: Pool
    settings: Settings
    bus: Bus
    outbound: Outbound
    rules: dict[str, RuleInfo] = field(default_factory=rule_infos.of_catalogue)
    held: directories.Loaded | None = None
    context: disclosure.Context | None = None
    topics: set[str] = field(default_factory=set)
    """Agencies whose alert topic is known to exist."""
    running: dict[asyncio.Task[None], Claimed] = field(default_factory=dict)
    """Calls under way or not yet noted. None of them is claimed again here, whatever became of its lease: while the database
    is away leases run out, and what was heard in the meantime must not be told again before it can be noted."""
    freed: asyncio.Event = field(default_factory=asyncio.Event)
    """A call has ended that others had to wait for."""
    ended: list[Ended] = field(default_factory=list)
    """Calls to be noted: those that end while others are being noted are noted together."""
    noting: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def lease(self) -> timedelta:
        """How long a delivery is ours."""
        longest = max(self.settings.webhook_timeout_seconds, self.settings.publish_timeout_seconds)
        return timedelta(seconds=longest) + LEASE_MARGIN

    async def step(self) -> int:
        """Claim what there is room for and send it on its way; return how much was claimed."""
        room = IN_FLIGHT - len(self.running)
        if room <= 0:
            return 0
        began = monotonic()
        claimed, messages, entries = await self.claim(room)
        for one, made, entry in zip(claimed, messages, entries, strict=True):
            task = asyncio.create_task(self._deliver(one, made, entry, began))
            self.running[task] = one
            task.add_done_callback(self._done)
        return len(claimed)

    def _done(self, task: asyncio.Task[None]) -> None:
        # Where there was room, whatever is due has been claimed: to look again at once would find nothing.
        under_way = [one.endpoint.endpoint for one in self.running.values()]
        endpoint = self.running.pop(task).endpoint.endpoint
        if len(under_way) >= IN_FLIGHT or under_way.count(endpoint) >= PER_ENDPOINT:
            self.freed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # The lease runs out and the delivery is due again.
            note(Log.COURIER_FAILED, level=logging.ERROR, error=error)

    async def claim(self, room: int) -> tuple[list[Claimed], list[Message | None], list[Entry | None]]:
        """Take leases, and make the messages while the alerts are read in the same transaction."""
        # Of one moment: a message that names one alert under another's id, or a version under an earlier one's, comes twice.
        async with snapshot_transaction(self.pool) as conn:
            in_hand = [one.parent for one in self.running.values()]
            claimed = await deliveries.claim(
                conn, limit=room, per_endpoint=PER_ENDPOINT, lease=self.lease, in_hand=in_hand
            )
            if not claimed:
                return [], [], []
            context = await self._context(conn)
            made = await self._messages(conn, context, [one for one in claimed if has_news(one)])
        messages = [made[one.delivery][0] if one.delivery in made else None for one in claimed]
        entries = [made[one.delivery][1] if one.delivery in made else None for one in claimed]
        return claimed, messages, entries

    async def _context(self, conn: Connection) -> disclosure.Context:
        held = await directories.current(conn, self.held)
        if self.context is None or self.held is None or held.revision != self.held.revision:
            self.held, self.context = held, disclosure.Context.of(held.directory, self.rules)
        return self.context

    async def _messages(
        self, conn: Connection, context: disclosure.Context, claimed: Sequence[Claimed]
    ) -> dict[int, tuple[Message, Entry]]:
        made: dict[int, tuple[Message, Entry]] = {}
        for agency in sorted({one.agency for one in claimed}):
            own = [one for one in claimed if one.agency == agency]
            loaded = await disclosure.load(conn, context, agency, alerts=[one.alert for one in own], evidence=False)
            views = {one.alert_id: one for one in loaded}
            for one in own:
                seen = views.get(one.alert)
                if seen is None:
                    continue
                body = message(one, seen.viewer, seen.alert, self.settings.gateway_public_url)
                if body is not None:
                    made[one.delivery] = (body, _entry(seen, one))
        return made

    async def _deliver(self, claimed: Claimed, made: Message | None, entry: Entry | None, began: float) -> None:
        if monotonic() - began > BEGIN_WITHIN.total_seconds():
            note(Log.COURIER_FAILED, level=logging.WARNING, delivery=claimed.delivery, outcome="too-late")
            return  # due again when its lease runs out
        if made is None:
            await self._noted((Noted(claimed, claimed.version, ""), None))
            return
        answer = await self._publish(made) if claimed.endpoint.kind == "topic" else await self._call(made)
        told = answer.outcome in {Outcome.TOLD, Outcome.TIMEOUT}
        noted = Noted(
            claimed,
            claimed.version,
            answer.outcome.value,
            answer.status,
            answer.milliseconds,
            answer.address,
            None if told else schedule.wait(claimed.tries + 1, answer.retry_after),
        )
        await self._noted((noted, entry))
        if told:
            note(Log.COURIER_SENT, delivery=claimed.delivery, outcome=answer.outcome, milliseconds=answer.milliseconds)
        else:
            note(
                Log.COURIER_FAILED,
                level=logging.WARNING,
                delivery=claimed.delivery,
                outcome=answer.outcome,
                status=answer.status,
            )

    async def _call(self, made: Message) -> Answer:
        endpoint = made.claimed.endpoint
        keys = signing_keys.keys(self.settings.master_key_bytes, endpoint.public_id, endpoint.secrets_sealed)
        headers = {"Content-Type": CONTENT_TYPE, **sign.headers(keys, made.id, real_now(), made.body)}
        return await self.outbound.post(
            endpoint.url or "", made.body, headers, allowed_networks=endpoint.allowed_networks
        )

    async def _publish(self, made: Message) -> Answer:
        began = monotonic()
        claimed = made.claimed
        topic = alerts_topic(claimed.endpoint.agency)
        try:
            if claimed.endpoint.agency not in self.topics:
                await create_topics(self.settings, [topic])
                self.topics.add(claimed.endpoint.agency)
            await self.bus.publish(
                BusMessage(
                    self.settings.topic_prefix + topic.name,
                    claimed.alert_id.bytes,
                    made.body,
                    [
                        ("ce_specversion", b"1.0"),
                        ("ce_id", made.id.encode()),
                        ("ce_source", SOURCE.encode()),
                        ("ce_type", TYPE.encode()),
                        ("content-type", b"application/json"),
                    ],
                )
            )
        except BusUnavailable:
            return Answer(Outcome.UNREACHABLE, None, _since(began), None)
        return Answer(Outcome.TOLD, None, _since(began), None)

    async def _noted(self, ended: Ended) -> None:
        """Return once this call is noted: with those that ended while others were being noted, in one transaction."""
        self.ended.append(ended)
        async with self.noting:
            if ended not in self.ended:
                return  # whoever had the turn noted it too
            together = list(self.ended)
            over = [ended]
            try:
                await rerun_on_conflict(lambda: self._note(together))
                over = together
            except FAILURES:
                # One that cannot be noted must not have the others told again when their leases run out: each by itself.
                if len(together) == 1:
                    raise
                await rerun_on_conflict(lambda: self._note([ended]))
            finally:
                self.ended = [one for one in self.ended if one not in over]

    async def _note(self, ended: Sequence[Ended]) -> None:
        tries = [noted for noted, _ in ended]
        async with hot_transaction(self.pool) as conn:
            await deliveries.note(conn, tries)
            await tell_store.carry_heard(conn, [noted.claimed.parent for noted in tries if noted.told])
            await audit.record(conn, [entry for noted, entry in ended if noted.told and entry is not None])
            answered = sorted({noted.claimed.endpoint.endpoint for noted in tries if noted.outcome == Outcome.TOLD})
            if recovered := await deliveries.note_success(conn, answered):
                await operators.close_pages(conn, "endpoint-degraded", [str(endpoint) for endpoint in recovered])
                resumed = await deliveries.resume_given_up(conn, answered)
                await operators.close_pages(conn, "delivery-given-up", [str(delivery) for delivery in resumed])
            for noted in tries:
                if noted.outcome not in {"", Outcome.TOLD}:
                    await self._note_failure(conn, noted)

    async def _note_failure(self, conn: Connection, noted: Noted) -> None:
        endpoint = noted.claimed.endpoint
        opened = await deliveries.note_failure(
            conn, endpoint.endpoint, opens_at=schedule.BREAKER_OPENS_AT, probe_after=schedule.probe()
        )
        if opened:
            await operators.page(conn, "endpoint-degraded", [str(endpoint.public_id)], [endpoint.agency])
            note(Log.COURIER_BREAKER_OPEN, level=logging.ERROR, endpoint=endpoint.endpoint, agency=endpoint.agency)
        if noted.failed and noted.again_after is None:
            await operators.page(conn, "delivery-given-up", [str(noted.claimed.public_id)], [endpoint.agency])

    async def drain(self) -> None:
        """Let the calls under way end: each has its own time limit."""
        if self.running:
            await asyncio.wait(self.running, timeout=self.lease.total_seconds())


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Bring endpoints up to date until told to stop; then let the calls under way end."""
    settings = settings.with_keys()
    pool = await wait_for_pool(settings, size=settings.courier_workers + 1, task="courier", plan_once=True)
    bus = Bus(settings, client_id="tocsin-courier")
    try:
        await bus.start()
        async with open_outbound(settings) as outbound:
            courier = Courier(pool, settings, bus, outbound)
            poll = settings.queue_poll_milliseconds / 1000
            await queue.work("tell", courier.step, stop=stop, poll_seconds=poll, wake=courier.freed)
            await courier.drain()
    finally:
        await bus.stop()
        await pool.close()


def _entry(seen: disclosure.Loaded, claimed: Claimed) -> Entry:
    rung = claimed.ring.rung if claimed.ring is not None and rings(claimed) else None
    return disclosure.entry(
        seen,
        Action.DISCLOSURE,
        "process:courier",
        endpoint=str(claimed.endpoint.public_id),
        by=claimed.endpoint.kind,
        rung=rung,
    )


def _since(began: float) -> int:
    return round(1000 * (monotonic() - began))
