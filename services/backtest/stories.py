"""What became of alerts, told alike whether the bus raised them or a back-test did. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from services.alerts.state import Change, Condition, Kind, Why
from services.rules.findings import Anchor, Finding, Recipient, Urgency

BEGINS = frozenset({Kind.RAISED, Kind.REOPENED})


class Key(NamedTuple):
    """What makes two alerts one, whatever the version of the rule: its id and the anchor, people as they are known last."""

    rule: str
    anchor: tuple[str, ...]


class Telling(NamedTuple):
    """Somebody was told something."""

    at: datetime
    agency: str
    why: str
    """See services.alerts.state.Why."""
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Version:
    """What an alert became at one moment, and who was told."""

    at: datetime
    kinds: tuple[str, ...]
    condition: str
    urgency: Urgency
    history_only: bool
    told: tuple[tuple[str, str], ...]
    """(agency, why)."""
    recipients: tuple[Recipient, ...]

    @property
    def begins(self) -> bool:
        """An episode begins that somebody is, or for a shadow rule would be, told of."""
        news = not BEGINS.isdisjoint(self.kinds)
        return news and self.condition == Condition.STANDING and not self.history_only


@dataclass(frozen=True, slots=True)
class Story:
    """All that became of an alert, in order of time."""

    key: Key
    owner: int
    """A record of whoever it is about."""
    alerts: tuple[str, ...]
    """How it may be looked up: public ids of live alerts. Empty for one of a back-test."""
    versions: tuple[Version, ...]

    def raised(self) -> datetime | None:
        """Return when it first rang; None: it was only ever kept silently."""
        return next((version.at for version in self.versions if version.begins), None)

    def people(self) -> list[int]:
        """Return whom it is about: the people of its anchor, or its owner where the anchor names none."""
        named = [int(part.removeprefix("person:")) for part in self.key.anchor if part.startswith("person:")]
        return named or [self.owner]

    def tellings(self) -> list[Telling]:
        """Return everything anybody was told, but for changes of their own view alone."""
        return [
            Telling(version.at, agency, why, version.urgency)
            for version in self.versions
            for agency, why in version.told
            if why != Why.VIEW
        ]


def version(
    at: datetime, kinds: Iterable[str], condition: str, finding: Finding, told: Iterable[tuple[str, str]]
) -> Version:
    """Make a version of what an alert held."""
    return Version(
        at=at,
        kinds=tuple(kinds),
        condition=condition,
        urgency=finding.urgency,
        history_only=finding.history_only,
        told=tuple(sorted(told)),
        recipients=finding.recipients,
    )


def of_log(log: Sequence[Change], person_of: Callable[[int], int]) -> dict[Key, Story]:
    """Return the stories that a run's changes tell."""
    made: dict[int, Story] = {}
    for change in log:
        state = change.after
        told = [(notice.agency, notice.why.value) for notice in change.notices]
        kinds = [kind.value for kind in change.kinds]
        before = made.get(state.alert, Story(key_of(state.rule, state.anchor, person_of), state.owner_record, (), ()))
        one = version(change.at, kinds, state.condition.value, state.finding, told)
        made[state.alert] = replace(before, versions=(*before.versions, one))
    return united(made.values())


def key_of(rule: str, anchor: Anchor, person_of: Callable[[int], int]) -> Key:
    """Return what an alert is compared by."""
    return Key(rule, anchor.key(person_of))


def united(stories: Iterable[Story]) -> dict[Key, Story]:
    """Return stories by key; alerts that a merge made one are one story."""
    made: dict[Key, Story] = {}
    for story in stories:
        before = made.get(story.key)
        if before is None:
            made[story.key] = story
            continue
        versions = sorted((*before.versions, *story.versions), key=lambda one: one.at)
        made[story.key] = replace(before, alerts=(*before.alerts, *story.alerts), versions=tuple(versions))
    return made


def in_window(stories: Mapping[Key, Story], since: datetime | None, until: datetime) -> dict[Key, Story]:
    """Return what became of alerts between two moments; who had nothing then is left out."""
    cut: dict[Key, Story] = {}
    for key, story in stories.items():
        versions = tuple(one for one in story.versions if (since is None or since <= one.at) and one.at <= until)
        if versions:
            cut[key] = replace(story, versions=versions)
    return cut
