"""Records that say less of a risk than what stands (R17), and levels that do not fit it (R20)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from services.chronology.facts import Fact
from services.rules import registry
from services.rules.registry import Found, Raw
from services.rules.situation import Closer, Situation
from services.rules.standing import Standing
from services.rules.view import Types, View
from services.rules.vocabulary.closings import answer
from services.rules.words import decisions, flags, reports, times
from services.rules.words.times import Clock

ENOUGH: Final = 2
"""Child-safeguarding events since an assessment that make its medium doubtful (domain A3b, R17)."""
RANK: Final = {"low": 0, "medium": 1, "high": 2, "very-high": 3}
MEDIUM: Final = RANK["medium"]
CHILDREN: Final = "children"

_ASSESSED: Final = Types.of(["probation.risk.assessed"])
_ANY_ASSESSED: Final = Types.of(["*.risk.assessed"])
_MARKED: Final = Types.of(["police.intelligence.submitted", "police.briefing.entered"]).of_subject()
_CSC: Final = decisions.CSC_DECISIONS | decisions.STRATEGY | decisions.REFERRALS
_STEPS: Final = Types.of(
    [
        "childrens-social-care.referral.decided",
        "childrens-social-care.contact.closed",
        "childrens-social-care.assessment.opened",
        "childrens-social-care.assessment.closed",
    ]
)
"""What social care does about something it has recorded."""
_OF_SOCIAL_CARE: Final = Types.of(["childrens-social-care.contact.recorded"]) | _CSC
_INJURED: Final = Types.of(["health.injury.observed", "education.injury.seen"])
_VIOLENT: Final = Types.of(
    ["police.incident.logged", "police.domestic-abuse-incident.recorded", "court.outcome.recorded"]
)
_APPROVED: Final = Types.of(["prison.contact.approved"])
_RESTRICTED: Final = Types.of(["*.contact-restriction.set"])
_LIFTED: Final = Types.of(["*.contact-restriction.lifted"])

ASSESSMENT: Final = "assessment"
RECORD: Final = "record"
CONTACT: Final = "contact"
"""Tags of the three ways in which R17 rings."""


@registry.sources("children_assessed_too_low@1")
def children_assessed_too_low(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """The latest assessment says medium or less for children, and child-safeguarding events have been recorded since."""
    assessed = [fact for fact in _about(view, _ASSESSED) if _level(fact, CHILDREN) is not None]
    following = [*assessed[1:], None][: len(assessed)]
    for fact, after in zip(assessed, following, strict=True):
        if (_level(fact, CHILDREN) or 0) > MEDIUM:
            continue
        since, until = times.starts(fact, clock), times.starts(after, clock) if after else None
        events = [event for event in _safeguarding(view) if since < times.starts(event, clock)]
        events = [event for event in events if until is None or times.starts(event, clock) < until]
        ordered = _matters(sorted(events, key=lambda event: (times.starts(event, clock), event.ref)))
        if len(ordered) >= ENOUGH:
            enough = ordered[ENOUGH - 1]
            received = max(event.received_at for event in (*ordered[:ENOUGH], fact))
            raw = Raw(times.starts(enough, clock), received, tuple(ordered), grounds=(fact,))
            yield Found(Situation(view.subject, term=f"{fact.agency}:{ASSESSMENT}"), (raw,), tag=ASSESSMENT)


def _safeguarding(view: View) -> Iterator[Fact]:
    """Events about a child and the subject: social care's, injuries, reports; violence with children present counts."""
    for fact in view.facts(_CSC | _INJURED | reports.REPORTS | _VIOLENT):
        if not view.names(fact, view.subject):
            continue
        child = any(mention.role == "child" for mention in fact.mentions)
        violent = fact.type in _VIOLENT
        if fact.fields.get("children_present") is True or (child and not violent):
            yield fact


def _matters(events: Sequence[Fact]) -> list[Fact]:
    """The first event of each matter, in order: one incident told to social care and decided there is one, not four.

    An event that names another of these as what it answers is of the same matter; so is a decision or an assessment of an
    agency that has recorded something before, whatever it names. A strategy discussion or an enquiry is a matter of its own.
    """
    refs = {event.ref for event in events}
    agencies: set[str] = set()
    first: list[Fact] = []
    for event in events:
        answers = bool(event.points_at & (refs - {event.ref}))
        if not ((answers or event.agency in agencies) if event.type in _STEPS else answers):
            first.append(event)
        if event.type in _OF_SOCIAL_CARE:
            agencies.add(event.agency)
    return first


@registry.sources("flag_lowered_or_omitted@1")
def flag_lowered_or_omitted(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """A record that should show the flags that stand leaves one out; an assessment by others puts a high risk lower."""
    for fact in (*_about(view, _MARKED), *_about(view, _ANY_ASSESSED)):
        at = times.starts(fact, clock)
        standing = _omitted(view, fact, at) if fact.type in _MARKED else _lowered(view, fact, at)
        if standing is not None:
            received = max(fact.received_at, *(each.received_at for each in standing))
            raw = Raw(at, received, (fact,), grounds=standing)
            yield Found(Situation(view.subject, term=_system(fact)), (raw,), tag=RECORD)


def _system(fact: Fact) -> str:
    """The system a record stands on, by agency: each is corrected on its own."""
    system = fact.fields.get("system") or fact.fields.get("tool") or fact.type.split(".")[1]
    return f"{fact.agency}:{system}"


def _omitted(view: View, fact: Fact, at: datetime) -> tuple[Fact, ...] | None:
    shown = fact.fields.get("markers") or ()
    missing = [flags.held(view, view.subject, at, (flag,)) for flag in flags.ANY if flag not in shown]
    facts = [each for held in missing if held is not None for each in held.facts]
    return tuple(facts) or None


def _lowered(view: View, fact: Fact, at: datetime) -> tuple[Fact, ...] | None:
    if fact.type in _ASSESSED:
        return None  # who is entitled to assess may do so anew; that is the latest, not a contradiction
    before = [other for other in _about(view, _ASSESSED) if other.known_at <= at]
    for group in flags.GROUPS:
        latest = next((other for other in reversed(before) if _level(other, group) is not None), None)
        own = _level(fact, group)
        high = latest is not None and (_level(latest, group) or 0) > MEDIUM
        if latest is not None and high and own is not None and own <= MEDIUM:
            return (latest,)
    return None


def _level(fact: Fact, group: str) -> int | None:
    levels = fact.fields.get("levels")
    return RANK.get(str(levels.get(group))) if isinstance(levels, dict) else None


@registry.sources("contact_approved_and_forbidden@1")
def contact_approved_and_forbidden(view: View, clock: Clock, _: object) -> Iterable[Found]:
    """One agency approves contact with somebody whom another's restriction, still in force, protects from the subject."""
    for restriction in view.facts(_RESTRICTED):
        if not view.names(restriction, view.subject, "restricted"):
            continue
        for approval in _about(view, _APPROVED):
            both = set(view.people_in(restriction, "protected")) & set(view.people_in(approval))
            for other in sorted(both - {view.subject}):
                at = max(times.starts(restriction, clock), times.starts(approval, clock))
                if approval.agency != restriction.agency and not _lifted(view, restriction, other, at):
                    received = max(approval.received_at, restriction.received_at)
                    raw = Raw(at, received, (approval, restriction))
                    yield Found(Situation(view.subject, other=other), (raw,), tag=CONTACT)


def _lifted(view: View, restriction: Fact, other: int, at: datetime) -> bool:
    return any(
        fact.agency == restriction.agency and fact.known_at <= at and view.names(fact, other)
        for fact in view.facts(_LIFTED)
    )


@registry.closings("record_corrected@1")
def record_corrected(view: View, situation: Situation, _each: object, clock: Clock, _: object) -> Iterable[Closer]:
    """The risk is assessed anew, the same system shows the flags, or the restriction is lifted."""
    subject = situation.subject
    if situation.other is not None:
        for fact in view.facts(_LIFTED):
            if view.names(fact, situation.other) and view.names(fact, subject):
                yield answer(fact, clock)
        return
    for fact in (*_about(view, _MARKED), *_about(view, _ANY_ASSESSED)):
        at = times.starts(fact, clock)
        wrong = _omitted(view, fact, at) if fact.type in _MARKED else _lowered(view, fact, at)
        same = _system(fact) == situation.term
        reassessed = fact.type in _ASSESSED and (situation.term or "").endswith(f":{ASSESSMENT}")
        if (same or reassessed) and wrong is None:
            yield answer(fact, clock)


def _about(view: View, types: Types) -> list[Fact]:
    return [fact for fact in view.facts(types) if view.names(fact, view.subject, "subject")]


@registry.agencies("agencies that contradict each other")
def agencies_that_contradict(standing: Standing, _: object) -> Sequence[str]:
    """Those that approve and forbid."""
    return sorted({fact.agency for fact in standing.facts})
