import pytest

from services.tokens import Tokens, dwelling, phone

KEY = b"k" * 32


@pytest.mark.parametrize("written", ["07700 900417", "+44 7700 900417", "0044 7700 900417", "(07700) 900-417"])
def test_a_number_has_one_form_however_it_is_written(written: str) -> None:
    assert phone(written) == "+447700900417"


def test_what_can_be_no_number_is_its_digits() -> None:
    assert phone("900417") in {"900417", "+44900417"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["14 Larkspur Crescent", "Birmingham"], ["14, Larkspur Cres."]),
        (["Flat 6, 51 Mercer Road"], ["51 Mercer Road", "Flat 6"]),
        (["6/51 Mercer Rd"], ["Flat 6", "51 Mercer Road"]),
        (["Flat B, 2 Example Rise"], ["2 Example Rise, Flat B"]),
        (["14 Larkspur Crescent", "sealed-kestrel-52a"], ["14 Larkspur Crescent"]),
        (["Rose Cottage"], ["ROSE COTTAGE"]),
    ],
)
def test_one_dwelling_however_it_is_written(one: list[str], other: list[str]) -> None:
    assert dwelling({"lines": one, "postcode": "B22 4QD"}) == dwelling({"lines": other, "postcode": "b224qd"})


@pytest.mark.parametrize(
    "other", [["15 Larkspur Crescent"], ["Flat 1, 14 Larkspur Crescent"], ["14A Larkspur Crescent"]]
)
def test_neighbours_are_other_dwellings(other: list[str]) -> None:
    mine = dwelling({"lines": ["14 Larkspur Crescent"], "postcode": "B22 4QD"})
    assert dwelling({"lines": other, "postcode": "B22 4QD"}) != mine


def test_a_postcode_may_stand_in_the_last_line() -> None:
    inside = dwelling({"lines": ["14 Larkspur Crescent", "Birmingham B22 4QD"]})
    assert inside == dwelling({"lines": ["14 Larkspur Crescent"], "postcode": "B22 4QD"})


def test_without_a_postcode_all_lines_count() -> None:
    assert dwelling({"lines": ["1 High Street", "Wyrestead"]}) != dwelling({"lines": ["1 High Street", "Porthenna"]})


def test_tokens_say_their_version_and_nothing_else() -> None:
    token = Tokens(KEY).tokenise("phone", "07700 900417")["token"]
    assert token.startswith("01")
    assert len(bytes.fromhex(token)) == 17
    assert token == Tokens(KEY).tokenise("phone", "+447700900417")["token"]
    assert token != Tokens(b"x" * 32).tokenise("phone", "07700 900417")["token"]
    assert token != Tokens(KEY).tokenise("name", "07700 900417")["token"]


def test_blocking_keys_fit_a_bigint() -> None:
    keys = [Tokens(KEY).key(f"id|nhs|{n}") for n in range(200)]
    assert len(set(keys)) == 200
    assert all(-(2**63) <= key < 2**63 for key in keys)
