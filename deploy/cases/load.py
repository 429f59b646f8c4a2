"""Reading a case file, refusing a wrong one with line and reason, and expanding it into what is posted when.

No input or output but reading the file. Used by `tocsin replay`, by the rules' own trials and by tests.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any, Final, Literal

from pydantic import ValidationError

from deploy.cases import expand, lines
from deploy.cases.check import check
from deploy.cases.lines import CaseRefused, Document, Path
from deploy.cases.mentions import Wrong
from deploy.cases.model import Case, HistoryRow, LeadRole, Row
from schemas import registry
from schemas.envelope import EventData
from schemas.problems import Refused
from schemas.warned import unlisted
from services.directory.form import DirectoryForm

FOLDER: Final = FilePath(__file__).parent
"""Where the cases that come with Tocsin are."""

Lane = Literal["history", "live"]


@dataclass(frozen=True, slots=True)
class Posting:
    """One event, when the gateway receives it, and how to print it."""

    at: datetime
    """When it is received, UTC."""
    lane: Lane
    """`history` goes to /v1/backfill, `live` to /v1/events."""
    event: dict[str, Any]
    """The CloudEvent, structured."""
    row: str
    paragraph: str
    agency: str
    """Short name in the case file."""
    summary: str
    known_at: datetime | None
    """When the agency learned it; None for history."""


def load(path: str | FilePath) -> Case:
    """Read and check a case file.

    Args:
        path: a file, or the name of a case that comes with Tocsin (`birmingham`).

    Raises:
        CaseRefused: something in it is wrong; every problem has its line and reason.
        FileNotFoundError: there is no such file.
    """
    file = _find(path)
    return parse(file.read_text(encoding="utf-8"), file.name)


def own_cases() -> list[str]:
    """Return the names of the cases that come with Tocsin."""
    return sorted(file.stem for file in FOLDER.glob("*.yaml"))


def _find(path: str | FilePath) -> FilePath:
    given = FilePath(path)
    own = FOLDER / f"{path}.yaml"
    return own if given.suffix == "" and not given.exists() and own.exists() else given


def parse(text: str, file: str) -> Case:
    """As `load`, of the text of a file."""
    document = lines.read(text, file)
    try:
        case = Case.model_validate(document.data)
    except ValidationError as error:
        raise document.refuse(_faults(error)) from None
    problems = [*check(case)] or [problem for label in case.variants for problem in _problems(case, label)]
    if problems:
        raise document.refuse(problems)
    return case


def _faults(error: ValidationError) -> Iterator[tuple[Path, str]]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        path = fault["loc"]
        if fault["type"] == "extra_forbidden":
            torn = " (text with a comma needs quotes inside { })" if " " in str(path[-1]) else ""
            yield path[:-1], f"`{path[-1]}` is not a key that may stand here{torn}"
        elif fault["type"] == "missing":
            yield path, f"`{path[-1]}` is missing"
        else:
            yield path, fault["msg"].removeprefix("Value error, ")


def directory(case: Case) -> DirectoryForm:
    """Return the case's directory with the telephone numbers of its channels, ready to be loaded."""
    agencies = {
        name: agency.model_copy(
            update={
                "channels": [
                    channel.model_copy(update={"phone": channel.phone and case.phones[channel.phone].number})
                    for channel in agency.channels
                ]
            }
        )
        for name, agency in case.directory.agencies.items()
    }
    return case.directory.model_copy(update={"agencies": agencies})


def variant(case: Case, *, clocks: str = "as-known", off: frozenset[str] = frozenset()) -> str:
    """Return the label of the variant with these clocks and every switch on but those of `off`.

    Raises:
        KeyError: the case has no such variant.
    """
    on = {switch for each in case.variants.values() for switch in each.with_} - off
    for label, each in case.variants.items():
        if each.clocks == clocks and set(each.with_) == on:
            return label
    raise KeyError(f"{case.case} has no variant {clocks} with {sorted(on) or 'nothing'} on")


def events(case: Case, label: str) -> list[Posting]:
    """Return what is posted in a variant, in order of time; within a minute as the file has it, role changes last."""
    found: list[Posting] = []
    for _, posting in _postings(case, label):
        if isinstance(posting, Wrong):
            raise posting
        found.append(posting)
    return sorted(found, key=lambda posting: posting.at)


def unlisted_words(case: Case) -> list[str]:
    """Return what a sender of these events would be warned of: words that stand in no code list, which no rule waits for."""
    found: dict[str, None] = {}
    for label in case.variants:
        for posting in events(case, label):
            for problem in unlisted(posting.event["type"], posting.event["data"]):
                found[f"row {posting.row}: {problem.path}: {problem.fix}"] = None
    return list(found)


def _postings(case: Case, label: str) -> Iterator[tuple[Path, Posting | Wrong]]:
    authors: dict[str, str] = {}
    for each in (*case.history, *case.rows):
        if each.in_ is None or label in each.in_:
            same = authors.setdefault(each.row, each.from_) == each.from_
            authors[each.row] = each.from_ if same else expand.SEVERAL
    for n, past in enumerate(case.history):
        if past.in_ is None or label in past.in_:
            yield ("history", n), _history(case, past, authors)
    for n, row in enumerate(case.rows):
        if row.in_ is None or label in row.in_:
            yield ("rows", n), _row(case, row, label, authors)
    roles = [(n, role) for n, role in enumerate(case.lead_roles) if role.in_ is None or label in role.in_]
    # Starts before ends, so that between two holders there are two, never none.
    for n, role in roles:
        yield ("lead_roles", n), _role(case, role, n + 1, starts=True)
    for n, role in roles:
        if role.until is not None and role.until < case.ends:  # later: it is held throughout the case
            yield ("lead_roles", n), _role(case, role, n + 1, starts=False)


def _history(case: Case, row: HistoryRow, authors: dict[str, str]) -> Posting | Wrong:
    try:
        event = expand.history_event(case, row, authors)
    except Wrong as wrong:
        return wrong
    return Posting(
        case.history_received, "history", event, row.row, row.paragraph, row.from_, row.summary or row.type, None
    )


def _row(case: Case, row: Row, label: str, authors: dict[str, str]) -> Posting | Wrong:
    late = case.variants[label].clocks == "as-recorded" and row.recorded is not None
    at = row.recorded if late and row.recorded is not None else row.known
    try:
        event = expand.row_event(case, row, at, authors)
    except Wrong as wrong:
        return wrong
    return Posting(at, "live", event, row.row, row.paragraph, row.from_, row.summary or row.type, row.known)


def _role(case: Case, role: LeadRole, n: int, *, starts: bool) -> Posting | Wrong:
    moment = role.from_ if starts or role.until is None else role.until
    label = f"L{n}-{'from' if starts else 'until'}"
    try:
        event = expand.role_event(case, role, label, moment, starts=starts)
    except Wrong as wrong:
        return Wrong((), wrong.reason)
    past = moment < case.begins
    words = f"{role.held_by} {'takes over' if starts else 'no longer holds'} the role of {role.role}"
    at = case.history_received if past else moment
    return Posting(at, "history" if past else "live", event, label, "-", role.held_by, words, None if past else moment)


def _problems(case: Case, label: str) -> Iterator[tuple[Path, str]]:
    for path, posting in _postings(case, label):
        if isinstance(posting, Wrong):
            yield (*path, *posting.path), posting.reason
            continue
        if not case.history_received <= posting.at < case.ends:
            yield path, _outside(case, posting)
        yield from (((*path, *where), fault) for where, fault in _faults_of_event(posting))


def _outside(case: Case, posting: Posting) -> str:
    at, first, last = (f"{each:%Y-%m-%d %H:%M}Z" for each in (posting.at, case.history_received, case.ends))
    fix = "what was known before goes under `history`" if posting.at < case.history_received else "let `ends` be later"
    return f"is posted at {at}, outside the time of the case ({first} to {last}): {fix}"


def _faults_of_event(posting: Posting) -> Iterator[tuple[Path, str]]:
    """What the event's own schema has against it, and where: the same words that the gateway would answer with."""
    try:
        envelope = registry.parse_envelope(posting.event)
        registry.parse(envelope.type, envelope.data, history=posting.lane == "history")
    except Refused as refused:
        for problem in refused.problems:
            if (problem.code, problem.path) == ("unknown-field", "/data"):
                yield from _fields_of_no_type(posting)
                continue
            near = f" {_near(posting.event['type'])}" if problem.path == "/type" else ""
            yield _written_at(problem.path, posting), f"{problem.path or posting.event['type']}: {problem.fix}{near}"


def _fields_of_no_type(posting: Posting) -> Iterator[tuple[Path, str]]:
    """Fields that the type does not have, by name: what the gateway never repeats may be said of the writer's own file."""
    kind = posting.event["type"]
    model = registry.model_of(kind)
    every = {field.alias or name for name, field in model.model_fields.items()}
    own = sorted(every - EventData.model_fields.keys())
    for name in sorted(posting.event["data"].keys() - every):
        near = difflib.get_close_matches(name, own, n=1)
        may = f"you may have meant `{near[0]}`" if near else f"its own are: {', '.join(own) or 'none'}"
        yield ("fields", name), f"{kind} has no field `{name}`; {may}"


def _written_at(pointer: str, posting: Posting) -> Path:
    """Where in its row stands what a pointer into the event leads to: the person by their ref, a field of the type."""
    match pointer.removeprefix("/").split("/"):
        case ["data", "people", n, *rest] if n.isdecimal():
            return ("people", posting.event["data"]["people"][int(n)]["ref"], *rest)
        case ["data", "relationships", n, *rest] if n.isdecimal():
            return ("relationships", int(n), *rest)
        case ["data", name, *_] if name in {"people", "relationships", "informant", "cites", "grade", "text"}:
            return (name,)
        case ["data", name, *_]:
            return ("fields", name)
        case _:
            return ("type",)


def _near(kind: str) -> str:
    """Types that somebody who wrote this one may have meant: of the same sector, or the same thing of another."""
    known = [name for name, _ in registry.EVENT_TYPES]
    wanted = kind.rsplit(".v", 1)[0]
    own = [name for name in known if name.split(".")[0] == wanted.split(".")[0]]
    found = difflib.get_close_matches(wanted, own, n=3) or difflib.get_close_matches(wanted, known, n=3)
    return f"Near it: {', '.join(found)}." if found else "schemas/published/catalogue.md lists them."


__all__ = ["Case", "CaseRefused", "Document", "Posting", "events", "load", "parse", "variant"]
