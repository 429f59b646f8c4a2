"""What a model cannot see: names that must be declared elsewhere in the file, and rows that must be unique."""

from collections.abc import Iterator
from typing import Final

from deploy.cases import check_digits
from deploy.cases.expected import ExpectedAlert, RowAnchor
from deploy.cases.lines import Path
from deploy.cases.model import Case, Somebody
from services.directory import model as directory_model
from services.directory.entries import DirectoryError
from services.rules.load import CATALOGUE

Problem = tuple[Path, str]

LADDER: Final = "R28"
"""Named among the rules of the domain, and no rule: what is rung when nobody acknowledges."""


def check(case: Case) -> Iterator[Problem]:
    """Yield every name that is not declared and every row that is given twice."""
    yield from _directory(case)
    yield from _agencies(case)
    yield from _cast(case)
    yield from check_digits.problems(case)
    yield from _variants(case)
    yield from _rows_unique(case)
    yield from _roles(case)
    yield from _expectations(case)
    yield from _identity(case)


def _directory(case: Case) -> Iterator[Problem]:
    try:
        directory_model.from_form(case.directory)
    except DirectoryError as error:
        yield ("directory", *error.path), error.reason


def _agencies(case: Case) -> Iterator[Problem]:
    for ref, agency in case.agencies.items():
        if agency not in case.directory.agencies:
            yield ("agencies", ref), f"the directory has no agency `{agency}`"
    for name, entry in case.directory.agencies.items():
        for n, channel in enumerate(entry.channels):
            if channel.phone is not None and channel.phone not in case.phones:
                path: Path = ("directory", "agencies", name, "channels", n, "phone")
                yield path, f"there is no `{channel.phone}` under `phones`"


def _cast(case: Case) -> Iterator[Problem]:
    for ref, somebody in case.cast.items():
        if somebody.slot is not None and somebody.slot.of not in case.cast:
            yield ("cast", ref, "slot", "of"), f"there is no `{somebody.slot.of}` in the cast"
    for ref, forms in case.forms.items():
        if ref not in case.cast:
            yield ("forms", ref), f"there is no `{ref}` in the cast"
        for n, form in enumerate(forms):
            for agency in [form.by] if isinstance(form.by, str) else form.by:
                if agency != "others" and agency not in case.agencies:
                    yield ("forms", ref, n, "by"), f"there is no `{agency}` under `agencies`"


def _variants(case: Case) -> Iterator[Problem]:
    for part in ("history", "rows", "lead_roles"):
        for n, entry in enumerate(getattr(case, part)):
            yield from _known_labels(case, entry.in_, (part, n, "in"))


def _known_labels(case: Case, labels: list[str] | None, path: Path) -> Iterator[Problem]:
    for label in labels or ():
        if label not in case.variants:
            yield path, f"there is no variant `{label}`"


def _rows_unique(case: Case) -> Iterator[Problem]:
    for label in case.variants:
        seen: set[tuple[str, str]] = set()
        for part, rows in (("history", case.history), ("rows", case.rows)):
            for n, row in enumerate(rows):
                if row.in_ is not None and label not in row.in_:
                    continue
                if (row.from_, row.row) in seen:
                    yield (part, n, "row"), f"row `{row.row}` of {row.from_} is there twice in variant {label}"
                seen.add((row.from_, row.row))


def _roles(case: Case) -> Iterator[Problem]:
    for n, role in enumerate(case.lead_roles):
        if role.held_by not in case.agencies:
            yield ("lead_roles", n, "held_by"), f"there is no `{role.held_by}` under `agencies`"
        if role.of not in case.cast:
            yield ("lead_roles", n, "of"), f"there is no `{role.of}` in the cast"
        if role.until is not None and role.until <= role.from_:
            yield ("lead_roles", n, "until"), "a role must end after it began"


def _expectations(case: Case) -> Iterator[Problem]:
    if case.expect is None:
        return
    refs = {alert.ref for alert in case.expect.alerts}
    for n, rule in enumerate(case.expect.rules if case.expect.rules != "all" else ()):
        yield from _known_rule(rule, ("expect", "rules", n))
    for n, alert in enumerate(case.expect.alerts):
        path: Path = ("expect", "alerts", n)
        yield from _known_labels(case, alert.in_, (*path, "in"))
        yield from _alert(case, alert, path, refs)
    for n, never in enumerate(case.expect.must_not):
        path = ("expect", "must_not", n)
        yield from _known_labels(case, never.in_, (*path, "in"))
        for agency in never.to:
            yield from _known_agency(case, agency, (*path, "to"))
        for ref in never.about:
            yield from _known_person(case.cast, ref, (*path, "about"))
    for n, silent in enumerate(case.duty_desk.silent if case.duty_desk else ()):
        for ref in silent.alerts:
            if ref not in refs:
                yield ("duty_desk", "silent", n, "alerts"), f"there is no expected alert `{ref}`"
        yield from _known_agency(case, silent.agency, ("duty_desk", "silent", n, "agency"))


def _alert(case: Case, alert: ExpectedAlert, path: Path, refs: set[str]) -> Iterator[Problem]:
    rows = {row.row for row in (*case.history, *case.rows)}
    yield from _known_rule(alert.rule, (*path, "rule"))
    if case.expect is not None and not case.expect.asserts(alert.rule):
        yield (*path, "rule"), f"{alert.rule} is not among `expect.rules`"
    for part in alert.anchor:
        if isinstance(part, str):
            yield from _known_person(case.cast, part, (*path, "anchor"))
        elif isinstance(part, RowAnchor) and part.row not in rows:
            yield (*path, "anchor"), f"there is no row `{part.row}`"
    if alert.row not in rows:
        yield (*path, "row"), f"there is no row `{alert.row}`"
    for agency in alert.to:
        yield from _known_agency(case, agency, (*path, "to"))
    for agency in alert.second_rung:
        yield from _known_agency(case, agency, (*path, "second_rung"))
    for agency in alert.acknowledged:
        yield from _known_agency(case, agency, (*path, "acknowledged"))
    for k, later in enumerate(alert.later):
        for agency in later.to or ():
            yield from _known_agency(case, agency, (*path, "later", k, "to"))
    if alert.ends is not None and alert.ends.joined_to is not None and alert.ends.joined_to not in refs:
        yield (*path, "ends", "joined_to"), f"there is no expected alert `{alert.ends.joined_to}`"


def _known_rule(rule: str, path: Path) -> Iterator[Problem]:
    if not any(file.name.startswith(f"{rule}-") for file in CATALOGUE.glob("R*.yaml")):
        ladder = " (R28, nobody acknowledged, is the ladder: see `second_rung`)" if rule == LADDER else ""
        yield path, f"there is no rule {rule}{ladder}; `tocsin rules list` lists them"


def _known_agency(case: Case, agency: str, path: Path) -> Iterator[Problem]:
    if agency not in case.agencies:
        yield path, f"there is no `{agency}` under `agencies`"


def _known_person(cast: dict[str, Somebody], ref: str, path: Path) -> Iterator[Problem]:
    if ref not in cast:
        yield path, f"there is no `{ref}` in the cast"


def _identity(case: Case) -> Iterator[Problem]:
    truth = case.identity
    named: list[tuple[Path, list[str]]] = [
        *((("identity", "one_person", n), [entry.ref]) for n, entry in enumerate(truth.one_person)),
        *((("identity", "joined", n), [entry.slot, entry.person]) for n, entry in enumerate(truth.joined)),
        *((("identity", "reviews", n), [entry.record, entry.candidate]) for n, entry in enumerate(truth.reviews)),
        *((("identity", "apart", n), pair) for n, pair in enumerate(truth.apart)),
    ]
    for path, refs in named:
        for ref in refs:
            yield from _known_person(case.cast, ref, path)
