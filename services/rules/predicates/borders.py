"""Agencies that a report concerns and that lie outside the area of the one that recorded it (R07)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from services.chronology.facts import Fact
from services.directory.model import Directory
from services.rules import registry
from services.rules.registry import Element
from services.rules.situation import Closer, Situation
from services.rules.standing import Standing
from services.rules.view import View
from services.rules.vocabulary.closings import answer
from services.rules.words import ages, areas, children, flags, references, reports, roles
from services.rules.words.children import Knowledge
from services.rules.words.times import Clock

AT_RISK: Final = ("at-risk", "child", "victim", "harmed")


class Owed(NamedTuple):
    """An agency that should have the report, and why."""

    agency: str
    responsible: bool
    """It leads on the flagged person or covers the one at risk; else it only set the flag of somebody nobody leads on."""


@registry.eachs("untold_responsible_agencies@1")
def untold_responsible_agencies(view: View, situation: Situation, _: object) -> Sequence[Element]:
    """The police that lead on each flagged person named, and police and social care where each person at risk lives.

    For a flagged person nobody leads on: the agencies that set the flag. Only those outside the recorder's area. Who
    moves later takes no old reports along: a new area would be rung for every bruise of years ago. (An
    area that somebody has fled from learns nothing of that person: it is owed a report only where it leads on the
    flagged one.)
    """
    event = situation.event
    if event is None:
        return []
    at = event.received_at
    owed = [*_for_flagged(view, event, at), *_for_those_at_risk(view, event, at)]
    best: dict[str, Owed] = {}
    for each in owed:
        if each.agency != event.agency and _outside(view.directory, event.agency, each.agency):
            held = best.get(each.agency)
            best[each.agency] = each if held is None or each.responsible else held
    return [Element(best[agency]) for agency in sorted(best)]


def _for_flagged(view: View, event: Fact, at: datetime) -> Iterable[Owed]:
    for person in view.people_in(event):
        if flags.held(view, person, at) is None:
            continue
        leading = roles.holders(view, person, roles.POLICE, at)
        yield from (Owed(agency, responsible=True) for agency in leading)
        if not leading and not roles.managed(view, person, at):
            yield from (Owed(agency, responsible=False) for agency in flags.setters(view, person, at))


def _for_those_at_risk(view: View, event: Fact, at: datetime) -> Iterable[Owed]:
    people = [*view.people_in(event, *AT_RISK), *(person for person, _ in reports.children(view, event, at))]
    for person in dict.fromkeys(people):
        area = areas.home_area(view, person, at)
        has_child = children.knowledge(view, person, at) in (Knowledge.KNOWN, Knowledge.STATED)
        kinds = ["police-for-area"] + (["csc-for-area"] if has_child or ages.child(view, person, at) else [])
        for kind in kinds:
            yield from (Owed(agency, responsible=True) for agency in view.covering(kind, area, at))


def _outside(directory: Directory, recorder: str, other: str) -> bool:
    """Whether no area of one contains one of the other. An agency without areas is everywhere."""
    own, theirs = directory.agency_areas(recorder), directory.agency_areas(other)
    return bool(own and theirs) and all(directory.outside(area, far) for area in own for far in theirs)


@registry.closings("agency_has_it@1")
def agency_has_it(view: View, situation: Situation, each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """The agency has given a receipt for the report, or holds a record of its own that cites it."""
    event = situation.event
    if event is None or not isinstance(each, Owed):
        return
    for fact in references.pointing(view).get(event.ref, ()):
        if fact.agency == each.agency:
            yield answer(fact, clock, points=True)


@registry.agencies("responsible agencies")
def responsible_agencies(standing: Standing, _: object) -> Sequence[str]:
    """Those that lead on the flagged person or cover the one at risk."""
    return _owed(standing, responsible=True)


@registry.agencies("agencies that set the flag")
def agencies_that_set_the_flag(standing: Standing, _: object) -> Sequence[str]:
    """Those whose flag is held by somebody nobody leads on."""
    return _owed(standing, responsible=False)


def _owed(standing: Standing, *, responsible: bool) -> list[str]:
    owed = [episode.part.each for episode in standing.stretch.episodes]
    return [each.agency for each in owed if isinstance(each, Owed) and each.responsible is responsible]
