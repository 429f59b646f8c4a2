"""From a row to the CloudEvent its agency posts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from deploy.cases import times
from deploy.cases.lines import Path
from deploy.cases.mentions import Wrong, address, mention, workplace
from deploy.cases.model import AS_KNOWN, Case, Content, HistoryRow, Informant, LeadRole, Relation, Row
from deploy.cases.words import TIMEZONE

_UNVERSIONED_DOTS: Final = 2
"""Dots in `sector.subject.happened`; one more comes with the version."""
PART_3: Final = frozenset({"police", "probation", "prison", "mappa"})
"""Sectors that process for law enforcement; the others do so under UK GDPR."""

SEVERAL: Final = ""
"""In place of the agency of a row: several agencies have a row of this number."""
SEVERAL_HAVE_IT: Final = "several agencies have a row `{}`: number them apart, so that it is clear which is meant"

WORKPLACE: Final = "present_at"
"""The field in which a place stands for a workplace with its setting, not for an address."""
_LAW: Final = {"code": "P", "purpose": "safeguarding", "legal_basis": "CJA2003-s325", "regime": "part-3"}
_WELFARE: Final = {"code": "P", "purpose": "safeguarding", "legal_basis": "CA2004-s10", "regime": "uk-gdpr"}


def source(case: Case, agency: str) -> str:
    """Return the CloudEvents source of an agency, given its short name."""
    return f"urn:tocsin:agency:{case.agencies[agency]}"


def event_id(agency: str, row: str) -> str:
    """Return the event id of a row: `wmerc-52a`, the same in every variant."""
    return f"{agency}-{row}".lower()


def local(moment: datetime) -> str:
    """Return a moment as its London time with the offset."""
    return moment.astimezone(ZoneInfo(TIMEZONE)).isoformat()


def history_event(case: Case, row: HistoryRow, authors: Mapping[str, str]) -> dict[str, Any]:
    """Return a history row as a CloudEvent: it was known and recorded when it happened, as far as anybody can say.

    `authors` gives the agency of every row of the variant, so that rows can name each other.

    Raises:
        Wrong: something in the row cannot be made into an event.
    """
    clocks = {"occurred": row.occurred, "known_at": row.occurred, "recorded_at": row.occurred}
    return _event(case, row, clocks, None, authors)


def row_event(case: Case, row: Row, recorded: datetime, authors: Mapping[str, str]) -> dict[str, Any]:
    """Return a row as a CloudEvent, recorded at this time. Raises as `history_event`."""
    clocks = {
        "occurred": local(row.known) if row.occurred == AS_KNOWN else row.occurred,
        "known_at": local(row.known),
        "recorded_at": local(recorded),
    }
    return _event(case, row, clocks, row.known, authors)


def role_event(case: Case, role: LeadRole, label: str, at: datetime, *, starts: bool) -> dict[str, Any]:
    """Return the start or the end of a lead role as a CloudEvent of the agency that holds it. Raises as above."""
    sector = sector_of(case, role.held_by)
    content = Content.model_validate(
        {
            "row": label,
            "from": role.held_by,
            "type": f"{sector}.lead-role.{'started' if starts else 'ended'}",
            "people": {role.of: "subject"},
            "fields": {"role": role.role, "starts" if starts else "ends": local(at)},
            "paragraph": "-",
            "summary": "-",
        }
    )
    clocks = {"occurred": local(at), "known_at": local(at), "recorded_at": local(at)}
    return _event(case, content, clocks, at, {})


def sector_of(case: Case, agency: str) -> str:
    """Return the sector of an agency, given its short name."""
    if agency not in case.agencies:
        raise Wrong(("from",), f"there is no `{agency}` under `agencies`")
    return case.directory.agencies[case.agencies[agency]].sector


def _event(
    case: Case, row: Content, clocks: Mapping[str, Any], known: datetime | None, authors: Mapping[str, str]
) -> dict[str, Any]:
    sector = sector_of(case, row.from_)
    if row.type.partition(".")[0] != sector:
        raise Wrong(("type",), f"{row.from_} is of the sector {sector} and cannot publish `{row.type}`")
    data: dict[str, Any] = {
        **clocks,
        "people": [mention(case, row, ref, known) for ref in row.people],
        "handling": _LAW if sector in PART_3 else _WELFARE,
    }
    if row.relationships:
        data["relationships"] = [
            _relation(case, row, relation, n, authors) for n, relation in enumerate(row.relationships)
        ]
    plain = {"grade": row.grade, "recorded_by": row.recorded_by, "text": row.text}
    data |= {key: value for key, value in plain.items() if value is not None}
    if row.informant is not None:
        data["informant"] = _informant(case, row, row.informant)
    if row.cites:
        data["cites"] = [_cited(case, cited, ("cites", n), authors) for n, cited in enumerate(row.cites)]
    for key, value in row.fields.items():
        data[key] = _field(case, value, ("fields", key), row, authors)
    return {
        "specversion": "1.0",
        "id": event_id(row.from_, row.row),
        "source": source(case, row.from_),
        "type": row.type if row.type.count(".") > _UNVERSIONED_DOTS else f"{row.type}.v1",
        "datacontenttype": "application/json",
        "data": data,
    }


def _relation(case: Case, row: Content, relation: Relation, n: int, authors: Mapping[str, str]) -> dict[str, Any]:
    at: Path = ("relationships", n)
    for key, ref in (("from", relation.from_), ("to", relation.to)):
        if ref not in row.people:
            raise Wrong((*at, key), f"`{ref}` is not among the people of this row")
    said = relation.model_dump(by_alias=True, exclude_none=True, exclude={"cites"})
    if relation.cites:
        said["cites"] = [_cited(case, cited, (*at, "cites", k), authors) for k, cited in enumerate(relation.cites)]
    return said


def _informant(case: Case, row: Content, informant: Informant) -> dict[str, Any]:
    if informant.ref is not None and informant.ref not in row.people:
        raise Wrong(("informant", "ref"), f"`{informant.ref}` is not among the people of this row")
    if informant.origin is not None and informant.origin not in case.agencies:
        raise Wrong(("informant", "origin"), f"there is no `{informant.origin}` under `agencies`")
    said = informant.model_dump(exclude_none=True, exclude={"origin"})
    return said if informant.origin is None else said | {"origin": source(case, informant.origin)}


def _cited(case: Case, row: str, path: Path, authors: Mapping[str, str]) -> dict[str, str]:
    if row not in authors:
        raise Wrong(path, f"there is no row `{row}` in this variant")
    if authors[row] == SEVERAL:
        raise Wrong(path, SEVERAL_HAVE_IT.format(row))
    return {"source": source(case, authors[row]), "id": event_id(authors[row], row)}


def _field(case: Case, value: Any, path: Path, row: Content, authors: Mapping[str, str]) -> Any:  # noqa: ANN401 - any part of an event: what comes as a dict goes as a dict
    """Replace what stands for something else: names of agencies, places and telephones, rows, local times."""
    if isinstance(value, list):
        return [_field(case, item, (*path, n), row, authors) for n, item in enumerate(value)]
    if isinstance(value, dict):
        if value.keys() == {"row"}:
            return _cited(case, str(value["row"]), path, authors)
        return {key: _field(case, item, (*path, key), row, authors) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    if value in case.agencies and value not in row.people:
        return case.agencies[value]
    if value in case.places:
        return workplace(case.places[value]) if path[-1] == WORKPLACE else address(case, value, path)
    if value in case.phones:
        return case.phones[value].number
    try:
        return times.wire(value, TIMEZONE)
    except ValueError as error:
        raise Wrong(path, str(error)) from None
