"""Expected against observed: every difference, in plain words. No difference, no words."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from deploy.cases.expected import Again, Ending, Expectations, ExpectedAlert, Later, MustNot, RowAnchor, TermAnchor
from deploy.cases.load import Case
from deploy.cases.words import TIMEZONE
from deploy.replay.outcome import Acknowledged, AnchorPart, Moment, Observed, Outcome, Ring

UNCLOCKED = frozenset({"withdrawn", "superseded"})
"""Endings that no fact of the case has a time for: what was told was wrong, or another rule tells it now."""


def minute(moment: datetime) -> str:
    """Return a moment as the case file writes it."""
    return moment.astimezone(ZoneInfo(TIMEZONE)).strftime("%Y-%m-%d %H:%M")


def expected_in(case: Case, label: str) -> list[ExpectedAlert]:
    """Return the alerts expected in a variant."""
    alerts = case.expect.alerts if case.expect is not None else []
    return [alert for alert in alerts if alert.in_ is None or label in alert.in_]


def anchored(expected: Sequence[str | RowAnchor | TermAnchor], actual: Sequence[AnchorPart], *, loosely: bool) -> bool:
    """Say whether the anchors are the same; `loosely`: a person under any ref that any of their records has.

    An expectation that names no term leaves it open which one it is: what a rule calls a kind of decision, or of
    allegation, is the rule's own word.
    """
    terms = any(isinstance(part, TermAnchor) for part in expected)
    left = [part for part in actual if terms or part.kind != "term"]
    if len(expected) != len(left):
        return False
    for part in expected:
        found = next((other for other in left if _same(part, other, loosely=loosely)), None)
        if found is None:
            return False
        left.remove(found)
    return True


def _same(part: str | RowAnchor | TermAnchor, actual: AnchorPart, *, loosely: bool) -> bool:
    if isinstance(part, RowAnchor):
        return actual.kind == "row" and part.row in actual.names
    if isinstance(part, TermAnchor):
        return actual.kind == "term" and any(part.term == name.rpartition(":")[2] for name in actual.names)
    names = actual.names | actual.person_names if loosely else actual.names
    return actual.kind == "person" and part in names


def matched(expected: Sequence[ExpectedAlert], alerts: Sequence[Observed]) -> dict[str, Observed]:
    """Return which alert each expectation is about: the same anchor and minute first, then whatever comes nearest."""
    found: dict[str, Observed] = {}
    free = [alert for alert in alerts if alert.raised is not None]
    for loosely, same_minute in ((False, True), (False, False), (True, True), (True, False)):
        for wanted in expected:
            if wanted.ref in found:
                continue
            for alert in free:
                raised = alert.raised
                if (
                    alert.rule == wanted.rule
                    and raised is not None
                    and anchored(wanted.anchor, alert.anchor, loosely=loosely)
                    and (not same_minute or minute(raised.at) == minute(wanted.raised))
                ):
                    found[wanted.ref] = alert
                    free.remove(alert)
                    break
    return found


def differences(case: Case, outcome: Outcome) -> list[str]:
    """Return everything in which the outcome is not what the case expects."""
    if case.expect is None:
        return list(outcome.troubles)
    expected = expected_in(case, outcome.label)
    told = [alert for alert in outcome.alerts if not alert.shadow]
    tried = [alert for alert in outcome.alerts if alert.shadow]
    found = matched(expected, outcome.alerts)
    matches = {alert.alert for alert in found.values()}
    alerts = [alert for alert in outcome.alerts if _looked_at(case.expect, alert) or alert.alert in matches]
    said = list(outcome.troubles)
    for wanted in expected:
        alert = found.get(wanted.ref)
        if alert is None:
            missed = f"{wanted.ref}: {wanted.rule} {_anchor(wanted)} never rang; expected {minute(wanted.raised)}"
            said.append(missed + _instead(wanted, outcome.alerts, matches))
        else:
            said += [f"{wanted.ref}: {text}" for text in _alert(wanted, alert, found)]
    for alert in alerts:
        if alert.raised is not None and alert.alert not in matches:
            said.append(f"{alert.rule} {shown(alert)} rang at {minute(alert.raised.at)}; nobody expected it")
    said += _rungs(expected, found, [ring for ring in outcome.rings if ring.alert in {a.alert for a in alerts}])
    said += _acknowledgements(expected, found, outcome.acknowledgements)
    for never in case.expect.must_not:
        if never.in_ is None or outcome.label in never.in_:
            said += _must_not(never, [*told, *(alert for alert in tried if alert.rule in never.rules)])
    return said


def _looked_at(expect: Expectations, alert: Observed) -> bool:
    """Say whether every alert of this kind must be among the expected: `all` is every rule that tells somebody."""
    return expect.asserts(alert.rule) and not (alert.shadow and expect.rules == "all")


def shown(alert: Observed) -> str:
    """Return an anchor in words."""
    return " + ".join("/".join(sorted(part.names)) for part in alert.anchor)


def _instead(wanted: ExpectedAlert, alerts: Sequence[Observed], matches: Collection[UUID]) -> str:
    """What of the same rule rang about some of the same, and no expectation is about."""
    near = [
        f"{shown(alert)} at {minute(alert.raised.at)}"
        for alert in alerts
        if alert.rule == wanted.rule and alert.raised is not None and alert.alert not in matches
        if any(_same(part, other, loosely=True) for part in wanted.anchor for other in alert.anchor)
    ]
    return f" (it rang about {'; '.join(near)})" if near else ""


def _anchor(wanted: ExpectedAlert) -> str:
    words = [
        part if isinstance(part, str) else part.row if isinstance(part, RowAnchor) else part.term
        for part in wanted.anchor
    ]
    return " + ".join(words)


def _alert(wanted: ExpectedAlert, alert: Observed, found: Mapping[str, Observed]) -> Iterator[str]:
    raised = alert.raised
    assert raised is not None, "only alerts that rang are matched"  # noqa: S101
    if minute(raised.at) != minute(wanted.raised):
        yield f"rang at {minute(raised.at)}, expected {minute(wanted.raised)}"
    if raised.urgency != wanted.urgency:
        yield f"rang with {raised.urgency}, expected {wanted.urgency}"
    if raised.to != wanted.to:
        yield f"told {_to(raised.to)} at the raise, expected {_to(wanted.to)}"
    if missing := set(wanted.never) - set(alert.never):
        yield f"does not bind its views to {', '.join(sorted(missing))}"
    _, ended = alert.stretches[0]
    yield from _story(wanted.later, alert, raised, ended)
    yield from _ending(wanted.ends, ended, found)
    stretches = alert.stretches[1:]
    for again, (opened, closed) in zip(wanted.again, stretches, strict=False):
        yield from _again(again, wanted, opened)
        yield from _story(again.later, alert, opened, closed)
        yield from _ending(again.ends, closed, found)
    for again in wanted.again[len(stretches) :]:
        yield f"did not ring again at {minute(again.at)}"
    for opened, _ in stretches[len(wanted.again) :]:
        yield f"rang again at {minute(opened.at)}"


def _again(again: Again, wanted: ExpectedAlert, opened: Moment) -> Iterator[str]:
    if minute(opened.at) != minute(again.at):
        yield f"rang again at {minute(opened.at)}, expected {minute(again.at)}"
    if opened.urgency != again.urgency:
        yield f"rang again with {opened.urgency}, expected {again.urgency}"
    to = again.to if again.to is not None else wanted.to
    if opened.to != to:
        yield f"told {_to(opened.to)} when it rang again, expected {_to(to)}"


def _to(to: Mapping[str, str]) -> str:
    return ", ".join(f"{agency} {shown}" for agency, shown in sorted(to.items())) or "nobody"


def _story(laters: Sequence[Later], alert: Observed, raised: Moment, ended: Moment | None) -> Iterator[str]:
    """Compare steps, rises and re-addressing between a raise and its ending."""
    before, actual = raised, {}
    for moment in alert.moments:
        if moment.at <= raised.at or (ended is not None and moment.at >= ended.at):
            continue
        change = _change(before, moment)
        if change:
            actual[minute(moment.at)] = (change, moment)
        before = moment
    expected = {minute(later.at): later for later in laters}
    for at in sorted({*actual, *expected}):
        if at not in actual:
            yield f"nothing happened at {at}; expected {_later(expected[at])}"
        elif at not in expected:
            change, moment = actual[at]
            yield f"{' and '.join(sorted(change))} at {at} ({moment.urgency}, {_to(moment.to)}); nobody expected it"
        else:
            yield from _moment(at, expected[at], *actual[at])


def _change(before: Moment, now: Moment) -> set[str]:
    change = set()
    if now.urgency < before.urgency:
        change.add("rise")
    if now.urgency > before.urgency:
        change.add("fall")
    if "stepped" in now.kinds:
        change.add("step")
    if now.to != before.to:
        change.add("addressed")
    return change


def _moment(at: str, wanted: Later, change: set[str], moment: Moment) -> Iterator[str]:
    allowed = {wanted.what, *({"addressed"} if wanted.to is not None else set())}
    # A step that raises the urgency may be written as either: what it rises to is compared below.
    allowed |= {"step"} if wanted.what == "rise" else set()
    allowed |= {"rise"} if wanted.what == "step" and wanted.urgency is not None else set()
    allowed |= {"fall"} if wanted.urgency is not None and wanted.what == "addressed" else set()
    if wanted.what not in change:
        yield f"{' and '.join(sorted(change))} at {at}, expected {_later(wanted)}"
    elif not change <= allowed:
        yield f"{' and '.join(sorted(change - allowed))} too at {at} ({_to(moment.to)})"
    if wanted.urgency is not None and moment.urgency != wanted.urgency:
        yield f"{moment.urgency} from {at}, expected {wanted.urgency}"
    if wanted.to is not None and moment.to != wanted.to:
        yield f"told {_to(moment.to)} from {at}, expected {_to(wanted.to)}"


def _later(wanted: Later) -> str:
    words = [wanted.what, *([wanted.urgency] if wanted.urgency else []), *([_to(wanted.to)] if wanted.to else [])]
    return " ".join(words)


def _ending(wanted: Ending | None, ended: Moment | None, found: Mapping[str, Observed]) -> Iterator[str]:
    if wanted is None:
        if ended is not None:
            yield f"{_how(ended)} at {minute(ended.at)}, expected to stand"
        return
    if ended is None:
        yield f"still stands, expected {wanted.what} at {minute(wanted.at)}"
        return
    if _how(ended) != wanted.what:
        yield f"{_how(ended)} at {minute(ended.at)}, expected {wanted.what}"
        return
    told = wanted.told or wanted.at
    if minute(ended.at) != minute(told):
        yield f"its ending was told at {minute(ended.at)}, expected {minute(told)}"
    if wanted.what == "joined":
        other = found.get(wanted.joined_to or "")
        if other is None or other.alert != ended.joined_to:
            yield f"joined another alert than {wanted.joined_to}"
    elif wanted.what not in UNCLOCKED and (ended.until is None or minute(ended.until) != minute(wanted.at)):
        until = minute(ended.until) if ended.until else "no time"
        yield f"{wanted.what} at {until} by its own clock, expected {minute(wanted.at)}"


def _how(ended: Moment) -> str:
    return "joined" if ended.joined_to is not None else ended.condition


def _rungs(expected: Sequence[ExpectedAlert], found: Mapping[str, Observed], rings: Sequence[Ring]) -> Iterator[str]:
    refs: dict[UUID, ExpectedAlert] = {found[wanted.ref].alert: wanted for wanted in expected if wanted.ref in found}
    seen: set[tuple[str, str]] = set()
    for ring in rings:
        if ring.rung == 1:
            continue
        wanted = refs.get(ring.alert)
        rung = wanted.second_rung.get(ring.agency) if wanted is not None else None
        name = wanted.ref if wanted is not None else str(ring.alert)
        said = f"{name}: rung {ring.rung} of {ring.agency} ({', '.join(ring.desks)}) at {minute(ring.at)}"
        if wanted is None or rung is None or ring.rung != 2:  # noqa: PLR2004 - the second rung
            yield f"{said}; nobody expected it"
            continue
        seen.add((wanted.ref, ring.agency))
        if minute(ring.at) != minute(rung.told) or ring.desks != (rung.desk,):
            yield f"{said}, expected {rung.desk} at {minute(rung.told)}"
        closed = minute(ring.closed_at) if ring.closed_at else "never"
        if ring.closed_why != "acknowledged" or closed != minute(rung.acknowledged):
            yield f"{said}: {ring.closed_why or 'open'} {closed}, expected acknowledged {minute(rung.acknowledged)}"
    for wanted in expected:
        for agency, rung in wanted.second_rung.items():
            if (wanted.ref, agency) not in seen:
                yield f"{wanted.ref}: rung 2 of {agency} never rang, expected {rung.desk} at {minute(rung.told)}"


def _acknowledgements(
    expected: Sequence[ExpectedAlert], found: Mapping[str, Observed], taken: Sequence[Acknowledged]
) -> Iterator[str]:
    for wanted in expected:
        alert = found.get(wanted.ref)
        for agency, one in wanted.acknowledged.items() if alert is not None else ():
            first = next(
                (each for each in taken if alert and each.alert == alert.alert and each.agency == agency), None
            )
            if first is None:
                yield f"{wanted.ref}: {agency} never acknowledged it, expected at {minute(one.at)}"
            elif minute(first.at) != minute(one.at) or one.desk not in (None, first.desk):
                by = f" by {one.desk}" if one.desk is not None else ""
                yield (
                    f"{wanted.ref}: {agency} {first.desk} acknowledged it at {minute(first.at)}, "
                    f"expected at {minute(one.at)}{by}"
                )


def _must_not(never: MustNot, alerts: Sequence[Observed]) -> Iterator[str]:
    for alert in alerts:
        raised = alert.raised
        if raised is None or (never.rules and alert.rule not in never.rules):
            continue
        if not all(any(_same(part, other, loosely=False) for other in alert.anchor) for part in never.anchor):
            continue
        if never.about and not any(_same(ref, other, loosely=False) for ref in never.about for other in alert.anchor):
            continue
        rang = [moment for moment in alert.moments if moment.at >= raised.at]
        if never.urgency and not any(moment.urgency in never.urgency for moment in rang):
            continue
        if not never.to and _within(never, raised.at):
            yield f"{alert.rule} {shown(alert)} rang at {minute(raised.at)} and must not: {never.why}"
        for agency, at in _first_told(rang).items():
            if agency in never.to and _within(never, at):
                yield f"{alert.rule} {shown(alert)} told {agency} at {minute(at)} and must not: {never.why}"


def _within(never: MustNot, at: datetime) -> bool:
    return (never.after is None or at >= never.after) and (never.before is None or at < never.before)


def _first_told(moments: Iterable[Moment]) -> dict[str, datetime]:
    """When each agency was first told: it may be long after the alert was raised for others."""
    found: dict[str, datetime] = {}
    for moment in moments:
        for agency in moment.to:
            found.setdefault(agency, moment.at)
    return found


def _last(wanted: ExpectedAlert) -> Ending | None:
    return wanted.again[-1].ends if wanted.again else wanted.ends


def final_differences(case: Case, outcome: Outcome) -> list[str]:
    """Compare only what stands or was answered at the end: what every order of arrival must come to."""
    if case.expect is None:
        return []
    expected = [
        wanted
        for wanted in expected_in(case, outcome.label)
        if (last := _last(wanted)) is None or last.what == "answered"
    ]
    left = [
        alert
        for alert in outcome.alerts
        if case.expect.asserts(alert.rule)
        and alert.moments[-1].joined_to is None
        and alert.moments[-1].condition in {"standing", "answered"}
    ]
    said = []
    for wanted in expected:
        condition = "standing" if _last(wanted) is None else "answered"
        found = next(
            (a for a in left if a.rule == wanted.rule and anchored(wanted.anchor, a.anchor, loosely=True)), None
        )
        if found is None:
            said.append(f"{wanted.ref}: {wanted.rule} {_anchor(wanted)} is missing at the end")
            continue
        left.remove(found)
        if found.moments[-1].condition != condition:
            said.append(f"{wanted.ref}: {found.moments[-1].condition} at the end, expected {condition}")
    said += [
        f"{alert.rule} {shown(alert)} stands at the end; nobody expected it"
        for alert in left
        if _looked_at(case.expect, alert)
        and alert.moments[-1].condition == "standing"
        and not alert.moments[-1].quiet
        and alert.moments[-1].to
    ]
    return said
