import asyncio
from datetime import timedelta
from typing import Any

import pytest

from services.db import Pool, hot_transaction, rerun_on_conflict
from services.intake import progress_store
from services.intake.dead_letters.store import lately
from services.intake.store import BACKFILL
from services.intake.take_in import IntakeGap
from services.sealing import store as sealing
from tests.integration.intake.bus import counted
from tests.integration.intake.traffic import START, Feed, event, people, person, rel

HIM = person("S", "Alban Piers Thornquist", "1981-06-14", role="subject")
HER = person("A", "Ottilie Marrable", "1987-02", role="partner", phone="07700 900123", at="2 Example Rise")


async def feed_of(pool: Pool, *partitions: int) -> Feed:
    feed = Feed(pool)
    await feed.start(*partitions)
    return feed


async def value(pool: Pool, query: str, *arguments: Any) -> Any:
    async with hot_transaction(pool) as conn:
        return await conn.fetchval(query, *arguments)


async def test_an_event_is_stored_whole_and_its_sealed_values_apart(pool: Pool) -> None:
    feed = await feed_of(pool)
    await feed.say(event("a", [HIM, HER], relationships=[rel("S", "A")], text="sealed words"))
    async with hot_transaction(pool) as conn:
        row = await conn.fetchrow("SELECT * FROM events")
        assert row is not None
        values = await sealing.get(conn, row["event_key"], master_key=feed.secrets.master_key)
    assert (row["type"], row["version"], row["agency"]) == ("police.relationship.reported", 1, "police-west-midlands")
    assert row["known_at"] == row["received_at"] == START
    assert not any(secret in row["body"] for secret in ("900123", "Example Rise", "B22 9ZZ", "sealed words"))
    assert values["/text"] == "sealed words"
    assert values["/people/1/phones"] == ["07700 900123"]
    assert await counted(pool, "relationships") == 1
    assert await value(pool, "SELECT thing FROM audit_unsealed") == f"event:{row['event_key']}"


async def test_each_new_record_is_a_person_of_its_own(pool: Pool) -> None:
    feed = await feed_of(pool)
    taken = await feed.say(event("a", [HIM, HER]))
    assert (taken.new, taken.new_records, taken.unresolved) == (1, 2, 1)
    assert await people(pool) == {frozenset({"a/S"}), frozenset({"a/A"})}


async def test_dead_letters_count_while_they_are_among_the_last_events_and_nobody_has_put_them_back(pool: Pool) -> None:
    feed = await feed_of(pool)
    await feed.say(event("a", [HIM]))
    async with hot_transaction(pool) as conn:
        await conn.execute(
            """
            INSERT INTO dead_letters (topic, partition, "offset", reason, detail, headers, taken_at, redrives)
            SELECT CASE n WHEN 5 THEN $1 ELSE 'live' END, n, n, '', '', '[]', taken_at + interval '1 s', (n = 4)::int
            FROM events, generate_series(1, 5) AS n
            """,
            "backfill",
        )
        assert await lately(conn, 100, "backfill", history=False) == 3
        assert await lately(conn, 2, "backfill", history=False) == 2
        assert await lately(conn, 100, "backfill", history=True) == 1
        await conn.execute("UPDATE events SET taken_at = taken_at + interval '1 min'")
        assert await lately(conn, 1, "backfill", history=False) == 0
        assert await lately(conn, 3, "backfill", history=False) == 2


async def test_duplicates_are_one_event_and_say_nothing(pool: Pool) -> None:
    feed = await feed_of(pool)
    first, again = feed.post(event("a", [HIM])), feed.post(event("a", [HIM]))
    taken = await feed.take([first, again])
    later = await feed.say(event("a", [HIM]))
    assert (taken.new, taken.duplicates, later.new, later.duplicates, later.conflicts) == (1, 1, 0, 1, 0)
    assert await counted(pool, "events") == 1
    assert await counted(pool, "unresolved") == 1


async def test_the_first_taken_in_stands_and_a_contrary_one_is_kept_for_its_sender(pool: Pool) -> None:
    feed = await feed_of(pool)
    await feed.say(event("a", [HIM]))
    taken = await feed.take([feed.post(event("a", [HER])), feed.post(event("a", [HER]))])
    assert (taken.new, taken.conflicts) == (0, 2)
    assert await counted(pool, "conflicts") == 1
    assert await value(pool, "SELECT event_key FROM conflicts") == await value(pool, "SELECT event_key FROM events")
    assert await people(pool) == {frozenset({"a/S"})}


async def test_two_ways_to_write_the_same_time_are_no_conflict(pool: Pool) -> None:
    feed = await feed_of(pool)
    await feed.say({**event("a", [HIM]), "time": "2024-03-04T09:00:00Z"})
    taken = await feed.say({**event("a", [HIM]), "time": "2024-03-04T09:00:00+00:00"})
    assert (taken.duplicates, taken.conflicts) == (1, 0)


async def test_a_mention_is_a_record_again_only_if_it_says_who(pool: Pool) -> None:
    feed = await feed_of(pool)
    unknown = person("U", "Unknown Woman", role="other")
    undated = person("N", "Ines Quillfeather", role="other")
    await feed.say(event("a", [HIM, unknown, undated]))
    taken = await feed.say(event("b", [HIM, unknown, undated]))
    assert taken.new_records == 2  # "unknown woman" and a bare name stay two
    other_role = {**HIM, "ref": "X", "role": "visitor", "area": "devon"}
    assert (await feed.say(event("c", [other_role, {**HIM, "role": "other"}]))).new_records == 0
    assert (await feed.say(event("d", [HIM], agency="police-kent"))).new_records == 1  # another agency's view


async def test_a_record_seen_earlier_than_known_is_worked_out_again(pool: Pool) -> None:
    feed = await feed_of(pool)
    await feed.say(event("a", [HIM], at=START + timedelta(hours=1)))
    await feed.resolve_all()
    assert (await feed.say(event("b", [HIM], at=START))).unresolved == 1
    assert await value(pool, "SELECT first_received_at FROM records") == START


async def test_of_several_earlier_events_of_one_batch_the_first_counts(pool: Pool) -> None:
    feed = await feed_of(pool)
    await feed.say(event("a", [HIM], at=START + timedelta(hours=2)))
    earlier = [event(f"b{hours}", [HIM], at=START + timedelta(hours=hours)) for hours in (1, 0)]
    await feed.take([feed.post(made) for made in earlier])
    assert await value(pool, "SELECT first_received_at FROM records") == START


async def test_what_replaces_another_event_is_worked_out_though_everybody_in_it_is_known(pool: Pool) -> None:
    feed = await feed_of(pool)
    await feed.say(event("a", [HIM]))
    taken_back: dict[str, Any] = {"retracts": {"id": "wrong"}, "replaced_by": {"id": "right"}, "reason": "wrong-fact"}
    await feed.say(event("correction", [], happened="police.event.retracted", **taken_back))
    await feed.resolve_all()
    assert (await feed.say(event("right", [HIM]))).unresolved == 1


async def test_an_event_that_names_an_unresolved_record_waits_as_well(pool: Pool) -> None:
    feed = await feed_of(pool)
    await feed.say(event("a", [HIM]))
    assert (await feed.say(event("b", [HIM]))).unresolved == 1
    await feed.resolve_all()
    assert (await feed.say(event("c", [HIM]))).unresolved == 0


async def test_only_a_new_claim_about_known_people_is_worked_out(pool: Pool) -> None:
    feed = await feed_of(pool)
    body = [HIM, person("A", "Ottilie Marrable", "1987-02-02")]
    await feed.say(event("a", body, relationships=[rel("S", "A")]))
    await feed.resolve_all()
    assert (await feed.say(event("b", body, relationships=[rel("S", "A")], at=feed.later()))).unresolved == 0
    assert (await feed.say(event("c", body, relationships=[rel("S", "A", "cohabitant")]))).unresolved == 1
    cites = [{"id": "a"}]
    assert (await feed.say(event("d", body, relationships=[rel("S", "A", cites=cites)]))).unresolved == 1


async def test_history_goes_by_its_own_lane_and_holds_nothing(pool: Pool) -> None:
    feed = Feed(pool, topic="tocsin.backfill", history=True)
    await feed.start()
    await feed.say(event("a", [HIM], known_at="2006", recorded_at="2006"))
    assert await value(pool, "SELECT lane FROM unresolved WHERE holds_at IS NULL") == BACKFILL
    await feed.resolve_all()
    assert await value(pool, "SELECT DISTINCT lane FROM due") == BACKFILL
    await feed.say(event("b", [HIM], at=feed.later()))
    assert await value(pool, "SELECT count(*) FROM due WHERE lane <> $1", BACKFILL) == 0


# Offsets


async def test_offsets_already_taken_in_are_skipped(pool: Pool) -> None:
    feed = await feed_of(pool)
    messages = [feed.post(event(f"e{n}", [HIM])) for n in range(3)]
    await feed.take(messages[:2])
    taken = await feed.take(messages)  # a restart before the offset was committed
    assert (taken.new, taken.duplicates) == (1, 0)
    assert await value(pool, "SELECT next_offset FROM intake_progress") == 3


async def test_a_gap_takes_nothing_in(pool: Pool) -> None:
    feed = await feed_of(pool)
    messages = [feed.post(event(f"e{n}", [HIM])) for n in range(3)]
    await feed.take(messages[:1])
    with pytest.raises(IntakeGap) as gap:
        await feed.take(messages[2:])
    assert (gap.value.expected, gap.value.found) == (1, 2)
    assert await counted(pool, "events") == 1


async def test_a_consumer_that_lost_its_partition_cannot_set_it_back(pool: Pool) -> None:
    feed = await feed_of(pool)
    messages = [feed.post(event(f"e{n}", [HIM])) for n in range(6)]
    # The zombie holds the first two; another has gone on from them.
    await asyncio.gather(feed.take(messages[:2]), feed.take(messages[:4]))
    await feed.take(messages[:2])
    assert await value(pool, "SELECT next_offset FROM intake_progress") == 4
    assert await counted(pool, "events") == 4
    assert (await feed.take(messages[4:])).new == 2


async def test_two_consumers_of_one_partition_take_turns(pool: Pool) -> None:
    feed = await feed_of(pool)
    messages = [feed.post(event(f"e{n}", [HIM, HER])) for n in range(20)]
    takes = await asyncio.gather(*(feed.take(messages) for _ in range(4)))
    assert sorted(taken.new for taken in takes) == [0, 0, 0, 20]


async def test_two_partitions_meet_on_the_same_records_and_lose_nothing(pool: Pool) -> None:
    feed = await feed_of(pool, 0, 1)
    forms = [
        person("S", f"Alban {family}", "1981-06-14", role="subject") for family in ["Ab", "Ac", "Ad", "Ae", "Af", "Ag"]
    ]

    def posted(partition: int) -> list[Any]:
        order = forms if partition == 0 else forms[::-1]
        return [feed.post(event(f"p{partition}-{n}", [form]), partition=partition) for n, form in enumerate(order)]

    await asyncio.gather(feed.take(posted(0)), feed.take(posted(1)))
    assert await counted(pool, "events") == 12
    assert await counted(pool, "records") == len(forms)


# The watermark


async def watermark(pool: Pool) -> Any:
    async with hot_transaction(pool) as conn:
        await progress_store.advance_watermark(conn)
        return await conn.fetchval("SELECT at FROM watermark")


async def caught_up(pool: Pool, partition: int, end: int, minutes: int) -> None:
    async with hot_transaction(pool) as conn:
        places = {("tocsin.events.police", partition): end}
        await progress_store.note_caught_up(conn, places, START + timedelta(minutes=minutes))


async def test_the_watermark_waits_for_the_last_partition_and_for_what_is_unresolved(pool: Pool) -> None:
    feed = await feed_of(pool, 0, 1)
    await caught_up(pool, 0, 0, minutes=5)
    assert await watermark(pool) < START  # nobody has read the other partition
    await caught_up(pool, 1, 0, minutes=4)
    assert await watermark(pool) == START + timedelta(minutes=4)
    await feed.say(event("a", [HIM], at=START + timedelta(minutes=2)))  # came late: up to minute 5 it was not there
    await caught_up(pool, 0, 1, minutes=8)
    await caught_up(pool, 1, 0, minutes=8)
    assert await watermark(pool) == START + timedelta(minutes=5)
    await feed.resolve_all()
    assert await watermark(pool) == START + timedelta(minutes=8)


async def test_a_partition_that_is_not_at_its_end_is_not_caught_up(pool: Pool) -> None:
    feed = await feed_of(pool)
    feed.post(event("a", [HIM]))
    await caught_up(pool, 0, 1, minutes=5)
    assert await watermark(pool) < START


async def test_the_watermark_never_falls(pool: Pool) -> None:
    feed = await feed_of(pool)
    await caught_up(pool, 0, 0, minutes=5)
    assert await watermark(pool) == START + timedelta(minutes=5)
    await feed.start(1)  # a partition is added
    assert await watermark(pool) == START + timedelta(minutes=5)


async def test_history_does_not_hold_the_watermark(pool: Pool) -> None:
    await feed_of(pool)
    history = Feed(pool, topic="tocsin.backfill", history=True)
    await history.start()
    await history.say(event("a", [HIM], known_at="2006", recorded_at="2006"))
    await caught_up(pool, 0, 0, minutes=5)
    assert await watermark(pool) == START + timedelta(minutes=5)


async def test_a_batch_rolls_back_whole(pool: Pool) -> None:
    feed = await feed_of(pool)
    good, bad = feed.post(event("a", [HIM])), feed.post(event("b", [HIM]))

    async def work() -> None:
        await feed.take([good])
        raise ValueError("as if the process died before the next")

    with pytest.raises(ValueError):
        await rerun_on_conflict(work)
    assert (await feed.take([good, bad])).new == 1
