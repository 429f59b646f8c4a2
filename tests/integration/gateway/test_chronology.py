"""A person's chronology over HTTP: whose words each agency reads, as known when, and where sources differ."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from services.access import Scope
from services.db import Pool, hot_transaction
from services.directory import store as directories
from services.directory.form import DirectoryForm
from tests.integration.gateway.running import CSC, WMP, Caller, Running
from tests.integration.gateway.test_people import path_of, say, unfollowed
from tests.integration.intake.traffic import START, Feed, event, person

HIM = person(
    "S", "Alban Thornquist", "1981-06-14", role="subject", own_id="N-1", phone="07700 900123", at="2 Example Rise"
)
HIM_TOO = person("S", "Alban Thornquist", "1981-06-14", role="subject", own_id="P-1")
HER = person("A", "Ottilie Marrable", "1987-02-03", role="at-risk", own_id="N-2")
CLAIM = {"from": "S", "to": "A", "kind": "partner", "status": "reported"}


@pytest.fixture
async def feed(pool: Pool) -> Feed:
    made = Feed(pool)
    await made.start(0)
    report = event(
        "report",
        [HIM, HER],
        relationships=[CLAIM],
        occurred=(START - timedelta(days=3)).isoformat(),
        text="sealed-kestrel",
    )
    await made.say(report)
    nil = event("nil", [HIM], happened="police.nil-return.given", at=made.later(), means="none-held")
    await made.say(nil)
    care = event("care", [HIM_TOO], agency=CSC, happened="childrens-social-care.concern.reported", at=made.later())
    await made.say(care)
    await made.resolve_all()
    await say(made, "same", "report/S", "care/S")
    return made


@pytest.fixture
async def police(gateway: Running) -> Caller:
    return await gateway.caller(scopes=[Scope.READ_ALERTS], name="police")


@pytest.fixture
async def care(gateway: Running) -> Caller:
    return await gateway.caller({CSC: ["childrens-social-care.*"]}, scopes=[Scope.READ_ALERTS], name="care")


async def permit_review(pool: Pool, feed: Feed) -> None:
    """Load a directory in which the police force is let into what children's social care holds, for a review."""
    agreement = {
        "id": "review",
        "from": ["sector:childrens-social-care"],
        "to": [WMP],
        "purpose": "statutory-review",
        "legal_basis": "DVCVA2004-s9",
        "regime": "uk-gdpr",
        "event_types": ["*"],
        "fields": ["*"],
        "shown": "D3",
    }
    form = DirectoryForm.model_validate(
        {
            "areas": {"birmingham": {}},
            "agencies": {
                WMP: {"sector": "police", "areas": ["birmingham"]},
                CSC: {"sector": "childrens-social-care", "areas": ["birmingham"]},
            },
            "agreements": [agreement],
        }
    )
    async with hot_transaction(pool) as conn:
        await directories.save(conn, form, actor="tests", taken_at=START, token=directories.phone_token(feed.master))


def references(body: dict[str, Any]) -> list[str]:
    return [entry["reference"] for entry in body["entries"]]


async def test_each_agency_reads_its_own_words_and_nothing_sealed(feed: Feed, police: Caller, care: Caller) -> None:
    path = await path_of(feed.pool, "report/S") + "/chronology"
    ours = await police.get(path)
    assert ours.status == 200, ours.body
    assert references(ours.body) == ["report", "nil"]
    first, nil = ours.body["entries"]
    assert (first["days_unknown"], first["roles"]) == (3, ["subject"])
    assert first["relationships"][0]["to"]["names"] == [{"given": "Ottilie", "family": "Marrable"}]
    assert nil["nil_return"]
    assert references((await care.get(path)).body) == ["care"]
    everything = str(ours.body)
    assert not [word for word in ("kestrel", "900123", "Example Rise", "token") if word in everything]


async def test_as_it_was_known_then(feed: Feed, police: Caller) -> None:
    path = await path_of(feed.pool, "report/S") + "/chronology"
    async with hot_transaction(feed.pool) as conn:
        await conn.execute("UPDATE events SET taken_at = $1 WHERE id = 'report'", START)
        await conn.execute("UPDATE membership SET since = $1", START)
        await conn.execute("DELETE FROM membership_history")
    then = (START + timedelta(seconds=1)).isoformat().replace("+", "%2B")
    assert references((await police.get(f"{path}?as_known_at={then}")).body) == ["report"]
    tells: dict[str, Any] = {"retracts": {"id": "report"}, "reason": "wrong-fact"}
    await feed.say(event("back", (), happened="police.event.retracted", at=feed.later(), **tells))
    await feed.resolve_all()
    assert references((await police.get(path)).body) == ["nil"]
    assert references((await police.get(f"{path}?as_known_at={then}")).body) == ["report"], "it was known, though wrong"


async def test_a_review_reads_what_its_agreement_grants_and_where_sources_differ(
    feed: Feed, gateway: Running, police: Caller
) -> None:
    wrong = person("S", "Alban Thornquist", "1981-04-16", role="subject", own_id="P-1")
    await feed.say(
        event("other", [wrong], agency=CSC, happened="childrens-social-care.concern.reported", at=feed.later())
    )
    await feed.resolve_all()
    await say(feed, "same", "report/S", "other/S")
    path = await path_of(feed.pool, "report/S") + "/chronology?purpose=statutory-review"
    assert (await police.get(path)).codes == {("", "scope-missing")}
    panel = await gateway.caller(scopes=[Scope.READ_ALERTS, Scope.REVIEW_DEATHS], name="panel")
    assert references((await panel.get(path)).body) == ["report", "nil"], "no agreement, no more than its own"
    await permit_review(feed.pool, feed)
    shown = (await panel.get(path)).body
    assert references(shown) == ["report", "nil", "care", "other"]
    (born,) = [one for one in shown["discrepancies"] if one["about"] == "born"]
    assert {(claim["source"], claim["said"]) for claim in born["claims"]} == {
        (WMP, "1981-06-14"),
        (CSC, "1981-06-14"),
        (CSC, "1981-04-16"),
    }
    async with hot_transaction(feed.pool) as conn:
        row = await conn.fetchrow("SELECT purpose, details FROM audit_unsealed ORDER BY audit_id DESC LIMIT 1")
    assert row is not None
    assert row["purpose"] == "statutory-review"
    assert orjson.loads(row["details"])["sources"] == sorted([WMP, CSC])


async def test_what_was_sealed_later_is_sealed_for_every_time(feed: Feed, gateway: Running) -> None:
    await permit_review(feed.pool, feed)
    path = await path_of(feed.pool, "report/S") + "/chronology?purpose=statutory-review"
    reading = [Scope.READ_ALERTS, Scope.REVIEW_DEATHS]
    panel = await gateway.caller(scopes=reading, name="panel")
    officer = await gateway.caller(scopes=[*reading, Scope.PROTECTED], name="officer")
    assert "care" in references((await panel.get(path)).body)
    async with hot_transaction(feed.pool) as conn:
        then = (await conn.fetchval("SELECT now()")).isoformat().replace("+00:00", "Z")
    sealed = {**HIM_TOO, "names": [{"given": "Piers", "family": "Quillfeather"}], "protected": True}
    await feed.say(event("sealed", [sealed], agency=CSC, at=feed.later()))
    await feed.resolve_all()
    for when in ("", f"&as_known_at={then}"):
        assert references((await panel.get(path + when)).body) == ["report", "nil"]
    assert (await unfollowed(officer, path)).status == 300, "only the officer is told that the id stood for both"


async def test_exports(feed: Feed, police: Caller) -> None:
    path = await path_of(feed.pool, "report/S") + "/chronology"
    sent = {"authorization": f"Bearer {police.token}"}
    for form, kind in (("csv", "text/csv"), ("html", "text/html")):
        async with police.session.get(f"{police.url}{path}?format={form}", headers=sent) as response:
            text = await response.text()
            assert (response.status, response.content_type) == (200, kind)
            assert "attachment" in response.headers["content-disposition"]
            assert "nil return given" in text


async def test_an_id_that_moved_says_where_to(feed: Feed, care: Caller) -> None:
    younger, older = await path_of(feed.pool, "care/S"), await path_of(feed.pool, "report/S")
    moved = await unfollowed(care, f"{younger}/chronology?format=csv")
    assert (moved.status, moved.headers["location"]) == (301, f"{older}/chronology?format=csv")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?as_known_at=yesterday", 422),
        ("?as_known_at=2024-01-01T00:00:00", 422),
        ("?format=docx", 422),
        ("?purpose=x", 422),
    ],
)
async def test_wrong_questions(feed: Feed, police: Caller, query: str, status: int) -> None:
    path = await path_of(feed.pool, "report/S") + "/chronology"
    assert (await police.get(path + query)).status == status


async def test_a_stranger_is_nobody(police: Caller) -> None:
    assert (await police.get("/v1/people/0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11/chronology")).status == 404
