"""`tocsin clients`: nobody loses a secret because somebody else chose the same id."""

import asyncio

import pytest
from typer.testing import CliRunner, Result

from deploy.command.main import app
from services.db import Pool, hot_transaction
from services.issuer.store import Client, check_client

POLICE = ("--agency", "police-exshire", "--types", "police.*")
CARE = ("--agency", "csc-exford", "--types", "childrens-social-care.*")


async def clients(*arguments: str) -> Result:
    """Run the command as a user would; it has a loop of its own, hence a thread."""
    return await asyncio.to_thread(CliRunner().invoke, app, ["clients", *arguments], env={"COLUMNS": "300"})


async def check(pool: Pool, secret: str) -> Client | None:
    async with hot_transaction(pool) as conn:
        return await check_client(conn, "records", secret)


@pytest.fixture(autouse=True)
def own_database(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)


async def test_a_client_that_is_there_is_not_replaced(pool: Pool) -> None:
    first = (await clients("add", "records", *POLICE)).stdout.strip()
    again = await clients("add", "records", *CARE)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "tocsin clients rotate records" in again.stderr
    held = await check(pool, first)
    assert held is not None
    assert held.publishes == {"police-exshire": ["police.*"]}


async def test_a_rotated_secret_holds_instead_of_the_old_one(pool: Pool) -> None:
    first = (await clients("add", "records", *POLICE, "--scope", "events:write")).stdout.strip()
    second = (await clients("rotate", "records")).stdout.strip()
    assert await check(pool, first) is None
    assert await check(pool, second) == Client(
        "records", {"police-exshire": ["police.*"]}, ["urn:tocsin:agency:police-exshire"], ["events:write"]
    )


async def test_a_removed_client_may_be_registered_for_somebody_else(pool: Pool) -> None:
    first = (await clients("add", "records", *POLICE)).stdout.strip()
    assert (await clients("remove", "records")).exit_code == 0
    assert await check(pool, first) is None
    assert (await clients("add", "records", *CARE)).exit_code == 0


@pytest.mark.parametrize("command", ["rotate", "remove"])
async def test_a_client_that_is_not_there_is_said(command: str) -> None:
    said = await clients(command, "records")
    assert (said.exit_code, said.stdout) == (1, "")
    assert "There is no client records" in said.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("Bad id!", *POLICE), "A client's id is of lower-case letters"),
        (("records", "--agency", "police-exshire", "--types", "polcie.*"), "polcie.* is no event type"),
        (("records", "--agency", "police-exshire", "--types", "police.concern.reported.v1"), "is no event type"),
    ],
)
async def test_what_could_never_publish_is_refused_before_a_secret_is_made(
    arguments: tuple[str, ...], says: str
) -> None:
    refused = await clients("add", *arguments)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert says in refused.stderr
