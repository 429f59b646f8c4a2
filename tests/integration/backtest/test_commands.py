"""`tocsin backtest`, `tocsin rules shadow` and `tocsin rules parameters` as an operator runs them."""

import asyncio

import orjson
import pytest
from typer.testing import CliRunner, Result

from deploy.command.main import app
from services.db import Pool
from services.rules.load import CATALOGUE
from tests.integration.alerts.world import START, stored

WHO = ("--actor", "rules board", "--purpose", "review of R15")
AREA = ("--area", "birmingham", "--actor", "the board", "--reason", "a desk that is staffed day and night")
R15 = next(CATALOGUE.glob("R15-*.yaml"))


@pytest.fixture
def _here(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)


async def tocsin(*arguments: str) -> Result:
    """Run the command as a user would; it has a loop of its own, hence a thread."""
    return await asyncio.to_thread(CliRunner().invoke, app, list(arguments), env={"COLUMNS": "200"})


@pytest.mark.usefixtures("_here")
async def test_a_back_test_and_the_shadow_report_say_what_machines_can_read(pool: Pool) -> None:
    async with stored(pool) as world:
        await world.event("c1", "police.concern.reported", {"S": "subject", "A": "at-risk"})
        await world.judge()
        found = await tocsin("backtest", "--rules", str(R15), *WHO, "--json")
        assert found.exit_code == 0, found.output
        said = orjson.loads(found.stdout)
        # What rang was raised by a rule of this test, which is not among those that come with Tocsin.
        assert [one["rule"] for one in said["differences"] if one["difference"] == "lost"] == ["R90"]
        assert said["desks"][0]["was"]["total"] == 1
        shadow = await tocsin("rules", "shadow", *WHO, "--json")
        assert all(rule["raised"] == {} for rule in orjson.loads(shadow.stdout)["rules"].values())
        assert (await tocsin("rules", "shadow", "R15", *WHO)).exit_code == 2, "it is no shadow"
        assert (await tocsin("backtest", "--rules", "nowhere", *WHO)).exit_code == 2
    asked = await pool.fetch("SELECT actor, purpose FROM audit_unsealed WHERE thing IN ('backtest', 'shadow rules')")
    assert [tuple(row) for row in asked] == [("operator:rules board", "review of R15")] * 2


@pytest.mark.usefixtures("_here")
async def test_a_parameter_is_set_within_its_bounds_or_refused_with_what_may_be(pool: Pool) -> None:
    async with stored(pool):
        done = await tocsin("rules", "parameters", "set", "R15", "window", "10 minutes", *AREA)
        assert done.exit_code == 0, done.output
        for value, says in (("2 minutes", "5 minutes to 60 minutes"), ("soon", "no length of time")):
            refused = await tocsin("rules", "parameters", "set", "R15", "window", value, *AREA)
            assert (refused.exit_code, says in refused.output) == (2, True), refused.output
        for wrong in (("R15", "wait", "10 minutes"), ("R00", "window", "10 minutes")):
            assert (await tocsin("rules", "parameters", "set", *wrong, *AREA)).exit_code == 2
        late = await tocsin("rules", "parameters", "set", "R15", "window", "9 minutes", *AREA, "--from", "2001-01-01")
        assert "in the past" in late.output
        for tried, says in (
            ("R15 window birmingham=2 minutes", "5 minutes to 60 minutes"),
            ("R15 window x=9 minutes", "no area x"),
            ("R15 birmingham=9", "then = and the value"),
        ):
            refused = await tocsin("backtest", "--set", tried, *WHO)
            assert (refused.exit_code, says in " ".join(refused.output.split())) == (2, True), refused.output
        assert (await tocsin("backtest", *WHO)).exit_code == 2, "nothing is tried"
        assert (await tocsin("backtest", "--set", "R15 window birmingham=9 minutes", *WHO)).exit_code == 0
        nowhere = await tocsin("rules", "parameters", "set", "R15", "window", "9 minutes", "--area", "x", *AREA[2:])
        assert "no area x" in nowhere.output
        listed = (await tocsin("rules", "parameters", "list", "--rule", "R15")).output
        assert all(word in listed for word in ("10 minutes", "birmingham", "operator:the board"))
    rows = await pool.fetch("SELECT rule, value, since FROM rule_parameters")
    assert [tuple(row) for row in rows] == [("R15", "10 minutes", START)]
    assert await pool.fetchval("SELECT count(*) FROM audit_unsealed WHERE thing LIKE 'rule-parameter:%'") == 1
