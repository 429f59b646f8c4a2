"""The policy cases are cases: each with a name and a reason of its own, about invented people only."""

import re
from collections.abc import Iterator
from typing import Any

from tests.unit.identity.policies import PAIRS, SEQUENCES, read

VERDICTS = {"link", "review", "no_link"}
INVENTED_PHONE = re.compile(r"0?7700900\d{3}|01214960\d{3}|01632960\d{3}|01234567890|07000000000")
"""Ofcom's ranges for drama, and what people type where there is no number."""
INVENTED_NHS = re.compile(r"999\d{7}|0{10}")
INVENTED_POSTCODE = re.compile(r"[A-Z]{1,2}99 ?[0-9O][A-Z]{2}")
"""District 99 is nobody's home in any of the areas used; ZZ99 is the health service's own for no address."""

CASES: list[dict[str, Any]] = [case for path in PAIRS for case in read(path)["cases"]]
STORY: dict[str, Any] = read(SEQUENCES)


def records() -> Iterator[dict[str, Any]]:
    for case in CASES:
        yield from (case["a"], case["b"])
    yield from STORY["records"].values()


def test_every_case_has_a_name_and_a_reason_of_its_own() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert len({case["reason"] for case in CASES}) == len(CASES)
    titles = {scenario["title"] for scenario in STORY["scenarios"]}
    assert len({scenario["id"] for scenario in STORY["scenarios"]}) == len(STORY["scenarios"]) == len(titles)


def test_every_case_can_be_read() -> None:
    for case in CASES:
        assert case["expected"] in VERDICTS - set(case["never"]), case["id"]
        assert set(case["never"]) < VERDICTS, case["id"]
        assert case["category"], case["id"]
        assert case["reason"].endswith("."), case["id"]


def test_nobody_in_them_is_real() -> None:
    for record in records():
        written = record.get("date_of_birth")
        assert written is None or isinstance(written, str), f"quote the date {written}"
        for phone in record.get("phones", ()):
            assert INVENTED_PHONE.fullmatch(re.sub(r"^(\+44|0044)|\(0\)|\s", "", phone))
        for address in record.get("addresses", ()):
            assert "postcode" not in address or INVENTED_POSTCODE.fullmatch(address["postcode"])
        if number := record.get("identifiers", {}).get("nhs_number"):
            assert INVENTED_NHS.fullmatch(number.replace(" ", ""))


def test_every_record_of_the_stories_is_used() -> None:
    named = {op["rec"] for scenario in STORY["scenarios"] for op in scenario["ops"] if "rec" in op}
    assert named == STORY["records"].keys()
