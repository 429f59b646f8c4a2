"""What a model cannot see: names that must be declared elsewhere in the file, and rows that must be unique."""

from collections.abc import Iterator

from deploy.cases import check_digits, check_expected
from deploy.cases.lines import Path
from deploy.cases.model import Case
from services.directory import model as directory_model
from services.directory.entries import DirectoryError

Problem = tuple[Path, str]


def check(case: Case) -> Iterator[Problem]:
    """Yield every name that is not declared and every row that is given twice."""
    yield from _directory(case)
    yield from _agencies(case)
    yield from _cast(case)
    yield from check_digits.problems(case)
    yield from _variants(case)
    yield from _rows_unique(case)
    yield from _roles(case)
    yield from check_expected.problems(case)
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
            yield from check_expected.known_labels(case, entry.in_, (part, n, "in"))


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
            yield from check_expected.known_person(case, ref, path)
