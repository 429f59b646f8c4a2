"""The whole pipeline, by real processes: how many events a second are posted and judged, how soon, and how soon a webhook rings."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from deploy.embedded.progress import Report
from services.clock import monotonic, real_now
from tests.bench.pipeline_stage import Stage
from tests.bench.pipeline_traffic import Event
from tests.bench.pipeline_waits import Waits, waits
from tests.polling import until

BATCH: Final = 100
POSTERS: Final = 4
BACKLOG_MOST: Final = 1_500
"""Events and marks on their way at once: steady traffic, no flood. In a flood marks of one person fall together, and
evaluations per event look better than they are."""
LOOK_SECONDS: Final = 0.05
TICK_SECONDS: Final = 0.02
"""At a fixed rate: what came within this time is posted together, late or not."""
WARM_EVENTS: Final = 2_000

RING_EVERY: Final = 4
"""One event in so many raises an alert, hence is measured; the others are ordinary traffic."""
WAIT_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Steady:
    """What a stretch of steady traffic came to."""

    events: int
    seconds: float
    """From the first POST to the last judgement."""
    new_records: int
    evaluations: int
    alerts: int
    processor: Mapping[str, float]
    """Processor seconds of each process."""
    waits: Waits
    """From their POST until those they mark were judged."""

    @property
    def per_second(self) -> float:
        """Events from POST to judged."""
        return self.events / self.seconds


@dataclass(frozen=True, slots=True)
class AtRate:
    """What a stretch at a fixed rate came to."""

    events: int
    per_second: float
    """As meant."""
    posted_per_second: float
    """As it came to: less if the gateway or the poster could not follow."""
    waits: Waits
    """From the moment each was meant to be sent, whatever came back when."""
    processor: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Rung:
    """What a stretch at a fixed rate came to: seconds from the POST being sent to the webhook being received."""

    events: int
    per_second: float
    alerts: int
    missed: int
    """Alerts that no webhook told in time."""
    refused: int
    """Calls whose signature did not hold."""
    latencies: Sequence[float]
    parts: Mapping[str, float]
    """Median seconds of each part of the way, by the clock of the database."""
    processor: Mapping[str, float]

    def milliseconds(self, share: float) -> float:
        """The latency that this share of the alerts kept below."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1_000


async def steady(stage: Stage, events: int, report: Report) -> Steady:
    """Post so many events in batches, never more waiting than BACKLOG_MOST, and wait until all are judged."""
    await _post_all(stage, list(stage.traffic.day(WARM_EVENTS)), report, "Warming up")
    await stage.quiet()
    made = list(stage.traffic.day(events))
    before, used = await stage.done(), stage.processor_seconds()
    began = monotonic()
    sent = await _post_all(stage, made, report, "Steady traffic")
    await stage.quiet()
    seconds = monotonic() - began
    after = await stage.done()
    assert not after["dead_letters"], "an event was not taken in"
    return Steady(
        events,
        seconds,
        after["records"] - before["records"],
        after["evaluations"] - before["evaluations"],
        after["alerts"] - before["alerts"],
        _spent(stage, used),
        await waits(stage.pool, sent),
    )


async def at_rate(stage: Stage, per_second: int, seconds: float, report: Report) -> AtRate:
    """Post at a fixed rate and say how long events waited to be judged."""
    events = list(stage.traffic.day(int(per_second * seconds)))
    used, began, first = stage.processor_seconds(), monotonic(), real_now()
    meant = {event["id"]: first + timedelta(seconds=n / per_second) for n, event in enumerate(events)}
    async with asyncio.TaskGroup() as group:
        posted = 0
        while posted < len(events):
            await asyncio.sleep(TICK_SECONDS)
            due = min(len(events), int((monotonic() - began) * per_second) + 1)
            for n in range(posted, due, BATCH):
                group.create_task(stage.post(events[n : min(n + BATCH, due)]))
            posted = due
            report(f"At {per_second} events/s", done=posted, total=len(events))
    lasted = monotonic() - began
    await stage.quiet()
    processor = _spent(stage, used)  # before the waits are worked out, which the bench alone asks for
    return AtRate(len(events), per_second, len(events) / lasted, await waits(stage.pool, meant), processor)


async def _post_all(stage: Stage, events: Sequence[Event], report: Report, step: str) -> dict[str, datetime]:
    """Post in batches while few are on their way; return when each was sent."""
    sent: dict[str, datetime] = {}
    batches = iter([events[n : n + BATCH] for n in range(0, len(events), BATCH)])
    open_for_more = asyncio.Event()
    posted = 0

    async def post() -> None:
        nonlocal posted
        for batch in batches:
            await open_for_more.wait()
            sent.update(dict.fromkeys((event["id"] for event in batch), real_now()))
            await stage.post(batch)
            posted += len(batch)
            report(step, done=posted, total=len(events))

    async def watch() -> None:
        while True:
            if await stage.backlog() < BACKLOG_MOST:
                open_for_more.set()
            else:
                open_for_more.clear()
            await asyncio.sleep(LOOK_SECONDS)

    watching = asyncio.create_task(watch())
    try:
        await asyncio.gather(*(post() for _ in range(POSTERS)))
    finally:
        watching.cancel()
    return sent


async def rung(stage: Stage, per_second: int, seconds: float, report: Report) -> Rung:
    """Post at a fixed rate, one by one, and time each alert from the POST to the webhook."""
    ringing = stage.traffic.ringing()
    total = int(per_second * seconds)
    ordinary = stage.traffic.day(total)
    events = [next(ringing) if n % RING_EVERY == 0 else next(ordinary) for n in range(total)]
    used, began = stage.processor_seconds(), monotonic()
    sent = await _post_at(stage, per_second, events, report)
    lasted, processor = monotonic() - began, _spent(stage, used)
    await stage.quiet()
    rings = await _rings(stage, [event["id"] for event in events[::RING_EVERY]])

    def all_told() -> bool:
        return rings.keys() <= stage.receiver.told.keys()

    with suppress(AssertionError):  # those that are missing are counted
        await until(all_told, timeout_seconds=WAIT_SECONDS)
    told = {ring: stage.receiver.told.get(ring) for ring in rings}
    return Rung(
        total,
        total / lasted,
        len(rings),
        sum(came is None for came in told.values()),
        len(stage.receiver.refused),
        [came - sent[rings[ring]] for ring, came in told.items() if came is not None],
        await _parts(stage, rings),
        processor,
    )


async def _post_at(stage: Stage, per_second: int, events: Sequence[Event], report: Report) -> dict[str, float]:
    """Post at a fixed rate, whatever comes back when; return when each was sent."""
    sent: dict[str, float] = {}
    began = monotonic()
    async with asyncio.TaskGroup() as group:
        for n, event in enumerate(events, 1):
            await asyncio.sleep(max(0.0, began + n / per_second - monotonic()))
            sent[event["id"]] = monotonic()
            group.create_task(stage.post([event]))
            if n % per_second == 0:
                report("At a fixed rate", done=n, total=len(events))
    return sent


async def _rings(stage: Stage, events: Sequence[str]) -> dict[tuple[str, str], str]:
    """Return the event behind each (agency told, alert)."""
    rows = await stage.pool.fetch(
        """
        SELECT r.agency, a.public_id::text, said.ref ->> 1 AS event
        FROM alerts a JOIN alert_recipients r USING (alert_id)
        CROSS JOIN LATERAL json_array_elements(a.finding -> 'evidence') AS said (ref)
        WHERE r.told AND said.ref ->> 1 = ANY($1::text[])
        """,
        list(events),
    )
    return {(row["agency"], row["public_id"]): row["event"] for row in rows}


async def _parts(stage: Stage, rings: Mapping[tuple[str, str], str]) -> dict[str, float]:
    """Return how long each part of the way took in the median alert: waiting and working together."""
    row: Any = await stage.pool.fetchrow(
        """
        WITH way AS (
            SELECT e.received_at, e.taken_at, a.raised_at, (
                SELECT min(t.at) FROM deliveries d JOIN attempts t USING (delivery_id) JOIN endpoints k ON k.endpoint_id = d.endpoint_id
                WHERE d.alert_id = a.alert_id AND d.agency = g.agency AND k.kind = 'webhook'
            ) AS told_at
            FROM unnest($1::text[], $2::text[], $3::text[]) AS g (agency, alert, event)
            JOIN alerts a ON a.public_id = g.alert::uuid JOIN events e ON e.id = g.event
        )
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM taken_at - received_at)) AS "until taken in",
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM raised_at - taken_at)) AS "until claimed",
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM told_at - raised_at)) AS "judged and told"
        FROM way
        """,
        [agency for agency, _ in rings],
        [alert for _, alert in rings],
        list(rings.values()),
    )
    return dict(row)


def _spent(stage: Stage, before: Mapping[str, float]) -> dict[str, float]:
    return {name: seconds - before[name] for name, seconds in stage.processor_seconds().items()}
