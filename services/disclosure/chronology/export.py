"""A chronology as a table for a review, in two shapes.

*Individual*, for an agency's own management review: what it said itself, and beside each row three cells left empty for the
author, who judges and whom nothing here anticipates: what was known, what was done, what should have been done.
*Integrated*: all that was shown, source by source. When it happened stands beside when it became known, silence is written
down (a nil return is a row like any other), and where sources differ is listed: on the page below the table, as CSV in a
third shape of its own, since a CSV file has one kind of row.
Times are written as a practitioner writes them: London time to the minute, and whole days, months and spans as dates. The
page opens in a word processor as well, its table ready to be written in; it says what was withheld and what was left out.
CSV follows RFC 4180 and begins with a byte order mark, without which a spreadsheet takes names for Windows-1252; its last rows
say, under "Event" or "Says", for whom it is, as known when, and what is not shown. A cell that a spreadsheet would take for a formula is quoted with an apostrophe (OWASP, CSV injection).
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from html import escape
from typing import Any, Final, Literal

from schemas.handling import WITHHELD
from services.calendar import london

Json = Mapping[str, Any]

COLUMNS: Final = (
    "Happened",
    "Known to the agency",
    "Days until known",
    "Recorded",
    "Received by the bus",
    "Agency",
    "Role of the person",
    "Event",
    "Relationships claimed",
    "Details",
    "Grade",
    "Reference",
)
ANALYSIS: Final = ("What was known", "What was done", "What should have been done")
"""Cells of an individual management review, empty for its author (reviews ask for these three of every key episode)."""
DIFFERENCES: Final = ("About", "Source", "Known to the source", "Says")

Shape = Literal["individual", "integrated", "discrepancies"]

_INSTANT: Final = timedelta(microseconds=1)
_MARK: Final = "\ufeff"
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
@page {{ size: A4 landscape; margin: 1cm }}
body {{ font: 14px/1.4 sans-serif; margin: 2em }} table {{ border-collapse: collapse; width: 100% }}
th, td {{ border: 1px solid #999; padding: .3em .5em; text-align: left; vertical-align: top }}
thead {{ display: table-header-group }} tr {{ break-inside: avoid }} tr.nil td {{ background: #eee }}
</style></head><body><h1>{title}</h1><p>{about}</p>
<table><thead><tr>{heads}</tr></thead><tbody>
{rows}
</tbody></table>
<h2>Where sources differ</h2>
{differ}
<h2>Not shown here</h2>
{missing}
</body></html>
"""


def csv_text(chronology: Json, shape: Shape = "integrated") -> str:
    """The entries as CSV, one row each; or each claim of each discrepancy."""
    out = io.StringIO()
    out.write(_MARK)
    writer = csv.writer(out)
    if shape == "discrepancies":
        writer.writerow(DIFFERENCES)
        found = _differences(chronology["discrepancies"])
        rows = [*found, *_remark_rows(chronology, len(DIFFERENCES), DIFFERENCES.index("Says"))]
    else:
        heads = _heads(shape)
        writer.writerow(heads)
        rows = [*_rows(_entries(chronology, shape), shape), *_remark_rows(chronology, len(heads), heads.index("Event"))]
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue()


def _remark_rows(chronology: Json, width: int, column: int) -> list[list[str]]:
    return [[*[""] * column, remark, *[""] * (width - column - 1)] for remark in _remarks(chronology)]


def _heads(shape: Shape) -> tuple[str, ...]:
    return (*COLUMNS, *ANALYSIS) if shape == "individual" else COLUMNS


def _entries(chronology: Json, shape: Shape) -> list[Json]:
    own = shape == "individual"
    return [entry for entry in chronology["entries"] if not own or entry.get("source") == chronology["agency"]]


def _differences(discrepancies: Sequence[Json]) -> list[list[str]]:
    return [
        [one["about"], claim["source"], _moment(claim["known_at"]), _claimed(claim["said"])]
        for one in discrepancies
        for claim in one["claims"]
    ]


def html_text(chronology: Json, shape: Shape = "integrated") -> str:
    """The entries and the discrepancies as one page that prints."""
    entries = _entries(chronology, shape)
    rows = [
        f"<tr{' class=nil' if entry.get('nil_return') else ''}>{_cells('td', row)}</tr>"
        for entry, row in zip(entries, _rows(entries, shape), strict=True)
    ]
    differ = [
        f"<li>{escape(one['about'])}: "
        + "; ".join(
            f"{escape(claim['source'])} ({_moment(claim['known_at'])}): {escape(_claimed(claim['said']))}"
            for claim in one["claims"]
        )
        + "</li>"
        for one in chronology["discrepancies"]
    ]
    return _PAGE.format(
        about=escape(_about(chronology)),
        title="Chronology for an individual management review" if shape == "individual" else "Integrated chronology",
        heads=_cells("th", _heads(shape)),
        rows="\n".join(rows),
        differ=f"<ul>{''.join(differ)}</ul>" if differ else "<p>Nowhere, in what is shown here.</p>",
        missing=f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in _missing(chronology))}</ul>",
    )


def _about(chronology: Json) -> str:
    return (
        f"Person {chronology['person']}, as known at {_moment(chronology['as_known_at'])}, for {chronology['agency']}, "
        f"purpose {chronology['purpose']}. All times are London time."
    )


def _remarks(chronology: Json) -> list[str]:
    """What a table alone would not say: a file goes from hand to hand."""
    return [_about(chronology), *(f"Not shown here: {one}" for one in _missing(chronology))]


def _missing(chronology: Json) -> list[str]:
    """What the reader must know is not there."""
    left_out = chronology.get("left_out", 0)
    older = (
        [f"{left_out} or more older events: ask for the chronology as known at an earlier time."] if left_out else []
    )
    return older + [WITHHELD[code] for code in chronology.get("withheld", ())]


def _cells(tag: str, row: Sequence[str]) -> str:
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)


def _rows(entries: Sequence[Json], shape: Shape) -> list[list[str]]:
    empty = [""] * len(ANALYSIS) if shape == "individual" else []
    return [
        [
            _when(entry.get("occurred")),
            _moment(entry.get("known_at")),
            str(entry.get("days_unknown", "")),
            _moment(entry.get("recorded_at")),
            _moment(entry.get("received_at")),
            entry.get("source", ""),
            ", ".join(entry["roles"]),
            entry.get("what", ""),
            "; ".join(_relation(claim) for claim in entry.get("relationships", ())),
            _said(entry.get("fields", {})),
            entry.get("grade", ""),
            entry.get("reference", ""),
            *empty,
        ]
        for entry in entries
    ]


def _when(occurred: str | Json | None) -> str:
    """An interval in words: whole London days as dates, its last day included; the rest to the minute."""
    if occurred is None:
        return "not known"
    if isinstance(occurred, str):
        return _moment(occurred)
    first, after = (occurred[end] and london(datetime.fromisoformat(occurred[end])) for end in ("earliest", "latest"))
    days = all(end is None or end.time() == time() for end in (first, after))
    last = after - _INSTANT if after and days else after
    said = [end and f"{end:%Y-%m-%d}" if days else end and f"{end:%Y-%m-%d %H:%M}" for end in (first, last)]
    return said[0] if said[0] and said[0] == said[1] else f"{said[0] or 'not known'} to {said[1] or 'not known'}"


def _moment(written: str | None) -> str:
    return f"{london(datetime.fromisoformat(written)):%Y-%m-%d %H:%M}" if written else ""


def _claimed(said: object) -> str:
    """What a source claims; of a time, in words."""
    return _when(said) if isinstance(said, Mapping) and {"earliest", "latest"} == said.keys() else _said(said)


def _relation(claim: Json) -> str:
    direction = "to" if "to" in claim else "from"
    names = [
        " ".join(filter(None, (name.get("given"), name.get("family")))) for name in claim[direction].get("names", ())
    ]
    when = "".join(f", {name} {_when(claim[name])}" for name in ("since", "until") if name in claim)
    return f"{claim['kind']} {direction} {names[0] if names else 'somebody not shown'} ({claim['status']}{when})"


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        said = ((name, _said(part)) for name, part in value.items())
        return "; ".join(f"{name.replace('_', ' ')}: {part}" for name, part in said if part)
    if isinstance(value, list | tuple):
        return ", ".join(_said(part) for part in value)
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
