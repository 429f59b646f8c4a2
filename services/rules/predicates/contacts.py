"""Actions past their date, and somebody managed who cannot be reached (R12)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from services import calendar
from services.chronology.facts import Fact
from services.rules import registry
from services.rules.findings import Urgency
from services.rules.predicates.questions import QUESTION
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Holding, Situation, once
from services.rules.view import Only, Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import ages, flags, informants, licences, plans, reports, roles, times
from services.rules.words.times import Clock, Length

ACTION: Final = "action"
CONTACT: Final = "contact"
ON_LICENCE: Final = Length(72, "hour")
OFF_LICENCE: Final = Length(3, "working day")
"""How long contact may be lost after a failed attempt: less while the power to recall still runs (domain A3b, R12)."""

_SET: Final = Types.of(["*.action.set"])
_DONE: Final = Types.of(["*.action.done", "*.action.cancelled"])
_FAILED: Final = Types.of(["*.contact-attempt.failed"])
_REACHED: Final = Types.of(["*.offender-contact.made", "*.offender-visit.made"]).answering()
_TOLD: Final = reports.of_sectors("police", "probation").if_(Only.TOLD).answering()
"""What those who manage him were told: by him, it is contact as well."""


registry.over_findings.add("managed_on_a_plan_or_in_an_alert@1")


@registry.states("managed_on_a_plan_or_in_an_alert@1")
def managed_on_a_plan_or_in_an_alert(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """Somebody leads on the subject; or it is a child on a plan, or about whom a U1 or U2 alert stood, at the anchor."""
    if roles.managed(view, situation.subject, at):
        return Holding(at, times.LONG_AGO)
    planned = flags.holding(plans.on_plan(view, situation.subject), at)
    if planned is not None or not ages.child(view, situation.subject, at):
        return planned
    stood = [each for each in view.about() if each.finding.urgency <= Urgency.U2 and each.stood(at)]
    return Holding(at, min(each.finding.since for each in stood)) if stood else None


@registry.states("managed_or_parent_of_child_on_plan@1")
def managed_or_parent(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """Somebody leads on the subject, or the subject is a parent of a child on a plan, at the anchor."""
    if roles.managed(view, situation.subject, at):
        return Holding(at, times.LONG_AGO)
    for claim in view.claims(situation.subject):
        own_child = claim.outgoing and claim.relation.kind == "parent" and ages.maybe_child(view, claim.other, at)
        held = flags.holding(plans.on_plan(view, claim.other), at) if own_child else None
        if held is not None:
            return held
    return None


@registry.sources("action_overdue@1")
def action_overdue(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Each action mainly about the subject that has a date: it is overdue on the first working day after it."""
    for fact in view.facts(_SET):
        due = times.stated(fact.fields.get("due"))
        if due is None or due.latest is None or reports.main_person(view, fact) != view.subject:
            continue
        raw = Raw(times.starts(fact, clock), fact.received_at, (fact,), wake=_overdue(fact, due.latest))
        term = f"{fact.agency}:{fact.fields.get('action')}"
        yield Found(Situation(view.subject, term=term, note={QUESTION: fact}), (raw,), tag=ACTION)


def _overdue(fact: Fact, due: datetime) -> datetime:
    """At the instant stated; of a bare date, which is inclusive, at 09:00 of the first working day after it."""
    if "T" in str(fact.fields.get("due")):
        return due
    last_day = calendar.london(due - times.INSTANT).date()
    return calendar.at_local(calendar.next_working_day(last_day), calendar.START_OF_WORK)


@registry.closings("action_finished@1")
def action_finished(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """The action is done, or called off."""
    action = situation.note.get(QUESTION)
    if not isinstance(action, Fact):
        return
    for fact in view.facts(_DONE):
        set_by = fact.fields.get("set_by") or fact.agency
        if fact.fields.get("action") == action.fields.get("action") and set_by == action.agency:
            yield answer(fact, clock, points=True)


@registry.sources("third_failed_contact@1")
def third_failed_contact(view: View, clock: Clock, value: int) -> Iterable[Found]:
    """So many failed attempts of an agency since it was last in touch with the subject; each further one too."""
    for agency, failed in _attempts(view, clock).items():
        raws = []
        run: list[Fact] = []
        reached = sorted(times.starts(fact, clock) for fact in _in_touch(view, agency))
        for fact in failed:
            at = times.starts(fact, clock)
            if run and any(times.starts(run[-1], clock) <= moment <= at for moment in reached):
                run = []
            run.append(fact)
            if len(run) >= value:
                raws.append(Raw(at, max(each.received_at for each in run), tuple(run)))
        if raws:
            yield Found(Situation(view.subject, term=agency), tuple(raws), tag=CONTACT)


@registry.sources("failed_contact@1")
def failed_contact(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Each failed attempt of an agency to reach the subject; how long it may stay so depends on whether a licence runs."""
    licensed = licences.running(view, view.subject)
    for agency, failed in _attempts(view, clock).items():
        raws = []
        for fact in failed:
            at = times.starts(fact, clock)
            length = ON_LICENCE if any(span.holds(at) for span in licensed) else OFF_LICENCE
            raws.append(Raw(at, fact.received_at, (fact,), wake=length.after(at)))
        yield Found(Situation(view.subject, term=agency), tuple(raws), tag=CONTACT)


@registry.closings("in_touch@1")
def in_touch(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """The agency has been in touch with the subject: a visit, a call, or anything he told it himself."""
    for fact in _in_touch(view, situation.term or ""):
        yield answer(fact, clock)


def _attempts(view: View, clock: Clock) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in sorted(view.facts(_FAILED), key=lambda fact: (times.starts(fact, clock), fact.ref)):
        if view.names(fact, view.subject, "subject"):
            found.setdefault(fact.agency, []).append(fact)
    return found


def _in_touch(view: View, agency: str) -> Iterator[Fact]:
    told = [fact for fact in view.facts(_TOLD) if informants.admitted(view, fact, view.subject)]
    for fact in once([*view.facts(_REACHED), *told]):
        if fact.agency == agency and view.names(fact, view.subject, "subject"):
            yield fact
