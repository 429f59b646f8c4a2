"""Exports of a chronology: a spreadsheet that runs nothing, a page that shows text as text."""

import csv
import io
from typing import Any, Final

import pytest

from schemas.handling import WITHHELD
from services.disclosure.chronology.export import ANALYSIS, COLUMNS, DIFFERENCES, csv_text, html_text

CHRONOLOGY: Final[dict[str, Any]] = {
    "person": "3b0f4bde-62a5-4b7e-8f7c-55a0d1f3f001",
    "agency": "police-exshire",
    "purpose": "safeguarding",
    "as_known_at": "2024-03-05T00:00:00Z",
    "entries": [
        {
            "roles": ["subject"],
            "what": "concern reported",
            "source": "police-exshire",
            "reference": "=HYPERLINK(0)",
            "occurred": {"earliest": "2024-03-01T00:00:00Z", "latest": None},
            "known_at": "2024-03-04T10:00:00Z",
            "days_unknown": 3,
            "relationships": [
                {
                    "kind": "partner",
                    "status": "reported",
                    "to": {"names": [{"given": "Ottilie", "family": "<Marrable>"}]},
                },
                {"kind": "visitor", "status": "confirmed", "from": {}},
            ],
            "fields": {
                "outcome": "referral",
                "levels": {"children": "high"},
                "considered": {"people": []},
                "child_seen": False,
            },
        },
        {"roles": ["subject"], "what": "nil return given", "source": "housing-exshire", "nil_return": True},
    ],
    "discrepancies": [
        {
            "about": "programme calm",
            "claims": [
                {"source": "prison-exshire", "known_at": "2023-11-30T09:00:00Z", "said": "completed"},
                {"source": "probation-exshire", "known_at": "2024-02-01T09:00:00Z", "said": "dropped"},
            ],
        }
    ],
}


def table(text: str) -> list[list[str]]:
    """As a spreadsheet reads it."""
    return list(csv.reader(io.StringIO(text.encode().decode("utf-8-sig"))))


def test_every_entry_is_a_row_and_no_cell_is_a_formula() -> None:
    heads, first, nil, _ = table(csv_text(CHRONOLOGY))
    row = dict(zip(heads, first, strict=True))
    assert tuple(heads) == COLUMNS
    assert row["Happened"] == "2024-03-01 to not known"
    assert (row["Known to the agency"], row["Days until known"]) == ("2024-03-04 10:00", "3")
    assert row["Reference"] == "'=HYPERLINK(0)"
    assert (
        row["Relationships claimed"]
        == "partner to Ottilie <Marrable> (reported); visitor from somebody not shown (confirmed)"
    )
    assert row["Details"] == "outcome: referral; levels: children: high; child seen: no"
    assert dict(zip(heads, nil, strict=True))["Happened"] == "not known"


def test_the_page_shows_text_as_text_and_where_sources_differ() -> None:
    page = html_text(CHRONOLOGY)
    assert "&lt;Marrable&gt;" in page
    assert "<Marrable>" not in page
    assert "<tr class=nil>" in page
    assert "programme calm: prison-exshire (2023-11-30 09:00): completed; probation-exshire" in page
    assert "Nowhere" in html_text(CHRONOLOGY | {"discrepancies": []})


def test_an_individual_management_review_has_the_agencys_own_rows_and_empty_cells_for_its_author() -> None:
    heads, *rows, _ = table(csv_text(CHRONOLOGY, "individual"))
    assert tuple(heads) == (*COLUMNS, *ANALYSIS)
    assert [(row[heads.index("Agency")], row[-3:]) for row in rows] == [("police-exshire", ["", "", ""])]
    page = html_text(CHRONOLOGY, "individual")
    assert page.count("<th>") == len(COLUMNS) + len(ANALYSIS)
    assert "housing-exshire" not in page.partition("<h2>")[0]


def test_where_sources_differ_is_a_table_too() -> None:
    heads, *rows, about = table(csv_text(CHRONOLOGY, "discrepancies"))
    assert tuple(heads) == DIFFERENCES
    assert [row[1] for row in rows] == ["prison-exshire", "probation-exshire"]
    assert (about[1], "as known at" in about[3]) == ("", True), "a file goes from hand to hand"
    assert rows[0] == ["programme calm", "prison-exshire", "2023-11-30 09:00", "completed"]


@pytest.mark.parametrize(
    ("occurred", "said"),
    [
        ("2024-07-01T09:30:12Z", "2024-07-01 10:30"),
        ({"earliest": "2024-06-30T23:00:00Z", "latest": "2024-07-01T23:00:00Z"}, "2024-07-01"),
        ({"earliest": "2024-02-29T00:00:00Z", "latest": "2024-03-31T23:00:00Z"}, "2024-02-29 to 2024-03-31"),
        (
            {"earliest": "2024-07-01T09:00:00Z", "latest": "2024-07-01T11:00:00Z"},
            "2024-07-01 10:00 to 2024-07-01 12:00",
        ),
        ({"earliest": None, "latest": "2024-01-10T00:00:00Z"}, "not known to 2024-01-09"),
        (None, "not known"),
    ],
)
def test_times_are_written_as_in_london_and_days_as_days(occurred: object, said: str) -> None:
    entry = {**CHRONOLOGY["entries"][0], "occurred": occurred}
    heads, row, _ = table(csv_text({**CHRONOLOGY, "entries": [entry]}))
    assert row[heads.index("Happened")] == said


def test_the_page_says_what_is_not_shown() -> None:
    page = html_text({**CHRONOLOGY, "withheld": ["n1", "agreement"], "left_out": 12})
    missing = page.partition("<h2>Not shown here</h2>")[2]
    assert "12 or more older events" in missing
    assert WITHHELD["agreement"] in missing
    assert WITHHELD["n1"] in missing


def test_a_file_says_for_whom_it_is_as_known_when_and_what_is_not_in_it() -> None:
    text = csv_text({**CHRONOLOGY, "withheld": ["n1"], "left_out": 12})
    assert text.startswith("\ufeff"), "a spreadsheet would take it for Windows-1252"
    heads, *rows = table(text)
    event = heads.index("Event")
    about, *missing = [row[event] for row in rows[-3:]]
    assert "as known at 2024-03-05 00:00, for police-exshire, purpose safeguarding" in about
    assert "12 or more older events" in missing[0]
    assert WITHHELD["n1"] in missing[1]
    assert all(len(row) == len(heads) for row in rows)
