"""Programmes planned for somebody in prison, and what two sources say of their completion (R22)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.findings import State
from services.rules.kinds.dates import dated
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import decisions, releases, times
from services.rules.words.times import Clock

PROGRAMME: Final = "programme"
RELEASE: Final = "release"

_PLANNED: Final = Types.of(["*.intervention.planned"])
_COMPLETED: Final = Types.of(["*.intervention.completed"])
_DROPPED: Final = Types.of(["*.intervention.dropped", "*.intervention.withdrawn"])


@registry.sources("programme_before_release@1")
def programme_before_release(view: View, _clock: Clock, _: object) -> Iterable[Found]:
    """Each programme planned for the subject, with each release he is to have done it by."""
    for programme, plan in _plans(view).items():
        for release, statements in releases.planned(view, view.subject).items():
            for found in dated(_situation(view, programme, release), statements):
                (raw,) = found.raws
                received = max(raw.received, plan.received_at)
                yield replace(found, raws=(replace(raw, received=received, grounds=(plan,)),))


@registry.sources("completion_contradicted@1")
def completion_contradicted(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """One agency records that a programme was completed, another that it was not."""
    release = max(releases.planned(view, view.subject).items(), key=lambda item: item[1][-1][0], default=None)
    for one, other in _contradictions(view):
        programme = str(one.fields.get("programme"))
        later = max(one, other, key=lambda fact: (times.starts(fact, clock), fact.ref))
        raw = Raw(times.starts(later, clock), max(one.received_at, other.received_at), (one, other))
        yield Found(_situation(view, programme, release[0] if release else ""), (raw,))


def _contradictions(view: View) -> Iterator[tuple[Fact, Fact]]:
    for one in _about(view, _COMPLETED):
        for other in _about(view, _DROPPED):
            if other.agency != one.agency and other.fields.get("programme") == one.fields.get("programme"):
                yield one, other


def _about(view: View, types: Types) -> list[Fact]:
    return [fact for fact in view.facts(types) if view.names(fact, view.subject, "subject")]


def _plans(view: View) -> dict[str, Fact]:
    """Programme -> the first record that plans it."""
    found: dict[str, Fact] = {}
    for fact in _about(view, _PLANNED):
        for programme in fact.fields.get("programmes") or ():
            found.setdefault(str(programme), fact)
    return found


def _situation(view: View, programme: str, release: str) -> Situation:
    term = f"{programme}/{release}" if release else programme
    return Situation(view.subject, term=term, note={PROGRAMME: programme, RELEASE: release})


@registry.closings("programme_done@1")
def programme_done(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """The programme is recorded as completed, or as dropped with reasons."""
    for fact in view.facts(_COMPLETED | _DROPPED):
        done = fact.type in _COMPLETED or decisions.reasons(fact)
        if done and fact.fields.get("programme") == situation.note[PROGRAMME] and view.names(fact, situation.subject):
            yield answer(fact, clock)


@registry.closings("released_from_it@1")
def released_from_it(view: View, situation: Situation, _each: object, _clock: Clock, _: object) -> Iterable[Closer]:
    """The release that the programme was to come before."""
    for fact in releases.releases(view, situation.subject):
        if fact.fields.get("release") == situation.note[RELEASE]:
            at = times.starts(fact, "occurred")
            yield Closer(at, fact.received_at, State.LAPSED, (fact,), final=True)
