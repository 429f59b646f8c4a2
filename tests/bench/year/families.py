"""Families of a year, invented and seeded: ordinary ones as well-run agencies write of them, some with a lapse, a few dangerous.

Each plays in a world of its own, so all use the names of the rule files' cast: S a man, A a woman, C her child. What is true
of a family is known here and nowhere else: a *lapse* is something an agency did not do in time, a *danger* is what a review
would be about, a *repeat* is a household to which the police came again for domestic abuse within the year, in time and in
order each time. Of everything else that rings, a second look would say that it was noise.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from services import calendar
from services.trial.rule_tests import LONDON, arrival_of
from services.trial.world import Arrival

YEAR: Final = datetime(2024, 1, 8, tzinfo=LONDON)
DAYS: Final = 364

POLICE, PROBATION, CARE, PRISON = "police-north", "probation-north", "csc-north", "prison-service"
HEALTH, MAPPA = "health-north", "mappa-north"

LAPSE: Final = 0.05
"""Share of duties with a time limit that are done late. Assumed: inspections give 80-97 % in time, by area and duty."""


@dataclass
class Family:
    """One family's year in the making."""

    rng: random.Random
    given: list[dict[str, Any]] = field(default_factory=list)
    lapses: set[str] = field(default_factory=set)
    danger: str = ""
    repeated: bool = False

    @property
    def truth(self) -> str:
        """What a second look would find."""
        if self.danger or self.lapses:
            return "danger" if self.danger else "lapse"
        return "repeat" if self.repeated else "noise"

    def arrivals(self) -> list[Arrival]:
        """Everything said of the family, in the order of receipt, up to the end of the year."""
        ends = YEAR + timedelta(days=DAYS)
        said = sorted((one for one in self.given if one["at"] < ends), key=lambda one: one["at"])
        return [arrival_of(one, n) for n, one in enumerate(said)]

    def day(self, first: int = 0, last: int = DAYS - 60) -> datetime:
        """Some moment of working hours, working day or not: things happen on Sundays too."""
        return YEAR + timedelta(days=self.rng.randrange(first, last), hours=self.rng.uniform(9, 17))

    def say(self, at: datetime, agency: str, kind: str, people: Sequence[str], /, **more: Any) -> str:
        """Something an agency records at a moment; return its id."""
        name = f"e{len(self.given)}"
        keys = ("relationships", "grade", "informant", "recorded_by", "cites", "history")
        said = {key: more.pop(key) for key in keys if key in more}
        self.given.append({"at": at, "id": name, "from": agency, "type": kind, "people": people, "data": more, **said})
        return name

    def lead(self, at: datetime, role: str, agency: str) -> None:
        """An agency begins to lead on S, as was known before the year."""
        self.given.append(
            {"at": at, "id": f"e{len(self.given)}", "lead": role, "of": "S", "held_by": agency, "history": True}
        )

    def late(self, duty: str, share: float = LAPSE) -> bool:
        """Whether a duty is done late this time."""
        if self.rng.random() < share:
            self.lapses.add(duty)
            return True
        return False

    def after(self, at: datetime, *, hours: float = 0, working_days: int = 0) -> datetime:
        """So much later."""
        moment = calendar.add_working_days(at, working_days) if working_days else at
        return moment + timedelta(hours=hours)


BEFORE: Final = YEAR - timedelta(days=200)
PARENT: Final = {"from": "A", "to": "C", "kind": "parent", "status": "confirmed"}


def incident(family: Family) -> None:
    """A domestic abuse incident: checks at once, and where a child lives there, social care told and decided."""
    at = YEAR + timedelta(days=family.rng.randrange(DAYS - 60), hours=family.rng.uniform(0, 24))
    child = family.rng.random() < CHILD_IN_HOUSEHOLD
    for n in range(1 + (family.rng.random() < REPEATS) * family.rng.randrange(1, 4)):
        family.repeated |= n > 0 and at < YEAR + timedelta(days=DAYS)
        _one_incident(family, at, child=child)
        at += timedelta(days=family.rng.expovariate(1 / 70))


CHILD_IN_HOUSEHOLD: Final = 0.45
REPEATS: Final = 0.3


def _one_incident(family: Family, at: datetime, *, child: bool) -> None:
    people = ["S subject", "A at-risk", *(["C child"] if child else [])]
    claims = [{"from": "S", "to": "A", "kind": "partner", "status": "reported"}, *([PARENT] if child else [])]
    risk = family.rng.choices(["standard", "medium", "high"], weights=[70, 22, 8])[0]
    report = family.say(
        at, POLICE, "police.domestic-abuse-incident.recorded", people, relationships=claims, grade="2B",
        dash=risk, children_present=child,
    )  # fmt: skip
    checked = family.after(at, hours=5 if family.late("checks", 0.02) else family.rng.uniform(0.1, 0.8))
    family.say(
        checked, POLICE, "police.checks.completed", people, report={"id": report}, systems=["pnc", "pnd"],
        persons_checked=[one.split()[0] for one in people], result="known",
    )  # fmt: skip
    if child:
        source = f"urn:tocsin:agency:{POLICE}"
        told = family.after(at, hours=family.rng.uniform(10, 20))
        referral(family, told, people, claims, cites=[{"source": source, "id": report}])


def referral(
    family: Family,
    at: datetime,
    people: Sequence[str],
    claims: Sequence[dict[str, Any]],
    cites: Sequence[dict[str, Any]],
) -> None:
    """A contact recorded by social care, decided with reasons; a third go on to an assessment."""
    outcome = "assessment" if family.rng.random() < ASSESSED else "no-further-action"
    contact = family.say(
        at,
        CARE,
        "childrens-social-care.contact.recorded",
        people,
        relationships=claims,
        source="professional",
        cites=cites,
    )
    opened = family.after(at, hours=family.rng.uniform(0.5, 3))
    family.say(opened, CARE, "childrens-social-care.referral.opened", people, cites=[{"id": contact}])
    decided = family.after(opened, working_days=4 if family.late("decision") else 0, hours=family.rng.uniform(1, 6))
    family.say(
        decided, CARE, "childrens-social-care.referral.decided", people, outcome=outcome, rationale="given",
        cites=[{"id": contact}],
    )  # fmt: skip
    if outcome == "assessment":
        family.say(decided, CARE, "childrens-social-care.assessment.opened", people)
        seen = family.after(decided, working_days=family.rng.randrange(2, 9))
        family.say(
            seen,
            CARE,
            "childrens-social-care.visit.made",
            ["C child", "A parent"],
            child_seen=True,
            relationships=[PARENT],
        )
        closed = family.after(decided, working_days=family.rng.randrange(20, 44))
        family.say(
            closed,
            CARE,
            "childrens-social-care.assessment.closed",
            people,
            outcome="no-further-action",
            rationale="given",
        )


ASSESSED: Final = 0.35


def school_concern(family: Family) -> None:
    """A school or a health visitor is worried; social care records the contact the same day and decides."""
    at, people = family.day(), ["C subject", "A parent"]
    agency, kind = (HEALTH, "health.concern.reported")
    report = family.say(at, agency, kind, people, relationships=[PARENT], source="professional", grade="2B")
    told = family.after(at, hours=family.rng.uniform(0.5, 4))
    referral(family, told, people, [PARENT], [{"source": f"urn:tocsin:agency:{agency}", "id": report}])


def plan(family: Family) -> None:
    """A child on a protection plan: seen every ten working days, actions set by the conference and done."""
    people = ["C child", "A parent"]
    family.say(
        BEFORE, CARE, "childrens-social-care.episode.opened", people, relationships=[PARENT], history=True,
        kind="child-protection", episode={"state": "open", "children": ["C"]},
    )  # fmt: skip
    at = YEAR + timedelta(days=family.rng.randrange(10), hours=11)
    while at < YEAR + timedelta(days=DAYS):
        family.say(at, CARE, "childrens-social-care.visit.made", people, child_seen=True, relationships=[PARENT])
        at = family.after(at, working_days=family.rng.randrange(7, 11))
    for n in range(family.rng.randrange(2, 6)):
        action(family, n, "C", CARE, "childrens-social-care")


def action(family: Family, n: int, ref: str, agency: str, sector: str) -> None:
    """An action with a date, done before it or late."""
    at = family.day()
    due = calendar.add_working_days(at, 15)
    family.say(
        at, agency, f"{sector}.action.set", [f"{ref} subject"], action=f"A-{n}", what="check", owners=[agency],
        due=due.date().isoformat(),
    )  # fmt: skip
    late = family.late("action", 0.15)
    done = family.after(due, working_days=3) if late else at + (due - at) * family.rng.uniform(0.2, 0.95)
    family.say(done, agency, f"{sector}.action.done", [f"{ref} subject"], action=f"A-{n}")


def supervised(family: Family) -> None:
    """Supervised in the community: seen every fortnight, gone through by a manager, some appointments missed."""
    family.lead(BEFORE, "probation-lead", PROBATION)
    high = family.rng.random() < HIGH_RISK
    levels = {"children": "low", "known_adult": "high" if high else "medium", "public": "low"}
    family.say(
        BEFORE,
        PROBATION,
        "probation.risk.assessed",
        ["S subject"],
        tool="rosh",
        levels=levels,
        rationale="given",
        history=True,
    )
    if high:
        family.lead(BEFORE, "police-lead", POLICE)
        managed_by_police(family, days=21)
    gone_through(family, PROBATION, "probation", every=18 if high else 80)
    at = YEAR + timedelta(days=family.rng.randrange(14), hours=family.rng.uniform(9, 16))
    while at < YEAR + timedelta(days=DAYS):
        missed = family.rng.random() < MISSED
        if missed:
            family.say(at, PROBATION, "probation.appointment.missed", ["S subject"], requirement="appointment")
            at += timedelta(days=family.rng.uniform(1, 4))
        family.say(at, PROBATION, "probation.offender-contact.made", ["S subject"], mode="office")
        at += timedelta(days=family.rng.uniform(11, 17))
    if family.rng.random() < TELLS_OF_PARTNER:
        discloses(family)


HIGH_RISK: Final = 0.09
MISSED: Final = 0.08
TELLS_OF_PARTNER: Final = 0.25


def discloses(family: Family) -> None:
    """He tells his officer of a new partner; she has no children, or they are looked into."""
    at, child = family.day(20), family.rng.random() < CHILD_IN_HOUSEHOLD
    people = ["S subject", "A partner", *(["C child"] if child else [])]
    claims: list[dict[str, Any]] = [
        {"from": "S", "to": "A", "kind": "partner", "status": "disclosed", "named": True, "claimed_by": "S"},
        *([PARENT] if child else []),
    ]
    told = family.say(
        at, PROBATION, "probation.relationship.disclosed", people, relationships=claims, informant={"ref": "S"}
    )
    if child:
        source = f"urn:tocsin:agency:{PROBATION}"
        referral(
            family, family.after(at, hours=family.rng.uniform(0.5, 5)), people, claims, [{"source": source, "id": told}]
        )


def gone_through(family: Family, agency: str, sector: str, *, every: int) -> None:
    """A supervisor goes through the case: of high risk every four weeks, else now and then."""
    at = YEAR + timedelta(days=family.rng.randrange(every), hours=15)
    while at < YEAR + timedelta(days=DAYS):
        family.say(at, agency, f"{sector}.case-supervision.held", ["S subject"], supervisor="spo")
        at += timedelta(days=every * 2 if family.late("supervision", 0.02) else every)


def managed_by_police(family: Family, *, days: int) -> None:
    """Visits and other entries of the officer who manages him; a few entries are made late."""
    at = YEAR + timedelta(days=family.rng.uniform(0, days))
    while at < YEAR + timedelta(days=DAYS):
        kind, more = family.rng.choice(
            [("police.offender-visit.made", {"mode": "visit"}), ("police.offender-contact.made", {"mode": "telephone"})]
        )
        family.say(at, POLICE, kind, ["S subject"], **more)
        at += timedelta(days=days * family.rng.uniform(0.5, 1.2))


def registered(family: Family) -> None:
    """A registered sexual offender: visited by the police a few times a year, some of them managed at MAPPA 2."""
    family.lead(BEFORE, "police-lead", POLICE)
    family.say(
        BEFORE, POLICE, "police.risk-flag.set", ["S subject"], flag="schedule-1", rationale="given", history=True
    )
    managed_by_police(family, days=90)
    gone_through(family, POLICE, "police", every=26)
    if family.rng.random() < 0.03:
        family.lead(BEFORE, "mappa-lead", MAPPA)
        for n in range(3):
            action(family, n, "S", MAPPA, "mappa")


def visited_in_prison(family: Family) -> None:
    """A prisoner whose partner, known since before, visits twice a month."""
    family.say(BEFORE, PRISON, "prison.person.received", ["S subject"], reason="sentence", history=True)
    family.lead(BEFORE, "prison", PRISON)
    claim = {"from": "A", "to": "S", "kind": "visitor", "status": "confirmed", "grade": "1A"}
    at = YEAR + timedelta(days=family.rng.uniform(0, 14))
    while at < YEAR + timedelta(days=DAYS):
        family.say(at, PRISON, "prison.visit.held", ["S subject", "A visitor"], relationships=[claim], kind="social")
        at += timedelta(days=family.rng.uniform(10, 20))


def injury(family: Family) -> None:
    """A child with an injury that a doctor looks at and finds explained."""
    at = family.day()
    family.say(
        at, HEALTH, "health.injury.observed", ["C child", "A parent"], relationships=[PARENT], injury="bruise", mobility="walking",
        explanation="given", assessed=True, rationale="given",
    )  # fmt: skip
