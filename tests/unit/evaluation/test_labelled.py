import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from deploy.evaluation.labelled import (
    DEVELOPMENT_KEY,
    MOST_LETTERS,
    FileRefused,
    Record,
    body_of,
    mention_of,
    read_population,
)
from services.tokens import Tokens

TOKENS = Tokens(DEVELOPMENT_KEY)
WHOLE: dict[str, Any] = {
    "rid": "r1",
    "person": "p1",
    "given_name": "Ottilie",
    "middle_name": "Maud",
    "family_name": "Marrable",
    "aliases": ["Tilly", "Tilly Marrable", "THORN, Tilly May", {"given_name": "Ottilie", "family_name": "Thorn"}],
    "date_of_birth": "1987-02-02",
    "sex": "female",
    "addresses": [{"line1": "3 Fern Court", "postcode": "LS99 1AA"}, {"line1": None, "postcode": None}],
    "phones": ["07700 900417", None, ""],
    "identifiers": {"nhs_number": "9990000018", "prison_number": None, "nino": "QQ 12 34 56 C"},
    "agency": "social_care",
    "ops": ["nick"],
    "quirk": None,
}


def read(folder: Path, *lines: str, name: str = "file.jsonl") -> list[Any]:
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return list(read_population(path))


def test_a_record_becomes_a_mention() -> None:
    record = Record.model_validate(WHOLE)
    assert record.source == "social-care"
    assert mention_of(record) == {
        "ref": "S",
        "role": "subject",
        "names": [
            {"given": "Ottilie", "middle": "Maud", "family": "Marrable", "kind": "current"},
            {"given": "Tilly", "kind": "alias"},
            {"given": "Tilly", "family": "Marrable", "kind": "alias"},
            {"given": "Tilly", "middle": "May", "family": "THORN", "kind": "alias"},
            {"given": "Ottilie", "family": "Thorn", "kind": "alias"},
        ],
        "born": "1987-02-02",
        "sex": "f",
        "identifiers": [{"system": "nhs", "value": "9990000018"}, {"system": "nino", "value": "QQ 12 34 56 C"}],
        "addresses": [{"lines": ["3 Fern Court"], "postcode": "LS99 1AA"}],
        "phones": ["07700 900417"],
    }


def test_what_is_sealed_leaves_tokens_only() -> None:
    written = json.dumps(body_of(Record.model_validate(WHOLE), TOKENS))
    assert "Ottilie" in written
    assert "Fern" not in written
    assert "900417" not in written


def test_nothing_recorded_is_nothing_said() -> None:
    assert mention_of(Record.model_validate(dict.fromkeys(WHOLE))) == {"ref": "S", "role": "subject"}
    assert Record().source == "unknown"


def test_two_of_which_nobody_knows_who_sent_them_are_not_of_one_agency() -> None:
    assert Record(agency="police").source_for("a") == Record(agency="Police").source_for("b") == "police"
    assert Record().source_for("a") == Record().source_for("a") != Record().source_for("b")


@pytest.mark.parametrize(
    ("written", "born"),
    [
        ("1990-06-02", "1990-06-02"),
        ("1990-06", "1990-06"),
        ("1990", "1990"),
        ("1990-00-00", "1990"),
        ("1990-13-02", "1990"),
        ("1990-02-30", "1990"),
        ("1990-02-00", "1990-02"),
        ("1990-02-45", "1990-02"),
        ("2000-02-29", "2000-02-29"),
        ("1900-02-29", "1900"),
        ("", None),
    ],
)
def test_a_date_is_taken_as_far_as_it_can_be_one(written: str, born: str | None) -> None:
    assert mention_of(Record(date_of_birth=written)).get("born") == born


def test_a_year_may_be_a_figure() -> None:
    assert mention_of(Record.model_validate({"date_of_birth": 1990}))["born"] == "1990"


def test_a_packed_file_reads_like_a_plain_one(tmp_path: Path) -> None:
    packed = tmp_path / "file.jsonl.gz"
    packed.write_bytes(gzip.compress(json.dumps(WHOLE).encode() + b"\n"))
    assert list(read_population(packed)) == read(tmp_path, json.dumps(WHOLE), "")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{"], "line 1: not JSON"),
        (["[]"], "line 1: it: "),
        ([json.dumps(WHOLE), '{"rid": "r2"}'], "line 2: person is missing. Add it."),
        ([json.dumps(WHOLE)] * 2, "line 2: rid comes a second time. Give each record"),
        ([json.dumps(WHOLE | {"date_of_birth": "2/6/1990"})], "line 1: date_of_birth: string should match"),
        (
            [json.dumps(WHOLE | {"family_name": "a" * (MOST_LETTERS + 1)})],
            "line 1: family_name: string should have at most 1000 characters. Shorten it",
        ),
        ([json.dumps(WHOLE | {"phones": "07700"})], "line 1: phones: "),
        ([json.dumps(WHOLE | {"addresses": [{"line1": 3}]})], "line 1: addresses.0.line1: "),
        ([""], "no records. Write one JSON object a line"),
    ],
)
def test_wrong_files_are_refused_with_line_field_and_what_to_do(tmp_path: Path, lines: list[str], said: str) -> None:
    with pytest.raises(FileRefused, match=r"file\.jsonl") as refused:
        read(tmp_path, *lines)
    assert said in str(refused.value)
    assert str(refused.value).endswith(".")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="No such file"):
        list(read_population(tmp_path / "none.jsonl"))
    with pytest.raises(FileRefused, match="cannot be unpacked"):
        read(tmp_path, "plain", name="file.jsonl.gz")
    whole = gzip.compress(json.dumps(WHOLE).encode())
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[:-9])
    with pytest.raises(FileRefused, match="ends too early"):
        list(read_population(tmp_path / "cut.jsonl.gz"))
