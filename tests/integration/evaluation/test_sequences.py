"""The commands' runs on a real PostgreSQL."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.progress import silent
from deploy.evaluation.cases import SequencesFile
from deploy.evaluation.evaluate import Plan, evaluate
from deploy.evaluation.labelled import Record
from deploy.evaluation.sequences import evaluate_sequences
from deploy.evaluation.stored import Stored, stored
from services.db import Pool, hot_transaction
from services.replay.store import empty_tables
from services.settings import Settings

HIM = {"given_name": "Alban", "family_name": "Thornquist", "date_of_birth": "1981-06-14", "agency": "police"}
HIS = HIM | {"agency": "health", "identifiers": {"nhs_number": "9990000018"}}
HER = {"given_name": "Ottilie", "family_name": "Marrable", "date_of_birth": "1987-02-02", "agency": "housing"}
RECORDS: dict[str, dict[str, Any]] = {
    "him": HIM | {"identifiers": {"nhs_number": "9990000018"}},
    "his": HIS,
    "her": HER,
}


@pytest.fixture
async def store(postgres_server: str) -> AsyncIterator[Stored]:
    async with stored(Settings(database_url=postgres_server), silent, embedded=False) as made:
        yield made


async def play(store: Stored, *scenarios: dict[str, Any]) -> dict[str, Any]:
    file = {"schema": "identity-sequences/1", "records": RECORDS, "scenarios": scenarios}
    return await evaluate_sequences(SequencesFile.model_validate_json(json.dumps(file)), store, silent)


def scenario(name: str, *ops: dict[str, Any], final: list[list[str]], **more: Any) -> dict[str, Any]:
    return {"id": name, "title": "", "ops": ops, "orders": "all", "final": final, **more}


async def test_scenarios_come_to_their_end_in_every_order(store: Stored) -> None:
    him, his, her = {"rec": "him"}, {"rec": "his"}, {"rec": "her"}
    apart, together = ({"decide": ["him", "his"], "verdict": verdict} for verdict in ("different", "same"))
    found = await play(
        store,
        scenario("arrive", him, his, her, him, final=[["him", "his"], ["her"]]),
        scenario("decided", him, his, apart, final=[["him"], ["his"]]),
        scenario("decided the same", him, her, {**together, "decide": ["him", "her"]}, final=[["him", "her"]]),
        scenario("taken back", him, his, {"retract": "his"}, final=[["him"], ["his"]]),
        scenario("amended", him, her, {"amend": "her", "set": HIS}, final=[["him", "her"]]),
        scenario("amended, decided", him, his, apart, {"amend": "his", "set": {"sex": "male"}}, final=[["him"], ["his"]]),
        scenario("amended and taken back", him, his, {"amend": "his", "set": {"sex": "male"}}, {"retract": "his"},
                 final=[["him"]]),
    )  # fmt: skip
    assert found == {"scenarios": 7, "passed": 7, "failed": []}


async def test_only_the_role_for_sealed_identities_may_link_one(store: Stored) -> None:
    sealed = {"amend": "his", "set": {"protected": True}}
    same = {"decide": ["him", "her"], "verdict": "same"}
    ops = {"rec": "him"}, {"rec": "her"}, {"amend": "her", "set": {"protected": True}}
    found = await play(
        store,
        scenario("sealed", {"rec": "him"}, {"rec": "his"}, sealed, final=[["him"], ["his"]]),
        scenario("refused", *ops, same, final=[["him"], ["her"]], orders=[[0, 1, 2, 3]]),
        scenario("privileged", *ops, same | {"privileged": True}, final=[["him", "her"]], orders=[[0, 1, 2, 3]]),
    )
    assert found["failed"] == []


async def test_a_wrong_end_is_shown_with_its_order(store: Stored) -> None:
    ops = {"rec": "him"}, {"rec": "her"}
    found = await play(
        store,
        scenario("one", *ops, final=[["him", "her"]], orders=[[1, 0]]),
        scenario("in part", *ops, {"rec": "his"}, final=[["him"]], orders=[[0, 1, 2]]),
        scenario("review", *ops, final=[], review=[["him", "her"]], orders=[[0, 1]]),
    )
    assert (found["scenarios"], found["passed"]) == (3, 0)
    assert found["failed"][0] == {
        "id": "one",
        "order": [1, 0],
        "got": {"final": [["her"], ["him"]], "review": []},
        "wanted": {"final": [["her", "him"]], "review": []},
    }
    assert found["failed"][1]["got"]["final"] == [["her"], ["him", "his"]]
    assert found["failed"][2]["wanted"]["review"] == [["her", "him"]]


async def test_memory_and_store_say_the_same_whatever_the_order(store: Stored, tmp_path: Path) -> None:
    path = tmp_path / "population.jsonl"
    lines = [
        {"rid": f"{name}{n}", "person": name[:2], "ops": [], "quirk": None, **record, "phones": [f"07700 9001{n:02d}"]}
        for name, record in RECORDS.items()
        for n in range(4)
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found = await evaluate(Plan.read(path, None, orders=3), store, silent)
    assert found["records"] == 12
    assert found["closure"]["precision"] == 1
    assert found["closure"]["recall"] > 0  # how much is the model's affair
    assert found["order_differences"] == 0
    assert 0 < found["p50_ms"] <= found["p99_ms"]


async def test_what_the_gateway_would_refuse_is_resolved_all_the_same(store: Stored) -> None:
    odd = Record.model_validate(
        HIM | {"given_name": "4", "identifiers": {"nhs_number": "123", "pnc": "?"}, "addresses": [{"postcode": "??"}]}
    )
    await store.take([store.arrival("odd", odd), store.arrival("nobody", Record())])
    await store.resolve()
    assert len(set((await store.people()).values())) == 2


async def test_only_a_corner_of_our_own_is_ever_emptied(pool: Pool) -> None:
    async with hot_transaction(pool) as conn:
        with pytest.raises(RuntimeError, match="made for a replay"):
            await empty_tables(conn, ())
