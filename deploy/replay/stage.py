"""The replay itself: at each moment that matters set the clock, post, wait for quiet, and let the desks act."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

import orjson

from deploy.cases.load import Case, Posting
from deploy.command.installation import Processes
from deploy.embedded.progress import Report
from deploy.replay import outcome as outcomes
from deploy.replay.client import Agencies
from deploy.replay.desks import OVER, Acknowledging, Script, alerts_in
from deploy.replay.leaks import Sent
from deploy.replay.outcome import AnchorPart, Names, Outcome
from deploy.replay.receiver import Receiver
from schemas.topics import TOPICS
from services.clock import monotonic
from services.db.clock_store import set_manual
from services.db.connection import Pool, hot_transaction
from services.replay import store
from services.replay.logs import Logs, Place

POLL_SECONDS: Final = 0.02
"""Between two looks whether all is quiet: a fifth of what the processes need for one event, and each look costs them time."""
QUIET_SECONDS: Final = 120.0
"""After which it is said what is still going on. A first event after a start may wait for a consumer group to form."""

EVENT_TOPICS: Final = tuple(topic for topic in TOPICS if "correlator" in topic.readers)


class NeverQuiet(RuntimeError):
    """Something went on and on, or a process ended."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One alert told to one agency, with what that agency may see of it."""

    agency: str
    """Short name."""
    told: Mapping[str, Any]
    """The alert as it stood in the call."""
    view: Mapping[str, Any]
    """The agency's own view of it."""


@dataclass(frozen=True, slots=True)
class Told:
    """Which alert was told."""

    alert: UUID
    rule: str
    anchor: tuple[AnchorPart, ...]


class Watch(Protocol):
    """Whoever looks on."""

    def fact(self, posting: Posting) -> None:
        """An agency has posted what it learned."""

    def told(self, at: datetime, alert: Told, tellings: Sequence[Telling]) -> None:
        """An alert was told to agencies."""

    def acknowledged(self, one: Acknowledging, agency: str, rule: str) -> None:
        """Somebody at a desk has taken an alert on."""


@dataclass(slots=True)
class Stage:
    """A running installation with a case on it."""

    case: Case
    label: str
    pool: Pool
    logs: Logs
    processes: Processes
    agencies: Agencies
    receiver: Receiver
    watch: Watch
    report: Report
    clock: datetime
    script: Script
    sent: list[Sent] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    _postings: Sequence[Posting] = ()
    _ends: Mapping[Place, int] = field(default_factory=dict)
    _calls_seen: int = 0
    _short: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._short = {agency: short for short, agency in self.case.agencies.items()}

    async def play(self, postings: Sequence[Posting]) -> None:
        """Play the whole case in order of time."""
        self._postings = postings
        history = [posting for posting in postings if posting.lane == "history"]
        live = [posting for posting in postings if posting.lane == "live"]
        await asyncio.gather(*(self._post(posting) for posting in history))
        await self.settle()
        position = 0
        while (moment := await self._next(live[position].at if position < len(live) else None)) < self.case.ends:
            await self.set_clock(moment)
            for one in self.script.due(moment):
                await self._acknowledge(one)
            while position < len(live) and live[position].at == moment:
                await self._post(live[position])
                await self.settle()
                position += 1
                self.report("Replaying", done=position, total=len(live), item=f"{moment:%-d %b %Y}")
            await self.settle()
        await self.set_clock(self.case.ends)
        await self.settle()

    async def play_scrambled(self, postings: Sequence[Posting], *, seed: int, times: int) -> None:
        """Post everything in a random order, each event several times, with the time of receipt carried as data."""
        self._postings = postings
        shuffled = [posting for posting in postings for _ in range(times)]
        random.Random(seed).shuffle(shuffled)
        await self.set_clock(self.case.ends)
        for n, posting in enumerate(shuffled, 1):
            await self._post(posting, received=posting.at.isoformat())
            self.report("Posting in a random order", done=n, total=len(shuffled))
        await self.settle()

    async def set_clock(self, moment: datetime) -> None:
        """Move the domain clock forward."""
        async with hot_transaction(self.pool) as connection:
            await set_manual(connection, moment)
        self.clock = moment

    async def _next(self, posting: datetime | None) -> datetime:
        async with self.pool.acquire() as connection:
            timer = await store.next_due(connection)
        moments = [moment for moment in (posting, timer, self.script.next_at()) if moment is not None]
        return max(min(moments, default=self.case.ends), self.clock)

    async def _post(self, posting: Posting, *, received: str | None = None) -> None:
        await self.agencies.post(self.case.agencies[posting.agency], posting, received=received)
        self._ends = {}
        if received is None and posting.lane == "live" and not posting.row.startswith("L"):
            self.watch.fact(posting)

    async def settle(self) -> None:
        """Wait until all is quiet, then let the desks hear what was told.

        Raises:
            NeverQuiet: it does not become quiet; with what is still going on.
        """
        if not self._ends:  # nobody else posts here, so they stay until we post again
            self._ends = await self.logs.ends(EVENT_TOPICS)
        began = monotonic()
        while busy := await self._busy():
            if (ended := self.processes.ended()) is not None:
                raise NeverQuiet(ended)
            if monotonic() - began > QUIET_SECONDS:
                logs = self.processes.log_tails()
                raise NeverQuiet(f"not quiet after {QUIET_SECONDS:g} s; still to be done: {busy}\n{logs}")
            await asyncio.sleep(POLL_SECONDS)
        await self._hear()

    async def _busy(self) -> dict[str, int]:
        async with self.pool.acquire() as connection:
            return await store.busy(connection, self._ends)

    async def _hear(self) -> None:
        calls = self.receiver.calls[self._calls_seen :]
        if not calls:
            return
        self._calls_seen += len(calls)
        self.sent += [Sent(self._short.get(call.agency, call.agency), "webhook", call.text) for call in calls]
        named = await self._names()
        heard: dict[UUID, dict[str, Telling]] = {}
        alerts: dict[UUID, Told] = {}
        for call, told in alerts_in(calls):
            alert = UUID(told["alert"])
            if alert not in alerts:
                alerts[alert] = await self._alert(alert, named)
            self.script.rung(call.agency, told, self.clock, alerts[alert].rule, alerts[alert].anchor)
            short = self._short.get(call.agency, call.agency)
            ringing = heard.get(alert, {}).get(short)
            if ringing is None or "ring" in told:
                heard.setdefault(alert, {})[short] = Telling(short, told, await self._view(call.agency, alert, told))
        for alert, tellings in heard.items():
            self.watch.told(self.clock, alerts[alert], [tellings[short] for short in sorted(tellings)])

    async def _view(self, agency: str, alert: UUID, told: Mapping[str, Any]) -> Mapping[str, Any]:
        if told["told"] in OVER:
            return {}
        text = await self.agencies.alert(agency, alert)
        self.sent.append(Sent(self._short.get(agency, agency), "answer", text.decode()))
        view: Mapping[str, Any] = orjson.loads(text)
        return view

    async def _acknowledge(self, one: Acknowledging) -> None:
        await self.agencies.acknowledge(one.agency, one.alert, one.body())
        async with self.pool.acquire() as connection:
            rule, _ = await store.anchor_of(connection, one.alert)
        self.watch.acknowledged(one, self._short.get(one.agency, one.agency), rule)

    async def _names(self) -> Names:
        async with self.pool.acquire() as connection:
            return outcomes.names(self.case, self._postings, await store.mentions(connection))

    async def _alert(self, alert: UUID, named: Names) -> Told:
        async with self.pool.acquire() as connection:
            rule, anchor = await store.anchor_of(connection, alert)
        return Told(alert, rule, named.anchor(anchor))

    async def outcome(self) -> Outcome:
        """Return what came of it all, and collect everything that went out by other ways than webhooks."""
        async with hot_transaction(self.pool) as connection:
            named = outcomes.names(self.case, self._postings, await store.mentions(connection))
            found = Outcome(
                label=self.label,
                alerts=[outcomes.observed(alert, named) for alert in await store.alerts(connection)],
                rings=[outcomes.ring(ring, named) for ring in await store.rings(connection)],
                names=named,
                joins=await store.joins(connection),
                reviews=await store.reviews(connection),
                acknowledgements=[
                    outcomes.acknowledged(one, named) for one in await store.acknowledgements(connection)
                ],
            )
            dead = await store.dead_letters(connection)
            unfinished = await store.incomplete(connection)
        found.troubles += [f"a dead letter: {reason} ({detail})" for reason, detail in dead]
        found.troubles += [f"an evaluation could not be finished: {rule or 'all'}, {why}" for rule, why in unfinished]
        found.troubles += [f"a webhook was not signed as it should be: {fault}" for fault in self.receiver.refused]
        found.troubles += self.troubles
        return found
