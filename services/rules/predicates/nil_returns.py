"""Records that are weeded while something rests on them (R47), and nil returns that an agency's own records contradict (R48)."""

from collections.abc import Iterable, Iterator
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Situation
from services.rules.view import Types, View
from services.rules.words import flags, informants, reports, times
from services.rules.words.times import Clock

SEVERAL: Final = 2
"""Allegations of one class, of which none may be weeded alone."""

_NIL: Final = Types.of(["*.nil-return.given"])
_ALLEGED: Final = Types.of(["*.allegation.reported"])
_FILE: Final = reports.REPORTS | Types.of(
    [
        "*.risk-flag.set",
        "*.relationship.reported",
        "*.lead-role.started",
        "childrens-social-care.referral.opened",
        "childrens-social-care.episode.opened",
        "childrens-social-care.assessment.opened",
        "adult-social-care.enquiry.opened",
        "probation.case.allocated",
        "prison.person.received",
        "court.outcome.recorded",
        "police.arrest.made",
        "health.child.registered",
        "education.enrolment.started",
        "housing.residence.started",
    ]
)
"""Events that show that their sender holds something on the person: a contact or a sighting alone does not."""

registry.over_findings.add("weeded_and_needed@1")


@registry.sources("weeded_and_needed@1")
def weeded_and_needed(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """An agency says that it weeded what it held on the subject, and what it sent still carries something.

    A standing alert, of theirs or an urgent one of somebody else that names them, a flag, or one of several allegations of one
    class. A retraction takes the event itself away: what
    rested on it is withdrawn and told then, which needs no rule.
    """
    for fact in _nil_returns(view, "weeded"):
        at = times.starts(fact, clock)
        needed = {one.ref: one for one in _needed(view, fact) if one.agency == fact.agency}
        if needed:
            grounds = tuple(needed[ref] for ref in sorted(needed))
            received = max(fact.received_at, min(one.received_at for one in grounds))
            yield Found(Situation(view.subject, fact), (Raw(at, received, (fact,), grounds=grounds),))


def _needed(view: View, fact: Fact) -> Iterator[Fact]:
    for each in view.about():
        if each.stood(fact.known_at):
            yield from (one for one in view.case.facts if one.ref in each.finding.evidence)
    for span in flags.spans(view, view.subject):
        if span.holds(fact.known_at):
            yield from span.facts
    by_class: dict[str, list[Fact]] = {}
    for one in view.facts(_ALLEGED):
        if one.known_at <= fact.known_at and view.names(one, view.subject, "subject"):
            for each_class in one.fields.get("classes") or ():
                by_class.setdefault(str(each_class), []).append(one)
    for allegations in by_class.values():
        if len(allegations) >= SEVERAL:
            yield from allegations


@registry.sources("nil_return_contradicted@1")
def nil_return_contradicted(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """An agency says that it holds nothing on the subject, who is named by events of its own, under whatever spelling.

    Not where one of them is sealed: then the nil return is meant to say nothing.
    """
    for fact in _nil_returns(view, "none-held"):
        own = [
            (other, mention)
            for other, mention in view.mentions(view.subject)
            if other.agency == fact.agency and other.known_at <= fact.known_at and other.type in _FILE
        ]
        if own and not any(mention.body.get("protected") for _, mention in view.mentions(view.subject)):
            first = min((other for other, _ in own), key=lambda other: (other.received_at, other.ref))
            received = max(fact.received_at, first.received_at)
            raw = Raw(times.starts(fact, clock), received, (fact,), grounds=(first,))
            yield Found(Situation(view.subject, fact), (raw,))


def _nil_returns(view: View, means: str) -> Iterator[Fact]:
    for fact in view.facts(_NIL):
        live = not fact.history and not informants.suspected_false(fact.grade)
        if live and fact.fields.get("means") == means and view.names(fact, view.subject):
            yield fact
