"""Alerts over HTTP: each agency sees its own view of its own, and acknowledges for itself."""

from collections.abc import AsyncIterator

import pytest

from gateway.views import ViewContext
from services.alerts import rule_infos
from services.db import Pool, hot_transaction
from services.settings import Settings
from tests.integration.alerts.world import CONCERN, Stored, at, rules, stored
from tests.integration.gateway.running import CSC, WMP, Caller, Running, running


@pytest.fixture
async def world(pool: Pool) -> AsyncIterator[Stored]:
    """Two concerns about two people: an alert each, for the police's duty inspector."""
    async with stored(pool, court=rules(CONCERN)) as made:
        await made.clock(0)
        await made.event("e1", "police.concern.reported", {"ada": "subject", "bea": "at-risk"})
        await made.judge()
        await made.clock(5)
        await made.event("e2", "police.concern.reported", {"cay": "subject", "dot": "at-risk"}, minutes=5)
        await made.judge()
        yield made


@pytest.fixture
async def gateway(live_settings: Settings, pool: Pool, world: Stored) -> AsyncIterator[Running]:
    del world  # only there first: the gateway reads the clock once, at its start
    async with running(live_settings, pool) as made:
        made.gateway.views = ViewContext(rule_infos.of(rules(CONCERN)))
        yield made


async def test_a_page_is_newest_first_and_goes_on_from_its_cursor(police: Caller) -> None:
    first = await police.get("/v1/alerts?limit=1")
    assert first.status == 200, first.body
    assert first.headers["cache-control"] == "no-store"
    rest = await police.get(f"/v1/alerts?limit=1&after={first.body['next']}")
    assert rest.body["next"] is None
    raised = [answer.body["alerts"][0]["raised_at"] for answer in (first, rest)]
    assert raised == [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (at(5), at(0))]
    assert (await police.get("/v1/alerts?after=x")).codes == {("/after", "not-a-cursor")}


async def test_a_page_can_be_narrowed(police: Caller) -> None:
    async def count(query: str) -> int:
        answer = await police.get(f"/v1/alerts?{query}")
        assert answer.status == 200, answer.body
        return len(answer.body["alerts"])

    assert await count("state=standing") == 2
    assert await count("state=answered") == 0
    assert await count("urgency=U2") == 2
    assert await count("urgency=U1&state=standing") == 0
    assert await count("purpose=housing") == 0
    for wrong in ("state=open", "urgency=1", "limit=0", "limit=201", "purpose=curiosity", "limit=x"):
        assert (await police.get(f"/v1/alerts?{wrong}")).status == 422, wrong


async def test_one_alert_is_there_for_its_agency_alone(gateway: Running, police: Caller, pool: Pool) -> None:
    alert = (await police.get("/v1/alerts")).body["alerts"][0]["alert"]
    shown = await police.get(f"/v1/alerts/{alert}")
    assert shown.status == 200
    assert shown.body["alert"] == alert
    assert shown.body["why"]
    care = await gateway.caller({CSC: ["childrens-social-care.*"]}, name="care")
    for answer in (
        await care.get(f"/v1/alerts/{alert}"),
        await care.get(f"/v1/alerts/{alert}?agency={WMP}"),
        await police.get("/v1/alerts/0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11"),
    ):
        assert answer.status == 404
    assert (await care.get("/v1/alerts")).body["alerts"] == []
    assert (await police.get("/v1/alerts/7")).status == 422
    async with hot_transaction(pool) as connection:
        actors = await connection.fetch("SELECT actor, thing FROM audit_unsealed WHERE action = 'consultation'")
    assert ("client:records") in {row["actor"] for row in actors}
    assert not {row["thing"] for row in actors if row["actor"] == "client:care"} & {f"alert:{alert}"}


async def test_a_token_for_several_agencies_says_for_which_it_asks(gateway: Running) -> None:
    both = await gateway.caller({WMP: ["police.*"], CSC: ["childrens-social-care.*"]}, name="both")
    answer = await both.get("/v1/alerts")
    assert (answer.status, answer.codes) == (403, {("agency", "agency-needed")})
    assert len((await both.get(f"/v1/alerts?agency={WMP}")).body["alerts"]) == 2
    assert (await both.get(f"/v1/alerts?agency={CSC}")).body["alerts"] == []


async def test_a_desk_acknowledges_the_version_it_saw(gateway: Running, police: Caller) -> None:
    alert = (await police.get("/v1/alerts")).body["alerts"][0]["alert"]
    path = f"/v1/alerts/{alert}/acknowledgements"
    given = {
        "version": 1,
        "desk": "duty-inspector",
        "actor": "DI-07",
        "action": "welfare-check",
        "reasons": "on our way",
    }
    answer = await police.post(path, given)
    assert answer.status == 201, answer.body
    assert (answer.body["agency"], answer.body["version"], answer.body["newest_version"]) == (WMP, 1, 1)
    assert answer.body["expires_at"] is None
    shown = (await police.get(f"/v1/alerts/{alert}")).body
    assert [each["actor"] for each in shown["acknowledgements"]] == ["DI-07"]
    assert (await police.post(path, {**given, "version": 2})).status == 404
    care = await gateway.caller({CSC: ["childrens-social-care.*"]}, name="care")
    assert (await care.post(path, {**given, "desk": "edt"})).status == 404
    nowhere = await police.post(path, {**given, "desk": "no-such-desk", "actor": "DI-08"})
    assert (nowhere.status, nowhere.codes) == (422, {("/desk", "unknown-desk")})
    shown = (await police.get(f"/v1/alerts/{alert}")).body
    assert [each["actor"] for each in shown["acknowledgements"]] == ["DI-07"], "it would have stopped the ring"
    reader = await gateway.caller(scopes=["alerts:read"], name="reader")
    assert (await reader.post(path, given)).codes == {("", "scope-missing")}


@pytest.mark.parametrize(
    ("body", "status", "fault"),
    [
        ({"desk": "d", "actor": "a"}, 422, ("/version", "missing")),
        ({"version": 0, "desk": "d", "actor": "a"}, 422, ("/version", "out-of-range")),
        ({"version": 1, "desk": "d", "actor": "a", "by": "x"}, 422, ("", "unknown-field")),
        ({"version": 1, "desk": "d", "actor": "a", "reasons": "x\x00"}, 422, ("/reasons", "form")),
        ([], 422, ("", "wrong-type")),
        (b"{", 400, ("", "not-json")),
        (b" " * 20_000, 413, ("", "body-too-large")),
    ],
)
async def test_an_acknowledgement_that_is_none(
    police: Caller, body: object, status: int, fault: tuple[str, str]
) -> None:
    alert = "0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11"
    answer = await police.post(f"/v1/alerts/{alert}/acknowledgements", body)
    assert (answer.status, answer.codes) == (status, {fault}), answer.body
