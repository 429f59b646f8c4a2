"""A back-test from beginning to end: people in blocks, their lineages in chunks, each judged again and compared.

It reads, and writes one thing: who ran which rules over which time, and why. Restarted, it begins anew and says the same.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.backtest import store
from services.backtest.compare import Found, compare
from services.backtest.desks import Count, Desk, Load, count, loads
from services.backtest.history import History
from services.backtest.looking import directories_known, looking
from services.backtest.run import Instant, Run, run
from services.backtest.store import Extent
from services.backtest.stories import Key, Story, in_window, of_log
from services.chronology.store import FactCache
from services.db.connection import Pool, hot_transaction
from services.directory.model import Directory
from services.judging import parameters_store as parameters
from services.judging.judge import Court
from services.rules.load import Rules
from services.rules.parameters import Setting, Settings

BLOCK: Final = 2_000
"""People whose live evaluations are looked up in one pass over the log: fewer, and it is read more often."""
CHUNK_EVENTS: Final = 1_000
"""Mentions of a chunk's own people, roughly: what is loaded with them, of those beside them, is several times as much."""
LOADED_EVENTS: Final = 30_000
"""Mentions of everybody in one chunk: some 120 MB of facts. A chunk beyond it is halved; a single lineage beyond it is not
judged, and the report says so. It is 15 cases of the largest size that is judged live."""
DIFFERENCES: Final = 10_000
"""Alerts listed. Beyond, they are only counted: nobody reads more, and a rule that changes so much needs no list."""


class Progress(Protocol):
    """Whoever is told how far it is."""

    def __call__(self, step: str, *, done: int = 0, total: int = 0) -> None:
        """Note that so much of a step is done."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be tried, by whom and why."""

    rules: Rules
    against: Rules | None
    """Rules run the same way to compare with; None: what was raised live."""
    actor: str
    purpose: str
    since: datetime | None = None
    until: datetime | None = None
    tried: tuple[Setting, ...] = ()
    """Parameters of areas as if they had always been so, for the candidate side alone."""


@dataclass(slots=True)
class Report:
    """What came of it."""

    since: datetime | None
    until: datetime
    first: datetime | None = None
    """The first live evaluation in the window: loads are reckoned from here."""
    differences: list[Found] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    """How many alerts differ how, those not listed too; "the same" for the others."""
    was: Count = field(default_factory=Count)
    would_be: Count = field(default_factory=Count)
    people: dict[int, str] = field(default_factory=dict)
    """Public ids of the people of the alerts listed."""
    lineages: int = 0
    events: int = 0
    evaluations: int = 0
    own: int = 0
    """Evaluations at moments at which nobody looked live."""
    incomplete: Counter[str] = field(default_factory=Counter)
    """Rule and reason -> evaluations that could not be finished by the candidate rules."""
    too_large: list[int] = field(default_factory=list)
    """People whose history is too large to be held; they were left out."""

    def loads(self) -> tuple[Mapping[Desk, Load], Mapping[Desk, Load]]:
        """Return what came to each desk, and what would have, from the first evaluation in the window to its end."""
        first = self.since or self.first or self.until
        return loads(self.was, first, self.until), loads(self.would_be, first, self.until)


async def backtest(pool: Pool, ask: Ask, progress: Progress) -> Report:
    """Judge all history again by the rules asked for, and compare."""
    async with looking(pool) as conn:
        end, settings = await store.extent(conn), await parameters.load(conn)
    until = min(ask.until or end.now, end.now)
    report = Report(ask.since, until)
    async with hot_transaction(pool) as conn:
        await audit.record(conn, [_entry(ask, until)], at=end.now)
    bench = _Bench(pool, ask, end, report, settings, await directories_known(pool, end))
    person, done = 0, 0
    while people := await bench.block(person):
        person, done = people[-1], done + len(people)
        progress("Judging history again", done=min(done, end.people), total=end.people)
    async with looking(pool) as conn:
        sides = [story for found in report.differences for story in (found.was, found.would_be) if story is not None]
        wanted = {person for story in sides for person in story.people()}
        report.people = await store.public_ids(conn, wanted)
    return report


def _entry(ask: Ask, until: datetime) -> Entry:
    details = {
        "release": ask.rules.release,
        "rules": {rule.id: rule.file.version for rule in ask.rules.live},
        "against": ask.against.release if ask.against else "live",
        "tried": [f"{one.rule} {one.name} {one.area}={one.value}" for one in ask.tried],
        "since": ask.since,
        "until": until,
    }
    return Entry(ask.actor, Action.CONSULTATION, ask.purpose, "review of the rules", "backtest", details)


def _courts(
    rules: Rules, directory: Callable[[datetime], Directory], settings: Settings
) -> Callable[[datetime], Court]:
    made: dict[int, Court] = {}

    def court(at: datetime) -> Court:
        found = directory(at)
        if id(found) not in made:
            made[id(found)] = Court.of(rules, found, settings)
        return made[id(found)]

    return court


@dataclass(slots=True)
class _Bench:
    pool: Pool
    ask: Ask
    end: Extent
    report: Report
    settings: Settings
    directory: Callable[[datetime], Directory]
    cache: FactCache = field(default_factory=FactCache)
    _courts: dict[tuple[str, int], Callable[[datetime], Court]] = field(default_factory=dict)

    async def block(self, after: int) -> list[int]:
        """Judge the lineages whose first record is among the next people; return these people, none at the end."""
        async with looking(self.pool) as conn:
            people = await store.people_after(conn, after, BLOCK)
            # Of one that reaches back before the block, its first block has seen to it.
            groups = [group for group in await store.lineages(conn, people) if min(group) > after]
            members = {record for group in groups for record in group}
            live = await store.instants(conn, members, self.end.evaluations, self.report.until)
            named = await store.events_by_record(conn, members)
        chunk: list[set[int]] = []
        events = 0
        for group in sorted(groups, key=min):
            own = sum(named.get(record, 0) for record in group)
            if chunk and events + own > CHUNK_EVENTS:
                await self._chunk(chunk, live)
                chunk, events = [], 0
            chunk.append(group)
            events += own
        if chunk:
            await self._chunk(chunk, live)
        return people

    async def _chunk(self, groups: Sequence[set[int]], live: Mapping[int, Sequence[Instant]]) -> None:
        """Load what is needed of these lineages and judge them; if that is too much at once, in halves."""
        found = await self._load({record for group in groups for record in group})
        if found is not None:
            known, stories = found
            for group in groups:
                self._lineage(known, group, [one for person in group for one in live.get(person, ())], stories)
        elif len(groups) > 1:
            half = len(groups) // 2
            await self._chunk(groups[:half], live)
            await self._chunk(groups[half:], live)
        else:
            self.report.too_large.append(min(groups[0]))

    async def _load(self, records: Collection[int]) -> tuple[History, Mapping[Key, Story]] | None:
        """Return the history of these people, and what was raised live if that is what to compare with; None: too much."""
        async with looking(self.pool) as conn:
            links = await store.links(conn, records)
            beside = await store.lineages(conn, {*records, *links})
            for record, own in (await store.further(conn, beside, links)).items():
                links.setdefault(record, set()).update(own)
            near = {record for group in await store.lineages(conn, {*records, *links}) for record in group}
            if sum((await store.events_by_record(conn, near)).values()) > LOADED_EVENTS:
                return None
            known = await store.history(conn, near, links, self.cache)
            if self.ask.against is not None:
                return known, {}
            return known, await store.stories(conn, records, known, self.report.until)

    def _lineage(
        self, known: History, group: Collection[int], live: Sequence[Instant], stories: Mapping[Key, Story]
    ) -> None:
        report, until = self.report, self.report.until
        would = self._run(self.ask.rules, known, group, live, self.ask.tried)
        report.lineages += 1
        report.events += len({event for record in group for event in known.events_of.get(record, ())})
        report.evaluations += would.evaluations
        report.own += would.own
        report.incomplete.update(f"{one.rule or 'case'}: {one.reason}" for _, _, one in would.incomplete)
        if self.ask.against is not None:
            stories = self._stories(self._run(self.ask.against, known, group, live), known)
        own = {key: story for key, story in stories.items() if story.owner in group}
        self._compare(own, self._stories(would, known))
        first = min((one.at for one in live if not report.since or one.at >= report.since), default=until)
        report.first = min(report.first or until, first)

    def _run(
        self,
        rules: Rules,
        known: History,
        group: Collection[int],
        live: Sequence[Instant],
        tried: tuple[Setting, ...] = (),
    ) -> Run:
        key = rules.release, len(tried)  # one side tries all, the other none
        court = self._courts.get(key)
        if court is None:
            court = self._courts[key] = _courts(rules, self.directory, self.settings.instead(tried))
        return run(known, live, known.marks(group, rules.readings), court, self.report.until)

    def _stories(self, found: Run, known: History) -> dict[Key, Story]:
        return of_log(found.log, lambda record: known.person(record, self.report.until))

    def _compare(self, was: Mapping[Key, Story], would: Mapping[Key, Story]) -> None:
        report = self.report
        was, would = in_window(was, report.since, report.until), in_window(would, report.since, report.until)
        found = compare(was, would)
        report.counted.update(one.difference.value for one in found)
        report.counted["the same"] += len((was.keys() | would.keys()) - {one.key for one in found})
        report.differences += found[: DIFFERENCES - len(report.differences)]
        report.was += count(was.values(), self.directory)
        report.would_be += count(would.values(), self.directory)
