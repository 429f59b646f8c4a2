"""Side by side without values, and by when somebody has to look."""

from datetime import UTC, datetime

import pytest

from services.identity.compare import compare
from services.identity.review.beside import explained, fields
from services.identity.review.order import Turn, due, needs_second
from services.identity.scoring.model import MODEL
from services.identity.standardise import FullName, Home, Identifier, Phone, Standard

HERE = Home("d1", "p1", "s1", "B22")
HIM = Standard(
    "csc-north",
    names=(FullName("LEONARD", "ARTHUR", "SPURWAY"),),
    born=(1955, 2, 19),
    sex="m",
    identifiers=(Identifier("crn", "X123456"),),
    homes=(HERE,),
    phones=(Phone("t1", "mobile"),),
)
HALF = Standard(
    "police-south", names=(FullName("LEONARD", "", "SPURWEY"),), identifiers=(Identifier("nhs", "9990000018"),)
)


def outcomes(ones: list[Standard], others: list[Standard]) -> dict[str, str]:
    return {field.field: field.outcome for field in fields(ones, others)}


def test_each_field_says_how_it_agrees() -> None:
    assert outcomes([HIM], [HALF]) == {
        "given-name": "same",
        "middle-name": "one-sided",
        "family-name": "near",
        "date-of-birth": "one-sided",
        "sex": "one-sided",
        "identifier": "not-comparable",
        "address": "one-sided",
        "telephone": "one-sided",
        "workplace": "missing",
    }
    assert {field.said_by for field in fields([HIM], [HALF])} == {"record", None}
    assert {field.said_by for field in fields([HALF], [HIM])} == {"candidate", None}


def test_of_several_records_the_best_agreement_counts() -> None:
    other = Standard("health-north", names=(FullName("LEONARD", "", "SPURWAY"),), born=(1955, 3, 19), homes=(HERE,))
    found = outcomes([HIM], [HALF, other])
    assert (found["family-name"], found["date-of-birth"], found["address"]) == ("same", "near", "same")


def test_the_lines_add_up_to_the_weight_the_machine_gave() -> None:
    (one,) = explained({0: HIM}, {0: HALF}, MODEL)
    assert one.weight == compare(HIM, HALF).weight


def test_nobody_explains_a_placeholder() -> None:
    assert explained({0: HIM}, {0: Standard("housing-north", slot=True)}, MODEL) == ()


def test_what_is_said_holds_no_value() -> None:
    said = repr((fields([HIM], [HALF]), [each.lines for each in explained({0: HIM}, {0: HALF}, MODEL)]))
    for value in ("LEONARD", "SPURW", "1955", "X123456", "999", "t1", "d1"):
        assert value not in said


@pytest.mark.parametrize(
    ("turn", "by"),
    [
        (Turn.U1, datetime(2024, 3, 8, 17, 30, tzinfo=UTC)),
        (Turn.UNKNOWN, datetime(2024, 3, 11, 16, 30, tzinfo=UTC)),
        (Turn.U2, datetime(2024, 3, 11, 16, 30, tzinfo=UTC)),
        (Turn.U3, datetime(2024, 3, 13, 16, 30, tzinfo=UTC)),
        (Turn.NOTHING, datetime(2024, 3, 22, 16, 30, tzinfo=UTC)),
    ],
)
def test_by_when_an_item_of_friday_afternoon_is_due(turn: Turn, by: datetime) -> None:
    assert due(turn, datetime(2024, 3, 8, 16, 30, tzinfo=UTC)) == by


def test_two_are_needed_where_a_u1_would_ring_or_nobody_knows() -> None:
    assert [turn for turn in Turn if needs_second(turn)] == [Turn.U1, Turn.UNKNOWN]
