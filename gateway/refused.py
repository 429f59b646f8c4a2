"""Who asked for what is not there for them, written into the audit beside who was shown what: misuse shows in both.

A refused read costs its answer nothing: it is noted in memory and written at the latest a second later, one row for each client
and route however often it asked, so that nobody fills the audit by asking. A client that tries many ids is paged to an operator.
A gateway that is killed may lose the last second of notes; the request log has them.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from starlette.requests import Request

from services.audit import store as audit
from services.audit.record import Action, Entry, client_named
from services.clock import monotonic
from services.db.connection import Pool, hot_transaction
from services.db.rerun import FAILURES
from services.errors import NotFound, NotPermitted, TocsinError
from services.operators import store as operators
from services.telemetry import Log, note

WRITE_SECONDS: Final = 1.0  # between two rows of one client and route
LAST_SECONDS: Final = 2.0  # for the last of them: a database that hangs must not hold up who stops us
IDS_KEPT: Final = 20  # of what one row tells of: enough to see what somebody is after, and a row stays a row
IDS_ARE_MANY: Final = 20
"""Ids of one client in an hour that were not there for it. An honest one follows what it was told, and meets now and then an id
that has been cut or sealed since; one that works through ids of others meets nothing else.
"""
WITHIN_SECONDS: Final = 3_600.0
CLIENTS_KEPT: Final = 1_000  # all that an issuer is likely to have; beyond it the first noted is forgotten


@dataclass(slots=True)
class Tries:
    """What one client was refused on one route since the last row."""

    count: int = 0
    asked: dict[str, None] = field(default_factory=dict)

    def add(self, count: int, asked: dict[str, None]) -> None:
        """Add more of the same; of the ids the first are kept."""
        self.count += count
        for one in asked:
            if len(self.asked) < IDS_KEPT:
                self.asked[one] = None


class RefusedReads:
    """The notes of one process, and the task that writes them down."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._held: dict[tuple[str, str], Tries] = {}
        self._lately: dict[str, dict[str, float]] = {}
        """Client -> id -> when it was last asked for."""
        self._suspects: set[str] = set()
        self._writing: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Write from now on."""
        self._writing = asyncio.create_task(self._write_on(), name="refused-reads")

    async def stop(self) -> None:
        """Write what is left."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait([self._writing])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                await self.write()

    def note(self, client: str, route: str, asked: dict[str, None]) -> None:
        """Take note of one refusal. `asked`: the ids in the path, none where it was refused for something else."""
        if (client, route) in self._held or len(self._held) < CLIENTS_KEPT:
            self._held.setdefault((client, route), Tries()).add(1, asked)
        lately, now = self._lately_of(client), monotonic()
        lately |= dict.fromkeys(asked, now)
        if len(lately) < IDS_ARE_MANY:
            return
        for one in [one for one, at in lately.items() if at < now - WITHIN_SECONDS]:
            del lately[one]
        if len(lately) >= IDS_ARE_MANY:
            lately.clear()  # as many again are noticed again
            self._suspects.add(client)

    def _lately_of(self, client: str) -> dict[str, float]:
        if client not in self._lately and len(self._lately) >= CLIENTS_KEPT:
            del self._lately[next(iter(self._lately))]
        return self._lately.setdefault(client, {})

    async def write(self) -> None:
        """Write down what is noted. With the database away it is kept, and grows no further than it may."""
        held, self._held = self._held, {}
        suspects, self._suspects = self._suspects, set()
        if not held:
            return
        written = False
        try:
            async with hot_transaction(self._pool) as connection:
                await audit.record(connection, [_entry(*of, tries) for of, tries in held.items()])
                new = await operators.page(connection, "ids-tried", sorted(suspects))
            written = True
        except FAILURES as error:
            note(Log.DATABASE_AWAY, level=logging.WARNING, error=error, task="refused-reads")
            return
        finally:
            if not written:
                for of, tries in held.items():
                    self._held.setdefault(of, Tries()).add(tries.count, tries.asked)
                self._suspects |= suspects
        for client in new:
            note(Log.GATEWAY_IDS_TRIED, level=logging.ERROR, client=client)

    async def _write_on(self) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            await self.write()


def _entry(client: str, route: str, tries: Tries) -> Entry:
    details = {"tries": tries.count, "asked": list(tries.asked)}
    return Entry(client_named(client), Action.REFUSAL, "unknown", "none: nothing was shown", f"route:{route}", details)


def note_refused(request: Request, error: TocsinError) -> None:
    """Note a request that was refused because of who asked. Of its path only what is an id: the rest may be anything."""
    client = request.scope.get("tocsin.client")
    if client is None or not isinstance(error, NotFound | NotPermitted):
        return
    asked: dict[str, None] = {}
    for part in request.path_params.values():
        with contextlib.suppress(ValueError):
            asked[str(UUID(part))] = None
    refused: RefusedReads = request.app.state.gateway.refused
    refused.note(client, getattr(request.scope.get("route"), "path", "unknown"), asked)
