import asyncio
import base64
import os
import signal
import sys
from typing import Any

import orjson
import pytest

from consumers import correlator
from consumers.runner import LogLost
from schemas.notices import ConflictNotice
from schemas.topics import BACKFILL, DEAD_LETTERS, IDENTITY_CHANGES, notices_topic
from services.db import Pool, hot_transaction
from services.intake.dead_letters import redrive as dead_letters
from services.intake.dead_letters.store import lately
from services.intake.poison import TooMuchPoison
from services.kafka import cluster_id
from services.receipts.sign import read_receipt, receipt_key
from services.settings import Settings
from tests.integration.intake.bus import counted, forget_before, messages_on, poster, running, settled
from tests.integration.intake.traffic import event, people, person
from tests.polling import until

HIM = person("S", "Alban Thornquist", "1981-06-14", role="subject")
ALSO_HIM = person("S", "Alban Piers Thornquist", "1981-06-14", role="subject")
PROBATION: dict[str, Any] = {"agency": "probation-wales", "happened": "probation.offender-contact.made"}


async def test_from_kafka_to_one_person(live_settings: Settings, pool: Pool) -> None:
    async with poster(live_settings, pool) as bus, running(live_settings):
        await bus.post(event("a", [HIM]))
        await bus.post(event("b", [ALSO_HIM], **PROBATION))
        await until(lambda: settled(pool, 2), timeout_seconds=60)
        assert await people(pool) == {frozenset({"a/S", "b/S"})}


async def test_a_sender_is_told_of_a_conflict_once_and_by_its_receipt(live_settings: Settings, pool: Pool) -> None:
    sender = "police-west-midlands"
    async with poster(live_settings, pool) as bus, running(live_settings):
        await bus.post(event("a-name-1981", [HIM], agency=sender))
        contrary = await bus.post(event("a-name-1981", [ALSO_HIM], agency=sender))
        await bus.post(event("a-name-1981", [HIM], agency=sender))
        await until(lambda: counted(pool, "conflicts WHERE told_at IS NOT NULL"), timeout_seconds=60)
        await until(lambda: settled(pool, 1), timeout_seconds=60)
    [message] = await messages_on(live_settings, notices_topic(sender).name)
    assert b"a-name-1981" not in message
    notice = ConflictNotice.model_validate_json(orjson.dumps(orjson.loads(message)["data"]))
    key = receipt_key(live_settings.master_key_bytes)
    assert read_receipt(key, await cluster_id(live_settings), sender, notice.receipt) == contrary


async def test_two_correlators_join_two_halves_of_one_person(live_settings: Settings, pool: Pool) -> None:
    async with poster(live_settings, pool) as bus, running(live_settings, count=2):
        turns = 20
        for turn in range(turns):
            born = f"1981-{turn % 12 + 1:02d}-{turn + 2:02d}"  # never the first of January, which may be any day
            halves = [
                bus.sealed(event(f"a{turn}", [person("S", "Alban Thornquist", born)]), key=f"{turn}"),
                bus.sealed(event(f"b{turn}", [person("S", "Alban P Thornquist", born)], **PROBATION), key=f"{turn}"),
            ]
            await bus.post_all(halves)
        await until(lambda: settled(pool, 2 * turns), timeout_seconds=60)
        assert await people(pool) == {frozenset({f"a{turn}/S", f"b{turn}/S"}) for turn in range(turns)}


async def test_it_begins_where_the_database_stands_not_where_kafka_says(live_settings: Settings, pool: Pool) -> None:
    async with poster(live_settings, pool) as bus:
        async with running(live_settings):
            await bus.post_all([bus.sealed(event(f"e{n}", [HIM])) for n in range(5)])
            await until(lambda: settled(pool, 5), timeout_seconds=60)
        # Another group knows no offsets at all, as after a kill between commit and offset, only more so.
        strangers = live_settings.model_copy(update={"queue_poll_milliseconds": 20})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(correlator, "GROUP", "tocsin.another-group")
            async with running(strangers):
                await bus.post(event("e5", [HIM]))
                await until(lambda: settled(pool, 6), timeout_seconds=60)
        assert await counted(pool, "dead_letters") == 0
        assert await counted(pool, "conflicts") == 0


async def test_the_watermark_follows_the_clock_while_nothing_comes(live_settings: Settings, pool: Pool) -> None:
    async def is_current() -> bool:
        async with hot_transaction(pool) as conn:
            found: bool = await conn.fetchval("SELECT at > now() - interval '2 s' FROM watermark")
            return found

    async with poster(live_settings, pool), running(live_settings):
        await until(is_current, timeout_seconds=60)


async def test_a_database_put_back_in_time_gets_everything_again(live_settings: Settings, pool: Pool) -> None:
    async with poster(live_settings, pool) as bus, running(live_settings):
        await bus.post_all([bus.sealed(event(f"e{n}", [HIM])) for n in range(5)])
        await until(lambda: settled(pool, 5), timeout_seconds=60)
        async with hot_transaction(pool) as conn:  # as from a backup
            await conn.execute("UPDATE intake_progress SET next_offset = 2 WHERE next_offset = 5")
            await conn.execute("DELETE FROM events WHERE id IN ('e2', 'e3', 'e4')")
        await bus.post(event("e5", [HIM]))
        await until(lambda: settled(pool, 6), timeout_seconds=60)


async def test_a_log_that_lost_what_was_not_taken_in_stops_it(live_settings: Settings, pool: Pool) -> None:
    async with poster(live_settings, pool) as bus:
        async with running(live_settings):
            places = [await bus.post(event("e0", [HIM]))]
            await until(lambda: settled(pool, 1), timeout_seconds=60)
        places += [await bus.post(event(f"e{n}", [HIM])) for n in range(1, 4)]
        await forget_before(live_settings, places[2])
        with pytest.raises(LogLost):
            await asyncio.wait_for(correlator.run(live_settings, asyncio.Event()), 60)
    assert await counted(pool, "events") == 1


@pytest.mark.parametrize(
    "as_if",
    [
        "UPDATE bus_cluster SET cluster_id = 'the-one-that-burnt'",
        "UPDATE intake_progress SET next_offset = next_offset + 7",
    ],
    ids=["another cluster", "a log made anew, still shorter"],
)
async def test_another_log_is_not_taken_for_the_one_read_before(
    live_settings: Settings, pool: Pool, as_if: str
) -> None:
    async with poster(live_settings, pool) as bus:
        async with running(live_settings):
            await bus.post(event("e0", [HIM]))
            await until(lambda: settled(pool, 1), timeout_seconds=60)
        async with hot_transaction(pool) as conn:
            await conn.execute(as_if)
        with pytest.raises(LogLost):
            await asyncio.wait_for(correlator.run(live_settings, asyncio.Event()), 60)


async def test_history_comes_by_its_own_topic(live_settings: Settings, pool: Pool) -> None:
    async with poster(live_settings, pool) as bus, running(live_settings):
        await bus.post(event("old", [HIM], known_at="2006", recorded_at="2006"), history=True)
        await bus.post(event("new", [ALSO_HIM]))
        await until(lambda: settled(pool, 2), timeout_seconds=60)
        assert await people(pool) == {frozenset({"old/S", "new/S"})}
        async with hot_transaction(pool) as conn:
            assert await conn.fetchval("SELECT array_agg(id) FROM events WHERE history") == ["old"]


async def test_who_became_whom_is_published(live_settings: Settings, pool: Pool) -> None:
    async def news() -> list[bytes]:
        return await messages_on(live_settings, IDENTITY_CHANGES.name)

    async with poster(live_settings, pool) as bus, running(live_settings):
        await bus.post({**event("young", [HIM]), "receivedat": "2024-03-05T09:00:00Z"})
        await until(lambda: settled(pool, 1), timeout_seconds=60)
        async with hot_transaction(pool) as conn:
            young = await conn.fetchval("SELECT public_id FROM persons")
        await bus.post(event("old", [ALSO_HIM]))
        await until(lambda: settled(pool, 2), timeout_seconds=60)
        told = orjson.loads((await until(news, timeout_seconds=60))[0])["data"]
        async with hot_transaction(pool) as conn:
            old = await conn.fetchval("SELECT public_id FROM persons WHERE public_id <> $1", young)
        assert (told["person"], told["became"]) == (str(young), [str(old)])


# Poison


async def test_poison_goes_to_the_dead_letters_as_it_was_and_the_rest_goes_on(
    live_settings: Settings, pool: Pool
) -> None:
    async with poster(live_settings, pool) as bus, running(live_settings):
        good = bus.sealed(event("a", [HIM]))
        broken = good._replace(value=good.value[:-1] + bytes([good.value[-1] ^ 1]))
        forged = good._replace(headers=[(n, b"2020-01-01" if n == "key_id" else v) for n, v in good.headers])
        senseless = bus.sealed(event("b", [HIM], nonsense=True))
        headless = good._replace(headers=[])
        await bus.post_all([broken, forged, senseless, headless, bus.sealed(event("c", [HIM]))])
        await until(lambda: settled(pool, 1), timeout_seconds=60)
        letters = await dead_letters.listed(pool)
        assert [(letter.reason, letter.detail) for letter in letters] == [
            ("seal-broken", ""),
            ("key-unknown", ""),
            ("schema", "unknown-field at /data"),
            ("header-missing", ""),
        ]
        wanted = {message.value for message in (broken, forged, senseless, headless)}
        # A poll that was taken again, after a gap, puts its letters on the topic again: at least once.
        assert set(await messages_on(live_settings, DEAD_LETTERS.name)) == wanted
        async with hot_transaction(pool) as conn:
            assert await lately(conn, 100, BACKFILL.name, history=False) == 4, "they count when it starts again"
            assert await lately(conn, 100, BACKFILL.name, history=True) == 0


async def test_what_the_database_refuses_is_dead_lettered_alone(live_settings: Settings, pool: Pool) -> None:
    async with hot_transaction(pool) as conn:
        await conn.execute("ALTER TABLE events ADD CONSTRAINT none_called_bad CHECK (id <> 'bad')")
    async with poster(live_settings, pool) as bus, running(live_settings):
        await bus.post_all([bus.sealed(event(name, [HIM])) for name in ("a", "bad", "b")])
        await until(lambda: settled(pool, 2), timeout_seconds=60)
        letters = await until(lambda: dead_letters.listed(pool))
        assert [(letter.reason, letter.detail, letter.offset) for letter in letters] == [
            ("not-storable", "CheckViolationError", 1)
        ]


async def test_a_dead_letter_driven_again_is_taken_in_and_counted(live_settings: Settings, pool: Pool) -> None:
    async with hot_transaction(pool) as conn:
        await conn.execute("ALTER TABLE events ADD CONSTRAINT none_called_bad CHECK (id <> 'bad')")
    async with poster(live_settings, pool) as bus, running(live_settings):
        await bus.post(event("bad", [HIM]))
        letter = (await until(lambda: dead_letters.listed(pool), timeout_seconds=60))[0]
        async with hot_transaction(pool) as conn:
            await conn.execute("ALTER TABLE events DROP CONSTRAINT none_called_bad")
        assert await dead_letters.redrive(pool, bus.bus, [letter.dead_letter_id], actor="client:operator") == 1
        await until(lambda: settled(pool, 1), timeout_seconds=60)
        assert [letter.redrives for letter in await dead_letters.listed(pool)] == [1]
        async with hot_transaction(pool) as conn:
            assert await lately(conn, 100, BACKFILL.name, history=False) == 0, "what was put back was no poison"


async def test_too_much_poison_stops_it_and_loses_nothing(live_settings: Settings, pool: Pool) -> None:
    strict = live_settings.model_copy(update={"dead_letter_window_events": 10, "dead_letter_ratio_limit": 0.5})
    async with poster(strict, pool) as bus:
        senseless = [bus.sealed(event(f"e{n}", [HIM], nonsense=True)) for n in range(25)]
        async with running(strict):
            await bus.post_all(senseless[:5])
            await until(lambda: counted(pool, "dead_letters HAVING count(*) = 5"), timeout_seconds=60)
        await bus.post_all(senseless[5:])
        for _ in range(2):  # a supervisor starts it again
            with pytest.raises(TooMuchPoison):
                await asyncio.wait_for(correlator.run(strict, asyncio.Event()), 30)
            assert await counted(pool, "dead_letters") == 5


# Killed


async def start_process(settings: Settings) -> asyncio.subprocess.Process:
    """A correlator in a process of its own."""
    code = "import asyncio; from consumers import correlator; from services.settings import Settings; "
    code += "asyncio.run(correlator.run(Settings(), asyncio.Event()))"
    master = base64.b64encode(settings.master_key_bytes).decode()
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "TOCSIN_TOPIC_PREFIX": settings.topic_prefix,
        "TOCSIN_MASTER_KEY": master,
    }
    return await asyncio.create_subprocess_exec(sys.executable, "-c", code, env=environment)


@pytest.mark.timeout(300)  # three starts of a process
async def test_killed_at_any_moment_it_loses_and_doubles_nothing(live_settings: Settings, pool: Pool) -> None:
    count = 300
    async with poster(live_settings, pool) as bus:
        forms = [person("S", f"Alban {chr(65 + n % 26)}", "1981-06-14", role="subject") for n in range(count)]
        await bus.post_all([bus.sealed(event(f"e{n}", [forms[n]]), key=str(n)) for n in range(count)])
        for wanted in (1, count // 3, 2 * count // 3):
            process = await start_process(live_settings)

            async def has_some(wanted: int = wanted) -> bool:
                return await counted(pool, "events") >= wanted

            await until(has_some, timeout_seconds=60)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        async with running(live_settings):
            await until(lambda: settled(pool, count), timeout_seconds=60)
        assert await counted(pool, "records") == 26
        assert await counted(pool, "membership") == 26
        assert await counted(pool, "mentions") == count
