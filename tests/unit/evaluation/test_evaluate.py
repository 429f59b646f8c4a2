"""A file is scored for the people it holds, or as the bus would score it among a million."""

import json
from pathlib import Path

import pytest

from deploy.embedded.progress import silent
from deploy.evaluation.evaluate import Plan, Scored, evaluate

RECORD = {"given_name": "John", "family_name": "Smith", "date_of_birth": "1961-03-04"}


@pytest.mark.parametrize(("scored", "recall"), [("closed", 1.0), ("bus", 0.0)])
async def test_a_common_name_and_a_date_are_enough_in_a_list_and_not_in_a_country(
    tmp_path: Path, *, scored: Scored, recall: float
) -> None:
    path = tmp_path / "list.jsonl"
    lines = [{"rid": f"r{n}", "person": "p", "agency": agency, **RECORD} for n, agency in enumerate(("one", "two"))]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found = await evaluate(Plan.read(path, None, orders=0, scored=scored), None, silent)
    assert found["closure"]["recall"] == recall
