"""Who might be who, over HTTP: each agency its own view of the items about people it holds, and decisions of two people."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from schemas.reviews import ReviewDecision, ReviewPage, ReviewView
from services.access import TRAINED, Scope
from services.db import Pool
from services.settings import Settings
from tests.integration.gateway.running import Answer, Caller, Running, running
from tests.integration.reviews.world import CARE, FLAG, HEALTH, POLICE, REPORT, SEALED, Reviewing, reviewing

PUBLISHES = {CARE: ["childrens-social-care.*"], POLICE: ["police.*"], HEALTH: ["health.*"]}
SAME = {"verdict": "same", "version": "0" * 16, "actor": "SW-07", "reason": "own-file"}
YES = {"agrees": True, "version": "0" * 16, "actor": "PC-4411", "reason": "asked-agencies"}
NOWHERE = "0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11"


@pytest.fixture
async def world(pool: Pool) -> AsyncIterator[Reviewing]:
    """Two items: one that would ring a U1, one that would ring nothing."""
    async with reviewing(pool) as made:
        await made.near()
        await made.say(FLAG, REPORT)
        yield made


@pytest.fixture
async def gateway(live_settings: Settings, pool: Pool, world: Reviewing) -> AsyncIterator[Running]:
    del world  # only there first: the gateway reads the clock once, at its start
    async with running(live_settings, pool) as made:
        yield made


async def staff(gateway: Running, agency: str, *scopes: Scope) -> Caller:
    given = scopes or (Scope.READ_REVIEWS, Scope.DECIDE_REVIEWS)
    return await gateway.caller({agency: PUBLISHES[agency]}, scopes=given, name=f"{agency}.{len(scopes)}")


@pytest.fixture
async def care(gateway: Running) -> Caller:
    return await staff(gateway, CARE)


@pytest.fixture
async def police(gateway: Running) -> Caller:
    return await staff(gateway, POLICE)


async def listed(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    answer = await caller.get(f"/v1/reviews{query}")
    assert answer.status == 200, answer.body
    ReviewPage.model_validate_json(orjson.dumps(answer.body))
    found: list[dict[str, Any]] = answer.body["reviews"]
    return found


async def urgent(caller: Caller) -> str:
    found: str = (await listed(caller))[0]["review"]
    return found


async def read(caller: Caller, review: str) -> dict[str, Any]:
    answer = await caller.get(f"/v1/reviews/{review}")
    assert answer.status == 200, answer.body
    ReviewView.model_validate_json(orjson.dumps(answer.body))
    found: dict[str, Any] = answer.body
    return found


async def test_the_queue_has_the_worst_first_and_goes_on_from_its_cursor(care: Caller) -> None:
    assert [(item["risk"], item["state"]) for item in await listed(care)] == [("U1", "open"), ("none", "open")]
    first = await care.get("/v1/reviews?limit=1")
    assert first.headers["cache-control"] == "no-store"
    assert first.body["next"] == first.body["reviews"][0]["review"], "its weight would say how alike the two sides are"
    rest = await care.get(f"/v1/reviews?limit=1&after={first.body['next']}")
    assert [item["risk"] for item in rest.body["reviews"]] == ["none"]
    assert rest.body["next"] is None
    for cursor in ("x", str(uuid4())):
        assert (await care.get(f"/v1/reviews?after={cursor}")).codes == {("/after", "not-a-cursor")}


async def test_the_queue_can_be_narrowed_by_what_the_agency_itself_says_of_where(care: Caller, police: Caller) -> None:
    assert [item["risk"] for item in await listed(care, "?area=northshire")] == ["U1"]
    assert await listed(care, "?area=southshire") == [], "only the police put him there"
    assert [item["risk"] for item in await listed(police, "?area=southshire")] == ["U1"]
    assert await listed(care, "?area=nowhere") == []
    assert await listed(care, "?state=proposed") == []
    for wrong in ("state=closed", "limit=0", "limit=201", "limit=x"):
        assert (await care.get(f"/v1/reviews?{wrong}")).status == 422, wrong


async def test_nobody_else_is_told_that_there_is_an_item(gateway: Running, care: Caller, pool: Pool) -> None:
    review = await urgent(care)
    health = await staff(gateway, HEALTH)
    assert await listed(health) == []
    for answer in (
        await health.get(f"/v1/reviews/{review}"),
        await health.get(f"/v1/reviews/{review}?agency={CARE}"),
        await health.post(f"/v1/reviews/{review}/decisions", SAME),
        await care.get(f"/v1/reviews/{NOWHERE}"),
        await care.get(f"/v1/reviews/{review}?purpose=housing"),
        await care.post(f"/v1/reviews/{NOWHERE}/decisions", SAME),
        await care.post(f"/v1/reviews/{review}/decisions/{NOWHERE}/withdrawals", {"actor": "a", "reason": "other"}),
    ):
        assert answer.status == 404, answer.body
    assert (await care.get("/v1/reviews/7")).status == 422
    rows = await pool.fetch("SELECT actor, thing FROM audit_unsealed WHERE action = 'consultation'")
    assert {row["thing"] for row in rows} >= {f"reviews:{CARE}", f"reviews:{HEALTH}"}
    assert not any(row["thing"].startswith("review:") for row in rows if row["actor"] == f"client:{HEALTH}.0")


async def test_a_sealed_identity_takes_leave_of_its_own(gateway: Running, care: Caller, pool: Pool) -> None:
    review = await urgent(care)
    await pool.execute("UPDATE persons SET sealed = true")
    assert await listed(care) == []
    assert (await care.get(f"/v1/reviews/{review}")).status == 404
    assert (await care.get(f"/v1/reviews?after={review}")).codes == {("/after", "not-a-cursor")}
    named = await staff(gateway, CARE, Scope.READ_REVIEWS, Scope.PROTECTED)
    assert len(await listed(named)) == 2
    assert (await named.get(f"/v1/reviews/{review}")).status == 200


async def test_only_clients_of_trained_staff_have_the_scopes(gateway: Running, care: Caller) -> None:
    review = await urgent(care)
    others = await staff(gateway, CARE, *(scope for scope in Scope if scope not in TRAINED))
    reader = await staff(gateway, CARE, Scope.READ_REVIEWS)
    for answer in (
        await others.get("/v1/reviews"),
        await others.get(f"/v1/reviews/{review}"),
        await others.post(f"/v1/reviews/{review}/decisions", SAME),
        await reader.post(f"/v1/reviews/{review}/decisions", SAME),
    ):
        assert (answer.status, answer.codes) == (403, {("", "scope-missing")})


async def test_an_item_says_what_agrees_and_shows_of_others_what_agreements_permit(
    care: Caller, police: Caller, world: Reviewing
) -> None:
    review = await urgent(care)
    shown = await read(care, review)
    outcomes = {field["field"]: field["outcome"] for field in shown["fields"]}
    assert (outcomes["given-name"], outcomes["family-name"], outcomes["date-of-birth"]) == ("same", "near", "one-sided")
    assert sum(line["weight"] for line in shown["explained"][0]["lines"]) == shown["explained"][0]["weight"]
    assert shown["explained"][0]["weight"] == shown["weight"]
    assert shown["needs_second"] is True
    assert "rules" not in shown, "which rule would ring says what another agency knows"
    (own,) = shown["candidate"]["records"]
    assert (own["own"], own["agency"], own["born"]) == (True, CARE, "1955-02-19")
    assert own["said"][0]["reference"] == "flag"
    (theirs,) = shown["record"]["records"]
    assert (theirs["own"], theirs["agency"], theirs["names"][0]["family"]) == (False, POLICE, "Spurwey")
    assert "reference" not in theirs["said"][0]
    (flagged,) = (await read(police, review))["candidate"]["records"]
    assert (flagged["agency"], flagged["born"]) == (CARE, "1955-02-19")
    assert "what" not in flagged["said"][0], "what he is known for tells nobody who he is"
    await world.pass_time(minutes=1)
    await world.load_directory(agreements=False)
    shown = await read(police, review)
    assert shown["candidate"]["records"] == [{"own": False, "unnamed": False, "said": [], "withheld": ["agreement"]}]
    assert {field["field"]: field["outcome"] for field in shown["fields"]} == outcomes
    assert shown["record"]["records"][0]["names"][0]["family"] == "Spurwey"


async def test_whether_a_guess_at_a_flagged_address_is_right_is_said_to_nobody(
    care: Caller, police: Caller, pool: Pool
) -> None:
    review = await urgent(police)
    before = await read(police, review)
    assert {"address", "telephone", "workplace"} <= {field["field"] for field in before["fields"]}
    await pool.execute(
        "UPDATE events SET type = 'health.protection.address-flagged' WHERE event_key IN ("
        "SELECT event_key FROM mentions WHERE record_id = (SELECT candidate_record_id FROM reviews WHERE public_id = $1))",
        UUID(review),
    )
    for caller in (care, police):
        shown = await read(caller, review)
        assert {"address", "telephone", "workplace"}.isdisjoint(field["field"] for field in shown["fields"])
        assert "given-name" in {field["field"] for field in shown["fields"]}
        assert "weight" not in shown
        assert (shown["reasons"], shown["explained"]) == ([], [])
        (item,) = [one for one in await listed(caller) if one["review"] == review]
        assert "weight" not in item


async def test_nothing_sealed_is_in_any_answer(care: Caller, police: Caller) -> None:
    for caller in (care, police):
        for answer in (await caller.get("/v1/reviews"), await caller.get(f"/v1/reviews/{await urgent(caller)}")):
            text = orjson.dumps(answer.body).decode()
            for marker in (SEALED, "07700", "B22", "token", "R26"):
                assert marker not in text, marker


async def test_two_people_decide_what_would_ring_a_u1(
    gateway: Running, care: Caller, police: Caller, world: Reviewing
) -> None:
    review = await urgent(care)
    path = f"/v1/reviews/{review}/decisions"
    assert (await care.post(path, SAME)).codes == {("/version", "changed")}
    seen = {"version": (await read(care, review))["version"]}
    proposed = await care.post(path, {**SAME, **seen, "note": f"{SEALED} the file says so"})
    assert (proposed.status, proposed.body["state"]) == (201, "proposed"), proposed.body
    again = await care.post(path, SAME)
    assert (again.status, again.body) == (200, proposed.body)
    assert [item["state"] for item in await listed(police, "?state=proposed")] == ["proposed"]
    confirmation = f"{path}/{proposed.body['decision']}/confirmations"
    alone = await care.post(confirmation, {"agrees": True, "actor": "SW-07", "reason": "own-file", **seen})
    assert (alone.status, alone.codes) == (403, {("/actor", "second-person")})
    yes = {"agrees": True, "actor": "PC-4411", "reason": "asked-agencies", **seen}
    confirmed = await police.post(confirmation, yes)
    assert (confirmed.status, confirmed.body["state"]) == (201, "in-force"), confirmed.body
    assert (await police.post(confirmation, yes)).status == 200
    await world.settle()
    assert await world.alerts("R26") == [("standing", 1)]
    shown = await read(police, review)
    assert (shown["state"], [d["state"] for d in shown["decisions"]]) == ("decided", ["in-force"])
    assert SEALED not in orjson.dumps(shown).decode()
    assert (await police.post(path, {**SAME, "verdict": "different"})).codes == {("", "already-decided")}
    withdrawal = f"{path}/{proposed.body['decision']}/withdrawals"
    back = {"actor": "PC-9", "reason": "mistake"}
    assert (await police.post(withdrawal, back)).codes == {("/actor", "not-own")}
    chief = await staff(gateway, POLICE, Scope.READ_REVIEWS, Scope.DECIDE_REVIEWS, Scope.SUPERVISE_REVIEWS)
    taken = await chief.post(withdrawal, back)
    assert (taken.status, taken.body["state"]) == (201, "withdrawn")
    ReviewDecision.model_validate_json(orjson.dumps(taken.body))
    await world.settle()
    assert await world.alerts("R26") == [("withdrawn", 1)]
    assert (await police.post(confirmation, {**yes, "agrees": False})).codes == {("", "is-withdrawn")}


async def test_cannot_tell_says_that_it_waits(care: Caller) -> None:
    review = (await listed(care))[1]["review"]
    told = {**SAME, "version": (await read(care, review))["version"], "verdict": "cannot-tell"}
    said = await care.post(f"/v1/reviews/{review}/decisions", told)
    assert (said.status, said.body["state"]) == (201, "in-force")
    assert (await read(care, review))["state"] == "aside"
    assert len(await listed(care)) == 1
    assert [item["review"] for item in await listed(care, "?state=aside")] == [review]


@pytest.mark.parametrize(
    ("route", "body", "status", "fault"),
    [
        ("", {"version": "0" * 16, "actor": "a", "reason": "other"}, 422, ("/verdict", "missing")),
        ("", {"verdict": "same", "actor": "a", "reason": "other"}, 422, ("/version", "missing")),
        ("", {**SAME, "version": "latest"}, 422, ("/version", "form")),
        ("", {**SAME, "verdict": "perhaps"}, 422, ("/verdict", "not-allowed")),
        ("", {**SAME, "reason": "because he said so"}, 422, ("/reason", "not-allowed")),
        ("", {**SAME, "actor": "Jane Doe"}, 422, ("/actor", "form")),
        ("", {**SAME, "by": "x"}, 422, ("", "unknown-field")),
        ("", {**SAME, "note": "x\x00"}, 422, ("/note", "form")),
        ("", {**SAME, "note": "x" * 2_001}, 422, ("/note", "too-long")),
        ("", [], 422, ("", "wrong-type")),
        ("", b"{", 400, ("", "not-json")),
        ("", b" " * 20_000, 413, ("", "body-too-large")),
        (
            f"/{NOWHERE}/confirmations",
            {"version": "0" * 16, "actor": "a", "reason": "other"},
            422,
            ("/agrees", "missing"),
        ),
        (f"/{NOWHERE}/confirmations", {**YES, "agrees": "yes"}, 422, ("/agrees", "wrong-type")),
        (f"/{NOWHERE}/confirmations", {**YES, "version": 7}, 422, ("/version", "wrong-type")),
        (f"/{NOWHERE}/withdrawals", {"reason": "other"}, 422, ("/actor", "missing")),
        (f"/{NOWHERE}/withdrawals", b"", 400, ("", "not-json")),
    ],
)
async def test_a_decision_that_is_none(
    care: Caller, route: str, body: object, status: int, fault: tuple[str, str]
) -> None:
    answer: Answer = await care.post(f"/v1/reviews/{NOWHERE}/decisions{route}", body)
    assert (answer.status, answer.codes) == (status, {fault}), answer.body
