from collections.abc import Callable
from typing import Any

import pytest
from anyascii import anyascii
from hypothesis import given
from hypothesis import strategies as st

from services.identity.standardise import (
    FullName,
    Home,
    Identifier,
    Phone,
    Standard,
    StandardVersionUnknown,
    standardise,
    steps,
)
from tests.unit.identity.population import mention


def names(*written: dict[str, str]) -> tuple[FullName, ...]:
    return standardise({"names": list(written)}, "police-kent").names


def test_names_are_letters_in_capitals() -> None:
    assert names({"given": "Zoë", "family": "O'Neill-Jones"}) == (FullName("ZOE", "", "ONEILL JONES"),)
    assert names({"given": "Corin Dale", "family": "ASHDOWN"}) == (FullName("CORIN", "DALE", "ASHDOWN"),)
    assert names({"given": "Łukasz", "family": "Żak"}) == (FullName("LUKASZ", "", "ZAK"),)


@pytest.mark.parametrize("given", ["Unknown", "N/K", "Baby", "not known", "Female"])
def test_what_stands_where_no_name_is_known_is_no_name(given: str) -> None:
    assert names({"given": given, "family": "Tolland"}) == (FullName("", "", "TOLLAND"),)


def test_the_dates_that_systems_put_for_not_known_are_none() -> None:
    assert standardise(mention("Ines Marrable", "1900-01-01"), "x").born == ()
    assert standardise(mention("Ines Marrable", "1984-03"), "x").born == (1984, 3)


def test_numbers_have_one_writing_and_wrong_ones_are_absent() -> None:
    body = mention("Ines Marrable", pnc="98/417263M", nhs="999 000 0018", nino="QQ123456A", crn="x204881")
    assert standardise(body, "x").identifiers == (
        Identifier("crn", "X204881"),
        Identifier("nhs", "9990000018"),
        Identifier("pnc", "1998/0417263M"),
    )


def test_an_agencys_own_numbers_are_its_own() -> None:
    body: dict[str, Any] = {
        **mention("Ines Marrable", own="n-1"),
        "identifiers": [{"system": "local:carefirst", "value": "CF-1"}],
    }
    assert standardise(body, "csc-kent").identifiers == (
        Identifier("local:carefirst@csc-kent", "CF-1"),
        Identifier("own@csc-kent", "N-1"),
    )
    assert standardise(body, "csc-essex").identifiers != standardise(body, "csc-kent").identifiers


@pytest.mark.parametrize(
    ("body", "reusable"),
    [
        (mention("Unknown Woman"), False),
        (mention("Ines Marrable"), False),
        (mention("Ines Marrable", "1984"), False),
        (mention("Ines Marrable", "1984-03-22"), True),
        (mention("", own="N-1"), True),
        (mention("", nhs="9990000018"), True),
        ({**mention("Ines", own="N-1"), "slot": {"of": "S", "relation": "partner"}}, False),
        ({**mention("", phone="T1"), "unnamed_sender": True}, False),
    ],
)
def test_a_mention_is_a_record_again_only_if_it_says_who(body: dict[str, Any], reusable: bool) -> None:
    assert standardise(body, "police-kent").reusable is reusable


def test_what_belongs_to_the_fact_is_not_in_the_record() -> None:
    body = mention("Ines Marrable", "1984-03-22")
    assert standardise({**body, "role": "child", "area": "devon", "children": {"known": "none"}}, "x") == standardise(
        body, "x"
    )


def test_a_standard_comes_back_from_json_as_it_was() -> None:
    body = mention("Ines Clara Marrable", "1984-03", at="AD1", phone="T1", works="AD7", own="N-1", nhs="9990000018")
    made = standardise(body, "police-kent")
    assert Standard.from_json(made.to_json()) == made


def test_a_record_of_another_version_is_refused_and_says_what_to_do() -> None:
    with pytest.raises(StandardVersionUnknown, match="empty database"):
        Standard.from_json(b'["police-kent", [], [], null, [], [], [], [], false, false]')


def test_a_record_of_the_version_before_is_read_and_knows_no_door() -> None:
    stored = b'[2,"x",[["INES","","MARRABLE",""]],[1984],"",null,[["nino","AB123456C"]],[],[["d","p","s","o",true]],[["t","mobile"]],[],false,false,false]'
    read = Standard.from_json(stored)
    assert read.homes == (Home("d", "p", "s", "o", True, ""),)
    assert read.identifiers == (Identifier("nino", "AB123456"),)
    assert read.homes[0].many
    assert (read.names, read.phones) == ((FullName("INES", "", "MARRABLE"),), (Phone("t", "mobile"),))


def test_a_record_of_before_forgets_who_was_called_service_user() -> None:
    stored = (
        b'[3,"x",[["SERVICE","USER","SMITH",""],["SERVICE","","USER",""],["INES","","MARRABLE","alias"]],'
        b'[],"",null,[],[],[["d","p","s","o",true,"r"]],[],[],false,false,false]'
    )
    read = Standard.from_json(stored)
    assert read.names == (FullName("", "", "SMITH"), FullName("INES", "", "MARRABLE", "alias"))
    assert read.homes == (Home("d", "p", "s", "o", True, "r"),)
    assert Standard.from_json(read.to_json()) == read


def test_sealed_values_stand_as_tokens_with_what_they_prove() -> None:
    body = {
        "addresses": [
            {"dwelling": {"token": "d", "street": "s", "outcode": "o", "many": True}, "postcode": {"token": "p"}}
        ],
        "phones": [{"token": "t", "line": "mobile"}],
    }
    made = standardise(body, "police-kent")
    assert made.homes == (Home("d", "p", "s", "o", True),)
    assert made.phones == (Phone("t", "mobile"),)


def test_steps_say_what_was_changed_and_why() -> None:
    body = {
        "names": [{"given": "Mr José", "family": "Larkin (née Watson)"}],
        "born": "1984-01-01",
        "identifiers": [
            {"system": "nhs", "value": "999 000 0019"},
            {"system": "crn", "value": "x204881"},
            {"system": "pnc", "value": "0000000"},
        ],
    }
    told = {step.field: (step.after, step.why) for step in steps(body, "police-kent")}
    assert told["born"] == (
        "1984-01-01",
        "1 January is written where only the year is known: day and month prove little",
    )
    assert told["identifiers (nhs)"] == ("9990000019", "its form or check digit is wrong: at most a slip")
    assert told["identifiers (crn)"] == ("X204881", "its one writing")
    assert told["identifiers (pnc)"] == ("", "stands where no number is known")
    assert ("JOSE |  | LARKIN", "titles and honours taken off, in capitals without accents") in {
        (step.after, step.why) for step in steps(body, "police-kent")
    }


def test_a_mention_in_its_own_form_has_no_steps() -> None:
    body = {"names": [{"given": "JOSE", "family": "LARKIN"}], "born": "1984-03-22", "identifiers": []}
    assert steps(body, "police-kent") == ()


MENTIONS = st.fixed_dictionaries(
    {
        "names": st.lists(
            st.fixed_dictionaries(
                {
                    "given": st.sampled_from(["José", "Mary-Ann", "Łukasz", "Siân", "abdul Rahman", "Baby", "J.P."]),
                    "family": st.sampled_from(["O'Brien", "Mc Donald", "van der Berg", "Wiśniewska", "unknown"]),
                    "kind": st.sampled_from(["current", "alias"]),
                }
            ),
            max_size=4,
        ),
        "identifiers": st.lists(
            st.sampled_from([{"system": "crn", "value": "x204881"}, {"system": "nhs", "value": "999 000 0018"}]),
            max_size=3,
        ),
        "phones": st.lists(
            st.sampled_from([{"token": "T1", "line": "mobile"}, {"token": "T2", "line": "fixed"}]), max_size=3
        ),
    }
)


@given(MENTIONS, st.randoms(use_true_random=False), st.sampled_from([str.upper, str.lower, str.title, anyascii]))
def test_order_capitals_and_accents_do_not_matter(
    body: dict[str, Any], rng: Any, written: Callable[[str], str]
) -> None:
    other: dict[str, Any] = {field: rng.sample(values, len(values)) for field, values in body.items()}
    other["names"] = [
        {**name, "given": written(name["given"]), "family": written(name["family"])} for name in other["names"]
    ]
    assert standardise(other, "x") == standardise(body, "x")
