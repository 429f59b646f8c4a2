import pytest

from schemas.handling import SealedKind
from services.tokens import Tokens

KEY = b"k" * 32
ADDRESS = {"lines": ["Flat 2, 14 Larkspur Crescent"], "postcode": "B22 4QD"}


def token(tokens: Tokens, kind: SealedKind, value: object) -> str:
    made = tokens.tokenise(kind, value)
    assert made is not None
    return str(made["token"])


def test_tokens_say_their_version_and_nothing_else() -> None:
    made = token(Tokens(KEY), "phone", "07700 900417")
    assert made.startswith("02")
    assert len(bytes.fromhex(made)) == 17
    assert made == token(Tokens(KEY), "phone", "+447700900417") == Tokens(KEY).phone("07700900417")
    assert made != token(Tokens(b"x" * 32), "phone", "07700 900417")
    assert made != token(Tokens(KEY), "name", "07700 900417")


def test_an_address_says_what_it_proves_and_nothing_in_clear() -> None:
    made = Tokens(KEY).tokenise("dwelling", ADDRESS)
    assert made is not None
    assert made.keys() == {"token", "street", "outcode", "many", "door"}
    assert made["many"] is False
    assert len({made["token"], made["street"], made["outcode"], made["door"]}) == 4
    assert all(len(bytes.fromhex(made[part])) == 17 for part in ("token", "street", "outcode", "door"))


def test_a_door_is_the_same_under_another_postcode_and_without_one() -> None:
    tokens = Tokens(KEY)
    doors = {
        (tokens.tokenise("dwelling", {"lines": lines, "postcode": postcode}) or {})["door"]
        for lines, postcode in (
            (["12 Example Road"], "B22 9ZZ"),
            (["12, Example Rd"], "B22 9ZX"),
            (["12 Exmaple Road"], ""),
        )
    }
    assert len(doors) == 1


def test_an_outcode_is_the_same_from_an_address_and_from_a_postcode_alone() -> None:
    tokens = Tokens(KEY)
    whole, alone = tokens.tokenise("dwelling", ADDRESS), tokens.tokenise("postcode", "B22 9ZZ")
    assert whole is not None
    assert alone is not None
    assert whole["outcode"] == alone["outcode"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("phone", "01234 567890"),
        ("dwelling", {"lines": ["No fixed abode"]}),
        ("postcode", "ZZ99 3VZ"),
        ("name", "Unemployed"),
    ],
)
def test_what_says_nothing_leaves_nothing(kind: SealedKind, value: object) -> None:
    assert Tokens(KEY).tokenise(kind, value) is None


def test_a_number_that_is_none_has_a_token_that_no_number_has() -> None:
    assert Tokens(KEY).phone("01234567890") not in {Tokens(KEY).phone("07700900417"), Tokens(KEY).phone("07000000000")}


def test_blocking_keys_fit_a_bigint() -> None:
    keys = [Tokens(KEY).key(f"id|nhs|{n}") for n in range(200)]
    assert len(set(keys)) == 200
    assert all(-(2**63) <= key < 2**63 for key in keys)
