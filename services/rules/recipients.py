"""Whom a finding is for: roles resolved to agencies at a moment, one recipient each, with its highest class.

Re-addressing at role changes needs nothing more: evaluated later, the same rows resolve to other agencies.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from services.rules import patterns, registry
from services.rules.findings import Disclosure, Recipient, Urgency
from services.rules.model import RuleFile, To, Word
from services.rules.standing import Standing
from services.rules.words import ages, areas, children, roles
from services.rules.words.children import Knowledge

Resolved = tuple[tuple[Recipient, ...], tuple[str, ...]]
Resolve = Callable[[Standing], Resolved]
Condition = Callable[[Standing], bool]

OWNER: Final = "owner"
FOR_AREA: Final = "-for-area"
"""How the roles end in which an agency is told because somebody lives in its area."""
LEAD_LADDER: Final = "lead"
AREA_LADDER: Final = "duty-desk"
NATIONAL: Final = frozenset({"recall-unit"})
"""Functions that somebody must hold: where nobody on the bus does, the alert says that they were not reached."""
HOLDER: Final = "reporting-agency"
"""Whoever reported what a pressing finding stands on: told, by a pointer, where nobody holds any function it is for."""
STATUTORY: Final = frozenset(
    {"police", "probation", "prison", "mappa", "childrens-social-care", "adult-social-care", "health"}
)
"""Sectors with a duty to act on it. An employer or a landlord may stand close to the subject."""
NOBODY: Final = "anybody"
DESKLESS: Final = " at "
"""Between a role that was not reached and the agency that holds it and has no desk: for operators; others are shown the
role alone."""
OWNER_ALONE: Final = "rings the owner alone, at U2 at most"


class Told(NamedTuple):
    """One agency a row reaches, in which function, and how much of it."""

    agency: str
    role: str
    shown: Disclosure


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of `to`, compiled."""

    to: To
    shown: Disclosure
    conditions: tuple[Condition, ...]
    of: registry.Agencies | None
    parameter: object

    def told(self, standing: Standing) -> tuple[list[Told], list[str]]:
        """Return everybody this row reaches, and the roles that nobody holds."""
        role = self.to.role
        if self.of is not None:
            found = self.of(standing, self.parameter)
            missed = [role] if not found and role in NATIONAL else []
            return [Told(agency, role, self.shown) for agency in found], missed
        if role == OWNER:
            own, nobody = owners(standing)
            return [Told(agency, held, self.shown) for agency, held in own], nobody
        if role in roles.LEADS or str(self.to.of) in roles.LEADS:
            return self._leads(standing, role if role in roles.LEADS else str(self.to.of))
        return self._area(standing, role)

    def _leads(self, standing: Standing, lead: str) -> tuple[list[Told], list[str]]:
        view, subject = standing.view, standing.situation.subject
        found = roles.holders(view, subject, lead, standing.at)
        told = [Told(agency, self.to.role, self.shown) for agency in found]
        if not found and self.to.for_ is not None and self.to.after_role is not None:
            last, ended = roles.last_holders(view, subject, lead, standing.at)
            if ended is not None and standing.at < self.to.for_.after(ended):
                told = [Told(agency, self.to.role, Disclosure[self.to.after_role]) for agency in last]
        return told, [] if told or lead in roles.PLACES else [lead]

    def _area(self, standing: Standing, role: str) -> tuple[list[Told], list[str]]:
        area = area_for(standing, str(self.to.of))
        if area is None:
            return [], []
        found = standing.view.covering(role, area, standing.at)
        return [Told(agency, role, self.shown) for agency in found], [] if found else [f"{role} of {area}"]

    @property
    def ladder(self) -> str:
        """The ladder that rings: of a lead role the officer's, of an area the duty desk's, else the function's own."""
        if self.to.ladder is not None:
            return self.to.ladder
        if self.to.role == OWNER or self.to.role in roles.LEADS:
            return LEAD_LADDER
        return AREA_LADDER if self.to.role.endswith(FOR_AREA) else self.to.role


def owners(standing: Standing) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the subject's lead officers; of somebody nobody leads on, police and (for a child) social care of the area."""
    view, subject = standing.view, standing.situation.subject
    found = [(agency, role) for role in roles.OWNING for agency in roles.holders(view, subject, role, standing.at)]
    if found:
        return found, []
    area = areas.area_of(view, subject) or _where_the_child_is(standing)
    kinds = ["police-for-area", *(["csc-for-area"] if _child(standing) else [])]
    told = [(agency, kind) for kind in kinds for agency in view.covering(kind, area, standing.at)]
    reached = {kind for _, kind in told}
    return told, [kind for kind in kinds if kind not in reached]


def _where_the_child_is(standing: Standing) -> str | None:
    """Where nobody has said where somebody lives whom nobody leads on, the police of the child's area are those to ask.

    Only of what is corroborated: one uncertain voice is the owner's alone, and does not make the other's area an owner.
    """
    view, other = standing.view, standing.situation.other
    if other is None or not standing.corroborated:
        return None
    is_child = ages.child(view, other, standing.anchor_at)
    return areas.home_area(view, other) if is_child or _child(standing) else None


def holders(standing: Standing) -> list[Recipient]:
    """Return the statutory agencies whose reports the finding stands on, for a pointer each: they know this much already.

    An alert that is for lead officers nobody has named, or for an area nobody knows, must not stand in silence.
    """
    directory = standing.view.directory
    found = {
        fact.agency
        for fact in standing.facts
        if directory.sector(fact.agency) in STATUTORY and directory.answers(fact.agency, standing.at)
    }
    return [Recipient(agency, HOLDER, LEAD_LADDER, Disclosure.D1) for agency in sorted(found)]


def area_for(standing: Standing, of: str) -> str | None:
    """Return the area a row speaks of. Where the other's is unknown: the subject's, if there is a child, else none."""
    view, situation = standing.view, standing.situation
    person = situation.other if of == "other" else situation.subject
    area = areas.home_area(view, person) if person is not None else None
    if area is None and of == "other" and _child(standing):
        return areas.area_of(view, situation.subject)
    return area


def _child(standing: Standing) -> bool:
    other = standing.situation.other
    if other is None:
        return False
    return children.knowledge(standing.view, other, standing.at, standing.anchor_at) in (
        Knowledge.KNOWN,
        Knowledge.STATED,
    )


def resolver(file: RuleFile, condition: Callable[[Word], Condition]) -> Resolve:
    """Compile the rows of `to`.

    Raises:
        LookupError: an unknown condition or set of agencies.
    """
    rows = tuple(_row(to, condition) for to in file.to)
    owner_alone = file.uncorroborated == OWNER_ALONE

    def resolve(standing: Standing) -> Resolved:
        wanted = [row for row in rows if all(condition(standing) for condition in row.conditions)]
        told, missed = _told(wanted, standing)
        if owner_alone and not standing.corroborated:
            own = {agency for agency, _ in owners(standing)[0]}
            told = [recipient for recipient in told if recipient.agency in own]
            missed = [one for one in missed if one.rpartition(DESKLESS)[2] in own]
        if wanted and not told and standing.urgency is not None and standing.urgency <= Urgency.U2:
            told = holders(standing)
            missed = missed if told else missed or [NOBODY]
        return tuple(told), tuple(missed)

    return resolve


def _row(to: To, condition: Callable[[Word], Condition]) -> _Row:
    of, parameter = None, None
    if (
        to.role not in roles.LEADS
        and to.role != OWNER
        and not to.role.endswith(FOR_AREA)
        and str(to.of) not in roles.LEADS
    ):
        name, parameter = patterns.word(to.of)
        of = registry.agencies.find(name)
    return _Row(to, Disclosure[to.shown], tuple(map(condition, to.when)), of, parameter)


def _told(rows: Iterable[_Row], standing: Standing) -> tuple[list[Recipient], list[str]]:
    best: dict[str, Recipient] = {}
    missed: list[str] = []
    for row in rows:
        told, nobody = row.told(standing)
        missed += [role for role in nobody if role not in missed]
        for agency, role, shown in told:
            if not standing.view.directory.answers(agency, standing.at):
                # Named as told it would read, in the night, as if somebody there knew.
                missed += [lost for lost in [f"{role}{DESKLESS}{agency}"] if lost not in missed]
                continue
            held = best.get(agency)
            if held is None or held.shown < shown:
                best[agency] = Recipient(agency, role, row.ladder, shown)
    return sorted(best.values(), key=lambda recipient: recipient.agency), missed


def looks_again(file: RuleFile, standing: Standing) -> list[datetime]:
    """Return the moments at which recipients may change by time alone: lead roles, now and former, and the directory."""
    view, clock = standing.view, standing.view.now.clock
    directory = view.memo("directory changes", lambda: view.directory.changes_after(clock))
    own = roles.changes(view, standing.situation.subject)
    ends = [held.end for held in roles.holdings(view, standing.situation.subject) if held.end is not None]
    former = [row.for_.after(end) for row in file.to if row.for_ is not None for end in ends]
    return [*(edge for edge in (*own, *former) if edge > clock), *directory[:1]]
