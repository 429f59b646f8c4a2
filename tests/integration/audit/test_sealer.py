"""Audit rows from transaction to sealed chain, on a real PostgreSQL."""

import asyncio
import json
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from consumers import sealer
from deploy.command.installation import environment
from deploy.command.main import app
from services.audit import chain, store
from services.audit.record import Action, Entry
from services.db import Connection, Pool, hot_transaction
from services.settings import Settings
from tests.polling import until


def entry(n: int) -> Entry:
    return Entry("process:test", Action.COLLECTION, "safeguarding", "CA2004-s10", f"event:{n}", {"n": n})


async def sealed_rows(pool: Pool, settings: Settings, count: int) -> None:
    async with hot_transaction(pool) as conn:
        await store.record(conn, [entry(n) for n in range(count)])
    while await sealer.seal(pool, limit=3):
        pass
    assert await sealer.sign(pool, settings, every_seconds=0)


async def problems(conn: Connection, settings: Settings) -> list[tuple[int, str]]:
    public = chain.signing_key(settings.master_key_bytes).public_key()
    return [(problem.position, problem.kind) for problem in (await store.verify(conn, public)).problems]


async def test_rows_are_chained_in_the_order_written_and_the_chain_holds(pool: Pool, settings: Settings) -> None:
    await sealed_rows(pool, settings, 8)
    async with pool.acquire() as conn:
        rows = await store.rows_after(conn, 0)
        assert [(row.position, row.thing) for row in rows] == [(n + 1, f"event:{n}") for n in range(8)]
        assert await store.unsealed(conn) == (0, None)
        assert await problems(conn, settings) == []
        assert [row.position for row in await store.rows_after(conn, 5)] == [6, 7, 8]


async def test_rows_keep_their_order_wherever_the_table_keeps_them(pool: Pool) -> None:
    async with hot_transaction(pool) as conn:
        await store.record(conn, [entry(n) for n in range(4)])
        # PostgreSQL writes a changed row anew, behind the others.
        await conn.execute("UPDATE audit_unsealed SET actor = actor WHERE thing = 'event:1'")
        # And reads them as they lie where there are enough of them.
        await conn.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off")
        await store.seal_batch(conn, await store.lock_head(conn), 4)
        assert [row.thing for row in await store.rows_after(conn, 0)] == [f"event:{n}" for n in range(4)]


async def test_there_is_one_sealer_at_a_time(pool: Pool, settings: Settings) -> None:
    async with hot_transaction(pool) as conn:
        await store.record(conn, [entry(n) for n in range(4)])

    async def waits() -> bool:
        return bool(await pool.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))

    async with hot_transaction(pool) as first:
        head = await store.lock_head(first)
        second = asyncio.create_task(sealer.seal(pool))
        await until(waits, what="the second sealer waiting for the first")
        await store.seal_batch(first, head, 2)
    assert await second == 2
    async with pool.acquire() as conn:
        assert [row.position for row in await store.rows_after(conn, 0)] == [1, 2, 3, 4]
        assert await problems(conn, settings) == []


async def test_what_was_rolled_back_never_happened(pool: Pool) -> None:
    with pytest.raises(RuntimeError):
        async with hot_transaction(pool) as conn:
            await store.record(conn, [entry(1)])
            raise RuntimeError
    assert await sealer.seal(pool) == 0


async def test_a_row_committed_late_gets_a_later_place_and_no_gap(pool: Pool, settings: Settings) -> None:
    async with pool.acquire() as slow:
        late = slow.transaction()
        await late.start()
        await store.record(slow, [entry(1)])
        async with hot_transaction(pool) as conn:
            await store.record(conn, [entry(2)])
        assert await sealer.seal(pool) == 1
        await late.commit()
    assert await sealer.seal(pool) == 1
    async with pool.acquire() as conn:
        assert [row.thing for row in await store.rows_after(conn, 0)] == ["event:2", "event:1"]
        assert await problems(conn, settings) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        pytest.param("UPDATE audit SET actor = 'x' WHERE position = 3", [(3, "altered")], id="altered"),
        pytest.param("UPDATE audit SET details = '{}' WHERE position = 3", [(3, "details-altered")], id="details"),
        pytest.param("DELETE FROM audit WHERE position = 3", [(4, "removed"), (4, "altered")], id="removed"),
        pytest.param("DELETE FROM audit WHERE position > 3", [(5, "cut-off")], id="cut off"),
        pytest.param(
            "UPDATE audit SET position = 9 WHERE position = 2; UPDATE audit SET position = 2 WHERE position = 3;"
            "UPDATE audit SET position = 3 WHERE position = 9",
            [(2, "altered"), (3, "altered"), (4, "altered")],
            id="moved",
        ),
        pytest.param(
            "UPDATE audit SET details = NULL, salt = NULL WHERE position = 3", [(3, "erased-unaccounted")], id="erased"
        ),
        pytest.param(
            "UPDATE checkpoints SET hash = decode(repeat('00', 32), 'hex')", [(5, "checkpoint-forged")], id="forged"
        ),
    ],
)
async def test_tampering_is_found(pool: Pool, settings: Settings, statement: str, found: list[tuple[int, str]]) -> None:
    await sealed_rows(pool, settings, 5)
    async with pool.acquire() as conn:
        await conn.execute(statement)
        assert await problems(conn, settings) == found


async def test_erasure_is_recorded_and_leaves_the_chain_valid(pool: Pool, settings: Settings) -> None:
    await sealed_rows(pool, settings, 5)
    async with hot_transaction(pool) as conn:
        assert await store.erase(conn, [2, 3], actor="desk:x", purpose="erasure", basis="court-order") == 2
        assert await store.erase(conn, [2], actor="desk:x", purpose="erasure", basis="court-order") == 0
    await sealer.seal(pool)
    async with pool.acquire() as conn:
        assert await problems(conn, settings) == []
        assert [row.details for row in await store.rows_after(conn, 1, 2)] == [None, None]


async def test_the_sealer_seals_signs_and_drains(pool: Pool, settings: Settings) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(sealer.run(settings, stop))

    async def sealed() -> int:
        async with pool.acquire() as conn:
            return len(await store.rows_after(conn, 0))

    async def one() -> bool:
        return await sealed() == 1

    try:
        async with hot_transaction(pool) as conn:
            await store.record(conn, [entry(1)])
        await until(one, what="the first row is sealed")
    finally:
        async with hot_transaction(pool) as conn:
            await store.record(conn, [entry(n) for n in range(2, 5)])
        stop.set()
        await running
    assert await sealed() == 4
    async with pool.acquire() as conn:
        assert await problems(conn, settings) == []
        assert (await store.last_checkpoint(conn))[0] == 4


async def test_partitions_are_made_ahead_and_none_is_missing(pool: Pool) -> None:
    async with hot_transaction(pool) as conn:
        await store.make_partitions(conn)
        await store.make_partitions(conn)
        assert await conn.fetchval("SELECT make_audit_partition('2031-05-17')")
        names = await conn.fetch(
            "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit'::regclass"
        )
    assert {"audit_2031_05", "audit_other"} <= {row["name"] for row in names}
    assert len(names) == 5


async def test_the_command_follows_the_chain_and_says_what_does_not_hold(
    pool: Pool, settings: Settings, tmp_path: Path
) -> None:
    async def verify() -> Result:
        arguments = ["audit", "verify", "--held", str(tmp_path / "held.jsonl")]
        return await asyncio.to_thread(CliRunner().invoke, app, arguments, env=environment(settings))

    await sealed_rows(pool, settings, 5)
    async with hot_transaction(pool) as conn:
        held = (await store.checkpoints(conn))[-1]
        said = {"position": held.position, "signed_at": held.signed_at.isoformat(), "key_id": held.key_id}
        said |= {"hash": held.hash.hex(), "signature": held.signature.hex()}
        (tmp_path / "held.jsonl").write_text(json.dumps(said) + "\n")
        assert (await verify()).output.splitlines()[-1] == "The chain holds."
        await conn.execute("DELETE FROM checkpoints")
        await conn.execute("DELETE FROM audit WHERE position > 3")
    broken = await verify()
    assert broken.exit_code == 1
    assert "5 cut-off" in broken.output
    assert "The chain does not hold." in broken.output


async def test_who_was_shown_a_person_under_any_id_they_had_and_that_it_was_asked(pool: Pool) -> None:
    def shown(thing: str, action: Action = Action.CONSULTATION) -> Entry:
        return Entry("client:duty", action, "safeguarding", "CA2004-s11", thing, {"recipient": "csc-exford"})

    async with hot_transaction(pool) as conn:
        public_id = await conn.fetchval("INSERT INTO persons (person_id) VALUES (1) RETURNING public_id")
        await conn.execute("INSERT INTO membership (record_id, person_id, since) VALUES (1, 1, now()), (2, 1, now())")
        await store.record(conn, [shown("person:2"), shown("person:3"), shown("person:1", Action.COMBINATION)])
    while await sealer.seal(pool, limit=3):
        pass
    async with hot_transaction(pool) as conn:
        await store.record(conn, [shown("person:1", Action.DISCLOSURE)])
        found = await store.shown_of(conn, public_id, actor="officer", limit=10)
        assert sorted((each.thing, each.action, each.recipient) for each in found) == [
            ("person:1", "disclosure", "csc-exford"),
            ("person:2", "consultation", "csc-exford"),
        ]
        assert await store.shown_of(conn, UUID(int=0), actor="officer", limit=10) == []
        asked = await conn.fetch("SELECT thing FROM audit_unsealed WHERE actor = 'operator:officer' ORDER BY audit_id")
    assert [each["thing"] for each in asked] == [f"audit-of:{public_id}", f"audit-of:{UUID(int=0)}"]
