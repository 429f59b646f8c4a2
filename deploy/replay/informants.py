"""Who told us must not be told (N2): looked for in the answers as they were sent, not in what we meant to send."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from deploy.cases.load import Case
from deploy.cases.mentions import name as split_name
from deploy.replay.compare import expected_in, matched
from deploy.replay.leaks import Sent
from deploy.replay.outcome import Observed, Outcome

HIDDEN: Final = "N2"
REPORTER: Final = "reporter"

Name = tuple[str, str]
"""Given and family name, in small letters."""


def named(case: Case, outcome: Outcome, sent: Iterable[Sent]) -> list[str]:
    """Return every answer about an alert that must not say who told, in which somebody who told is named.

    Not who the alert is about, and not whom the reading agency itself has written of: that it knows already.
    """
    bound = _bound(case, outcome)
    told = {ref: _names(case, ref) for ref in _informants(case, outcome.label)}
    said = []
    for thing in sent:
        if thing.way != "answer":
            continue
        view: Any = orjson.loads(thing.text)
        alert = bound.get(str(view.get("alert")))
        if alert is None:
            continue
        about = {ref for part in alert.anchor for ref in part.names | part.person_names}
        known = {ref for row in (*case.history, *case.rows) if row.from_ == thing.to for ref in row.people}
        shown = set(_shown(view))
        said += [
            f"answer to {thing.to}: says who told of {alert.rule}"
            for ref, names in told.items()
            if ref not in about | known and names & shown
        ]
    return said


def _bound(case: Case, outcome: Outcome) -> Mapping[str, Observed]:
    """Alerts that the case says must not tell it."""
    expected = expected_in(case, outcome.label)
    found = matched(expected, outcome.alerts)
    return {str(found[one.ref].alert): found[one.ref] for one in expected if HIDDEN in one.never and one.ref in found}


def _informants(case: Case, label: str) -> set[str]:
    found = set()
    for row in (*case.history, *case.rows):
        if row.in_ is None or label in row.in_:
            roles = {ref: said if isinstance(said, str) else said.role for ref, said in row.people.items()}
            found |= {ref for ref, role in roles.items() if role == REPORTER}
            if row.informant is not None and row.informant.ref is not None:
                found.add(row.informant.ref)
    return found


def _names(case: Case, ref: str) -> set[Name]:
    written = [form.name for form in case.forms.get(ref, ())] + [case.cast[ref].name]
    parts = [split_name(one) for one in written if one is not None]
    return {(part["given"].lower(), part["family"].lower()) for part in parts if "given" in part and "family" in part}


def _shown(value: object) -> Iterator[Name]:
    """Every name that stands in an answer."""
    if isinstance(value, Mapping):
        given, family = value.get("given"), value.get("family")
        if isinstance(given, str) and isinstance(family, str):
            yield given.lower(), family.lower()
        for part in value.values():
            yield from _shown(part)
    elif isinstance(value, list):
        for part in value:
            yield from _shown(part)
