"""What views are made of: loaded beforehand, so that making one needs no database. Everything here is still unmasked."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from services.chronology.facts import EventRef, Fact
from services.disclosure.agreements import Masks
from services.rules.findings import Disclosure, Finding

ADDRESS_FLAGGED: Final = ".protection.address-flagged"
"""How the types end by which agencies of any sector say so."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is to see it: an agency, never a person; and how much the rule lets it see of this thing."""

    agency: str
    role: str
    shown: Disclosure


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What a view says of the rule that fired."""

    rule: str
    name: str
    purpose: str
    legal_basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnId:
    """A number by which the viewing agency itself knows a person; its own person id has the system `local:own`."""

    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Informed:
    """Another agency that was told."""

    agency: str
    name: str
    telephone: str | None
    """Of a desk that always answers, if the directory gives one."""
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Material:
    """What an alert rests on, and whom it names."""

    facts: Mapping[EventRef, Fact]
    """Evidence by reference. What is not here (erased, not loaded) is withheld."""
    person_of: Callable[[int], int]
    masks: Masks
    at: datetime
    """Domain time: agreements are judged by it."""
    protected: frozenset[int] = frozenset()
    """People whose identity is sealed: nothing about them is shown, whatever agreements say."""
    hidden: frozenset[int] = frozenset()
    """People whose whereabouts are to be kept from somebody: the area they live in is shown to nobody but who said it,
    whatever agreements say (a place beside a name has been enough to find a woman by; domain C3)."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert for one viewer: as it stands or, for one that left, as it was last told."""

    reference: str
    """Its public id, a UUID."""
    rule: RuleInfo
    condition: str
    version: int
    """The viewer's own count."""
    told: str
    """Why it was told last: a word of schemas.alerts.Told."""
    raised_at: datetime
    changed_at: datetime
    """When this viewer was last told."""
    finding: Finding
    material: Material
    joined_to: str | None = None
    corrected: bool = False
    """What this viewer was told of it earlier rested on several people taken for one."""
    cut: bool = False
    """It is about several people at once and has not been judged since they were told apart; the viewer has class D1."""
    acknowledge_by: datetime | None = None
    public_ids: Mapping[int, str] = field(default_factory=dict)
    """By person: the stable id others may quote."""
    own_ids: Mapping[int, tuple[OwnId, ...]] = field(default_factory=dict)
    """By person: the viewer's own numbers."""
    informed: tuple[Informed, ...] = ()
    ring: Mapping[str, Any] | None = None
    """Of the viewer's own ladder, in the form of schemas.alerts.Ring."""
    acknowledgements: tuple[Mapping[str, Any], ...] = ()
    """The viewer's own, in the form of schemas.alerts.Acknowledgement."""


@dataclass(frozen=True, slots=True)
class OnTopic:
    """The alert as it goes on the viewer's alert topic and stands in lists."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class Call:
    """The alert as a webhook announces it: a reference and a link."""

    alert: Alert
    endpoint: str
    """Public id of the endpoint."""
    link: str
    rung: int | None = None
    desk: str | None = None
    acknowledge_by: datetime | None = None
    """Of this ring; None on the last rung."""


@dataclass(frozen=True, slots=True)
class RecordSaid:
    """One agency's record of a person, with the events that name it, newest first: (fact, ref of the mention)."""

    agency: str
    unnamed: bool
    facts: tuple[tuple[Fact, str], ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One of two people who may be one."""

    person: str
    """Public id."""
    records: tuple[RecordSaid, ...]
    more: int = 0
    """Records left out."""


@dataclass(frozen=True, slots=True)
class MaybeSame:
    """A record and the person it may be, for staff who decide it."""

    purpose: str
    legal_basis: str
    record: Side
    candidate: Side
    material: Material


Thing = Alert | OnTopic | Call | MaybeSame


def hidden_in(facts: Iterable[Fact], person_of: Callable[[int], int]) -> frozenset[int]:
    """Return whose whereabouts these events say are to be kept from somebody."""
    flags = (fact for fact in facts if fact.type.endswith(ADDRESS_FLAGGED))
    return frozenset(
        person_of(mention.record) for flag in flags for mention in flag.mentions if mention.role == "subject"
    )
