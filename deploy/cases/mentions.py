"""How a row's people go on the wire: the form their agency writes, and what the row alone says of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from deploy.cases.lines import Path
from deploy.cases.model import Case, Content, InRole, PersonForm, Place


class Wrong(ValueError):
    """Something in a row that cannot be made into an event; `path` leads to it from the row."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason


def mention(case: Case, row: Content, ref: str, known: datetime | None) -> dict[str, Any]:
    """Return the body of one person of a row.

    Raises:
        Wrong: not in the cast, no form for this agency, or a place or telephone that is not listed.
    """
    said = row.people[ref]
    detail = said if isinstance(said, InRole) else InRole(role=said)
    somebody = case.cast.get(ref)
    if somebody is None:
        raise Wrong(("people", ref), f"there is no `{ref}` in the cast")
    body: dict[str, Any] = {"ref": ref, "role": detail.role}
    if somebody.slot is not None:
        body["slot"] = {"of": somebody.slot.of, "relation": somebody.slot.relation}
    else:
        body |= _written(case, ref, form_of(case, row, ref, known))
    return body | _said_here(case, ref, detail, body)


def form_of(case: Case, row: Content, ref: str, known: datetime | None) -> PersonForm:
    """Return the form in which the row's agency writes the person; somebody without forms is written in full."""
    forms = case.forms.get(ref, [])
    for form in forms:
        if (
            row.from_ in _as_list(form.by)
            and (not form.rows or row.row in form.rows)
            and (form.before is None or (known is not None and known < form.before))
        ):
            return form
    for form in forms:
        if form.by == "others":
            return form
    if forms:
        raise Wrong(
            ("people", ref), f"`forms` does not say how {row.from_} writes {ref}; a last form `by: others` would do"
        )
    somebody = case.cast[ref]
    return PersonForm(by="others", name=somebody.name, born=somebody.born)


def _as_list(by: str | list[str]) -> list[str]:
    return [by] if isinstance(by, str) else by


def _written(case: Case, ref: str, form: PersonForm) -> dict[str, Any]:
    at: Path = ("people", ref)
    body: dict[str, Any] = {}
    if form.unnamed_sender:
        body["unnamed_sender"] = True
    if form.own_id is not None:
        body["own_id"] = form.own_id
    if form.name is not None:
        body["names"] = [name(form.name)]
    if form.born is not None:
        body["born"] = form.born
    if form.sex is not None:
        body["sex"] = form.sex
    if form.identifiers:
        body["identifiers"] = _identifiers(case, ref, form)
    if form.address is not None:
        body["addresses"] = [address(case, form.address, at)]
    if form.phones:
        body["phones"] = [phone(case, number, at) for number in form.phones]
    if form.workplace is not None:
        body["workplace"] = workplace(place(case, form.workplace, at))
    return body


def _said_here(case: Case, ref: str, detail: InRole, body: Mapping[str, Any]) -> dict[str, Any]:
    at: Path = ("people", ref)
    extra: dict[str, Any] = {}
    if detail.area is not None:
        extra["area"] = detail.area
    if detail.children is not None:
        extra["children"] = detail.children.model_dump(exclude_none=True)
    if detail.workplace is not None:
        extra["workplace"] = workplace(place(case, detail.workplace, (*at, "workplace")))
    if detail.address is not None:
        extra["addresses"] = [address(case, detail.address, (*at, "address"))]
    if detail.phones:
        extra["phones"] = [*body.get("phones", ()), *(phone(case, n, (*at, "phones")) for n in detail.phones)]
    return extra


def name(written: str) -> dict[str, str]:
    """Split `Given Middle Family` or `FAMILY, Given Middle` into its parts, as written."""
    family, comma, rest = written.partition(", ")
    given = (rest if comma else written).split()
    if not comma:
        family = given.pop() if len(given) > 1 else ""
    parts = {"given": given[0] if given else "", "middle": " ".join(given[1:]), "family": family}
    return {key: part for key, part in parts.items() if part}


def _identifiers(case: Case, ref: str, form: PersonForm) -> list[dict[str, str]]:
    if isinstance(form.identifiers, dict):
        return [{"system": system, "value": value} for system, value in form.identifiers.items()]
    own = case.cast[ref].identifiers
    for system in form.identifiers:
        if system not in own:
            raise Wrong(("people", ref), f"the cast gives {ref} no `{system}` to quote")
    return [{"system": system, "value": own[system]} for system in form.identifiers]


def place(case: Case, key: str, path: Path) -> Place:
    """Return a place by its short name."""
    if key not in case.places:
        raise Wrong(path, f"there is no `{key}` under `places`")
    return case.places[key]


def phone(case: Case, key: str, path: Path) -> str:
    """Return a telephone number by its short name."""
    if key not in case.phones:
        raise Wrong(path, f"there is no `{key}` under `phones`")
    return case.phones[key].number


def address(case: Case, key: str, path: Path) -> dict[str, Any]:
    """Return a place as an address on the wire."""
    found = place(case, key, path)
    return {k: v for k, v in (("area", found.area), ("lines", found.lines), ("postcode", found.postcode)) if v}


def workplace(found: Place) -> dict[str, Any]:
    """Return a place as somebody's workplace, with its name and its kind of setting."""
    said = found.model_dump(exclude_none=True, include={"name", "lines", "postcode", "area", "setting"})
    return dict(said)


def listed(problems: Iterable[Wrong], path: Path) -> list[tuple[Path, str]]:
    """Return problems as paths from the top of the file."""
    return [((*path, *problem.path), problem.reason) for problem in problems]
