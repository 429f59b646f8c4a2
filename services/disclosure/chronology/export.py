"""A chronology as a table for a review: one agency's own (individual management review) or all that was shown.

When it happened stands beside when it became known, and silence is written down: a nil return is a row like any other.
CSV follows RFC 4180; a cell that a spreadsheet would take for a formula is quoted with an apostrophe (OWASP, CSV injection).
"""

import csv
import io
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

Json = Mapping[str, Any]

COLUMNS: Final = (
    "Happened",
    "Known to the agency",
    "Days unknown",
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
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Chronology</title><style>
body {{ font: 14px/1.4 sans-serif; margin: 2em }} table {{ border-collapse: collapse; width: 100% }}
th, td {{ border: 1px solid #999; padding: .3em .5em; text-align: left; vertical-align: top }}
thead {{ display: table-header-group }} tr {{ break-inside: avoid }} tr.nil td {{ background: #eee }}
</style></head><body><h1>Chronology</h1><p>{about}</p>
<table><thead><tr>{heads}</tr></thead><tbody>
{rows}
</tbody></table>
<h2>Where sources differ</h2>
{differ}
</body></html>
"""


def csv_text(chronology: Json) -> str:
    """The entries as CSV, one row each."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in _rows(chronology["entries"]):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue()


def html_text(chronology: Json) -> str:
    """The entries and the discrepancies as one page that prints."""
    about = f"Person {chronology['person']}, as known at {chronology['as_known_at']}, for {chronology['agency']}, purpose {chronology['purpose']}."
    rows = [
        f"<tr{' class=nil' if entry.get('nil_return') else ''}>{_cells('td', row)}</tr>"
        for entry, row in zip(chronology["entries"], _rows(chronology["entries"]), strict=True)
    ]
    differ = [
        f"<li>{escape(one['about'])}: "
        + "; ".join(
            f"{escape(claim['source'])} ({claim['known_at']}): {escape(_said(claim['said']))}"
            for claim in one["claims"]
        )
        + "</li>"
        for one in chronology["discrepancies"]
    ]
    return _PAGE.format(
        about=escape(about),
        heads=_cells("th", COLUMNS),
        rows="\n".join(rows),
        differ=f"<ul>{''.join(differ)}</ul>" if differ else "<p>Nowhere, in what is shown here.</p>",
    )


def _cells(tag: str, row: Sequence[str]) -> str:
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)


def _rows(entries: Sequence[Json]) -> list[list[str]]:
    return [
        [
            _when(entry.get("occurred")),
            entry.get("known_at", ""),
            str(entry.get("days_unknown", "")),
            entry.get("recorded_at", ""),
            entry.get("received_at", ""),
            entry.get("source", ""),
            ", ".join(entry["roles"]),
            entry.get("what", ""),
            "; ".join(_relation(claim) for claim in entry.get("relationships", ())),
            _said(entry.get("fields", {})),
            entry.get("grade", ""),
            entry.get("reference", ""),
        ]
        for entry in entries
    ]


def _when(occurred: str | Json | None) -> str:
    if occurred is None:
        return "not known"
    if isinstance(occurred, str):
        return occurred
    return f"{occurred['earliest'] or 'not known'} to {occurred['latest'] or 'not known'}"


def _relation(claim: Json) -> str:
    direction = "to" if "to" in claim else "from"
    names = [
        " ".join(filter(None, (name.get("given"), name.get("family")))) for name in claim[direction].get("names", ())
    ]
    when = "".join(f", {name} {_when(claim[name])}" for name in ("since", "until") if name in claim)
    return f"{claim['kind']} {direction} {names[0] if names else 'somebody not shown'} ({claim['status']}{when})"


def _said(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_said(part)}" for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_said(part) for part in value)
    return str(value)
