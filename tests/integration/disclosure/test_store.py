"""Alerts as agencies may read them, from a real database: loaded, masked, audited; what is not theirs is not there."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from schemas.alerts import AlertView, TopicAlert
from services.db import Connection, Pool, hot_transaction
from services.directory import store as directories
from services.disclosure import requests_store, store
from services.disclosure.agreements import Masks
from services.disclosure.material import RuleInfo
from services.disclosure.request import Answer, Asked, Verdict
from tests.integration.alerts.world import CARE, CONCERN, MERCIA, POLICE, Stored, rules, stored
from tests.unit.disclosure.example import agreement

SW = {"S": "subject", "W": "at-risk"}
INFOS = {"R90": RuleInfo("R90", "concern", "safeguarding", ("CJA2003-s325",))}


@pytest.fixture
async def world(pool: Pool) -> AsyncIterator[Stored]:
    async with stored(pool, court=rules(CONCERN)) as made:
        yield made


async def context(conn: Connection, *, permit: bool = True) -> store.Context:
    loaded = await directories.current(conn)
    masks = Masks((agreement(),) if permit else (), loaded.directory.sector)
    return store.Context(loaded.directory, masks, INFOS)


async def concern(world: Stored, **fields: Any) -> str:
    """Raise an alert at WMP about S and W and return its reference."""
    await world.event("e1", "police.concern.reported", SW, fields=fields)
    await world.judge()
    (alert,) = await world.alerts()
    return str(alert["public_id"])


async def also_for(world: Stored, agency: str, shown: int, *, left: bool = False) -> None:
    """One more recipient, told as the first one was."""
    await world.pool.execute(
        """
        INSERT INTO alert_recipients (alert_id, agency, role, ladder, shown, added_at, left_at, told, version,
            alert_version, told_at, why)
        SELECT alert_id, $1, 'csc-for-area', 'duty-desk', $2, added_at, CASE WHEN $3 THEN told_at END, true, 1,
            alert_version, told_at, why FROM alert_recipients WHERE agency = $4
        """,
        agency,
        shown,
        left,
        POLICE,
    )


async def read(world: Stored, agency: str, reference: str, **how: Any) -> dict[str, Any] | None:
    async with hot_transaction(world.pool) as conn:
        ready = await context(conn, permit=how.pop("permit", True))
        shown = await store.read(
            conn, ready, agency, reference, actor="client:test", purpose=how.pop("purpose", "safeguarding")
        )
    if shown is not None:
        AlertView.model_validate_json(orjson.dumps(shown))
    return shown


async def test_a_recipient_reads_it_and_the_reading_is_audited(world: Stored) -> None:
    reference = await concern(world)
    shown = await read(world, POLICE, reference)
    assert shown is not None
    assert shown["why"].casefold().endswith("a concern was recorded about both.")
    assert [person["names"][0]["given"] for person in shown["people"]] == ["S", "W"]
    assert shown["evidence"][0]["reference"] == "e1"
    assert shown["ring"] == {
        "rung": 1,
        "desks": ["duty-inspector"],
        "started_at": "2013-04-02T09:00:00Z",
        "next_at": "2013-04-02T10:00:00Z",
    }
    row = await world.pool.fetchrow("SELECT * FROM audit_unsealed WHERE action = 'consultation'")
    assert row is not None
    assert (row["actor"], row["purpose"], row["basis"]) == ("client:test", "safeguarding", "CJA2003-s325")
    assert orjson.loads(row["details"])["recipient"] == POLICE


@pytest.mark.parametrize("reference", ["0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11", "not-a-uuid", ""])
async def test_what_is_not_there_is_not_there(world: Stored, reference: str) -> None:
    await concern(world)
    assert await read(world, POLICE, reference) is None


async def test_for_an_agency_it_is_not_for_it_is_not_there_and_nothing_is_audited(world: Stored) -> None:
    reference = await concern(world)
    assert await read(world, MERCIA, reference) is None
    assert await read(world, POLICE, reference, purpose="housing") is None
    assert await world.pool.fetchval("SELECT count(*) FROM audit_unsealed WHERE action = 'consultation'") == 0


async def test_without_an_agreement_another_agency_gets_a_pointer(world: Stored) -> None:
    reference = await concern(world)
    await also_for(world, CARE, 3)
    full, pointer = await read(world, CARE, reference), await read(world, CARE, reference, permit=False)
    assert full is not None
    assert pointer is not None
    assert (full["shown"], pointer["shown"]) == ("D3", "D1")
    assert full["informed"][0]["agency"] == POLICE
    assert "names" not in str(pointer["people"])
    assert pointer["withheld"] == ["agreement", "class"]


async def areas_shown(world: Stored, agency: str, reference: str) -> list[str | None]:
    shown = await read(world, agency, reference)
    assert shown is not None
    return [person.get("area") for person in shown["people"]]


async def test_the_area_of_somebody_whose_address_is_flagged_is_for_whoever_said_it_alone(world: Stored) -> None:
    """The police wrote where both live; health asks that hers be kept from him. Social care need not know it from here."""
    await world.event("e1", "police.concern.reported", SW, area="fenwick")
    await world.judge()
    (alert,) = await world.alerts()
    reference = str(alert["public_id"])
    await also_for(world, CARE, 3)
    assert await areas_shown(world, CARE, reference) == ["fenwick", "fenwick"]

    flag = {"W": "subject", "S": "restricted"}
    await world.event("e2", "health.protection.address-flagged", flag, minutes=1, agency="health-town")
    assert await areas_shown(world, CARE, reference) == ["fenwick", None]
    assert await areas_shown(world, POLICE, reference) == ["fenwick", "fenwick"]

    await world.pool.execute("UPDATE events SET retracted_at = received_at WHERE id = 'e2'")
    assert await areas_shown(world, CARE, reference) == ["fenwick", "fenwick"]


async def test_an_address_flag_about_somebody_unnamed_counts_for_whom_that_was_found_to_be(world: Stored) -> None:
    await world.event("e1", "police.concern.reported", SW, area="fenwick")
    await world.judge()
    (alert,) = await world.alerts()
    await also_for(world, CARE, 3)
    flag = {"P": "subject", "S": "restricted"}
    await world.event("e2", "health.protection.address-flagged", flag, minutes=1, agency="health-town")
    await world.pool.execute(
        "INSERT INTO slot_joins (slot_record, person_record, joined_at, reason, by) VALUES ($1, $2, now(), '', '[]')",
        world.records["P"],
        world.records["W"],
    )
    assert await areas_shown(world, CARE, str(alert["public_id"])) == ["fenwick", None]


async def test_one_that_left_reads_what_it_was_told_last(world: Stored) -> None:
    reference = await concern(world)
    await also_for(world, CARE, 2, left=True)
    await world.clock(5)
    await world.event("e2", "police.checks.completed", SW, minutes=5)
    await world.judge()
    here, gone = await read(world, POLICE, reference), await read(world, CARE, reference)
    assert here is not None
    assert gone is not None
    assert (here["state"], gone["state"]) == ("answered", "standing")
    assert gone["informed"] == []
    assert "ring" not in gone


async def test_own_numbers_stand_on_the_topic_and_names_do_not(world: Stored) -> None:
    await concern(world)
    people = [
        {"ref": "S", "own_id": "N-1", "identifiers": [{"system": "pnc", "value": "1998/0417263M"}]},
        {"ref": "W", "names": [{"given": "Maren"}], "identifiers": [{"system": "nhs", "value": "9991001018"}]},
    ]
    async with hot_transaction(world.pool) as conn:
        key = await conn.fetchval("SELECT event_key FROM events")
        await conn.execute("UPDATE events SET body = $1", orjson.dumps({"people": people}).decode())
        await conn.execute("UPDATE records SET agency = $1, first_event_key = $2", POLICE, key)
        page, after = await store.page(
            conn, await context(conn), POLICE, actor="client:test", purpose="safeguarding", after=None, limit=10
        )
    (shown,) = page
    TopicAlert.model_validate_json(orjson.dumps(shown))
    assert [each["identifier"] for each in shown["identifiers"]] == [
        {"system": "local:own", "value": "N-1"},
        {"system": "pnc", "value": "1998/0417263M"},
    ]
    assert after is None


async def test_pages_follow_each_other_without_gap_or_repeat(world: Stored) -> None:
    for n in range(5):
        await world.event(f"e{n}", "police.concern.reported", {f"S{n}": "subject", "W": "at-risk"})
        await world.clock(n)
        await world.judge()
    seen: list[str] = []
    after: str | None = None
    async with hot_transaction(world.pool) as conn:
        ready = await context(conn)
        while True:
            page, after = await store.page(
                conn, ready, POLICE, actor="client:test", purpose="safeguarding", after=after, limit=2
            )
            seen += [each["alert"] for each in page]
            if after is None:
                break
        with pytest.raises(ValueError, match="not a cursor"):
            await store.page(conn, ready, POLICE, actor="x", purpose="safeguarding", after="!", limit=2)
    newest_first = [str(alert["public_id"]) for alert in reversed(await world.alerts())]
    assert seen == newest_first


async def test_nothing_is_shown_of_somebody_whose_identity_is_sealed(world: Stored) -> None:
    reference = await concern(world)
    await world.pool.execute("UPDATE persons SET sealed = true WHERE person_id = $1", world.records["W"])
    shown = await read(world, POLICE, reference)
    assert shown is not None
    assert "names" not in shown["people"][1]
    assert "protected" in shown["withheld"]


async def test_a_slot_that_joined_somebody_stands_for_them(world: Stored) -> None:
    reference = await concern(world)
    other = await world.person("Maren")
    await world.pool.execute(
        "INSERT INTO slot_joins (slot_record, person_record, joined_at, reason, by) VALUES ($1, $2, now(), 'x', '[]')",
        world.records["W"],
        other,
    )
    shown = await read(world, POLICE, reference)
    public = await world.pool.fetchval("SELECT public_id FROM persons WHERE person_id = $1", other)
    assert shown is not None
    assert shown["people"][1]["person"] == str(public)


async def test_a_request_is_kept_with_its_answer(world: Stored) -> None:
    asked = Asked(CARE, "person:x", "safeguarding", "CA2004-s10", ((POLICE, "police.concern.reported"),))
    async with hot_transaction(world.pool) as conn:
        number = await requests_store.keep(
            conn,
            asked,
            Answer(Verdict.DENY, "no agreement"),
            at=await conn.fetchval("SELECT domain_now()"),
            actor="client:test",
        )
        row = await conn.fetchrow("SELECT * FROM disclosure_requests WHERE request_id = $1", number)
        audited = await conn.fetchval("SELECT count(*) FROM audit_unsealed WHERE thing LIKE 'disclosure-request:%'")
    assert row is not None
    assert (row["answer"], row["agency"], row["event_types"]) == ("DENY", CARE, ["police.concern.reported"])
    assert audited == 1


async def test_the_context_follows_the_directory(world: Stored) -> None:
    async with hot_transaction(world.pool) as conn:
        held = await store.current(conn, INFOS)
        assert await store.current(conn, INFOS, held) is held
        await conn.execute(
            "INSERT INTO directory_loads (taken_at, actor, begun, ended) VALUES (now(), 'another', 1, 0)"
        )
        newer = await store.current(conn, INFOS, held)
        assert newer.revision > held.revision
        assert newer.context.facts is held.context.facts
