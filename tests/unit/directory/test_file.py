"""Directory files are refused with the line and the reason."""

from pathlib import Path

import pytest

from services.directory import file, form
from tests.unit.directory import example

GOOD = """\
areas:
  town: {}
agencies:
  csc-town:
    sector: childrens-social-care
    areas: [town]
    desks:
      duty: {hours: "08:45-17:15"}
    ladders:
      duty-desk: {always: [duty]}
"""


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(file.FileRefused) as refused:
        file.parse(text)
    return [(fault.line, fault.reason) for fault in refused.value.faults]


def test_a_good_file_is_read() -> None:
    assert list(file.parse(GOOD).agencies) == ["csc-town"]
    assert set(file.read(example.BIRMINGHAM).agencies) >= {"police-west-midlands", "csc-cornwall"}


def test_what_is_dumped_parses_to_the_same() -> None:
    parsed = file.read(example.BIRMINGHAM)
    assert form.parse(form.dump(parsed)) == parsed


@pytest.mark.parametrize(
    ("was", "now", "line", "reason"),
    [
        pytest.param("areas: [town]", "areas: [shire]", 6, "there is no area 'shire'", id="unknown area"),
        pytest.param("sector:", "sectors:", 5, "Extra inputs are not permitted", id="unknown field"),
        pytest.param(
            "08:45-17:15", "08:45-08:15", 8, "Value error, hours end after they begin, on the same day", id="hours"
        ),
        pytest.param("[duty]", "[manager]", 10, "there is no desk 'manager'", id="unknown desk"),
        pytest.param("{always: [duty]}", "{in_hours: [duty]}", 10, "give `in_hours` and `outside`", id="half a ladder"),
        pytest.param("  town: {}", "  town: {}\n  town: {}", 3, "given twice", id="doubled key"),
        pytest.param("areas: [town]", "areas: [town", 7, "expected ',' or ']'", id="not YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_reason(was: str, now: str, line: int, reason: str) -> None:
    assert any(found[0] == line and reason in found[1] for found in faults(GOOD.replace(was, now)))


@pytest.mark.parametrize("text", ["", "[]", "text", "\0"])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert faults(text)[0][0] == 1


def test_two_agreements_need_two_names() -> None:
    agreement = (
        "  - {id: one, from: ['*'], to: ['*'], purpose: safeguarding, legal_basis: CA2004-s10, regime: uk-gdpr,"
        " event_types: ['*'], fields: ['*']}\n"
    )
    assert faults(GOOD + "agreements:\n" + agreement * 2) == [(1, "Value error, two agreements have the same id")]


def test_a_file_too_large_is_not_even_parsed(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("#" * (file.MAX_BYTES + 1))
    with pytest.raises(file.FileRefused, match="larger than"):
        file.read(path)


def test_what_is_no_text_is_said_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "directory.yaml"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(file.FileRefused, match="is not text in UTF-8"):
        file.read(path)
