"""From rule files to closures, once at load. Whatever a rule names must be there, or it does not load."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.chronology.facts import Fact
from services.rules import answered, parameters, patterns, registry
from services.rules.findings import State, Urgency
from services.rules.kinds import KINDS
from services.rules.kinds.dates import DATE
from services.rules.kinds.shape import Candidates, Shape, need
from services.rules.model import Closing, Leg, RuleFile, Word
from services.rules.recipients import Resolve, resolver
from services.rules.registry import Element, Found, Possible, Raw
from services.rules.situation import Closer, Holding, Item, Part, Situation, once
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.words import decisions, references, reports, times
from services.rules.words.times import Clock

Condition = Callable[[Standing], bool]
Closers = Callable[[View, Situation, object, str, Sequence[Item]], list[Closer]]
While = Callable[[View, Situation, datetime], Holding | None]
Eaches = Callable[[View, Situation], Sequence[Element]]
Covered = Callable[[View, Situation, datetime], bool]

WAITING = frozenset({"absence", "path"})
"""Kinds whose `within` is a wait for an answer; for others it is how near things must be to each other."""


@dataclass(frozen=True, slots=True)
class CompiledLeg:
    """One way for a rule to fire, ready to run."""

    kind: str
    leg: Leg
    clock: Clock
    candidates: Candidates
    states: tuple[While, ...]
    only_updates: tuple[While, ...]
    needs: tuple[Types, ...]
    """Of each of these something must be in a case before this can find anything."""
    possible: tuple[Possible, ...]
    """Cheap looks at a case, each of which must say yes as well."""
    closers: tuple[Closers, ...]
    sooner: Closers | None
    eaches: Eaches | None
    covered: tuple[Covered, ...]

    def parts(self, view: View) -> Sequence[Part]:
        """Find every strand in a case."""
        for possible in self.possible:
            if not possible(view):
                return ()
        parts: list[Part] = []
        for found in self.candidates(view):
            for situation, element in self._each(view, found.situation):
                parts += self._strands(view, found, situation, element)
        return parts

    def _each(self, view: View, situation: Situation) -> Iterable[tuple[Situation, Element | None]]:
        if self.eaches is None:
            return [(situation, None)]
        return [(situation, element) for element in self.eaches(view, situation)]

    def _strands(self, view: View, found: Found, situation: Situation, element: Element | None) -> Iterable[Part]:
        items = self._all_items(view, situation, element, found.raws)
        if not items or not all(covered(view, situation, items[0].begins) for covered in self.covered):
            return
        each = element.value if element else None
        closers = [closer for closing in self.closers for closer in closing(view, situation, each, found.tag, items)]
        for raws, closing in answered.strands(found, (*closers, *found.closers), self.leg.answered):
            own = items if raws is found.raws else self._all_items(view, situation, element, raws)
            if own:
                yield self._part(found, situation, each, own, closing)

    def _part(
        self, found: Found, situation: Situation, each: object, items: Sequence[Item], closers: Sequence[Closer]
    ) -> Part:
        return Part(
            situation=situation,
            items=items,
            closers=closers,
            timed=self.kind == "deadline" or any(item.wake > item.begins for item in items),
            steps=found.steps,
            after_steps=tuple(self.leg.steps) if self.kind != "deadline" else (),
            each=each,
            tag=found.tag,
        )

    def _all_items(
        self, view: View, situation: Situation, element: Element | None, raws: Iterable[Raw]
    ) -> Sequence[Item]:
        return [item for raw in raws for item in self._items(view, situation, element, raw)]

    def _items(self, view: View, situation: Situation, element: Element | None, raw: Raw) -> Iterable[Item]:
        anchored = raw.wake if raw.wake is not None and self.kind == "deadline" else raw.start
        held = self._held(view, situation, anchored)
        if held is None:
            return
        received, grounds = max(raw.received, held.received), [*raw.grounds, *held.facts]
        if element is not None:
            received = max(received, element.received or received)
            grounds += element.facts
        begins = max(anchored, held.start)
        if self.leg.renewed_within is not None and self.leg.renewed_within.after(raw.start) < begins:
            return
        item = Item(
            start=raw.start,
            begins=begins,
            wake=self._wake(begins, raw.wake),
            received=received,
            facts=raw.facts,
            possible=raw.possible,
            anew=raw.anew,
            quiet=any(state(view, situation, begins) is not None for state in self.only_updates),
            grounds=once(grounds, besides=raw.facts),
        )
        yield item
        if self.sooner is not None:
            yield from self._sooner(view, situation, element, item)

    def _wake(self, start: datetime, own: datetime | None) -> datetime:
        if self.kind == "deadline":
            return start
        if own is not None:
            return max(own, start)
        if self.leg.steps:
            return self.leg.steps[0].after(start)
        if self.kind in WAITING and self.leg.within is not None:
            return self.leg.within.after(start)
        return start

    def _sooner(self, view: View, situation: Situation, element: Element | None, item: Item) -> Iterable[Item]:
        assert self.sooner is not None  # noqa: S101 - asked for by the caller
        for early in self.sooner(view, situation, element.value if element else None, "", [item]):
            if early.at < item.wake:
                received = max(item.received, early.received)
                yield replace(item, wake=max(early.at, item.begins), received=received, grounds=early.facts)

    def _held(self, view: View, situation: Situation, at: datetime) -> Holding | None:
        """All states at once. One that begins later moves the moment on, and the others are asked again there.

        What moved it is needed as well as what holds there: a release is why somebody is at large.
        """
        start, movers = at, list[Holding]()
        holding: list[Holding] = []
        for _ in range(len(self.states) + 1):
            moved, holding = start, []
            for state in self.states:
                held = state(view, situation, moved)
                if held is None:
                    return None
                (movers if held.start > moved else holding).append(held)
                moved = max(moved, held.start)
            if moved == start:
                break
            start = moved
        needed = [*movers, *holding]
        received = max((held.received for held in needed), default=times.LONG_AGO)
        return Holding(start, received, once(fact for held in needed for fact in held.facts))


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule, ready to run."""

    file: RuleFile
    watches: Types
    legs: tuple[CompiledLeg, ...]
    urgency: tuple[tuple[Urgency, tuple[Condition, ...]], ...]
    resolve: Resolve
    details: tuple[tuple[str, registry.Detail], ...]
    values: Mapping[str, str]
    """Its parameters as its texts say them."""
    note: str = ""
    """What its alerts say besides: values set for an area."""

    @property
    def id(self) -> str:
        """Return the rule's name, such as R04."""
        return self.file.id

    def urgency_of(self, standing: Standing) -> Urgency:
        """Return the first urgency whose conditions hold."""
        return next(level for level, conditions in self.urgency if all(condition(standing) for condition in conditions))


def compile_rule(file: RuleFile) -> CompiledRule:
    """Compile one rule.

    Raises:
        LookupError: it names a word, predicate or field test that does not exist, or lacks what its kind needs.
    """
    return CompiledRule(
        file=file,
        watches=reports.types_of(tuple(file.watches)),
        legs=tuple(_leg(leg, file) for leg in file.legs()),
        urgency=tuple((Urgency[row.level], tuple(map(condition, row.when))) for row in file.urgency),
        resolve=resolver(file, condition),
        details=tuple((name, registry.details.find(name)) for name in file.details),
        values={one.name: str(parameters.default(file, one)) for one in file.parameters},
    )


def condition(value: Word) -> Condition:
    """Compile one condition of `when`.

    Raises:
        LookupError: an unknown word.
    """
    name, parameter = patterns.word(value)
    if name == "any":
        options = [condition(each) for each in parameter]
        return lambda standing: any(option(standing) for option in options)
    if name == "not":
        inner = condition(parameter)
        return lambda standing: not inner(standing)
    function = registry.tests.find(name)
    return lambda standing: function(standing, parameter)


def _leg(leg: Leg, file: RuleFile) -> CompiledLeg:
    need(leg.kind, leg, "kind")
    need(leg.clock, leg, "clock")
    assert leg.kind is not None  # noqa: S101 - `need` has seen to it
    clock: Clock = leg.clock or "known"
    answers = [_closing(each, clock, State.ANSWERED) for each in leg.unless]
    lapses = [_closing(each, clock, State.LAPSED) for each in leg.lapses]
    return CompiledLeg(
        kind=leg.kind,
        leg=leg,
        clock=clock,
        candidates=KINDS[leg.kind](Shape(leg, frozenset(file.anchor), clock)),
        states=tuple(map(_state, leg.while_)),
        only_updates=tuple(map(_state, leg.only_updates)),
        needs=tuple(_needs(leg)),
        possible=tuple(registry.states.possible[name] for name in _names(leg) if name in registry.states.possible),
        closers=(*answers, *lapses),
        sooner=_closing(leg.sooner, clock, State.ANSWERED) if leg.sooner else None,
        eaches=_eaches(leg.for_each) if leg.for_each is not None else None,
        covered=tuple(_covered(each.type, each.by) for each in leg.covered),
    )


def _needs(leg: Leg) -> Iterator[Types]:
    yield from (registry.states.needs[name] for name in _names(leg) if name in registry.states.needs)
    for of in (leg.of, leg.with_):
        named = of and (of.word or of.predicate)
        if named:
            name, _ = patterns.word(named)
            if name in registry.sources.needs:
                yield registry.sources.needs[name]
        elif of is not None:
            yield reports.types_of(tuple(of.types))


def _names(leg: Leg) -> list[str]:
    return [patterns.word(value)[0] for value in leg.while_]


def _state(value: Word) -> While:
    name, parameter = patterns.word(value)
    function = registry.states.find(name)
    return lambda view, situation, at: function(view, situation, at, parameter)


def _eaches(value: Word) -> Eaches:
    name, parameter = patterns.word(value)
    function = registry.eachs.find(name)
    return lambda view, situation: function(view, situation, parameter)


def _covered(event_type: str, by: Word) -> Covered:
    name, parameter = patterns.word(by)
    function = registry.answerers.find(name)

    def covered(view: View, situation: Situation, at: datetime) -> bool:
        for agency in function(view, situation, at, parameter):
            sector = view.directory.sector(agency)
            if view.directory.covers(agency, event_type.replace("*", str(sector)), at):
                return True
        return False

    return covered


def _closing(closing: Closing, clock: Clock, state: State) -> Closers:
    own_clock: Clock = closing.clock or clock
    if closing.after is not None:
        return _quiet(closing.after, state)
    named = closing.word if closing.word is not None else closing.predicate
    found = _by_word(named, own_clock, state) if named is not None else _by_types(closing, own_clock, state)

    def closers(view: View, situation: Situation, each: object, tag: str, _: Sequence[Item]) -> list[Closer]:
        if closing.evidence and tag not in closing.evidence:
            return []
        return [closer for closer in found(view, situation, each) if _recent(closing, situation, closer)]

    return closers


def _recent(closing: Closing, situation: Situation, closer: Closer) -> bool:
    date = situation.note.get(DATE)
    return closing.since is None or not isinstance(date, datetime) or closer.at >= closing.since.before(date)


def _quiet(length: times.Length, state: State) -> Closers:
    """So long without another: each piece of evidence whose follower comes later than that ends a stretch."""

    def closers(_view: View, _situation: Situation, _each: object, _tag: str, items: Sequence[Item]) -> list[Closer]:
        ordered = sorted(items, key=lambda item: item.start)
        ends = [(length.after(item.start), item) for item in ordered]
        return [
            Closer(end, item.received, state, dated=True)
            for n, (end, item) in enumerate(ends)
            if n + 1 == len(ordered) or ordered[n + 1].start > end
        ]

    return closers


def _by_word(value: Word, clock: Clock, state: State) -> Callable[[View, Situation, object], Iterable[Closer]]:
    name, parameter = patterns.word(value)
    function = registry.closings.find(name)

    def found(view: View, situation: Situation, each: object) -> Iterable[Closer]:
        for closer in function(view, situation, each, clock, parameter):
            yield closer if closer.state is state else _as(closer, state)

    return found


def _as(closer: Closer, state: State) -> Closer:
    return Closer(closer.at, closer.received, state, closer.facts, closer.points, closer.final, closer.dated)


def _by_types(closing: Closing, clock: Clock, state: State) -> Callable[[View, Situation, object], Iterable[Closer]]:
    # One more of them is one closer more, whatever else is there.
    types, matches = reports.types_of(tuple(closing.types)).answering(), patterns.field_tests(closing.where)

    def found(view: View, situation: Situation, each: object) -> Iterable[Closer]:
        for fact in _candidates(view, types, situation, closing):
            if matches(fact) and _answers(view, fact, situation, each, closing):
                points = closing.points_at is not None
                yield Closer(times.ends(fact, clock), fact.received_at, state, (fact,), points=points)

    return found


def _candidates(view: View, types: Types, situation: Situation, closing: Closing) -> Iterable[Fact]:
    """Of answers that must point at the anchor's event, those that do: found by index, for there may be many reports."""
    if closing.points_at is None:
        return view.facts(types)
    if situation.event is None:
        return ()
    pointing = references.pointing(view).get(situation.event.ref, ())
    return [fact for fact in pointing if fact.type in types]


def _answers(view: View, fact: Fact, situation: Situation, each: object, closing: Closing) -> bool:
    event = situation.event
    if closing.reasons and not decisions.reasons(fact):
        return False
    if closing.same_agency and (event is None or fact.agency != event.agency):
        return False
    if closing.same and fact.fields.get(closing.same) != situation.term:
        return False
    wanted = {"subject": situation.subject, "other": situation.other, "each": each}
    people = [wanted[name] for name in closing.names]
    return all(isinstance(person, int) and view.names(fact, person) for person in people)
