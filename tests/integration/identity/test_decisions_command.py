"""`tocsin decisions`: an operator undoes a wrong merge without writing a program."""

import asyncio

import pytest
from typer.testing import CliRunner, Result

from deploy.command.main import app
from services.db import Pool
from tests.integration.identity.test_resolve import record_of
from tests.integration.intake.traffic import Feed, event, people, person

HIM = person("S", "Alban Thornquist", "1981-06-14", role="subject", ids={"nhs": "9990000018"})
DESK = ("--actor", "desk:police-exshire/duty-inspector")
WHY = ("--reason", "two files of that name")


@pytest.fixture
async def feed(pool: Pool) -> Feed:
    made = Feed(pool)
    await made.start(0)
    await made.say(event("one", [HIM]))
    await made.say(event("other", [HIM], agency="csc-exshire", at=made.later()))
    await made.resolve_all()
    return made


async def test_the_machine_is_overruled_and_then_not(
    feed: Feed, pool: Pool, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    two = [str(await record_of(pool, label)) for label in ("one/S", "other/S")]
    joined = {frozenset({"one/S", "other/S"})}
    assert await people(pool) == joined

    assert (await tocsin("make", *two, "--verdict", "different", *DESK, *WHY)).exit_code == 0
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"one/S"}), frozenset({"other/S"})}
    assert "different" in (await tocsin("list", two[0])).output

    assert (await tocsin("withdraw", *two, *DESK)).exit_code == 0
    await feed.resolve_all()
    assert await people(pool) == joined
    assert (await tocsin("withdraw", *two, *DESK)).exit_code == 1, "there is none left"


async def test_what_cannot_be_decided_is_said(
    feed: Feed, pool: Pool, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    one = str(await record_of(feed.pool, "one/S"))
    refused = await tocsin("make", one, "99999999", "--verdict", "same", *DESK, *WHY)
    assert refused.exit_code == 1
    assert "two records that exist" in refused.output
    assert await pool.fetchval("SELECT count(*) FROM decisions") == 0


async def tocsin(*arguments: str) -> Result:
    """Run the command as a user would; it has a loop of its own, hence a thread."""
    return await asyncio.to_thread(CliRunner().invoke, app, ["decisions", *arguments], env={"COLUMNS": "200"})
