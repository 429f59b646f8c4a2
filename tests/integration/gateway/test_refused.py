"""What is refused because of who asked stands in the audit, bounded, and whoever tries many ids is paged."""

from typing import Any
from uuid import uuid4

import orjson
import pytest

from services.access import Scope
from services.db import Pool, hot_transaction
from tests.integration.gateway.running import CSC, Caller, Running
from tests.polling import until

READS = ("/v1/people/{}", "/v1/people/{}/chronology", "/v1/alerts/{}", "/v1/reviews/{}")


@pytest.fixture
async def curious(gateway: Running) -> Caller:
    scopes = [Scope.READ_ALERTS, Scope.READ_REVIEWS]
    return await gateway.caller({CSC: ["childrens-social-care.*"]}, scopes=scopes, name="curious")


async def refusals(pool: Pool) -> list[dict[str, Any]]:
    async with hot_transaction(pool) as conn:
        rows = await conn.fetch(
            "SELECT actor, thing, details FROM audit_unsealed WHERE action = 'refusal' ORDER BY audit_id"
        )
    return [{"actor": row["actor"], "thing": row["thing"], **orjson.loads(row["details"])} for row in rows]


async def test_a_refused_read_stands_in_the_audit_with_who_asked_for_what(curious: Caller, pool: Pool) -> None:
    ids = [str(uuid4()) for _ in READS]
    for path, one in zip(READS, ids, strict=True):
        assert (await curious.get(path.format(one))).status == 404
    assert (await curious.get("/v1/alerts?agency=police-elsewhere")).status == 404
    assert (await curious.get(f"/v1/people/{ids[0]}/chronology?purpose=statutory-review")).status == 403

    async def all_there() -> list[dict[str, Any]] | None:
        found = await refusals(pool)
        return found if sum(row["tries"] for row in found) == 6 else None

    found = await until(all_there)
    assert {row["actor"] for row in found} == {"client:curious"}
    assert {(row["thing"], one) for row in found for one in row["asked"]} >= {
        ("route:/v1/people/{person}", ids[0]),
        ("route:/v1/people/{person}/chronology", ids[1]),
        ("route:/v1/alerts/{alert}", ids[2]),
        ("route:/v1/reviews/{review}", ids[3]),
        ("route:/v1/people/{person}/chronology", ids[0]),
    }
    assert "elsewhere" not in str(found), "what was written in a query may be anything"


async def test_many_ids_of_one_client_page_an_operator_and_fill_nothing(
    gateway: Running, curious: Caller, pool: Pool
) -> None:
    same = str(uuid4())
    for _ in range(30):
        assert (await curious.get(f"/v1/people/{same}")).status == 404
    await gateway.gateway.refused.write()
    assert await paged(pool) == [], "one id again and again is a system that is wrong, not somebody who looks around"
    before = len(await refusals(pool))
    for _ in range(19):
        await curious.get(f"/v1/alerts/{uuid4()}")
        await curious.get(f"/v1/people/{uuid4()}")
    await gateway.gateway.refused.write()

    async def pages() -> list[str]:
        return await paged(pool)

    assert await until(pages) == ["curious"]
    rows = await refusals(pool)
    assert sum(row["tries"] for row in rows) == 68
    assert len(rows) - before < 20, "a row for each second and route, not for each try"
    assert all(len(row["asked"]) <= 20 for row in rows)


async def paged(pool: Pool) -> list[str]:
    async with hot_transaction(pool) as conn:
        rows = await conn.fetch("SELECT about FROM operator_pages WHERE kind = 'ids-tried' AND closed_at IS NULL")
    return [row["about"] for row in rows]


IDS = (
    ("GET", "/v1/alerts/abc"),
    ("POST", "/v1/alerts/abc/acknowledgements"),
    ("GET", "/v1/people/abc"),
    ("GET", "/v1/people/abc/chronology"),
    ("POST", "/v1/people/abc/decisions"),
    ("GET", "/v1/reviews/abc"),
    ("POST", "/v1/reviews/abc/decisions"),
    ("POST", "/v1/webhook-endpoints/abc/secrets"),
    ("DELETE", "/v1/webhook-endpoints/abc"),
)


async def test_what_is_no_id_and_no_number_is_said_so_and_never_repeated(gateway: Running) -> None:
    caller = await gateway.caller(scopes=list(Scope))
    for method, path in IDS:
        answer = await caller.call(method, path)
        assert (answer.status, {code for _, code in answer.codes}) == (422, {"not-an-id"}), path
        assert "answer gave it" in answer.body["errors"][0]["detail"]
    for query, code in (
        ("limit=many", "wrong-type"),
        ("limit=0", "out-of-range"),
        ("limit=100000", "out-of-range"),
        ("state=standing-still", "not-allowed"),
        ("urgency=U9", "not-allowed"),
        (f"after={'x' * 300}", "too-long"),
        ("after=xyz", "not-a-cursor"),
    ):
        answer = await caller.get(f"/v1/alerts?{query}")
        assert (answer.status, {found for _, found in answer.codes}) == (422, {code}), query
        assert query.partition("=")[2] not in str(answer.body), "nothing that was sent comes back"
    assert (await caller.get("/v1/receipts/abc")).status == 404
