"""Words for `when`: what decides urgency and recipients. They are asked of a finding in the making."""

from collections.abc import Mapping, Sequence

from services.rules import registry
from services.rules.patterns import field_tests
from services.rules.standing import Standing
from services.rules.words import areas, children, custody, flags, informants, licences, relations, roles
from services.rules.words.children import Knowledge


@registry.tests("subject is flagged")
def subject_is_flagged(standing: Standing, value: Sequence[str] | None) -> bool:
    """The subject held one of these flags (any, if none are named) at the anchor."""
    return (
        flags.held(standing.view, standing.situation.subject, standing.anchor_at, tuple(value or flags.ANY)) is not None
    )


@registry.tests("subject is managed")
def subject_is_managed(standing: Standing, _: object) -> bool:
    """Somebody led on the subject at the anchor."""
    return roles.managed(standing.view, standing.situation.subject, standing.anchor_at)


@registry.tests("area of the subject is known")
def area_of_the_subject_is_known(standing: Standing, _: object) -> bool:
    """Somebody has said where the subject lives."""
    return areas.home_area(standing.view, standing.situation.subject) is not None


@registry.tests("nobody holds")
def nobody_holds(standing: Standing, value: str) -> bool:
    """Nobody holds this lead role for the subject now."""
    return not roles.holders(standing.view, standing.situation.subject, value, standing.at)


@registry.tests("a licence is live")
def a_licence_is_live(standing: Standing, _: object) -> bool:
    """The subject is on licence now."""
    spans = licences.running(standing.view, standing.situation.subject)
    standing.again += [edge for span in spans for edge in (span.start, span.end) if edge is not None]
    return any(span.holds(standing.at) for span in spans)


@registry.tests("recalled and not yet back in custody")
def recalled_and_out(standing: Standing, _: object) -> bool:
    """A recall ended the subject's licence, and nobody has taken them in since: no power to act is left, and no hold."""
    view, subject, at = standing.view, standing.situation.subject, standing.at
    held = custody.spans(view, subject)
    standing.again += [span.start for span in held]
    return any(
        moment <= at and not any(span.start <= at and (span.end is None or moment < span.end) for span in held)
        for moment in licences.recalls(view, subject)
    )


@registry.tests("the event says")
def the_event_says(standing: Standing, value: Mapping[str, object]) -> bool:
    """The fields of the anchor's event pass this test."""
    event = standing.situation.event
    return event is not None and field_tests(value)(event)


@registry.tests("evidence is")
def evidence_is(standing: Standing, value: Sequence[str]) -> bool:
    """Some of the evidence is of one of these kinds: partner, contact."""
    return any(episode.part.tag in value for episode in standing.episodes)


@registry.tests("a child of the other is known or stated")
def a_child_is_known_or_stated(standing: Standing, _: object) -> bool:
    """Somebody named a child of the other, or said that there is one."""
    other = standing.situation.other
    known = (
        Knowledge.NONE if other is None else children.knowledge(standing.view, other, standing.at, standing.anchor_at)
    )
    return known in (Knowledge.KNOWN, Knowledge.STATED)


@registry.tests("corroborated")
def corroborated(standing: Standing, _: object) -> bool:
    """More than one uncertain voice says so (domain A3a)."""
    return standing.corroborated


@registry.tests("the subject has named the other to a lead")
def named_to_a_lead(standing: Standing, _: object) -> bool:
    """The subject himself has told somebody who leads on him who the other is."""
    other = standing.situation.other
    return other is not None and any(
        fact.known_at <= standing.at
        for fact in relations.named_to_a_lead(standing.view, standing.situation.subject, other)
    )


@registry.tests("step reached")
def step_reached(standing: Standing, value: str) -> bool:
    """The step of this name has passed."""
    limit = min(standing.at, standing.judged)
    return any(name == value and moment <= limit for name, moment in standing.steps)


@registry.tests("urgency is")
def urgency_is(standing: Standing, value: str) -> bool:
    """The urgency has been decided, and is this one."""
    return standing.urgency is not None and standing.urgency.name == value


@registry.tests("content is graded A to C")
def content_is_graded(standing: Standing, _: object) -> bool:
    """Some of the evidence is graded, and its content no worse than C."""
    return any(informants.content(fact.grade) in informants.KNOWN_CONTENTS for fact in standing.facts)
