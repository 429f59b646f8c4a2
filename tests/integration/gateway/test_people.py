"""What an id stands for over HTTP: itself, another, several; and nobody for who has no part in them."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from gateway.views import ViewContext
from services.access import Scope
from services.alerts import rule_infos
from services.db import Pool, hot_transaction
from services.identity.decide import decide
from services.settings import Settings
from tests.integration.alerts.world import CONCERN, rules, stored
from tests.integration.gateway.running import CSC, WMP, Answer, Caller, Running, running
from tests.integration.identity.test_resolve import record_of
from tests.integration.intake.traffic import Feed, event, person

HERS = person("S", "Posy Larkin", "2015-03-04", role="subject", ids={"nhs": "9990000018"}, own_id="N-1")
THEIRS = person("S", "Posie Larkin", "2015-03-04", role="subject", own_id="C-7")
UNKNOWN = "/v1/people/0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11"


@pytest.fixture
async def feed(pool: Pool) -> Feed:
    made = Feed(pool)
    await made.start(0)
    await made.say(event("police", [HERS]))
    await made.say(event("care", [THEIRS], agency=CSC, at=made.later()))
    await made.resolve_all()
    return made


@pytest.fixture
async def police(gateway: Running) -> Caller:
    return await gateway.caller(scopes=[Scope.READ_ALERTS], name="police")


@pytest.fixture
async def care(gateway: Running) -> Caller:
    return await gateway.caller({CSC: ["childrens-social-care.*"]}, scopes=[Scope.READ_ALERTS], name="care")


async def path_of(pool: Pool, label: str) -> str:
    """Where the id first given to a record is asked for."""
    record = await record_of(pool, label)
    async with hot_transaction(pool) as conn:
        public = await conn.fetchval("SELECT public_id FROM persons WHERE person_id = $1", record)
    return f"/v1/people/{public}"


async def say(feed: Feed, verdict: Any, *labels: str, privileged: bool = False) -> None:
    one, other = [await record_of(feed.pool, label) for label in labels]
    async with hot_transaction(feed.pool) as conn:
        await decide(conn, one, other, verdict, actor="desk:x/y", reason="file", privileged=privileged)
    await feed.resolve_all()


async def unfollowed(caller: Caller, path: str) -> Answer:
    sent = {"authorization": f"Bearer {caller.token}"}
    async with caller.session.get(caller.url + path, headers=sent, allow_redirects=False) as response:
        return Answer(response.status, response.headers, await response.json())


async def test_one_sees_what_one_said_oneself_and_nobody_elses(feed: Feed, police: Caller, care: Caller) -> None:
    await say(feed, "different", "police/S", "care/S")
    path = await path_of(feed.pool, "police/S")
    shown = await police.get(path)
    assert shown.status == 200, shown.body
    assert shown.headers["cache-control"] == "no-store"
    assert shown.body["names"] == [{"given": "Posy", "family": "Larkin"}]
    assert (shown.body["born"], shown.body["purpose"]) == ("2015-03-04", "safeguarding")
    assert {"system": "nhs", "value": "9990000018"} in shown.body["identifiers"]
    assert (await care.get(path)).status == 404
    assert (await police.get(UNKNOWN)).status == 404
    async with hot_transaction(feed.pool) as conn:
        rows = await conn.fetch("SELECT actor, thing, details FROM audit_unsealed WHERE action = 'consultation'")
    (row,) = rows
    assert (row["actor"], orjson.loads(row["details"])["recipient"]) == ("client:police", WMP)
    assert row["thing"] == f"person:{await record_of(feed.pool, 'police/S')}"


async def test_merged_it_is_the_other_split_it_is_several_and_what_comes_back_is_itself(
    feed: Feed, police: Caller, care: Caller
) -> None:
    older, younger = await path_of(feed.pool, "police/S"), await path_of(feed.pool, "care/S")
    await say(feed, "same", "police/S", "care/S")
    moved = await unfollowed(care, f"{younger}?purpose=safeguarding")
    assert (moved.status, moved.headers["location"]) == (301, f"{older}?purpose=safeguarding")
    assert moved.body == {"person": younger[-36:], "became": older[-36:]}
    followed = await care.get(younger)
    assert (followed.status, followed.body["person"]) == (200, older[-36:])
    assert followed.body["names"] == [{"given": "Posie", "family": "Larkin"}], "what the police said is the police's"
    await say(feed, "different", "police/S", "care/S")
    again = await care.get(younger)
    assert (again.status, again.body["person"]) == (200, younger[-36:])
    # Each of the two agencies has a part in one of the two only: for each the old id stands for that one.
    assert (await police.get(older)).body["person"] == older[-36:]
    assert (await unfollowed(care, older)).headers["location"] == younger


async def test_several_stand_in_one_answer_for_who_knows_them_all(feed: Feed, police: Caller) -> None:
    await feed.say(event("again", [{**HERS, "own_id": "N-2", "identifiers": []}], at=feed.later()))
    await feed.resolve_all()
    await say(feed, "same", "police/S", "again/S")
    one, other = await path_of(feed.pool, "police/S"), await path_of(feed.pool, "again/S")
    await say(feed, "different", "police/S", "again/S")
    found = await unfollowed(police, one)
    assert found.status == 300
    assert found.body["person"] == one[-36:]
    assert {part["person"] for part in found.body["people"]} == {one[-36:], other[-36:]}
    assert all(part["names"] for part in found.body["people"])


async def test_taken_back_it_is_nobody(feed: Feed, police: Caller) -> None:
    path = await path_of(feed.pool, "police/S")
    back = event("back", (), happened="police.event.retracted", retracts={"id": "police"}, reason="wrong-person")
    await feed.say(back)
    await feed.resolve_all()
    assert (await police.get(path)).status == 404


async def test_a_sealed_identity_is_there_for_the_named_role_alone(
    feed: Feed, gateway: Running, police: Caller, care: Caller
) -> None:
    old = await path_of(feed.pool, "police/S")
    await say(feed, "same", "police/S", "care/S")
    sealed = {**THEIRS, "names": [{"given": "Ines", "family": "Quillfeather"}], "protected": True}
    await feed.say(event("sealed", [sealed], agency=CSC, at=feed.later()))
    await feed.resolve_all()
    new, before = await path_of(feed.pool, "sealed/S"), await path_of(feed.pool, "care/S")
    role = await gateway.caller(
        {CSC: ["childrens-social-care.*"]}, scopes=[Scope.READ_ALERTS, Scope.PROTECTED], name="role"
    )
    for caller in (police, care):
        assert (await caller.get(new)).status == 404
        assert (await caller.get(before)).status == 404, "all under that number is sealed"
    assert (await police.get(old)).body["person"] == old[-36:], "the link was cut, and nothing says that it was there"
    assert "Quillfeather" in str((await role.get(new)).body)
    await say(feed, "same", "police/S", "sealed/S", privileged=True)
    for path in (old, new):
        for caller in (police, care):
            answer = await caller.get(path)
            assert answer.status == 404
            assert "Larkin" not in str(answer.body)
    # For the role the old id is two: the one it was linked to, and the one it was cut from.
    shown = await role.get(new)
    assert (shown.status, shown.body["person"]) == (300, old[-36:])
    assert [part["names"][0]["family"] for part in shown.body["people"]] == ["Quillfeather", "Larkin"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/people/7", 422),
        (f"{UNKNOWN}?purpose=curiosity", 422),
        (f"{UNKNOWN}?agency=police-elsewhere", 404),
        ("/v1/people", 404),
    ],
)
async def test_wrong_questions(police: Caller, path: str, status: int) -> None:
    answer = await police.get(path)
    assert answer.status == status
    assert "curiosity" not in str(answer.body)


async def test_it_takes_a_token_with_the_scope(gateway: Running) -> None:
    writer = await gateway.caller(scopes=[Scope.WRITE_EVENTS], name="writer")
    assert (await writer.get(UNKNOWN)).codes == {("", "scope-missing")}
    assert (await gateway.nobody().get(UNKNOWN)).status == 401
    assert (await writer.call("DELETE", UNKNOWN)).status == 405


async def test_the_named_role_links_a_sealed_identity_and_nobody_else_can(feed: Feed, gateway: Running) -> None:
    sealed = {**THEIRS, "names": [{"given": "Ines", "family": "Quillfeather"}], "protected": True}
    await feed.say(event("sealed", [sealed], agency=CSC, at=feed.later()))
    await feed.say(
        event("before", [person("S", "Posy Larkin", "2015-03-04", role="subject", own_id="C-8")], agency=CSC)
    )
    await feed.resolve_all()
    old, new, hidden = [await path_of(feed.pool, f"{name}/S") for name in ("before", "sealed", "police")]
    role = await gateway.caller({CSC: ["childrens-social-care.*"]}, scopes=list(Scope), name="role")
    ordinary = [scope for scope in Scope if scope != Scope.PROTECTED]
    staff = await gateway.caller({CSC: ["childrens-social-care.*"]}, scopes=ordinary, name="staff")
    said = {"other": old[-36:], "verdict": "same", "actor": "SI-02", "reason": "own-file"}
    assert (await staff.post(f"{new}/decisions", said)).codes == {("", "scope-missing")}
    assert (await role.post(f"{new}/decisions", {**said, "other": UNKNOWN[-36:]})).status == 404
    assert (await role.post(f"{UNKNOWN}/decisions", said)).status == 404
    assert (await role.post(f"{new}/decisions", {**said, "other": new[-36:]})).codes == {("/other", "same-id")}
    for wrong, fault in (
        ({"verdict": "maybe"}, ("/verdict", "not-allowed")),
        ({"reason": "She told me."}, ("/reason", "form")),
        ({"other": "7"}, ("/other", "not-an-id")),
        ({"names": []}, ("", "unknown-field")),
    ):
        answer = await role.post(f"{new}/decisions", {**said, **wrong})
        assert answer.status == 422, answer.body
        assert fault in answer.codes
    done = await role.post(f"{new}/decisions", said)
    assert (done.status, done.body) == (202, {"person": new[-36:], "other": old[-36:], "verdict": "same"})
    await feed.resolve_all()
    moved = await unfollowed(role, new)
    assert (moved.status, moved.body["became"]) in {(301, old[-36:]), (301, hidden[-36:])}
    assert (await staff.get(old)).status == 404
    assert (await role.post(f"{new}/decisions", {**said, "verdict": "different"})).status == 202
    await feed.resolve_all()
    assert (await role.get(new)).body["person"] == new[-36:]
    assert (await staff.get(new)).status == 404


async def test_about_open_identities_the_review_queue_decides(feed: Feed, gateway: Running) -> None:
    await say(feed, "different", "police/S", "care/S")
    await feed.say(event("again", [{**HERS, "own_id": "N-2", "identifiers": []}], at=feed.later()))
    await feed.resolve_all()
    one, other = [await path_of(feed.pool, f"{name}/S") for name in ("police", "again")]
    role = await gateway.caller(name="role")
    said = {"other": other[-36:], "verdict": "same", "actor": "SI-02", "reason": "own-file"}
    answer = await role.post(f"{one}/decisions", said)
    assert (answer.status, answer.codes) == (409, {("", "not-sealed")})


class TestFromAnAlert:
    """Of whom an agency was only told: no record of its own."""

    @pytest.fixture
    async def told(self, live_settings: Settings, pool: Pool) -> AsyncIterator[tuple[Caller, dict[str, Any]]]:
        async with stored(pool, court=rules(CONCERN)) as world:
            await world.event("e1", "police.concern.reported", {"ada": "subject", "bea": "at-risk"})
            await world.judge()
            async with running(live_settings, pool) as gateway:
                gateway.gateway.views = ViewContext(rule_infos.of(rules(CONCERN)))
                police = await gateway.caller()
                alert = (await police.get("/v1/alerts")).body["alerts"][0]["alert"]
                yield police, (await police.get(f"/v1/alerts/{alert}")).body

    async def test_the_ids_in_it_lead_to_what_it_shows(self, told: tuple[Caller, dict[str, Any]], pool: Pool) -> None:
        police, alert = told
        subject, counterpart = alert["people"]
        for said, name in ((subject, "ada"), (counterpart, "bea")):
            shown = await police.get(f"/v1/people/{said['person']}")
            assert (shown.status, shown.body["names"]) == (200, [{"given": name}])
            assert shown.body["alerts"] == [alert["alert"]]
        async with hot_transaction(pool) as conn:
            await conn.execute("UPDATE alerts SET condition = 'withdrawn'")
        gone = await police.get(f"/v1/people/{subject['person']}")
        assert gone.status == 404, "an alert that proved wrong gives no part in whom it named"

    async def test_not_for_another_purpose_nor_after_its_role_ended(
        self, told: tuple[Caller, dict[str, Any]], pool: Pool
    ) -> None:
        police, alert = told
        path = f"/v1/people/{alert['people'][0]['person']}"
        assert (await police.get(f"{path}?purpose=housing")).status == 404
        async with hot_transaction(pool) as conn:
            await conn.execute("UPDATE alert_recipients SET left_at = now()")
        assert (await police.get(path)).status == 404
