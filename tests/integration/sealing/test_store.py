"""Sealed values and day keys on a real PostgreSQL."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.clock import real_now
from services.db import Pool, hot_transaction
from services.sealing import cipher, store
from services.settings import Settings

VALUES = {"/people/0/phones/0": "07700 900417", "/people/0/addresses/0/lines": ["14 Larkspur Crescent"]}


async def test_what_was_put_is_got_and_no_row_holds_it_in_clear(pool: Pool, settings: Settings) -> None:
    key = settings.master_key_bytes
    async with hot_transaction(pool) as conn:
        await store.put(conn, [(7, VALUES), (8, {}), (9, {"/text": "sealed"})], master_key=key)
        assert await store.get(conn, 7, master_key=key) == VALUES
        assert await store.get(conn, 8, master_key=key) == {}
        rows = await conn.fetch("SELECT k.*, p.sealed FROM event_keys k JOIN sealed_parts p USING (event_key)")
        assert [row["event_key"] for row in rows] == [7, 9]
        assert not any(b"Larkspur" in row["sealed"] or b"07700" in row["sealed"] for row in rows)


async def test_an_event_already_sealed_keeps_what_it_has(pool: Pool, settings: Settings) -> None:
    key = settings.master_key_bytes
    async with hot_transaction(pool) as conn:
        await store.put(conn, [(7, VALUES)], master_key=key)
        await store.put(conn, [(7, {"/text": "another"}), (8, {"/text": "new"})], master_key=key)
        assert await store.get(conn, 7, master_key=key) == VALUES
        assert await store.get(conn, 8, master_key=key) == {"/text": "new"}


async def test_destroying_the_key_erases_the_values(pool: Pool, settings: Settings) -> None:
    key = settings.master_key_bytes
    async with hot_transaction(pool) as conn:
        await store.put(conn, [(7, VALUES), (8, VALUES)], master_key=key)
        assert await store.destroy(conn, [7, 99]) == 1
        assert await store.destroy(conn, [7]) == 0
        with pytest.raises(cipher.KeyDestroyed):
            await store.get(conn, 7, master_key=key)
        assert await store.get(conn, 8, master_key=key) == VALUES


async def test_another_master_key_opens_nothing(pool: Pool, settings: Settings) -> None:
    async with hot_transaction(pool) as conn:
        await store.put(conn, [(7, VALUES)], master_key=settings.master_key_bytes)
        with pytest.raises(cipher.SealBroken):
            await store.get(conn, 7, master_key=bytes(32))


async def test_a_ciphertext_moved_to_another_event_does_not_open(pool: Pool, settings: Settings) -> None:
    key = settings.master_key_bytes
    async with hot_transaction(pool) as conn:
        await store.put(conn, [(7, VALUES), (8, {"/text": "b"})], master_key=key)
        await conn.execute(
            "UPDATE sealed_parts SET sealed = (SELECT sealed FROM sealed_parts WHERE event_key = 7) WHERE event_key = 8"
        )
        with pytest.raises(cipher.SealBroken):
            await store.get(conn, 8, master_key=key)


async def test_day_keys_are_made_a_day_ahead_once_for_all_gateways(pool: Pool, settings: Settings) -> None:
    today = real_now().date()
    async with pool.acquire() as one, pool.acquire() as other:
        first = await store.day_keys(one, settings)
        second = await store.day_keys(other, settings)
    assert {today.isoformat(), (today + timedelta(days=1)).isoformat()} <= set(first)
    sealed = first[today.isoformat()].encrypt(b"n" * 12, b"event", b"")
    assert second[today.isoformat()].decrypt(b"n" * 12, sealed, b"") == b"event"
    assert all(isinstance(each, AESGCM) for each in second.values())


async def test_day_keys_are_destroyed_after_retention_and_not_made_again(pool: Pool, settings: Settings) -> None:
    kept = settings.bus_retention_days + store.DAYS_OF_GRACE
    today = real_now().date()
    async with pool.acquire() as conn:
        await store._make_days(
            conn,
            cipher.derive(settings.master_key_bytes, "day keys"),
            [today - timedelta(days=n) for n in (kept, kept + 1)],
        )
        destroyed = await store.destroy_old_day_keys(conn, settings)
        assert destroyed == [(today - timedelta(days=kept + 1)).isoformat()]
        held = await store.day_keys(conn, settings)
        assert (today - timedelta(days=kept)).isoformat() in held
        assert destroyed[0] not in held
        assert await store.destroy_old_day_keys(conn, settings) == []
