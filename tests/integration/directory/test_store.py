"""The directory loaded, replaced, and asked what was known before."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.db import Connection, Pool, hot_transaction
from services.directory import form, store
from services.directory.model import from_mapping
from services.settings import Settings
from tests.unit.directory import example

AT = datetime(2012, 10, 31, 9, tzinfo=UTC)


async def save(conn: Connection, settings: Settings, mapping: dict[str, Any], at: datetime = AT) -> store.Changed:
    token = store.phone_token(settings.master_key_bytes)
    return await store.save(conn, form.parse(mapping), actor="operator", taken_at=at, token=token)


async def test_what_is_loaded_answers_like_the_file(pool: Pool, settings: Settings) -> None:
    token = store.phone_token(settings.master_key_bytes)
    async with hot_transaction(pool) as conn:
        assert await store.revision(conn) == 0
        changed = await save(conn, settings, example.mapping())
        loaded = await store.current(conn)
    assert loaded.revision == changed.revision > 0
    assert loaded.directory == from_mapping(example.mapping(), taken_at=AT, phone_token=token)
    assert loaded.directory.monitored(token("+44 7700 900300"), AT) == "police-west-midlands"


async def test_no_row_holds_the_number_of_a_channel(pool: Pool, settings: Settings) -> None:
    async with hot_transaction(pool) as conn:
        await save(conn, settings, example.mapping())
        bodies = " ".join(row["body"] for row in await conn.fetch("SELECT body FROM directory_entries"))
        audited = " ".join(row["details"] for row in await conn.fetch("SELECT details FROM audit_unsealed"))
    assert "900300" not in bodies
    assert "900300" not in audited


async def test_the_same_again_changes_nothing(pool: Pool, settings: Settings) -> None:
    async with hot_transaction(pool) as conn:
        first = await save(conn, settings, example.mapping())
        again = await save(conn, settings, example.mapping(), AT + timedelta(days=1))
    assert (again.revision, again.begun, again.ended) == (first.revision, 0, 0)


async def test_a_later_load_ends_what_differs_and_keeps_what_was_known(pool: Pool, settings: Settings) -> None:
    mapping = example.mapping()
    del mapping["agencies"]["csc-cornwall"]
    mapping["agencies"]["csc-birmingham"]["areas"] = ["west-midlands"]
    later = AT + timedelta(days=30)
    async with hot_transaction(pool) as conn:
        first = await save(conn, settings, example.mapping())
        held = await store.current(conn)
        second = await save(conn, settings, mapping, later)
        now = await store.current(conn, held)
        before = await store.load(conn, known_at=later - timedelta(seconds=1))
    assert (second.begun, second.ended) == (1, 2)
    assert second.revision > first.revision
    assert now.directory.agency("csc-cornwall") is None
    assert now.directory.covering("csc", "west-midlands", later) == ["csc-birmingham"]
    assert before == held.directory


async def test_who_holds_the_newest_is_not_loaded_again(pool: Pool, settings: Settings) -> None:
    async with hot_transaction(pool) as conn:
        await save(conn, settings, example.mapping())
        held = await store.current(conn)
        assert await store.current(conn, held) is held


async def test_a_change_has_everybody_judged_again_in_the_slow_lane(pool: Pool, settings: Settings) -> None:
    async with hot_transaction(pool) as conn:
        await conn.execute("INSERT INTO persons (person_id) VALUES (1), (2)")
        await conn.execute("INSERT INTO membership VALUES (1, 1, $1), (2, 1, $1)", AT)
        await save(conn, settings, example.mapping())
        due = await conn.fetch("SELECT record_id, due_at, lane, kind FROM due")
    assert [tuple(row) for row in due] == [(1, AT, 2, 0)]
