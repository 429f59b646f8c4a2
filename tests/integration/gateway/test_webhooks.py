"""An agency registers where its desks are told, sees it, renews its secret and takes it away again."""

import pytest

from services.db import Pool, hot_transaction
from services.directory import file
from services.directory import store as directories
from tests.integration.alerts.world import DIRECTORY, START
from tests.integration.gateway.running import CSC, Caller, Running

PATH = "/v1/webhook-endpoints"
URL = "https://hooks.example.org/tocsin"


@pytest.fixture
async def police(gateway: Running, pool: Pool) -> Caller:
    async with hot_transaction(pool) as connection:
        await directories.save(
            connection, file.read(DIRECTORY), actor="test", taken_at=START, token=lambda phone: phone
        )
    return await gateway.caller()


async def test_the_way_of_an_endpoint(gateway: Running, police: Caller, pool: Pool) -> None:
    made = await police.post(PATH, {"url": URL, "desk": "duty-inspector"})
    assert made.status == 201, made.body
    assert made.body["secret"].startswith("whsec_")
    assert made.headers["cache-control"] == "no-store"
    endpoint = made.body["endpoint"]
    listed = (await police.get(PATH)).body["endpoints"]
    assert [(each["endpoint"], each["desk"], each["url"]) for each in listed] == [(endpoint, "duty-inspector", URL)]
    assert "secret" not in listed[0]
    renewed = await police.post(f"{PATH}/{endpoint}/secrets")
    assert renewed.status == 201
    assert renewed.body["secret"] != made.body["secret"]
    care = await gateway.caller({CSC: ["childrens-social-care.*"]}, name="care")
    assert (await care.get(PATH)).body["endpoints"] == []
    assert (await care.call("DELETE", f"{PATH}/{endpoint}")).status == 404
    assert (await care.post(f"{PATH}/{endpoint}/secrets")).status == 404
    assert (await police.call("DELETE", f"{PATH}/{endpoint}")).status == 204
    assert (await police.call("DELETE", f"{PATH}/{endpoint}")).status == 404
    assert (await police.get(PATH)).body["endpoints"] == []
    async with hot_transaction(pool) as connection:
        notes = await connection.fetchval(
            "SELECT count(*) FROM audit_unsealed WHERE thing = $1", f"endpoint:{endpoint}"
        )
    assert notes == 3


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, ("/url", "missing")),
        ({"url": "ftp://x"}, ("/url", "form")),
        ({"url": "https://user:pass@x/"}, ("/url", "not-a-url")),
        ({"url": "https://x/#top"}, ("/url", "not-a-url")),
        ({"url": "https://x:99999/"}, ("/url", "not-a-url")),
        ({"url": "https://"}, ("/url", "form")),
        ({"url": "https://[::"}, ("/url", "not-a-url")),
        ({"url": URL, "desk": "kitchen"}, ("/desk", "unknown-desk")),
        ({"url": URL, "secret": "mine"}, ("", "unknown-field")),
        ({"url": "https://x/" + "y" * 500}, ("/url", "too-long")),
    ],
)
async def test_an_endpoint_that_cannot_be(police: Caller, body: object, fault: tuple[str, str]) -> None:
    answer = await police.post(PATH, body)
    assert (answer.status, answer.codes) == (422, {fault}), answer.body


async def test_only_with_the_scope(gateway: Running) -> None:
    reader = await gateway.caller(scopes=["alerts:read"], name="reader")
    assert (await reader.get(PATH)).status == 403
    assert (await reader.post(PATH, {"url": URL})).status == 403
