"""From a post to Kafka: what is accepted, how it lies on the bus, and what a receipt is good for."""

from typing import Any

import orjson
import pytest

from schemas.registry import EVENT_TYPES
from services.access import Scope
from services.bus.sealed import open_event
from services.db import Pool, hot_transaction
from services.db.clock_store import set_manual
from services.errors import Poison
from services.settings import Settings
from tests.contract.wrong_inputs import valid_event
from tests.integration.alerts.world import START
from tests.integration.gateway.running import CSC, Caller, Running, running

MODEL = EVENT_TYPES["police.message.reported", 1]


def event(number: int = 1, **changed: Any) -> dict[str, Any]:
    return {**valid_event(MODEL, id=f"e-{number}"), **changed}


async def test_an_event_lies_sealed_on_its_sectors_topic(gateway: Running, police: Caller) -> None:
    answer = await police.event(event())
    assert answer.status == 202
    assert answer.headers["location"] == f"/v1/receipts/{answer.body['receipt']}"
    record = await gateway.record(answer)
    assert record.topic == gateway.settings.topic_prefix + "tocsin.events.police"
    assert b"Thornquist" not in record.value
    headers = dict(record.headers)
    assert headers["ce_type"] == b"police.message.reported.v1"
    assert headers["ce_source"] == b"urn:tocsin:agency:police-west-midlands"
    assert headers["ce_id"] == b"e-1"
    opened = await gateway.opened(record)
    assert opened.pop("receivedat") == headers["receivedat"].decode()
    assert opened == event()


async def test_binary_mode_says_the_same(gateway: Running, police: Caller) -> None:
    whole = event(subject="case 7", time="2024-03-04T10:05:00Z")
    headers = {f"ce-{name}": value for name, value in whole.items() if name not in {"data", "datacontenttype"}}
    headers |= {"content-type": "application/json", "ce-subject": "case%207"}
    answer = await police.post("/v1/events", whole["data"], headers)
    assert answer.status == 202, answer.body
    opened = await gateway.opened(await gateway.record(answer))
    del opened["receivedat"], whole["datacontenttype"]
    assert opened == whole


async def test_a_batch_is_answered_event_by_event(police: Caller) -> None:
    foreign = event(3, source=f"urn:tocsin:agency:{CSC}")
    answer = await police.batch([event(1), {"id": 7}, foreign, event(4)])
    assert answer.status == 207
    assert (answer.body["accepted"], answer.body["refused"]) == (2, 2)
    assert [result["status"] for result in answer.body["results"]] == [202, 422, 403, 202]
    assert {"pointer": "/id", "code": "wrong-type"}.items() <= answer.body["results"][1]["problem"]["errors"][1].items()
    all_good = await police.batch([event(number) for number in range(100)])
    assert all_good.status == 202
    receipts = {result["receipt"] for result in all_good.body["results"]}
    assert len(receipts) == 100


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (orjson.dumps([event(n) for n in range(101)]), 413, "batch-too-long"),
        (b"[" + b"{}," * 9_999 + b"{}]", 413, "batch-too-long"),
        (b"[" + b" " * 1_100_000 + b"]", 413, "body-too-large"),
        (b"[]", 400, "too-few"),
        (b"{}", 400, "wrong-type"),
        (b"[1", 400, "not-json"),
    ],
    ids=["101 events", "10,000 events", "too many bytes", "empty", "no list", "no JSON"],
)
async def test_a_batch_that_is_none_is_refused_as_a_whole(police: Caller, body: bytes, status: int, code: str) -> None:
    answer = await police.post("/v1/events", body, {"content-type": "application/cloudevents-batch+json"})
    assert (answer.status, answer.codes) == (status, {("", code)}), answer.body


async def test_an_event_may_not_be_larger_in_a_batch_than_alone(police: Caller) -> None:
    large = event()
    person = large["data"]["people"][0]
    large["data"]["people"] = [
        *large["data"]["people"],
        *({**person, "ref": f"p{n}", "role": "other", "names": [{"family": "x" * 70}] * 10} for n in range(36)),
    ]
    large["data"]["relationships"] = [
        {"from": "S", "to": "S", "kind": "kin", "status": "reported", "cites": [{"id": "x" * 99}] * 20}
    ] * 30
    answer = await police.batch([large, event()])
    assert [result["status"] for result in answer.body["results"]] == [413, 202]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/cloudevents+json", 400, "not-json"),
        (b"\xff\xfe", "application/cloudevents+json", 400, "not-json"),
        (b'{"a": NaN}', "application/cloudevents+json", 400, "not-json"),
        (b'{"data":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "application/cloudevents+json", 400, "too-deep"),
        (b"{}", "application/json", 415, "content-type"),
        (b"{}", "text/plain", 415, "content-type"),
        (b"{}", "application/cloudevents+json; charset=latin-1", 415, "content-type"),
        (b" " * 70_000, "application/cloudevents+json", 413, "body-too-large"),
    ],
)
async def test_a_body_that_holds_no_event_is_refused(
    police: Caller, body: bytes, content_type: str, status: int, code: str
) -> None:
    answer = await police.post("/v1/events", body, {"content-type": content_type})
    assert (answer.status, answer.codes) == (status, {("", code)}), answer.body
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_that_comes_in_pieces_is_limited_too(gateway: Running, police: Caller) -> None:
    async def pieces() -> Any:
        for _ in range(80):
            yield b" " * 1_000

    headers = {"content-type": "application/cloudevents+json", "authorization": f"Bearer {police.token}"}
    async with gateway.session.post(gateway.url + "/v1/events", data=pieces(), headers=headers) as response:
        assert response.status == 413


async def test_only_ones_own_sources_and_types_may_be_used(gateway: Running) -> None:
    narrow = await gateway.caller(
        {"police-west": ["police.message.reported"]}, sources=["urn:tocsin:agency:police-west:desk"]
    )

    def sent(source: str, **changed: Any) -> dict[str, Any]:
        return event(source=f"urn:tocsin:agency:{source}", **changed)

    assert (await narrow.event(sent("police-west:desk"))).status == 202
    for foreign in ("police-west", "police-west:desk2", "police-west-midlands", "police-west-midlands:desk"):
        answer = await narrow.event(sent(foreign))
        assert (answer.status, answer.codes) == (403, {("/source", "foreign-source")}), foreign
    other = valid_event(EVENT_TYPES["police.concern.reported", 1])
    answer = await narrow.event({**other, "source": "urn:tocsin:agency:police-west:desk"})
    assert (answer.status, answer.codes) == (403, {("/type", "type-not-permitted")})


async def test_history_needs_its_scope_and_has_its_own_topic(gateway: Running, police: Caller) -> None:
    live_only = await gateway.caller(scopes=["events:write"], name="live-only")
    inexact = event(1)
    inexact["data"]["known_at"] = "2011-04"
    assert (await live_only.event(inexact, "/v1/backfill")).status == 403
    assert (await police.event(inexact)).codes == {("/data/known_at", "time-inexact")}
    answer = await police.event(inexact, "/v1/backfill")
    assert answer.status == 202
    assert (await gateway.record(answer)).topic == gateway.settings.topic_prefix + "tocsin.backfill"
    history_only = await gateway.caller(scopes=["events:backfill"], name="history-only")
    assert (await history_only.event(event())).status == 403


async def test_duplicates_and_a_persons_events_share_a_partition(gateway: Running, police: Caller) -> None:
    answers = [await police.event(event(number)) for number in (1, 1, 2, 3, 4)]
    records = [await gateway.record(answer) for answer in answers]
    assert len({(record.partition, record.key) for record in records}) == 1
    assert b"N-100001" not in (records[0].key or b"")
    # Another agency's person of the same number is another person.
    other = await gateway.caller({"police-west-mercia": ["police.*"]}, name="other")
    answer = await other.event(event(source="urn:tocsin:agency:police-west-mercia"))
    assert (await gateway.record(answer, "police-west-mercia")).key != records[0].key


async def test_with_a_real_clock_nobody_says_when_it_was_received(police: Caller) -> None:
    answer = await police.event(event(receivedat="2013-04-02T10:00:00Z"))
    assert (answer.status, answer.codes) == (422, {("/receivedat", "not-accepted")})


async def test_with_a_manual_clock_a_replay_says_when_and_else_the_clock_does(
    live_settings: Settings, pool: Pool
) -> None:
    async with hot_transaction(pool) as connection:
        await set_manual(connection, START)
    async with running(live_settings, pool) as gateway:
        replay = await gateway.caller()
        answer = await replay.event(event(receivedat="2013-04-02T10:00:00+01:00"))
        opened = await gateway.opened(await gateway.record(answer))
        assert opened["receivedat"] == "2013-04-02T09:00:00+00:00"
        answer = await replay.event(event())
        assert (await gateway.opened(await gateway.record(answer)))["receivedat"] == START.isoformat()
        plain = await gateway.caller(scopes=["events:write"], name="plain")
        answer = await plain.event(event(receivedat="2013-04-02T10:00:00Z"))
        assert (answer.status, answer.codes) == (403, {("/receivedat", "scope-missing")})


async def test_too_many_at_once_are_asked_to_wait(live_settings: Settings, pool: Pool) -> None:
    slow = live_settings.model_copy(update={"rate_limit_events_per_second": 2.0, "rate_limit_burst_seconds": 5.0})
    async with running(slow, pool) as gateway:
        police = await gateway.caller()
        assert (await police.batch([event(number) for number in range(10)])).status == 202
        answer = await police.batch([event(number) for number in range(10)])
        assert answer.status == 429
        assert 3 <= int(answer.headers["retry-after"]) <= 5
        assert (await (await gateway.caller(name="neighbour")).event(event())).status == 202


async def test_a_seal_holds_only_with_its_headers(gateway: Running, police: Caller) -> None:
    record = await gateway.record(await police.event(event()))
    moved = [(name, b"e-2" if name == "ce_id" else value) for name, value in record.headers]
    keys = {"2000-01-01": next(iter(gateway.gateway.keys._keys.values())).cipher}
    with pytest.raises(Poison, match="key-unknown"):
        open_event(record.value, moved, keys)
    keys = {key.id: key.cipher for key in gateway.gateway.keys._keys.values()}
    with pytest.raises(Poison, match="seal-broken"):
        open_event(record.value, moved, keys)


async def test_every_answer_has_a_request_id_of_ours(police: Caller) -> None:
    first, second = await police.event(event()), await police.get("/v1/nowhere")
    assert second.status == 404
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert (await police.call("DELETE", "/v1/events")).status == 405


async def test_only_the_named_role_says_that_an_identity_is_sealed(gateway: Running) -> None:
    def sealed(number: int) -> dict[str, Any]:
        made = event(number)
        made["data"]["people"][0] |= {"own_id": "A-7", "protected": True}
        return made

    scopes = [scope for scope in Scope if scope != Scope.PROTECTED]
    anybody = await gateway.caller(scopes=scopes, name="anybody")
    refused = await anybody.event(sealed(1))
    assert (refused.status, refused.codes) == (403, {("", "scope-missing")})
    some = await anybody.batch([event(2), sealed(3)])
    assert [result["status"] for result in some.body["results"]] == [202, 403]
    role = await gateway.caller(scopes=[Scope.WRITE_EVENTS, Scope.PROTECTED], name="role")
    assert (await role.event(sealed(4))).status == 202
