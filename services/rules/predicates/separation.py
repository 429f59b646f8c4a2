"""Partings, ultimatums and hostile messages: when somebody is most in danger (R24)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Situation, once
from services.rules.view import View
from services.rules.words import informants, relations, reports, times
from services.rules.words.times import Clock

TOGETHER: Final = frozenset({"partner", "cohabitant", "romantic-correspondent"})
TO_WHOM: Final = ("at-risk", "victim", "partner", "harmed", "recipient")
"""Roles of whoever a hostile message is to or about."""


@registry.sources("parting@1")
def parting(view: View, clock: Clock, value: Mapping[str, Sequence[str]]) -> Iterable[Found]:
    """A relation of the subject is ending, whoever says so; or a message of his to or about somebody is of these classes.

    `classes`: those of a refused proposal, an ultimatum, a hostile message.
    """
    by_other: dict[int, list[Fact]] = {}
    for other, fact in (*_ending(view), *_hostile(view, frozenset(value["classes"]))):
        by_other.setdefault(other, []).append(fact)
    for other, facts in by_other.items():
        raws = tuple(Raw(times.starts(fact, clock), fact.received_at, (fact,)) for fact in once(facts))
        yield Found(Situation(view.subject, other=other), raws)


def _ending(view: View) -> Iterator[tuple[int, Fact]]:
    for claim in view.claims(view.subject):
        over = claim.relation.status == "ended" and claim.relation.kind in TOGETHER
        if over and not informants.suspected_false(informants.grade_of(claim)):
            yield claim.other, claim.fact


def _hostile(view: View, classes: frozenset[str]) -> Iterator[tuple[int, Fact]]:
    for fact in view.facts(reports.REPORTS):
        said = classes & set(fact.fields.get("classes") or ())
        if not said or informants.suspected_false(fact.grade) or not view.names(fact, view.subject, "subject"):
            continue
        partners = {claim.other for claim in relations.partner_evidence(view, view.subject)}
        for other in view.people_in(fact):
            if other != view.subject and (other in partners or view.names(fact, other, *TO_WHOM)):
                yield other, fact
