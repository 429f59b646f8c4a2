"""What a receipt says, at every stage of an event's way."""

from typing import Any

import pytest

from schemas.registry import EVENT_TYPES
from services.bus.message import Position
from services.db import Pool, hot_transaction
from services.receipts.sign import read_receipt, receipt_key
from tests.contract.wrong_inputs import valid_event
from tests.integration.gateway.running import WMP, Caller, Running

EVENT = valid_event(EVENT_TYPES["police.message.reported", 1])


class Stage:
    """Writes what the correlator would at the position of one receipt."""

    def __init__(self, gateway: Running, police: Caller, receipt: str, position: Position) -> None:
        self.pool: Pool = gateway.pool
        self.police = police
        self.receipt = receipt
        self.position = position

    async def state(self) -> dict[str, Any]:
        answer = await self.police.get(f"/v1/receipts/{self.receipt}")
        assert answer.status == 200
        return {name: value for name, value in answer.body.items() if value and name != "taken_at"}

    async def write(self, statement: str, *more: object) -> None:
        async with hot_transaction(self.pool) as connection:
            await connection.execute(statement, *self.position, *more)

    async def taken(self, after: int) -> None:
        """An event at so many offsets after that of the receipt, its people not yet worked out."""
        await self.write(
            """
            WITH taken AS (
                INSERT INTO events (source, id, type, version, agency, history, known_at, recorded_at, received_at, taken_at,
                    content_hash, body, report, topic, partition, "offset")
                VALUES ('s', 'i' || $4::bigint, 't', 1, 'a', false, now(), now(), now(), now(), '', '{}', true, $1, $2, $3 + $4::bigint)
                RETURNING event_key
            )
            INSERT INTO unresolved (event_key, topic, partition, received_at, lane)
            SELECT event_key, $1, $2, now(), 0 FROM taken
            """,
            after,
        )

    async def all_resolved(self) -> None:
        async with hot_transaction(self.pool) as connection:
            await connection.execute("DELETE FROM unresolved")

    async def past(self) -> None:
        await self.write("INSERT INTO intake_progress VALUES ($1, $2, $3 + 1, now(), false)")


@pytest.fixture
async def stage(gateway: Running, police: Caller) -> Stage:
    receipt = (await police.event(EVENT)).body["receipt"]
    key = receipt_key(gateway.settings.master_key_bytes)
    position = read_receipt(key, gateway.gateway.bus.cluster_id, WMP, receipt)
    assert position is not None
    return Stage(gateway, police, receipt, position)


async def test_on_the_bus_then_taken_in_then_resolved(stage: Stage) -> None:
    assert await stage.state() == {"state": "on-the-bus"}
    await stage.past()
    await stage.taken(0)
    assert await stage.state() == {"state": "taken-in"}
    await stage.all_resolved()
    assert await stage.state() == {"state": "resolved"}


async def test_a_duplicate_comes_as_far_as_what_it_repeats(stage: Stage) -> None:
    await stage.past()
    await stage.taken(-1)
    assert await stage.state() == {"state": "taken-in", "duplicate": True}
    await stage.all_resolved()
    await stage.taken(1)
    assert await stage.state() == {"state": "resolved", "duplicate": True}, "what comes later does not hold it up"


async def test_a_word_no_rule_reads_is_taken_and_its_sender_told(police: Caller) -> None:
    told = (await police.event(EVENT | {"data": EVENT["data"] | {"classes": ["violence", "threat-to-lfe"]}})).body
    (warning,) = told["warnings"]
    assert (warning["pointer"], warning["code"]) == ("/data/classes/1", "unlisted-word")
    assert "threat-to-life" in warning["detail"]
    assert told["receipt"]


async def test_a_conflict_is_said_and_listed_for_its_sender_alone(stage: Stage, gateway: Running) -> None:
    await stage.past()
    await stage.write(
        """
        INSERT INTO conflicts (source, id, agency, event_key, content_hash, topic, partition, "offset", received_at, taken_at)
        SELECT 'urn:tocsin:agency:police-west-midlands', 'e' || n, $4, 1, '', $1, $2, $3 + n, now(), now()
        FROM generate_series(0, 4) AS n
        """,
        WMP,
    )
    assert await stage.state() == {"state": "conflict"}
    first = await stage.police.get("/v1/conflicts?limit=3")
    rest = await stage.police.get(f"/v1/conflicts?limit=3&before={first.body['next_before']}")
    assert [each["id"] for answer in (first, rest) for each in answer.body["conflicts"]] == [
        "e4",
        "e3",
        "e2",
        "e1",
        "e0",
    ]
    assert rest.body["next_before"] is None
    other = await gateway.caller({"police-west-mercia": ["police.*"]}, name="other")
    assert (await other.get("/v1/conflicts")).body["conflicts"] == []
    assert (await other.get("/v1/conflicts?agency=police-west-midlands")).status == 404


async def test_a_refused_event_says_why(stage: Stage) -> None:
    await stage.past()
    await stage.write(
        """
        INSERT INTO dead_letters (topic, partition, "offset", reason, detail, headers, taken_at)
        VALUES ($1, $2, $3, 'seal-broken', 'altered on the way', '[]', now())
        """
    )
    assert await stage.state() == {"state": "refused", "reason": "seal-broken", "detail": "altered on the way"}


async def test_nobody_can_make_one_up_or_use_anothers(stage: Stage, gateway: Running) -> None:
    other = await gateway.caller({"police-west-mercia": ["police.*"]}, name="other")
    changed = ("A" if stage.receipt[0] != "A" else "B") + stage.receipt[1:]
    for who, receipt in ((other, stage.receipt), (stage.police, changed), (stage.police, "x"), (stage.police, "%00")):
        answer = await who.get(f"/v1/receipts/{receipt}")
        assert answer.status == 404, receipt
        assert answer.body["detail"] == "No such receipt for this token."
    assert (await stage.police.get(f"/v1/receipts/{'A' * 401}")).status == 422
    both = await gateway.caller({"police-west-mercia": ["police.*"], WMP: ["police.*"]}, name="both")
    assert (await both.get(f"/v1/receipts/{stage.receipt}")).status == 200
