"""The mask over one piece of evidence for one viewer: agreements, class, N codes and handling, all at once. Pure."""

from dataclasses import dataclass
from typing import Final

from services.chronology.facts import Fact
from services.disclosure.agreements import CLASS_FIELDS, D3_FIELDS, NOTHING, OWN, Grant
from services.disclosure.material import Material, Viewer
from services.rules.findings import Disclosure

SOURCE_FIELDS: Final = frozenset({"source", "reference"})
CONTENT_FIELDS: Final = frozenset({"fields"})

INFORMANT_SECTORS: Final = frozenset({"employer", "housing", "education", "health"})
"""Sectors whose kind of event would itself say who told us (N2)."""

N3_TYPES: Final = ("court.", "parole.", ".intelligence.", ".risk-flag.", ".risk.assessed", ".briefing.")
"""Kinds of evidence that are a conviction or intelligence, or say what one led to."""


@dataclass(frozen=True, slots=True)
class Mask:
    """What a viewer sees of one piece of evidence."""

    fields: frozenset[str]
    withheld: frozenset[str]
    """Reasons for what is not shown: keys of `schemas.handling.WITHHELD`."""
    grant: Grant
    permitted: bool
    """The viewer may see that it exists, and what follows from it."""

    @property
    def own(self) -> bool:
        """The viewer published it itself."""
        return self.grant is OWN

    @property
    def hides_source(self) -> bool:
        """Where it comes from is withheld, so its kind must not give that away."""
        return "n2" in self.withheld


def mask(viewer: Viewer, fact: Fact, codes: tuple[str, ...], purpose: str, material: Material) -> Mask:
    """Return the mask of one fact. `codes` are the N codes of the finding."""
    if material.protected and any(material.person_of(m.record) in material.protected for m in fact.mentions):
        # One's own too: beside what others said it would tell who the sealed identity is, or was.
        return Mask(frozenset(), frozenset({"protected"}), NOTHING, permitted=False)
    own = fact.agency == viewer.agency
    grant = material.masks.grant(fact.agency, viewer.agency, fact.type, purpose, material.at)
    withheld: set[str] = set()
    if fact.held and not own:
        grant = NOTHING
        withheld.add("held")
    elif not grant.permits:
        withheld.add("agreement")
    fields = grant.fields & CLASS_FIELDS[min(viewer.shown, grant.shown)]
    if viewer.shown is Disclosure.D1:
        withheld.add("class")
    if "N2" in codes and not own:
        fields -= SOURCE_FIELDS
        withheld.add("n2")
    if "N3" in codes and not own and is_n3(fact.type):
        fields = frozenset()
        withheld.add("n3")
    if "N5" in codes and not own:
        fields -= CONTENT_FIELDS
        withheld.add("n5")
    return Mask(fields & D3_FIELDS, frozenset(withheld), grant, grant.permits)


def is_n3(event_type: str) -> bool:
    """Say whether this kind of event is a conviction or intelligence."""
    return any(part in event_type if part[0] == "." else event_type.startswith(part) for part in N3_TYPES)
