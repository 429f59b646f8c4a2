import asyncio
from collections import Counter
from datetime import timedelta

import pytest
import standardwebhooks

from consumers.courier import PER_ENDPOINT
from consumers.escalator import climb_due, redrive
from services.db import hot_transaction, snapshot_transaction
from services.outbound import open_outbound
from services.webhooks import endpoints_store, tell_store
from services.webhooks import store as deliveries
from tests.integration.alerts.world import CARE, POLICE, at
from tests.integration.delivery.conftest import Delivery, SilentBus, courier_over
from tests.polling import stays, until


async def test_a_raise_rings_the_desk_by_a_signed_thin_call(delivery: Delivery) -> None:
    registered = await delivery.endpoint("/inspector", desk="duty-inspector")
    await delivery.raise_concern()
    await delivery.tell()
    (call,) = delivery.receiver.calls
    standardwebhooks.Webhook(registered.secret).verify(call.raw, call.headers)
    (alert,) = await delivery.world.alerts()
    said = call.alert
    assert (said.alert, said.endpoint, said.version) == (alert["public_id"], registered.endpoint, 1)
    assert (said.urgency, said.state, said.told) == ("U2", "standing", "raised")
    assert said.ring is not None
    assert (said.ring.rung, said.ring.desk, said.ring.acknowledge_by) == (1, "duty-inspector", at(60))
    assert said.link.endswith(f"/v1/alerts/{alert['public_id']}")
    assert b'"S"' not in call.raw
    assert b'"W"' not in call.raw
    assert await delivery.outcomes() == ["told"]


async def test_the_agency_default_serves_desks_without_an_endpoint(delivery: Delivery) -> None:
    await delivery.endpoint("/default")
    await delivery.endpoint("/control-room", desk="control-room")
    await delivery.raise_concern()
    await delivery.tell()
    assert [call.path for call in delivery.receiver.calls] == ["/default"]
    assert delivery.receiver.calls[0].alert.ring is not None


async def test_an_agency_without_an_endpoint_is_told_nothing(delivery: Delivery) -> None:
    await delivery.raise_concern()
    await delivery.tell()
    assert delivery.receiver.calls == []
    assert len(await delivery.world.rings()) == 1, "its ladder runs all the same"


async def test_the_second_rung_is_told_at_its_own_desk_and_then_of_the_ending(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector", desk="duty-inspector")
    await delivery.endpoint("/superintendent", desk="superintendent")
    await delivery.raise_concern()
    await delivery.tell()
    await delivery.world.clock(60)
    await climb_due(delivery.world.pool)
    await delivery.tell()
    (second,) = delivery.receiver.at("/superintendent")
    assert second.alert.ring is not None
    assert (second.alert.ring.rung, second.alert.ring.acknowledge_by) == (2, at(120))
    assert len(delivery.receiver.at("/inspector")) == 1
    await delivery.answer_concern(minutes=61)
    await delivery.tell()
    endings = delivery.receiver.calls[2:]
    assert sorted(call.path for call in endings) == ["/inspector", "/superintendent"]
    assert {(call.alert.told, call.alert.state, call.alert.ring) for call in endings} == {("ended", "answered", None)}


async def test_a_refused_call_is_tried_again_with_the_same_id_until_it_is_heard(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.answer = lambda _call: 500
    await delivery.raise_concern()
    await delivery.tell()
    await delivery.make_due()
    await delivery.tell()
    delivery.receiver.answer = lambda _call: 204
    await delivery.make_due()
    await delivery.tell()
    assert len({call.id for call in delivery.receiver.calls}) == 1
    assert len(delivery.receiver.calls) == 3
    assert await delivery.outcomes() == ["refused", "refused", "told"]
    assert await delivery.world.pool.fetchval("SELECT count(*) FROM tell") == 0
    assert await delivery.world.pool.fetchval("SELECT sum(tries) FROM deliveries") == 0


async def test_waits_grow_and_honour_retry_after(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.answer = lambda _call: 429
    delivery.receiver.headers = {"Retry-After": "3600"}
    await delivery.raise_concern()
    await delivery.tell()
    seconds = await delivery.world.pool.fetchval(
        "SELECT extract(epoch FROM due_at - clock_timestamp()) FROM tell JOIN endpoints USING (endpoint_id) WHERE kind = 'webhook'"
    )
    assert 15 < seconds < 25, "5 s planned, an hour asked for, four times the plan at most"
    assert await delivery.outcomes() == ["throttled"]


async def test_a_timeout_counts_as_told(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.hold = asyncio.Event()
    await delivery.raise_concern()
    await delivery.tell()
    delivery.receiver.hold.set()
    await delivery.make_due()
    await delivery.tell()
    assert len(delivery.receiver.calls) == 1
    assert await delivery.outcomes() == ["timeout"]


async def test_an_endpoint_never_told_is_not_told_of_the_ending(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.answer = lambda _call: 500
    await delivery.raise_concern()
    await delivery.tell()
    await delivery.answer_concern()
    delivery.receiver.answer = lambda _call: 204
    await delivery.make_due()
    await delivery.tell()
    assert len(delivery.receiver.calls) == 1
    assert await delivery.world.pool.fetchval("SELECT count(*) FROM tell") == 0


async def test_one_told_by_timeout_is_told_of_the_ending(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.hold = asyncio.Event()
    await delivery.raise_concern()
    await delivery.tell()
    delivery.receiver.hold.set()
    delivery.receiver.hold = None
    await delivery.answer_concern()
    await delivery.tell()
    assert delivery.receiver.calls[-1].alert.told == "ended"


async def test_a_courier_that_dies_between_call_and_note_repeats_once_with_the_same_id(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.hold = asyncio.Event()
    await delivery.raise_concern()
    await delivery.courier.step()
    await until(lambda: delivery.receiver.calls)
    for task in delivery.courier.running:
        task.cancel()
    delivery.receiver.hold.set()
    async with courier_over(
        delivery.world.pool, delivery.settings, SilentBus(delivery.settings, client_id="other"), delivery.world
    ) as other:
        second = Delivery(delivery.world, other, delivery.receiver, delivery.settings)
        await second.tell()
        assert len(delivery.receiver.calls) == 1, "its lease still runs"
        await delivery.make_due()
        await second.tell()
        await delivery.make_due()
        await second.tell()
    assert [call.id for call in delivery.receiver.calls] == [delivery.receiver.calls[0].id] * 2
    assert await delivery.outcomes() == ["told"]


async def test_two_couriers_tell_each_alert_once(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    for number in range(20):
        await delivery.raise_concern(f"S{number}")
    async with courier_over(
        delivery.world.pool, delivery.settings, SilentBus(delivery.settings, client_id="other"), delivery.world
    ) as other:
        second = Delivery(delivery.world, other, delivery.receiver, delivery.settings)
        await asyncio.gather(delivery.tell(), second.tell())
        await delivery.tell()
    counted = Counter(call.id for call in delivery.receiver.calls)
    assert len(counted) == 20
    assert set(counted.values()) == {1}


async def test_one_call_at_most_is_under_way_for_an_alert_and_endpoint(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.hold = asyncio.Event()
    await delivery.raise_concern()
    await delivery.courier.step()
    await until(lambda: delivery.receiver.calls)
    await delivery.answer_concern()
    await delivery.courier.step()
    await stays(
        lambda: len(delivery.receiver.calls) == 1, for_seconds=0.2, what="the ending waits for the call under way"
    )
    delivery.receiver.hold.set()
    await delivery.tell()
    assert [call.alert.told for call in delivery.receiver.calls] == ["raised", "ended"]
    assert delivery.receiver.most_under_way == 1


async def test_a_hanging_receiver_holds_up_nobody_else(delivery: Delivery) -> None:
    await delivery.endpoint("/police")
    async with hot_transaction(delivery.world.pool) as conn:
        hanging = await conn.fetchval("SELECT endpoint_id FROM endpoints WHERE url LIKE '%/police'")
    for number in range(12):
        await delivery.raise_concern(f"S{number}")
    delivery.receiver.hold = asyncio.Event()
    await delivery.courier.step()
    await until(lambda: delivery.receiver.under_way == PER_ENDPOINT)
    leased = await delivery.world.pool.fetch("SELECT endpoint_id FROM deliveries WHERE lease_until IS NOT NULL")
    assert Counter(row["endpoint_id"] for row in leased)[hanging] == PER_ENDPOINT


async def test_an_endpoint_that_fails_again_and_again_is_probed_a_person_told_and_none_lost(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.answer = lambda _call: 503
    for number in range(8):
        await delivery.raise_concern(f"S{number}")
    await delivery.tell()
    pool = delivery.world.pool
    assert await pool.fetchval("SELECT degraded_at IS NOT NULL FROM endpoints WHERE kind = 'webhook'")
    assert await pool.fetchval("SELECT kind FROM operator_pages WHERE closed_at IS NULL") == "endpoint-degraded"
    tried = len(delivery.receiver.calls)
    assert tried <= 8
    await pool.execute("UPDATE tell SET due_at = clock_timestamp()")
    assert await delivery.courier.step() == 0, "nothing before the next probe"
    delivery.receiver.answer = lambda _call: 204
    await delivery.make_due()
    await delivery.tell()
    assert await pool.fetchval("SELECT degraded_at IS NULL FROM endpoints WHERE kind = 'webhook'")
    assert await pool.fetchval("SELECT count(*) FROM operator_pages WHERE closed_at IS NULL") == 0
    assert len({call.id for call in delivery.receiver.calls}) == 8


async def test_after_three_days_a_person_is_paged_and_who_answers_again_is_told_of_it(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.answer = lambda _call: 404
    await delivery.raise_concern()
    for _ in range(12):
        await delivery.tell()
        await delivery.make_due()
    assert len(delivery.receiver.calls) == 11
    kinds = [row[0] for row in await delivery.world.pool.fetch("SELECT kind FROM operator_pages ORDER BY page_id")]
    assert kinds == ["endpoint-degraded", "delivery-given-up"]
    (unheard,) = {call.id for call in delivery.receiver.calls}
    delivery.receiver.answer = lambda _call: 204
    await delivery.raise_concern("T")
    await delivery.tell()
    await delivery.make_due()
    await delivery.tell()
    assert sorted(call.id == unheard for call in delivery.receiver.calls[11:]) == [False, True]
    assert await delivery.world.pool.fetch("SELECT kind FROM operator_pages WHERE closed_at IS NULL") == []


async def test_an_inside_address_is_never_called(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    strict = delivery.settings.model_copy(update={"webhook_private_addresses": False})
    async with open_outbound(strict) as outbound:
        delivery.courier.outbound = outbound
        await delivery.raise_concern()
        await delivery.tell()
        https = await outbound.post("https://127.0.0.1:9/", b"", {})
        named = await outbound.post("https://localhost:9/", b"", {})
        allowed = await outbound.post("https://127.0.0.1:9/", b"", {}, allowed_networks=["127.0.0.0/8"])
    assert delivery.receiver.calls == []
    assert await delivery.outcomes() == ["blocked"]
    assert (https.outcome, named.outcome, allowed.outcome) == ("blocked", "blocked", "unreachable")


async def test_both_secrets_sign_during_a_rotation_and_the_new_one_alone_after_it(delivery: Delivery) -> None:
    registered = await delivery.endpoint("/inspector")
    async with hot_transaction(delivery.world.pool) as conn:
        new = await endpoints_store.rotate(
            conn, POLICE, registered.endpoint, master_key=delivery.settings.master_key_bytes
        )
    assert new is not None
    await delivery.raise_concern()
    await delivery.tell()
    (call,) = delivery.receiver.calls
    for secret in (registered.secret, new):
        standardwebhooks.Webhook(secret).verify(call.raw, call.headers)
    await delivery.world.pool.execute("UPDATE endpoints SET previous_until = clock_timestamp() WHERE kind = 'webhook'")
    await delivery.answer_concern()
    await delivery.tell()
    ending = delivery.receiver.calls[-1]
    standardwebhooks.Webhook(new).verify(ending.raw, ending.headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(registered.secret).verify(ending.raw, ending.headers)


async def test_a_removed_endpoint_is_told_nothing_more(delivery: Delivery) -> None:
    registered = await delivery.endpoint("/inspector")
    await delivery.raise_concern()
    async with hot_transaction(delivery.world.pool) as conn:
        assert await endpoints_store.remove(conn, POLICE, registered.endpoint)
        assert not await endpoints_store.remove(conn, "csc-birmingham", registered.endpoint)
        assert await endpoints_store.listed(conn, POLICE) == []
    await delivery.tell()
    await delivery.answer_concern()
    await delivery.tell()
    await delivery.raise_concern("S2", minutes=2)
    await delivery.tell()
    assert delivery.receiver.calls == []


async def test_an_agency_that_left_before_it_was_reached_is_not_told(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.answer = lambda _call: 500
    await delivery.raise_concern()
    await delivery.tell()
    await delivery.world.pool.execute("UPDATE alert_recipients SET left_at = now()")
    delivery.receiver.answer = lambda _call: 204
    await delivery.make_due()
    await delivery.tell()
    assert len(delivery.receiver.calls) == 1


async def test_a_desk_of_an_agency_that_has_left_the_alert_is_not_rung(delivery: Delivery) -> None:
    await delivery.endpoint("/care", agency=CARE)
    await delivery.raise_concern()
    ((alert, ring),) = [(row["alert_id"], row["ring_id"]) for row in await delivery.world.rings()]
    told = "SELECT count(*) FROM deliveries JOIN endpoints e USING (endpoint_id) WHERE e.agency = $1"
    async with hot_transaction(delivery.world.pool) as conn:
        await conn.execute("CREATE TEMPORARY TABLE other ON COMMIT DROP AS SELECT * FROM alert_recipients")
        await conn.execute("UPDATE other SET agency = $1, left_at = now()", CARE)
        await conn.execute("INSERT INTO alert_recipients SELECT * FROM other")
        await tell_store.tell_rings(conn, [(alert, POLICE, ring, (CARE, "duty-team"))])
        assert await conn.fetchval(told, CARE) == 0
        await conn.execute("UPDATE alert_recipients SET left_at = NULL WHERE agency = $1", CARE)
        await tell_store.tell_rings(conn, [(alert, POLICE, ring, (CARE, "duty-team"))])
        assert await conn.fetchval(told, CARE) == 2, "the ring, and the row that carries its lease"


async def test_a_merge_tells_of_the_older_alert_as_an_update(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    await delivery.raise_concern("S")
    await delivery.world.clock(1)
    await delivery.raise_concern("S2", minutes=1)
    await delivery.tell()
    await delivery.world.belongs("S2", to="S")
    await delivery.world.judge()
    await delivery.tell()
    older = (await delivery.world.alerts())[0]["public_id"]
    joined = [call.alert for call in delivery.receiver.calls if call.alert.told == "joined"]
    assert [(call.alert, call.ring) for call in joined] == [(older, None)]
    assert not [call for call in delivery.receiver.calls[2:] if call.alert.ring is not None]


async def test_every_disclosure_is_in_the_audit_with_its_basis_once_it_was_heard(delivery: Delivery) -> None:
    await delivery.endpoint("/inspector")
    delivery.receiver.answer = lambda _call: 500
    await delivery.raise_concern()
    await delivery.tell()
    disclosed = "SELECT count(*) FROM audit_unsealed WHERE action = 'disclosure'"
    assert await delivery.world.pool.fetchval(disclosed) == 1, "the alert topic alone"
    delivery.receiver.answer = lambda _call: 204
    await delivery.make_due()
    await delivery.tell()
    rows = await delivery.world.pool.fetch("SELECT * FROM audit_unsealed WHERE action = 'disclosure'")
    assert len(rows) == 2, "the webhook and the alert topic"
    assert {(row["purpose"], row["basis"]) for row in rows} == {("safeguarding", "CJA2003-s325")}


async def two_concerns_that_become_one(delivery: Delivery) -> None:
    """Each with its ring, neither told; the mark that makes them one is not judged yet."""
    world = delivery.world
    await delivery.endpoint("/inspector")
    await delivery.raise_concern()
    await delivery.raise_concern("S2")
    await world.belongs("S2", to="S")


async def test_what_a_join_moves_to_the_older_alert_is_not_called_under_the_younger_ones_id(delivery: Delivery) -> None:
    await two_concerns_that_become_one(delivery)
    pool = delivery.world.pool
    (elder, younger) = [alert["alert_id"] for alert in await delivery.world.alerts()]
    async with hot_transaction(pool) as judging:
        # As the join does, not committed yet.
        await judging.execute(
            "UPDATE deliveries SET alert_id = $1 WHERE alert_id = $2 AND ring_id IS NOT NULL", elder, younger
        )
        claimed, _, _ = await delivery.courier.claim(room=64)
        assert [one.alert for one in claimed if one.ring] == [elder], (
            "the younger's ring is on its way: it waits for the join"
        )


async def test_a_join_waits_for_a_claim_under_way(delivery: Delivery) -> None:
    await two_concerns_that_become_one(delivery)
    pool = delivery.world.pool
    async with snapshot_transaction(pool) as claiming:
        claimed = await deliveries.claim(claiming, limit=64, per_endpoint=PER_ENDPOINT, lease=timedelta(minutes=1))
        assert len([one for one in claimed if one.ring]) == 2
        joining = asyncio.create_task(delivery.world.judge())
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE deliveries d%'"
        await until(lambda: pool.fetchval(waiting), what="the join to come to the ring that is claimed")
        assert not joining.done()
    await joining
    elder, younger, *_ = await delivery.world.alerts()
    assert younger["joined_to"] == elder["alert_id"]


async def test_no_version_is_ever_told_under_two_ids_however_joins_and_claims_meet(delivery: Delivery) -> None:
    await two_concerns_that_become_one(delivery)
    await asyncio.gather(delivery.tell(), delivery.world.judge())
    await delivery.tell()
    ids: dict[tuple[object, ...], set[str]] = {}
    for call in delivery.receiver.calls:
        ring = call.alert.ring and call.alert.ring.rung
        ids.setdefault((call.alert.alert, call.alert.version, ring), set()).add(call.id)
    assert {what: found for what, found in ids.items() if len(found) > 1} == {}


async def test_one_rung_while_its_alert_is_joined_hears_how_the_older_one_ends(delivery: Delivery) -> None:
    await two_concerns_that_become_one(delivery)
    elder, younger = [alert["public_id"] for alert in await delivery.world.alerts()]
    await delivery.world.pool.execute(  # only the younger's ring goes out
        """
        UPDATE tell SET due_at = clock_timestamp() + interval '1 hour' FROM deliveries d JOIN alerts a USING (alert_id)
        WHERE d.delivery_id = tell.delivery_id AND a.public_id = $1
        """,
        elder,
    )
    delivery.receiver.hold = asyncio.Event()
    await delivery.courier.step()
    await until(lambda: delivery.receiver.calls)
    await delivery.world.judge()
    await delivery.answer_concern()
    delivery.receiver.hold.set()
    await until(lambda: not delivery.courier.running)
    await delivery.make_due()
    await delivery.tell()
    heard = [(call.alert.alert, call.alert.told) for call in delivery.receiver.calls]
    assert [one for one in heard if one[0] in {elder, younger}] == [(younger, "raised"), (elder, "ended")]


async def test_a_call_that_fails_after_its_endpoint_was_removed_is_not_tried_again(delivery: Delivery) -> None:
    registered = await delivery.endpoint("/inspector")
    delivery.receiver.answer = lambda _call: 500
    delivery.receiver.hold = asyncio.Event()
    await delivery.raise_concern()
    await delivery.courier.step()
    await until(lambda: delivery.receiver.calls)
    async with hot_transaction(delivery.world.pool) as conn:
        assert await endpoints_store.remove(conn, POLICE, registered.endpoint)
    delivery.receiver.hold.set()
    await delivery.tell()
    await delivery.make_due()
    await delivery.tell()
    assert len(delivery.receiver.calls) == 1
    assert await delivery.world.pool.fetchval("SELECT count(*) FROM tell") == 0


async def test_an_endpoint_put_in_place_of_one_that_was_removed_is_told_what_is_new(delivery: Delivery) -> None:
    registered = await delivery.endpoint("/old")
    await delivery.raise_concern()
    await delivery.tell()
    async with hot_transaction(delivery.world.pool) as conn:
        assert await endpoints_store.remove(conn, POLICE, registered.endpoint)
    await delivery.endpoint("/new")
    await delivery.world.event("again", "police.concern.reported", {"S": "subject", "W": "at-risk"})
    await delivery.world.judge()
    await delivery.tell()
    elder = (await delivery.world.alerts())[0]["public_id"]
    heard = [(call.path, call.alert.told) for call in delivery.receiver.calls if call.alert.alert == elder]
    assert heard == [("/old", "raised"), ("/new", "view")]


async def test_a_desk_of_another_agency_is_rung_and_not_told_when_the_view_of_the_first_changes(
    delivery: Delivery,
) -> None:
    await delivery.endpoint("/police")
    await delivery.endpoint("/care", agency=CARE)
    await delivery.raise_concern()
    ((alert, ring),) = [(row["alert_id"], row["ring_id"]) for row in await delivery.world.rings()]
    async with hot_transaction(delivery.world.pool) as conn:
        await tell_store.tell_rings(conn, [(alert, POLICE, ring, (CARE, "duty-team"))])
    await delivery.tell()
    assert [(call.alert.told, call.body.data.agency) for call in delivery.receiver.at("/care")] == [("raised", POLICE)]
    await delivery.raise_concern("S2")
    await delivery.world.belongs("S2", to="S")
    await delivery.world.judge()
    await delivery.tell()
    assert "joined" in [call.alert.told for call in delivery.receiver.at("/police")]
    assert len(delivery.receiver.at("/care")) == 1
    await delivery.world.clock(1)
    assert await redrive(delivery.world.pool) == 0, "nor is that anything an operator must look at"


@pytest.mark.parametrize("kept", ["sealed", "flagged"])
async def test_a_desk_of_another_agency_is_not_told_on_whose_ladder_it_is_where_that_may_say_where_somebody_lives(
    delivery: Delivery, kept: str
) -> None:
    await delivery.endpoint("/care", agency=CARE)
    await delivery.raise_concern()
    ((alert, ring),) = [(row["alert_id"], row["ring_id"]) for row in await delivery.world.rings()]
    if kept == "sealed":
        await delivery.world.pool.execute("UPDATE persons SET sealed = true")
    else:
        flag = {"W": "subject", "S": "restricted"}
        await delivery.world.event("f", "health.protection.address-flagged", flag, agency="health-town")
    async with hot_transaction(delivery.world.pool) as conn:
        await tell_store.tell_rings(conn, [(alert, POLICE, ring, (CARE, "duty-team"))])
    await delivery.tell()
    (call,) = delivery.receiver.at("/care")
    assert call.alert.ring is not None
    assert POLICE.encode() not in call.raw
