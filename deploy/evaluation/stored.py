"""The stored pipeline, for evaluation: take-in and resolve on a real PostgreSQL, in a database of its own.

Only the doors before it are left out: no gateway, no Kafka. An event is made ready by the code that reads the bus, so
everything from sealing on is the pipeline's; what the gateway would refuse (a wrong check digit) gets in.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

import asyncpg

from consumers.queue import work
from deploy.command.installation import throw_away_folder
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.process import ServerFailed
from deploy.embedded.progress import Report
from deploy.evaluation.labelled import DEVELOPMENT_KEY, REF, ROLE, SEALED_BY, Record, mention_of
from schemas import registry
from services.db import Pool, hot_transaction, open_pool, rerun_on_conflict
from services.db.migrate import migrate
from services.identity.decide import ProtectedIdentity, decide
from services.identity.resolve import resolve
from services.intake.progress_store import make_progress_rows
from services.intake.read import Arrived, Event, accepted
from services.intake.take_in import LONG_AGO, Secrets, take_in
from services.replay import store
from services.replay.corner import of_database
from services.settings import Settings
from services.tokens import Tokens

TOPIC: Final = "evaluation"
PLACE: Final = (TOPIC, 0)
"""No topic of a broker: only a row of progress."""
START: Final = datetime(2024, 1, 1, tzinfo=UTC)
APART: Final = timedelta(minutes=1)
"""Between two arrivals."""
BATCH: Final = 200
"""Events taken in at once, as the correlator polls them; also the rows resolved at once."""
WORKERS: Final = 8
"""Side by side, where what is tried is that they do not get into each other's way."""
POLL_SECONDS: Final = 0.005
DESK: Final = "desk:evaluation/reviewer"

_REFUSALS: Final = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
)

_CLOCKS: Final = {"known_at": START.isoformat(), "recorded_at": START.isoformat()}
_HANDLING: Final = {"code": "P", "purpose": "safeguarding", "legal_basis": "CDA1998-s115", "regime": "part-3"}
_MEETING: Final = f"{SEALED_BY.wire_type}.v{SEALED_BY.wire_version}"
_RETRACTION: Final = "police.event.retracted.v1"
_SOMEBODY: Final = {"ref": REF, "role": ROLE, "names": [{"family": "Somebody"}]}
_TAKEN_BACK: Final = {"retracts": {"id": "any"}, "reason": "wrong-fact"}
# Accepted once, for the clocks: they are the same in all events of an evaluation.
_ACCEPTED: Final = {
    _MEETING: registry.parse(_MEETING, {**_CLOCKS, "handling": _HANDLING, "people": [_SOMEBODY]}),
    _RETRACTION: registry.parse(_RETRACTION, {**_CLOCKS, "handling": _HANDLING, **_TAKEN_BACK}),
}


@asynccontextmanager
async def stored(
    settings: Settings, report: Report, *, embedded: bool, durable: bool = True
) -> AsyncIterator["Stored"]:
    """Yield an empty store; its database, and the server if it is an embedded one, are gone afterwards.

    Raises:
        ServerFailed: the embedded PostgreSQL did not start, or the other lets us make no database.
    """
    async with AsyncExitStack() as stack:
        if embedded:
            folder = await stack.enter_async_context(throw_away_folder())
            postgres = EmbeddedPostgres(folder / "postgres", report, {} if durable else {"fsync": "off"})
            stack.push_async_callback(postgres.stop)
            await postgres.start()
            settings = settings.model_copy(update={"database_url": postgres.database_url})
        try:
            own = await stack.enter_async_context(of_database(settings))
        except (OSError, *_REFUSALS) as error:
            raise ServerFailed(f"No database can be made at DATABASE_URL: {error}") from error
        await migrate(own.database_url)
        pool = await open_pool(own, size=WORKERS + 1, task="evaluation", plan_once=True)
        made = Stored(await stack.enter_async_context(pool))
        await made.begin()
        yield made


@dataclass(slots=True)
class Stored:
    """A store that records arrive at. Everything is called by the label it was given."""

    pool: Pool
    secrets: Secrets = field(default_factory=lambda: Secrets(Tokens(DEVELOPMENT_KEY), DEVELOPMENT_KEY))
    _offset: int = 0
    _minute: int = 0
    _ours: set[str] = field(default_factory=set)
    """Tables that migrations fill."""

    async def begin(self) -> None:
        """Make ready. Once, on a migrated database."""
        async with hot_transaction(self.pool) as conn:
            self._ours = set(await store.tables_in_use(conn))
            await make_progress_rows(conn, {PLACE: 0}, LONG_AGO, history=False)

    async def clear(self) -> None:
        """Forget everything."""
        async with hot_transaction(self.pool) as conn:
            await store.empty_tables(conn, self._ours)
            self._offset = self._minute = 0
            await make_progress_rows(conn, {PLACE: 0}, LONG_AGO, history=False)

    def arrival(self, label: str, record: Record, name: str = "") -> Event:
        """The event by which a record arrives: it names one person. A label seen before is the same event again.

        `name` is that of the record, where the label is of one version of it.
        """
        return self._event(_MEETING, label, record.source_for(name or label), {"people": [mention_of(record)]})

    def retraction(self, label: str, source: str, replaced_by: str | None = None) -> Event:
        """The event that takes back that of a label; it may come before it."""
        said: dict[str, Any] = {"retracts": {"id": label}, "reason": "wrong-fact"}
        if replaced_by is not None:
            said["replaced_by"] = {"id": replaced_by}
        return self._event(_RETRACTION, f"{label}-retracted", source, said)

    async def take(self, events: Sequence[Event]) -> None:
        """Take a batch in: all that was made since the last one, in its order."""
        first, reached = {PLACE: self._offset - len(events)}, {PLACE: self._offset}

        async def work() -> None:
            async with hot_transaction(self.pool) as conn:
                await take_in(conn, events, reached, first, self.secrets)

        await rerun_on_conflict(work)

    async def decide(
        self, one: str, other: str, verdict: Literal["same", "different"], *, privileged: bool = False
    ) -> None:
        """A person's decision about the records of two labels, both of which have arrived.

        About a sealed identity it comes to nothing, unless the person is privileged: has the role for those.
        """
        records = {mention.id: mention.record for mention in await self._mentions()}
        if records[one] == records[other]:  # equal in everything, of one agency: there is nothing to decide
            return
        pair = records[one], records[other]
        with suppress(ProtectedIdentity):
            async with hot_transaction(self.pool) as conn:
                await decide(conn, *pair, verdict, actor=DESK, reason="evaluation", privileged=privileged)

    async def resolve(self, limit: int = BATCH) -> None:
        """Resolve until nothing is left."""
        while (await rerun_on_conflict(lambda: resolve(self.pool, self.secrets.tokens, limit))).rows == limit:
            pass

    @asynccontextmanager
    async def working(self, limits: Callable[[], int]) -> AsyncIterator[None]:
        """So many workers resolve side by side while the block takes in, `limits` rows at a time; at its end all is done."""
        stop = asyncio.Event()

        async def step() -> int:
            return (await resolve(self.pool, self.secrets.tokens, limits())).rows

        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(work("unresolved", step, stop=stop, poll_seconds=POLL_SECONDS))
            try:
                yield
            finally:
                stop.set()
        await self.resolve()

    async def people(self) -> dict[str, int]:
        """Label -> person."""
        return {mention.id: mention.person for mention in await self._mentions()}

    async def reviews(self) -> list[tuple[int, int]]:
        """The two people of each open review item."""
        person = {mention.record: mention.person for mention in await self._mentions()}
        async with hot_transaction(self.pool) as conn:
            found = await store.open_reviews(conn)
        return [(person[a], person[b]) for a, b in found if a in person and b in person]

    async def _mentions(self) -> Sequence[store.StoredMention]:
        async with hot_transaction(self.pool) as conn:
            return await store.mentions(conn)

    def _event(self, kind: str, label: str, source: str, said: dict[str, Any]) -> Event:
        event = {
            "source": f"urn:tocsin:agency:{source}",
            "id": label,
            "type": kind,
            "data": {**_CLOCKS, "handling": _HANDLING, **said},
            "receivedat": (START + self._minute * APART).isoformat(),
        }
        arrived = Arrived(TOPIC, 0, self._offset, None, None, [])
        self._offset += 1
        self._minute += 1
        model = registry.model_of(kind)
        return accepted(arrived, event, _ACCEPTED[kind], model, source, self.secrets.tokens, history=False)
