"""Ordinary days of five agencies, invented and seeded: a population loaded as history, then events about it.

People come in groups of four: somebody supervised, a partner, the partner's child, and a visitor. Most events are about
people everybody knows already (appointments kept, visits, sign-ons, contacts); some are reports, some name new people.
Agencies are those of deploy/policy/directory.yaml.
"""

import random
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.clock import real_now

POLICE, PROBATION, PRISON, CARE = "police-exshire", "probation-exshire", "prison-service", "csc-exford"
PUBLISHES: Final = {
    POLICE: ["police.*"],
    PROBATION: ["probation.*"],
    PRISON: ["prison.*"],
    CARE: ["childrens-social-care.*"],
}
GROUP: Final = 4
FLAGGED_EVERY: Final = 10
"""One group in so many has a subject formally flagged as a risk to others; new partners of those ring."""

MIX: Final = {
    "contact kept": 25,
    "home visit": 12,
    "prison visit": 15,
    "visit to a child": 12,
    "appointment missed": 6,
    "sighting": 10,
    "intelligence": 6,
    "incident": 4,
    "contact about a child": 3,
    "concern, somebody new": 3,
    "new relationship": 2,
    "known to another agency": 2,
}
"""Kinds of event and their shares. Reports to the police are followed by the checks that they ask for (R06)."""
CHECKS_AFTER: Final = 50
"""Events later: a few minutes of traffic."""

CHECKED: Final = frozenset({"incident", "concern, somebody new"})

_HANDLING: Final = {"code": "P", "purpose": "safeguarding", "legal_basis": "CJA2003-s325", "regime": "part-3"}
_GIVEN: Final = [a + b for a in ("Al", "Be", "Ce", "Da", "El", "Fa", "Ga", "Ho") for b in ("da", "lia", "ric", "mon")]
_FAMILY: Final = [
    a + b + c
    for a in ("Thorn", "Marr", "Quill", "Ash", "Brack", "Dun", "Fenn", "Hol")
    for b in ("a", "e", "i", "o", "u")
    for c in ("by", "ley", "ton", "wick", "worth", "den", "field", "stow", "combe", "mere")
]

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person as every agency would write them."""

    number: int
    given: str
    family: str
    born: str

    def mention(self, ref: str, role: str, agency: str) -> dict[str, Any]:
        """The person as one agency names them: always alike, as out of its own register."""
        return {
            "ref": ref,
            "role": role,
            "own_id": f"{agency[:3]}-{self.number}",
            "names": [{"given": self.given, "family": self.family}],
            "born": self.born,
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Four people who have to do with each other."""

    number: int
    subject: Person
    partner: Person
    child: Person
    visitor: Person

    @property
    def flagged(self) -> bool:
        """The subject is formally flagged as a risk to others."""
        return self.number % FLAGGED_EVERY == 0


class Traffic:
    """A population and its days. The same seed gives the same people and the same order of events."""

    def __init__(self, people: int, *, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._numbers = 0
        self._events = 0
        self._now = real_now()
        self.groups: Sequence[Group] = [self._group(number) for number in range(people // GROUP)]

    def history(self) -> Iterator[Event]:
        """What was known before: who leads, who is flagged, who is whose partner and child."""
        for group in self.groups:
            days = self._random.randrange(100, 700)
            lead = {"role": "probation-lead", "starts": self._ago(days=days + 30).isoformat()}
            yield self._event(
                PROBATION, "probation.lead-role.started", self._subject(group, PROBATION), days=days, **lead
            )
            if group.flagged:
                flag = {"flag": "rosh-high", "rationale": "given"}
                yield self._event(
                    PROBATION, "probation.risk-flag.set", self._subject(group, PROBATION), days=days, **flag
                )
            yield self._disclosed(group, days)
            yield self._prison_visit(group, days=days // 2)
            yield self._child_visit(group, days=days // 3)
            yield self._home_visit(group, days=days // 4)

    def day(self, events: int, mix: Mapping[str, int] = MIX) -> Iterator[Event]:
        """So many events of steady traffic, in these shares."""
        made = {
            "contact kept": self._kept,
            "home visit": self._home_visit,
            "prison visit": self._prison_visit,
            "visit to a child": self._child_visit,
            "appointment missed": self._missed,
            "sighting": self._sighting,
            "intelligence": self._intelligence,
            "incident": self._incident,
            "contact about a child": self._contact_about_child,
            "concern, somebody new": self._concern,
            "new relationship": self._new_relationship,
            "known to another agency": self._elsewhere,
        }
        waiting: deque[tuple[int, Event]] = deque()
        for n in range(events):
            if waiting and waiting[0][0] <= n:
                yield self._checks(waiting.popleft()[1])
                continue
            (kind,) = self._random.choices(list(mix), weights=list(mix.values()))
            event = made[kind](self._random.choice(self.groups))
            if kind in CHECKED:
                waiting.append((n + CHECKS_AFTER, event))
            yield event

    def ringing(self) -> Iterator[Event]:
        """Events that each raise a new alert: somebody flagged has a partner nobody knew of. Endless."""
        flagged = [group for group in self.groups if group.flagged]
        while True:
            yield self._new_relationship(self._random.choice(flagged))

    # Kinds of event

    def _kept(self, group: Group, days: int = 0) -> Event:
        return self._event(
            PROBATION, "probation.offender-contact.made", self._subject(group, PROBATION), days=days, mode="telephone"
        )

    def _home_visit(self, group: Group, days: int = 0) -> Event:
        return self._event(
            POLICE, "police.offender-visit.made", self._subject(group, POLICE), days=days, mode="visit", by="police-om"
        )

    def _missed(self, group: Group) -> Event:
        people = self._subject(group, PROBATION)
        return self._event(PROBATION, "probation.appointment.missed", people, requirement="appointment")

    def _sighting(self, group: Group) -> Event:
        return self._event(
            POLICE, "police.sighting.recorded", self._subject(group, POLICE), result="seen", place="court"
        )

    def _intelligence(self, group: Group) -> Event:
        markers = ["rosh-high"] if group.flagged else []
        people = self._subject(group, POLICE)
        return self._event(
            POLICE, "police.intelligence.submitted", people, system="ims", kind="stop-and-observe", markers=markers
        )

    def _prison_visit(self, group: Group, days: int = 0) -> Event:
        people = [*self._subject(group, PRISON), group.visitor.mention("V", "visitor", PRISON)]
        claim = {"from": "V", "to": "S", "kind": "visitor", "status": "confirmed", "grade": "1A"}
        return self._event(PRISON, "prison.visit.held", people, days=days, relationships=[claim], kind="social")

    def _child_visit(self, group: Group, days: int = 0) -> Event:
        people = [group.child.mention("C", "child", CARE), group.partner.mention("P", "parent", CARE)]
        claim = {"from": "P", "to": "C", "kind": "parent", "status": "confirmed"}
        return self._event(
            CARE, "childrens-social-care.visit.made", people, days=days, relationships=[claim], child_seen=True
        )

    def _disclosed(self, group: Group, days: int) -> Event:
        people = [*self._subject(group, PROBATION), group.partner.mention("P", "partner", PROBATION)]
        claim = {"from": "S", "to": "P", "kind": "partner", "status": "disclosed", "named": True, "claimed_by": "S"}
        return self._event(
            PROBATION,
            "probation.relationship.disclosed",
            people,
            days=days,
            relationships=[claim],
            informant={"ref": "S"},
        )

    def _incident(self, group: Group) -> Event:
        people = [*self._subject(group, POLICE), group.partner.mention("P", "at-risk", POLICE)]
        return self._event(POLICE, "police.incident.logged", people, classes=["disturbance"], grade="1B")

    def _contact_about_child(self, group: Group) -> Event:
        people = [*self._subject(group, CARE), group.child.mention("C", "child", CARE)]
        return self._event(CARE, "childrens-social-care.contact.recorded", people, source="professional", grade="2C")

    def _concern(self, group: Group) -> Event:
        people = [*self._subject(group, POLICE), self._person().mention("A", "at-risk", POLICE)]
        return self._event(POLICE, "police.concern.reported", people, source="family", grade="2C")

    def _checks(self, report: Event) -> Event:
        said: dict[str, Any] = {"report": {"id": report["id"]}, "systems": ["pnc"], "result": "known"}
        people = report["data"]["people"]
        return self._event(
            POLICE, "police.checks.completed", people, persons_checked=[one["ref"] for one in people], **said
        )

    def _new_relationship(self, group: Group) -> Event:
        people = [*self._subject(group, POLICE), self._person().mention("A", "partner", POLICE)]
        claim = {"from": "S", "to": "A", "kind": "partner", "status": "reported"}
        return self._event(POLICE, "police.relationship.reported", people, relationships=[claim], grade="2B")

    def _elsewhere(self, group: Group) -> Event:
        person = self._random.choice((group.visitor, group.partner, group.child))
        return self._event(
            POLICE, "police.sighting.recorded", [person.mention("S", "subject", POLICE)], result="seen", place="street"
        )

    # Making

    def _group(self, number: int) -> Group:
        child = self._person(years=(1, 16))
        return Group(number, self._person(), self._person(), child, self._person())

    def _person(self, years: tuple[int, int] = (20, 70)) -> Person:
        self._numbers += 1
        born = self._now.date() - timedelta(days=self._random.randrange(years[0] * 365, years[1] * 365))
        return Person(self._numbers, self._random.choice(_GIVEN), self._random.choice(_FAMILY), born.isoformat())

    def _subject(self, group: Group, agency: str) -> list[dict[str, Any]]:
        return [group.subject.mention("S", "subject", agency)]

    def _ago(self, **span: float) -> datetime:
        return self._now - timedelta(**span)

    def _event(self, agency: str, kind: str, people: list[dict[str, Any]], /, *, days: int = 0, **data: Any) -> Event:
        self._events += 1
        known = self._ago(days=days, minutes=self._random.randrange(6, 20))
        times = {"occurred": known, "known_at": known, "recorded_at": known + timedelta(minutes=5)}
        return {
            "specversion": "1.0",
            "id": f"bench-{self._events:08d}",
            "source": f"urn:tocsin:agency:{agency}",
            "type": f"{kind}.v1",
            "data": {
                **{name: moment.isoformat() for name, moment in times.items()},
                "people": people,
                "handling": _HANDLING,
                **data,
            },
        }
