"""A register of a million people in PostgreSQL: bulk loaded into the pipeline's own tables, as if it had grown there."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

import asyncpg

from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.progress import Report
from deploy.evaluation.labelled import DEVELOPMENT_KEY, Labelled, body_of
from services.db.connection import Connection
from services.db.migrate import migrate
from services.identity.standardise import Standard, content_hash, standardise
from services.intake.read import blocking_keys
from services.tokens import Tokens
from tests.bench.identity.generator.write import lines

CHUNK: Final = 20_000
"""Records copied at a time: bounds memory, and is how often progress is shown."""
SERVER: Final = {"shared_buffers": "3GB"}
"""Of a server of its own: a register of a million people with its keys is 2 GB and stays in memory."""
RECORDS_EACH: Final = 1.3
"""On average: most people of a register are known to one agency, some to several."""
ARRIVALS: Final = 6_500
"""Records held back, to arrive while we measure, evenly over the register: some seconds of batches."""
SINCE: Final = datetime(2023, 1, 1, tzinfo=UTC)

_TABLES: Final = {
    "records": (
        "record_id", "agency", "content_hash", "reusable", "slot", "sender", "standard", "first_event_key",
        "first_received_at",
    ),
    "persons": ("person_id",),
    "membership": ("record_id", "person_id", "since"),
    "record_keys": ("key", "record_id"),
    "mentions": ("event_key", "ref", "role", "record_id"),
    "events": (
        "event_key", "source", "id", "type", "version", "agency", "history", "known_at", "recorded_at", "received_at",
        "taken_at", "content_hash", "body", "report", "topic", "partition", "offset",
    ),
}  # fmt: skip
_READ: Final = (
    "SELECT count(key) FROM record_keys WHERE key > -9223372036854775807",
    "SELECT count(r.standard::text) FROM records r WHERE record_id > 0",
    "SELECT count(since) FROM membership WHERE record_id > 0",
    "SELECT count(since) FROM membership WHERE person_id > 0",
    "SELECT count(public_id) FROM persons WHERE person_id > 0",
    "SELECT count(role) FROM mentions WHERE record_id > 0",
)
_INDEXES: Final = {
    "ALTER TABLE record_keys DROP CONSTRAINT record_keys_pkey": "ALTER TABLE record_keys ADD PRIMARY KEY (key, record_id)",
    "DROP INDEX record_keys_record": "CREATE INDEX record_keys_record ON record_keys (record_id)",
}
"""Taken off before the copying, and what puts them back: fifteen million keys one by one take minutes."""


@asynccontextmanager
async def kept_database(folder: Path, report: Report) -> AsyncIterator[str]:
    """The URL of a database under this folder, which outlives the run: loading a million people takes minutes."""
    postgres = EmbeddedPostgres(folder / "postgres", report, SERVER)
    await postgres.start()
    try:
        await migrate(postgres.database_url)
        yield postgres.database_url
    finally:
        await postgres.stop()


async def warm(url: str, report: Report) -> None:
    """Read the tables that a resolve looks into, and their indexes, into memory: a server that has run for a day has them."""
    conn = await asyncpg.connect(url)
    try:
        # By their indexes: a plain scan of a large table passes by the server's cache.
        await conn.execute(
            "SET enable_seqscan = off; SET enable_bitmapscan = off; SET max_parallel_workers_per_gather = 0"
        )
        for done, read in enumerate(_READ):
            report("Warming up", done=done, total=len(_READ))
            await conn.execute(read)
    finally:
        await conn.close()


async def register(folder: Path, url: str, people: int, seed: int, report: Report) -> list[Labelled]:
    """Make sure the database holds the register of so many people; return records that have yet to arrive.

    ARRIVALS records are held back, and wait in a file beside the database.
    """
    waiting = folder / f"arrivals-{people}-{seed}.jsonl"
    if not waiting.exists():
        records = int(people * RECORDS_EACH)
        each = max(2, records // ARRIVALS)
        kept = waiting.with_suffix(".part")
        with kept.open("wb") as file:
            found = enumerate(lines(seed, people, RECORDS_EACH))
            await _load(url, (line for n, line in found if n % each or not file.write(line + b"\n")), records, report)
        kept.rename(waiting)
    return [Labelled.model_validate_json(line) for line in waiting.read_bytes().splitlines()]


async def _load(url: str, found: Iterable[bytes], count: int, report: Report) -> None:
    """Fill an empty, migrated database with these records, at their true persons. `count` is only for showing progress."""
    conn = await asyncpg.connect(url)
    people = map(Labelled.model_validate_json, found)
    try:
        for drop in _INDEXES:
            await conn.execute(drop)
        rows, done = _Rows(), 0
        while chunk := list(islice(people, CHUNK)):
            await _copy(conn, rows.of(chunk))
            done += len(chunk)
            report("Loading the register", done=done, total=count)
        for n, restore in enumerate(_INDEXES.values()):
            report("Indexing its keys", done=n, total=len(_INDEXES))
            await conn.execute(restore)
        for table, column in (("records", "record_id"), ("events", "event_key")):
            await conn.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table}))"  # noqa: S608 - names of ours
            )
        report("Vacuuming")
        await conn.execute("VACUUM (ANALYZE, FREEZE)")
    finally:
        await conn.close()


class _Rows:
    """Makes the rows of each table. Equal reusable records of one agency are one record, as take-in makes them."""

    def __init__(self) -> None:
        self._tokens = Tokens(DEVELOPMENT_KEY)
        self._seen: set[bytes] = set()
        self._first_of: dict[str, int] = {}
        self._number = 0

    def of(self, chunk: Sequence[Labelled]) -> dict[str, list[tuple[Any, ...]]]:
        """Table -> rows."""
        rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _TABLES}
        for one in chunk:
            standard = standardise(body_of(one, self._tokens), one.source)
            content = content_hash(standard.to_json())
            if standard.reusable and content in self._seen:
                continue
            self._seen.add(content)
            self._number += 1
            self._add(rows, standard, content, self._first_of.setdefault(one.person, self._number))
        return rows

    def _add(self, rows: dict[str, list[tuple[Any, ...]]], standard: Standard, content: bytes, person: int) -> None:
        number, agency, stored = self._number, standard.agency, standard.to_json().decode()
        rows["records"].append((number, agency, content, standard.reusable, False, False, stored, number, SINCE))
        rows["persons"].append((number,))
        rows["membership"].append((number, person, SINCE))
        rows["record_keys"].extend((key, number) for key in blocking_keys(standard, self._tokens))
        rows["mentions"].append((number, "S", "subject", number))
        source = f"urn:tocsin:agency:{agency}"
        rows["events"].append(
            (number, source, f"register-{number}", "police.offender-visit.made", 1, agency, True, SINCE, SINCE, SINCE,
             SINCE, content, "{}", False, "register", 0, number)
        )  # fmt: skip


async def _copy(conn: Connection, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    for table, columns in _TABLES.items():
        await conn.copy_records_to_table(table, records=rows[table], columns=columns)
