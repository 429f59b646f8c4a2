"""For each event type, a valid event and a table of wrong ones, made from its model.

Used against the models (tests/unit/schemas) and over HTTP (the gateway's tests). Each entry says which field must be
named and by which code, so that a sender could put it right from the answer alone.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

from schemas.clocks import Instant, KnownWhen, When
from schemas.envelope import MAX_DEPTH, EventData
from schemas.handling import MAX_TEXT_CHARS
from schemas.people import MAX_PEOPLE
from schemas.registry import EVENT_TYPES, wire_name

Json = dict[str, Any]

TIMES: Final = (When, KnownWhen, Instant)

AGENCIES: Final = {
    "police": "police-west-midlands",
    "prison": "prison-service",
    "probation": "probation-wales",
    "approved-premises": "approved-premises-millrace",
    "mappa": "mappa-west-midlands",
    "childrens-social-care": "csc-birmingham",
    "health": "health-birmingham-community",
    "housing": "housing-fernhollow",
    "employer": "employer-tamarisk",
    "court": "court-service",
    "adult-social-care": "asc-birmingham",
    "education": "education-exshire-primary",
    "marac": "marac-west-midlands",
    "victim-liaison": "victim-liaison-west-midlands",
    "parole": "parole-board",
}
"""Sector -> an agency of the small directory that publishes it."""


@dataclass(frozen=True)
class WrongInput:
    """One event that must be refused."""

    about: str
    event: Json
    path: str
    code: str

    def __str__(self) -> str:
        return f"{self.event['type']}: {self.about}"


def valid_event(model: type[EventData], *, id: str = "example-1") -> Json:  # noqa: A002 - as CloudEvents calls it
    """The type's own example in an envelope from an agency of its sector."""
    sector = model.wire_type.split(".", 1)[0]
    return {
        "specversion": "1.0",
        "id": id,
        "source": f"urn:tocsin:agency:{AGENCIES[sector]}",
        "type": wire_name(model.wire_type, model.wire_version),
        "datacontenttype": "application/json",
        "data": copy.deepcopy(model.examples[0]),
    }


def wrong_inputs(model: type[EventData]) -> Iterator[WrongInput]:
    """Everything that must be refused of one type."""
    for make in (_of_fields, _of_people, _of_relationships, _of_size, _of_type):
        yield from make(model)


def one_of_each() -> dict[str, type[EventData]]:
    """One type by its name of all that say the same and differ in who sends them: they share fields, documents and faults.

    What depends on the sender goes over all types (tests/integration/gateway/test_wrong_inputs.py).
    """
    found: dict[tuple[str, tuple[str, ...]], tuple[str, type[EventData]]] = {}
    for (name, _), model in EVENT_TYPES.items():
        found.setdefault((name.partition(".")[2], tuple(model.model_fields)), (name, model))
    return dict(found.values())


def all_wrong_inputs() -> Iterator[WrongInput]:
    """The tables of one type of each kind, some fifteen thousand entries."""
    for model in one_of_each().values():
        yield from wrong_inputs(model)


def _changed(model: type[EventData], about: str, path: str, code: str, change: Callable[[Json], object]) -> WrongInput:
    event = valid_event(model)
    change(event)
    return WrongInput(about, event, path, code)


def _data(about: str, path: str, code: str, model: type[EventData], /, **fields: Any) -> WrongInput:
    return _changed(model, about, path, code, lambda event: event["data"].update(fields))


def _of_fields(model: type[EventData]) -> Iterator[WrongInput]:
    hints = get_type_hints(model, include_extras=True)
    for name, field in model.model_fields.items():
        wire = field.alias or name
        path = f"/data/{wire}"
        if field.is_required():
            yield _changed(model, f"{wire} missing", path, "missing", lambda e, wire=wire: e["data"].pop(wire, None))  # type: ignore[misc]  # bound now, called later
        if _is_time(hints[name]):
            yield _data(f"{wire} is no time", path, "time-form", model, **{wire: 7})
            yield _data(f"{wire} has no offset", path, "time-naive", model, **{wire: "2013-04-02T10:00:00"})
            yield _data(f"{wire} never was", path, "date-impossible", model, **{wire: "2013-02-30T10:00:00Z"})
        else:
            yield _data(
                f"{wire} of another type", path, _code_of_type(hints[name]), model, **{wire: _wrong(hints[name])}
            )
    yield _data("unknown field", "/data", "unknown-field", model, no_such_field="x")
    for clock in ("known_at", "recorded_at"):
        yield _data(f"{clock} inexact in a live event", f"/data/{clock}", "time-inexact", model, **{clock: "2013-04"})
    yield _data(
        "unknown handling", "/data/handling/purpose", "not-allowed", model, handling=_handling(model, "curiosity")
    )


def _handling(model: type[EventData], purpose: str) -> Json:
    return {**model.examples[0]["handling"], "purpose": purpose}


def _is_time(hint: Any) -> bool:
    return any(part == time for part in (hint, *get_args(hint)) for time in TIMES)


def _parts(hint: Any) -> list[Any]:
    """The alternatives of a hint, without annotations and None."""
    if get_origin(hint) is Annotated:
        return _parts(get_args(hint)[0])
    if isinstance(hint, type) or get_origin(hint) in {tuple, Literal}:
        return [hint]
    return [part for inner in get_args(hint) if inner is not type(None) for part in _parts(inner)]


def _wrong(hint: Any) -> Any:
    return "5" if int in _parts(hint) else 7


def _code_of_type(hint: Any) -> str:
    return "not-allowed" if get_origin(_parts(hint)[0]) is Literal else "wrong-type"


def _of_people(model: type[EventData]) -> Iterator[WrongInput]:
    if not model.examples[0].get("people"):
        return

    def person(about: str, path: str, code: str, **fields: Any) -> WrongInput:
        at = f"/data/people/0{path}"
        return _changed(model, about, at, code, lambda event: event["data"]["people"][0].update(fields))

    yield _data("nobody", "/data/people", "too-few", model, people=[])
    yield person("person with an unknown field", "", "unknown-field", nickname="x")
    yield person("person in no role", "/role", "not-allowed", role="offender")
    yield person("born on a day that never was", "/born", "form", born="2013-02-30")
    yield person("name with figures", "/names/0/given", "form", names=[{"given": "A4"}])
    yield person("no name in a name", "/names/0", "missing", names=[{"kind": "alias"}])
    for system, value in (
        ("nhs", "9990000019"),
        ("pnc", "2000/1234567A"),
        ("cro", "123456/00R"),
        ("upn", "C801200005001"),
    ):
        yield person(
            f"{system} with a wrong check digit",
            "/identifiers/0/value",
            "check-digit",
            identifiers=[{"system": system, "value": value}],
        )
    yield person(
        "number of no system", "/identifiers/0/system", "form", identifiers=[{"system": "passport", "value": "1"}]
    )
    yield person(
        "number of another form",
        "/identifiers/0/value",
        "identifier-form",
        identifiers=[{"system": "crn", "value": "1"}],
    )
    yield person("telephone in words", "/phones/0", "form", phones=["ring me"])
    yield person("postcode of no form", "/addresses/0/postcode", "form", addresses=[{"postcode": "nowhere"}])
    yield person("sex of another type", "/sex", "not-allowed", sex=1)
    yield _changed(
        model,
        "two people of one ref",
        "/data/people",
        "ref-twice",
        lambda e: e["data"]["people"].append(e["data"]["people"][0]),
    )
    nobody = {"ref": "N", "role": "other"}
    at = f"/data/people/{len(model.examples[0]['people'])}"
    for about, code, fields in (
        ("person without anything", "nobody", {}),
        (
            "placeholder with a family name",
            "slot-named",
            {"slot": {"of": "N", "relation": "partner"}, "names": [{"family": "Marrable"}]},
        ),
        ("unnamed sender without a number", "sender-unnamed", {"unnamed_sender": True}),
    ):
        yield _changed(model, about, at, code, lambda e, more=fields: e["data"]["people"].append({**nobody, **more}))  # type: ignore[misc]  # bound now, called later
    if model.is_report:
        yield _changed(
            model,
            "report about nobody",
            "/data/people",
            "subject-count",
            lambda e: [p.update(role="other") for p in e["data"]["people"]],
        )


def _of_relationships(model: type[EventData]) -> Iterator[WrongInput]:
    if not model.examples[0].get("people"):
        return
    ref = model.examples[0]["people"][0]["ref"]
    claim = {"from": ref, "to": ref, "kind": "partner", "status": "reported"}
    for about, path, code, fields in (
        ("relation to somebody not mentioned", "/to", "ref-unknown", {"to": "nobody"}),
        ("relation of no kind", "/kind", "not-allowed", {"kind": "acquaintance"}),
        ("relation of no status", "/status", "not-allowed", {"status": "suspected"}),
        ("relation since a day that never was", "/since", "date-impossible", {"since": "2013-02-30"}),
        ("relation with another grade", "/grade", "form", {"grade": "4F"}),
    ):
        yield _data(about, f"/data/relationships/0{path}", code, model, relationships=[{**claim, **fields}])
    yield _data("informant of two kinds", "/data/informant", "informant", model, informant={"ref": ref, "staff": "H1"})
    yield _data("informant not mentioned", "/data/informant/ref", "ref-unknown", model, informant={"ref": "nobody"})
    yield _data(
        "cites a foreign thing",
        "/data/cites/0/source",
        "form",
        model,
        cites=[{"id": "e1", "source": "https://example.org"}],
    )


def _of_size(model: type[EventData]) -> Iterator[WrongInput]:
    yield _data("text too long", "/data/text", "too-long", model, text="x" * (MAX_TEXT_CHARS + 1))
    yield _data("text with a NUL", "/data/text", "form", model, text="a\x00b")
    many = [{"ref": f"p{number}", "role": "other", "own_id": "1"} for number in range(MAX_PEOPLE + 1)]
    yield _data("too many people", "/data/people", "too-many", model, people=many)
    nested: Any = "x"
    for _ in range(MAX_DEPTH):
        nested = [nested]
    yield _data("nested too deep", "/data", "too-deep", model, text=nested)


def _of_type(model: type[EventData]) -> Iterator[WrongInput]:
    wire = f"{model.wire_type}.v{model.wire_version + 98}"
    yield _changed(model, "version there is not", "/type", "unknown-version", lambda event: event.update(type=wire))
    other = f"{model.wire_type}-not.v1"
    yield _changed(model, "type there is not", "/type", "unknown-type", lambda event: event.update(type=other))
    yield _changed(model, "type without version", "/type", "form", lambda event: event.update(type=model.wire_type))
    yield _changed(model, "no data", "/data", "missing", lambda event: event.pop("data"))
    yield _changed(model, "data of another type", "/data", "wrong-type", lambda event: event.update(data=[]))
    yield _changed(model, "source of another form", "/source", "form", lambda event: event.update(source="police"))
    yield _changed(
        model, "another CloudEvents", "/specversion", "not-allowed", lambda event: event.update(specversion="0.3")
    )
    yield _changed(model, "naive time", "/time", "time-naive", lambda event: event.update(time="2013-04-02T10:00:00"))
    yield _changed(model, "unknown attribute", "", "unknown-field", lambda event: event.update(sourcetype="x"))
