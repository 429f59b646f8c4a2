"""Who told, and whether it is corroborated (domain A3a, "Informant", "Corroborated").

An informant is the person from whom the reporting agency has it at first hand; an agency told by another carries that
one's informant (`origin`), so repetition never corroborates.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from services.chronology.facts import EventRef, Fact
from services.rules.view import Claim, View
from services.rules.words import references

Informant = tuple[str, ...]
"""("person", id), ("staff", agency, reference), ("agency", agency), or ("brought", agency) where the sender has it from
another agency and names nobody: compared, never shown."""

BROUGHT: Final = "brought"

AGENCY_URN: Final = "urn:tocsin:agency:"
RELIABLE_SOURCES: Final = frozenset("12")
RELIABLE_CONTENTS: Final = frozenset("AB")
KNOWN_CONTENTS: Final = frozenset("ABC")
INDEPENDENT: Final = 2
"""Independent informants that corroborate each other."""
SUSPECTED_FALSE: Final = "E"


def agency_of(source: str) -> str:
    """Return the agency of a CloudEvents source: `urn:tocsin:agency:<id>[:<system>]`."""
    return source.removeprefix(AGENCY_URN).partition(":")[0]


def informant(view: View, fact: Fact) -> Informant:
    """Return from whom the sender has it at first hand; the sender itself for its own act."""
    told, brought = fact.informant, _brought_by(fact)
    if not told:
        return (BROUGHT, brought) if brought else ("agency", fact.agency)
    ref = told.get("ref")
    if ref is not None:
        for mention in fact.mentions:
            if mention.ref == ref:
                return ("person", str(view.person(mention.record)))
    origin = told.get("origin")
    return ("staff", agency_of(str(origin)) if origin else brought or fact.agency, str(told.get("staff") or ref))


def _brought_by(fact: Fact) -> str | None:
    """Return the agency that brought it, where the sender says that another did: it has it from them, whoever they are."""
    brought = fact.fields.get("from_agency")
    return str(brought) if brought and brought != fact.agency else None


def independent(view: View, facts: Iterable[Fact]) -> int:
    """Count independent informants: different people, none of whom rests on another.

    An agency's own record that cites another rests on whoever told that one, be it among these or not: outside the window it
    would otherwise become a voice of its own.
    """
    voices = {voice for fact in facts for voice in _voices(view, fact, frozenset())}
    named = {voice[1] for voice in voices if voice[0] != BROUGHT}
    # What an agency brought, by nobody's name, may be what one of theirs says here under a name.
    return len({voice for voice in voices if voice[0] != BROUGHT or voice[1] not in named})


def admitted(view: View, fact: Fact, subject: int) -> bool:
    """Say whether the fact is the subject's own admission to the professional who records it."""
    told = fact.informant
    return (
        bool(told) and told is not None and not told.get("origin") and informant(view, fact) == ("person", str(subject))
    )


def content(grade: str | None) -> str | None:
    """Return the content half of a grade such as `2C`; None if ungraded."""
    return grade[-1] if grade else None


def suspected_false(grade: str | None) -> bool:
    """Say whether the content is graded E: it rings nothing and corroborates nothing."""
    return content(grade) == SUSPECTED_FALSE


def reliable(grade: str | None) -> bool:
    """Say whether one informant is enough: content A or B from a source graded 1 or 2."""
    return bool(grade) and grade is not None and grade[0] in RELIABLE_SOURCES and grade[-1] in RELIABLE_CONTENTS


def grade_of(claim: Claim) -> str | None:
    """Return the claim's own grade, else the event's."""
    return claim.relation.grade or claim.fact.grade


def corroborated(view: View, subject: int, graded: Sequence[tuple[Fact, str | None]]) -> bool:
    """Say whether these facts, each with the grade of what it says here, hold one another up."""
    graded = [(fact, grade) for fact, grade in graded if not suspected_false(grade)]
    return (
        any(reliable(grade) or admitted(view, fact, subject) for fact, grade in graded)
        or independent(view, (fact for fact, _ in graded)) >= INDEPENDENT
    )


def _voices(view: View, fact: Fact, through: frozenset[EventRef]) -> set[Informant]:
    """Whoever told it; of an agency's own record that cites others, whoever told those. Records may cite each other.

    One that another agency brought rests on those of that agency which it cites, whoever of theirs carried it over.
    """
    known, brought = references.by_ref(view), _brought_by(fact)
    cited = [known[ref] for ref in fact.cites - through if ref in known and ref != fact.ref]
    told = [each for each in cited if fact.informant is None or each.agency == brought]
    return {voice for each in told for voice in _voices(view, each, through | {fact.ref})} or {informant(view, fact)}
