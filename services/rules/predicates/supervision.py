"""Agencies that lead on somebody: whether a supervisor goes through the case, whether anything is written down (R11, R35)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.findings import State
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Holding, Situation
from services.rules.view import Only, Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import custody, flags, mappa, reports, roles, times
from services.rules.words.times import Clock, Length

LATE: Final = "late"
SILENT: Final = "silent"
NAMED_OFTEN: Final = 2
"""Reports that name somebody before what is written of them late is worth a word."""

_SUPERVISED: Final = Types.of(["*.case-supervision.held"])
_POLICE: Final = reports.of_sectors("police").answering()
"""Each record ends the silence before it, and begins a new one no sooner than that would have run out."""
_LATE: Final = reports.of_sectors("police").if_(Only.LATE)


@registry.sources("since_supervision@1", needs=roles.STARTED)
def since_supervision(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """Each police force and probation area that leads on the subject: since its role began, and since each supervision."""
    for agency, raws in _roles(view, (roles.POLICE, roles.PROBATION)).items():
        held = [fact for fact in _about(view, _SUPERVISED) if fact.agency == agency]
        yield Found(Situation(view.subject, term=agency), (*raws, *_anew(held, clock)))


@registry.closings("supervised@1")
def supervised(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """A supervisor of that agency went through the case."""
    for fact in _about(view, _SUPERVISED):
        if fact.agency == situation.term:
            yield answer(fact, clock)


@registry.sources("since_record@1", needs=roles.STARTED)
def since_record(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """The police force that leads on the subject: since its role began, each release, and each record it made of him."""
    for agency, raws in _roles(view, (roles.POLICE,)).items():
        led = [fact for fact in _records(view, agency) if roles.leads(view, view.subject, agency, fact.recorded_at)]
        raws += [
            Raw(span.end, span.ended_received or span.received, span.ended_by)
            for span in custody.spans(view, view.subject)
            if span.end is not None and roles.leads(view, view.subject, agency, span.end)
        ]
        yield Found(Situation(view.subject, term=f"{agency}:{SILENT}"), (*raws, *_anew(led, clock)))


@registry.closings("recorded_again@1")
def recorded_again(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """That force records something of the subject."""
    for fact in _records(view, (situation.term or "").partition(":")[0]):
        yield answer(fact, clock)


@registry.closings("lead_role_ends@1")
def lead_role_ends(view: View, situation: Situation, _each: object, _clock: Clock, _: object) -> Iterable[Closer]:
    """The agency gives its last lead role for the subject up."""
    agency = (situation.term or "").partition(":")[0]
    own = [held for held in roles.holdings(view, situation.subject) if held.agency == agency]
    for held in own:
        if held.end is not None and not any(other.at(held.end) for other in own):
            yield Closer(held.end, times.LONG_AGO, State.LAPSED, dated=True)


@registry.sources("late_record@1")
def late_record(view: View, clock: Clock, value: Mapping[str, str]) -> Iterable[Found]:
    """Police records of the subject put on a system later after they were known than its standard allows.

    `value`: sector -> the standard of its register, more than a day (view.LATE). What no register declares a standard for
    is never late.
    """
    late: dict[str, list[Raw]] = {}
    for fact in _about(view, _LATE):
        standard = value.get(fact.type.partition(".")[0])
        if fact.history or standard is None or fact.recorded_at <= Length.parse(standard).after(fact.known_at):
            continue
        if _matters(view, fact.known_at):
            late.setdefault(fact.agency, []).append(Raw(times.starts(fact, clock), fact.received_at, (fact,)))
    for agency, raws in late.items():
        yield Found(Situation(view.subject, term=f"{agency}:{LATE}"), tuple(raws))


def _matters(view: View, at: datetime) -> bool:
    """Managed, flagged, or named in two reports by then."""
    subject = view.subject
    if roles.managed(view, subject, at) or flags.held(view, subject, at) is not None:
        return True
    named = [fact for fact in _about(view, reports.REPORTS) if fact.known_at <= at and reports.is_report(view, fact)]
    return len(named) >= NAMED_OFTEN


@registry.states("at_higher_level@1", needs=mappa.SETTING)
def at_higher_level(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """The subject is at MAPPA 2 or 3, at the anchor or from a later moment."""
    return flags.holding(mappa.at_higher_level(view, situation.subject), at, reach=True)


@registry.states("high_risk_below_higher_level@1", needs=flags.FLAGGING)
def high_risk_below_higher_level(view: View, situation: Situation, at: datetime, _: object) -> Holding | None:
    """The subject is of high risk and not at MAPPA 2 or 3, at the anchor or from a later moment."""
    risks = flags.spans(view, situation.subject, (flags.ROSH_HIGH,))
    levels = mappa.at_higher_level(view, situation.subject)
    moments = {at, *(risk.start for risk in risks), *(level.end for level in levels if level.end is not None)}
    for moment in sorted(one for one in moments if one >= at):
        risky = flags.holding(risks, moment)
        if risky is not None and not any(level.holds(moment) for level in levels):
            return risky
    return None


def _roles(view: View, wanted: Sequence[str]) -> dict[str, list[Raw]]:
    """Agency -> the beginnings of the lead roles it holds or held."""
    found: dict[str, list[Raw]] = {}
    for held in roles.holdings(view, view.subject):
        if held.role in wanted:
            found.setdefault(held.agency, []).append(Raw(held.start, held.fact.received_at, (held.fact,)))
    return found


def _anew(facts: Iterable[Fact], clock: Clock) -> list[Raw]:
    return [Raw(times.starts(fact, clock), fact.received_at, (fact,), anew=True) for fact in facts]


def _records(view: View, agency: str) -> list[Fact]:
    return [fact for fact in _about(view, _POLICE) if fact.agency == agency and not fact.history]


def _about(view: View, types: Types) -> list[Fact]:
    return [fact for fact in view.facts(types) if view.names(fact, view.subject, "subject")]
