"""What happened, in the words of the case file: alerts by rule and anchor, with every moment that matters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from deploy.cases.load import Case, Posting
from services.replay.store import Pair, StoredAcknowledgement, StoredAlert, StoredMention, StoredRing, Version
from services.rules.evaluate import WOULD_TELL

ENDINGS: Final = frozenset({"answered", "lapsed", "withdrawn", "superseded"})
OPENINGS: Final = frozenset({"raised", "reopened", "recipients"})

To = Mapping[str, str]
"""Short name of an agency -> class, D1 to D3."""


@dataclass(frozen=True, slots=True)
class AnchorPart:
    """A part of an anchor: a person by every ref their record was written under, a row, or a term."""

    kind: str
    names: frozenset[str]
    person_names: frozenset[str] = frozenset()
    """Refs of the whole person, which may be more than one record."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An alert as it stood at the end of a minute, and what had happened to it."""

    at: datetime
    kinds: frozenset[str]
    condition: str
    urgency: str
    to: To
    """Who is told; of a rule on trial, who would be."""
    until: datetime | None
    joined_to: UUID | None
    quiet: bool


@dataclass(frozen=True, slots=True)
class Observed:
    """One alert and its whole story."""

    alert: UUID
    rule: str
    anchor: tuple[AnchorPart, ...]
    moments: tuple[Moment, ...]
    why: str = ""
    never: tuple[str, ...] = ()
    shadow: bool = False
    """Of a rule on trial: judged and kept, and told to nobody. All its moments say what would have been told."""

    @property
    def raised(self) -> Moment | None:
        """When it first rang; None if it never did."""
        return next((moment for moment in self.moments if _rings(moment)), None)

    @property
    def ended(self) -> Moment | None:
        """The moment its first episode that rang was told to have ended, or to have become part of an older alert."""
        return self.stretches[0][1] if self.stretches else None

    @property
    def stretches(self) -> tuple[tuple[Moment, Moment | None], ...]:
        """Each time it rang anew, with the moment at which that was told to have ended (or to be part of another)."""
        found: list[tuple[Moment, Moment | None]] = []
        opened: Moment | None = None
        for moment in self.moments:
            if opened is None and _rings(moment):
                opened = moment
            if opened is not None and _over(moment):
                found.append((opened, moment))
                opened = None
        return (*found, *([(opened, None)] if opened is not None else []))


def _over(moment: Moment) -> bool:
    return moment.condition in ENDINGS or moment.joined_to is not None


def _rings(moment: Moment) -> bool:
    """Raised or opened again for somebody; an alert nobody was there for rings when somebody comes to it."""
    opens = bool(moment.kinds & OPENINGS) and moment.condition == "standing" and not moment.quiet
    return opens and bool(moment.to)


@dataclass(frozen=True, slots=True)
class Ring:
    """One rung told, by the agency's short name."""

    alert: UUID
    agency: str
    rung: int
    desks: tuple[str, ...]
    urgency: str
    at: datetime
    closed_at: datetime | None
    closed_why: str | None


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Who took an alert on, by the agency's short name."""

    alert: UUID
    agency: str
    desk: str
    actor: str
    version: int
    action: str | None
    at: datetime


@dataclass(slots=True)
class Names:
    """From the bus's numbers to the words of the case file."""

    agencies: Mapping[str, str]
    """Agency id -> short name."""
    rows: Mapping[tuple[str, str], str]
    """(source, id) -> row."""
    refs_of_record: Mapping[int, frozenset[str]]
    refs_of_person: Mapping[int, frozenset[str]]
    person_of: Mapping[int, int]
    records_of_ref: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    """Ref -> record -> short name of the agency that wrote it."""

    def anchor(self, parts: Sequence[Sequence[Any]]) -> tuple[AnchorPart, ...]:
        """Read an anchor."""
        return tuple(self._part(part) for part in parts)

    def _part(self, part: Sequence[Any]) -> AnchorPart:
        kind, *rest = part
        if kind == "record":
            person = self.person_of.get(rest[0], rest[0])
            own = self.refs_of_record.get(rest[0], frozenset())
            return AnchorPart("person", own, self.refs_of_person.get(person, frozenset()))
        if kind == "event":
            return AnchorPart("row", frozenset({self.rows.get((rest[0], rest[1]), f"{rest[0]}#{rest[1]}")}))
        return AnchorPart("term", frozenset({rest[0]}))

    def agency(self, agency: str) -> str:
        """Return the short name of an agency; its id if the case does not name it."""
        return self.agencies.get(agency, agency)


def names(case: Case, postings: Iterable[Posting], mentions: Iterable[StoredMention]) -> Names:
    """Gather what is needed to speak of the outcome in the case's words. Refs on the bus are those of the cast."""
    of_record: dict[int, set[str]] = {}
    of_person: dict[int, set[str]] = {}
    person_of: dict[int, int] = {}
    records: dict[str, dict[int, str]] = {}
    agencies = {agency: short for short, agency in case.agencies.items()}
    for mention in mentions:
        of_record.setdefault(mention.record, set()).add(mention.ref)
        of_person.setdefault(mention.person, set()).add(mention.ref)
        person_of[mention.record] = mention.person
        records.setdefault(mention.ref, {})[mention.record] = agencies.get(mention.agency, mention.agency)
    return Names(
        agencies=agencies,
        rows={(posting.event["source"], posting.event["id"]): posting.row for posting in postings},
        refs_of_record={record: frozenset(refs) for record, refs in of_record.items()},
        refs_of_person={person: frozenset(refs) for person, refs in of_person.items()},
        person_of=person_of,
        records_of_ref=records,
    )


def observed(stored: StoredAlert, named: Names) -> Observed:
    """Tell an alert's story in the case's words, one moment for each minute in which something happened to it."""
    minutes: dict[datetime, list[Version]] = {}
    for version in stored.versions:
        minutes.setdefault(version.at, []).append(version)
    last = stored.versions[-1].finding
    return Observed(
        alert=stored.alert,
        rule=stored.rule,
        anchor=named.anchor(stored.anchor),
        moments=tuple(_moment(at, versions, named) for at, versions in minutes.items()),
        why=str(last["why"]),
        never=tuple(last["never"]),
        shadow=WOULD_TELL in last["details"],
    )


def _moment(at: datetime, versions: Sequence[Version], named: Names) -> Moment:
    last = versions[-1]
    until = last.finding["until"]
    return Moment(
        at=at,
        kinds=frozenset(kind for version in versions for kind in version.kinds),
        condition=last.condition,
        urgency=f"U{last.urgency}",
        to=_to(last.finding, named),
        until=datetime.fromisoformat(until) if until else None,
        joined_to=last.joined_to,
        quiet=all(version.finding["history_only"] or version.condition != "standing" for version in versions),
    )


def _to(finding: Mapping[str, Any], named: Names) -> To:
    told = [(agency, f"D{shown}") for agency, _, _, shown in finding["recipients"]]
    would_tell = [one.split() for one in finding["details"].get(WOULD_TELL, ())]
    told += [(agency, shown) for agency, _, _, shown in would_tell]
    return {named.agency(agency): shown for agency, shown in told}


def ring(stored: StoredRing, named: Names) -> Ring:
    """Tell of a ring in the case's words."""
    return Ring(
        stored.alert,
        named.agency(stored.agency),
        stored.rung,
        stored.desks,
        f"U{stored.urgency}",
        stored.started_at,
        stored.closed_at,
        stored.closed_why,
    )


def acknowledged(stored: StoredAcknowledgement, named: Names) -> Acknowledged:
    """Tell of an acknowledgement in the case's words."""
    agency = named.agency(stored.agency)
    return Acknowledged(stored.alert, agency, stored.desk, stored.actor, stored.version, stored.action, stored.at)


@dataclass(slots=True)
class Outcome:
    """Everything a replay ended with."""

    label: str
    alerts: list[Observed]
    rings: list[Ring]
    names: Names
    joins: list[Pair]
    reviews: list[Pair]
    acknowledgements: list[Acknowledged] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    """Dead letters and evaluations that could not be finished: there must be none."""
