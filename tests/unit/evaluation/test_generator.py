"""Invented populations: the same for the same seed, and what they claim to be."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deploy.evaluation.labelled import SYSTEMS, read_population
from schemas.identifiers import canonical
from tests.bench.identity.generator.write import TOWN, lines, write

PEOPLE = 1_500


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(seed=7, people=PEOPLE, mean=2.6)]


def test_the_same_seed_is_the_same_population_and_another_is_not() -> None:
    assert list(lines(1, 50, 2)) == list(lines(1, 50, 2))
    assert list(lines(1, 50, 2)) != list(lines(2, 50, 2))


def test_many_are_made_side_by_side_and_still_the_same(tmp_path: Path) -> None:
    made = [list(lines(3, TOWN + 100, 1)) for _ in range(2)]
    assert made[0] == made[1]
    people = {json.loads(line)["person"] for line in made[0]}
    assert TOWN + 100 <= len(people) <= TOWN + 200
    count = write(tmp_path / "file.jsonl.gz", 3, 50, 1)
    assert len(gzip.decompress((tmp_path / "file.jsonl.gz").read_bytes()).splitlines()) == count


def test_it_is_a_population_file(tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl"
    count = write(path, 7, 200, 2.6)
    read = list(read_population(path))
    assert len(read) == count
    assert not any(record.model_extra for record in read)


def test_it_holds_what_makes_people_hard_to_tell_apart(records: list[dict[str, Any]]) -> None:
    assert PEOPLE * 2.2 < len(records) < PEOPLE * 3
    assert {record["quirk"] for record in records} == {None, "twin", "father_son"}
    assert len({record["agency"] for record in records}) == 7
    ops = Counter(op for record in records for op in record["ops"])
    assert ops.keys() >= {
        "nick", "spelling_given", "spelling_family", "typo_given", "typo_family", "initial", "swap_names", "maiden", "double",
        "middle_as_given", "dob_missing", "dob_partial", "dob_digit", "dob_swap", "dob_jan1", "alias", "old_home", "bad_id",
        "borrowed_id", "placeholder",
    }  # fmt: skip
    lines_of_address = {record["addresses"][0]["line1"] for record in records if record["addresses"]}
    assert any("Hostel" in line or "Home" in line for line in lines_of_address)
    assert any("abode" in line or line == "NFA" for line in lines_of_address)


def test_numbers_are_valid_but_where_they_are_spoilt(records: list[dict[str, Any]]) -> None:
    held: dict[tuple[str, str], set[str]] = {}
    for record in records:
        if {"bad_id", "borrowed_id"} & set(record["ops"]):
            continue
        for kind, value in record["identifiers"].items():
            system = SYSTEMS.get(kind, kind)
            held.setdefault((system, canonical(system, value)), set()).add(record["person"])
    assert {system for system, _ in held} == {"nhs", "pnc", "cro", "prison", "crn", "upn", "nino"}
    assert sum(len(people) > 1 for people in held.values()) <= 1  # prison numbers and CRNs are short: two may meet


def test_nobody_in_it_can_be_called_or_visited(records: list[dict[str, Any]]) -> None:
    for record in records:
        for phone in record["phones"]:
            digits = phone.replace(" ", "").replace("+44", "0")
            assert digits.startswith(("071", "01632"))
        for address in record["addresses"]:
            assert not address["postcode"] or address["postcode"].upper().startswith(("Q", "V", "X"))
        number = record["identifiers"].get("nhs_number")
        assert number is None or number.startswith("999") or "bad_id" in record["ops"]
