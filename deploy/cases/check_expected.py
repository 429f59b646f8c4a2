"""What is expected must name what there is: a name nobody has would otherwise be compared with nothing, and pass."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from deploy.cases.expand import SEVERAL_HAVE_IT
from deploy.cases.expected import Again, AnchorPart, Ending, ExpectedAlert, MustNot, RowAnchor
from deploy.cases.lines import Path
from deploy.cases.model import Case
from services.rules.load import CATALOGUE

Problem = tuple[Path, str]

LADDER: Final = "R28"
"""Named among the rules of the domain, and no rule: what is rung when nobody acknowledges."""


def problems(case: Case) -> Iterator[Problem]:
    """Yield every name among the expectations that is declared nowhere, and every `ref` that is given twice."""
    expect = case.expect
    if expect is None:
        return
    refs = Counter(alert.ref for alert in expect.alerts)
    for n, rule in enumerate(expect.rules if expect.rules != "all" else ()):
        yield from _known_rule(rule, ("expect", "rules", n))
    for n, alert in enumerate(expect.alerts):
        yield from _alert(case, alert, ("expect", "alerts", n), refs)
    for n, never in enumerate(expect.must_not):
        yield from _must_not(case, never, ("expect", "must_not", n))
    for n, only in enumerate(expect.never_say.only_to):
        yield from _known_agencies(case, only.to, ("expect", "never_say", "only_to", n, "to"))
    for n, silent in enumerate(case.duty_desk.silent if case.duty_desk else ()):
        for ref in silent.alerts:
            if ref not in refs:
                yield ("duty_desk", "silent", n, "alerts"), f"there is no expected alert `{ref}`"
        yield from _known_agencies(case, [silent.agency], ("duty_desk", "silent", n, "agency"))


def _must_not(case: Case, never: MustNot, path: Path) -> Iterator[Problem]:
    yield from known_labels(case, never.in_, (*path, "in"))
    for rule in never.rules:
        yield from _known_rule(rule, (*path, "rules"))
    yield from _known_agencies(case, never.to, (*path, "to"))
    yield from _anchor(case, never.anchor, (*path, "anchor"))
    for ref in never.about:
        yield from known_person(case, ref, (*path, "about"))


def _alert(case: Case, alert: ExpectedAlert, path: Path, refs: Mapping[str, int]) -> Iterator[Problem]:
    yield from known_labels(case, alert.in_, (*path, "in"))
    if refs[alert.ref] > 1 and not _apart_by_variant(case, alert):
        yield (*path, "ref"), f"`{alert.ref}` is the `ref` of another expected alert of the same variant too"
    yield from _known_rule(alert.rule, (*path, "rule"))
    if case.expect is not None and not case.expect.asserts(alert.rule):
        yield (*path, "rule"), f"{alert.rule} is not among `expect.rules`"
    yield from _anchor(case, alert.anchor, (*path, "anchor"))
    yield from _known_row(case, alert.row, (*path, "row"))
    yield from _told_agencies(case, alert.to, (*path, "to"))
    for name in ("second_rung", "acknowledged"):
        yield from _known_agencies(case, getattr(alert, name), (*path, name))
    for ref, rung in alert.second_rung.items():
        yield from _known_desk(case, ref, rung.desk, (*path, "second_rung"))
    for ref, one in alert.acknowledged.items():
        yield from _known_desk(case, ref, one.desk, (*path, "acknowledged"))
    yield from _story(case, alert, path, refs)
    for n, again in enumerate(alert.again):
        yield from _told_agencies(case, again.to or (), (*path, "again", n, "to"))
        yield from _story(case, again, (*path, "again", n), refs)


def _apart_by_variant(case: Case, alert: ExpectedAlert) -> bool:
    """Two alerts may have one `ref` where no variant has both."""
    expect, own = case.expect, set(alert.in_ or case.variants)
    others = [other for other in (expect.alerts if expect else ()) if other.ref == alert.ref and other is not alert]
    return all(own.isdisjoint(other.in_ or case.variants) for other in others)


def _story(case: Case, told: ExpectedAlert | Again, path: Path, refs: Mapping[str, int]) -> Iterator[Problem]:
    for n, later in enumerate(told.later):
        yield from _told_agencies(case, later.to or (), (*path, "later", n, "to"))
    if told.ends is not None:
        yield from _ending(case, told.ends, (*path, "ends"), refs)


def _ending(case: Case, ends: Ending, path: Path, refs: Mapping[str, int]) -> Iterator[Problem]:
    if ends.joined_to is not None and ends.joined_to not in refs:
        yield (*path, "joined_to"), f"there is no expected alert `{ends.joined_to}`"
    if ends.row is not None:
        yield from _known_row(case, ends.row, (*path, "row"))


def _anchor(case: Case, anchor: Sequence[AnchorPart], path: Path) -> Iterator[Problem]:
    for part in anchor:
        if isinstance(part, str):
            yield from known_person(case, part, path)
        elif isinstance(part, RowAnchor):
            yield from _known_row(case, part.row, path)


def _known_row(case: Case, row: str, path: Path) -> Iterator[Problem]:
    named = [other for other in (*case.history, *case.rows) if other.row == row]
    if not named:
        yield path, f"there is no row `{row}`"
    if any(
        len({other.from_ for other in named if other.in_ is None or label in other.in_}) > 1 for label in case.variants
    ):
        yield path, SEVERAL_HAVE_IT.format(row)


@cache
def _rules() -> frozenset[str]:
    return frozenset(file.name.partition("-")[0] for file in CATALOGUE.glob("R*.yaml"))


def _known_rule(rule: str, path: Path) -> Iterator[Problem]:
    if rule not in _rules():
        ladder = " (R28, nobody acknowledged, is the ladder: see `second_rung`)" if rule == LADDER else ""
        yield path, f"there is no rule {rule}{ladder}; `tocsin rules list` lists them"


def _known_agencies(case: Case, refs: Iterable[str], path: Path) -> Iterator[Problem]:
    for ref in refs:
        if ref not in case.agencies:
            yield path, f"there is no `{ref}` under `agencies`"


def _told_agencies(case: Case, refs: Iterable[str], path: Path) -> Iterator[Problem]:
    """Without a ladder an agency has nobody to tell, and is never among those told."""
    yield from _known_agencies(case, refs, path)
    for ref in refs:
        held = case.directory.agencies.get(case.agencies.get(ref, ""))
        if held is not None and not held.ladders:
            yield path, f"`{ref}` has no `ladders` in the directory, so it is told nothing and is not reached"


def _known_desk(case: Case, ref: str, desk: str | None, path: Path) -> Iterator[Problem]:
    """The desk may be another agency's (a rung `<agency>/<desk>`), so any desk of the directory will do."""
    desks = {name for agency in case.directory.agencies.values() for name in agency.desks}
    if desk is not None and ref in case.agencies and desk.rpartition("/")[2] not in desks:
        yield path, f"no agency of the directory has a desk `{desk}`"


def known_person(case: Case, ref: str, path: Path) -> Iterator[Problem]:
    """Yield the problem if nobody in the cast goes by this."""
    if ref not in case.cast:
        yield path, f"there is no `{ref}` in the cast"


def known_labels(case: Case, labels: list[str] | None, path: Path) -> Iterator[Problem]:
    """Yield each of these that is no variant of the case."""
    for label in labels or ():
        if label not in case.variants:
            yield path, f"there is no variant `{label}`"
