"""The catalogue: every type of the replay, named, documented, answering what the rules wait for."""

import re
from typing import get_args

import pytest

from schemas.envelope import MAX_DEPTH, TYPE_PATTERN, EventData, depth
from schemas.events.declared import SECTORS, Answer
from schemas.registry import EVENT_TYPES, REPORTS, split_type, wire_name

MODELS = pytest.mark.parametrize("model", EVENT_TYPES.values(), ids=[name for name, _ in EVENT_TYPES])

OF_THE_REPLAY = [
    "approved-premises.appointment.missed",
    "approved-premises.correspondence.noted",
    "approved-premises.placement.agreed",
    "approved-premises.residence.ended",
    "approved-premises.residence.started",
    "approved-premises.sign-on.missed",
    "childrens-social-care.care-arrangement.reported",
    "childrens-social-care.concern.reported",
    "childrens-social-care.contact-restriction.set",
    "childrens-social-care.contact.recorded",
    "childrens-social-care.episode.opened",
    "childrens-social-care.household.recorded",
    "childrens-social-care.meeting.held",
    "childrens-social-care.meeting.planned",
    "childrens-social-care.placement.changed",
    "childrens-social-care.referral.decided",
    "childrens-social-care.referral.opened",
    "childrens-social-care.relationship.reported",
    "childrens-social-care.risk-flag.set",
    "childrens-social-care.s47.ended",
    "childrens-social-care.strategy-discussion.held",
    "court.order.made",
    "court.outcome.recorded",
    "employer.message.reported",
    "health.child.registered",
    "health.child.seen",
    "health.injury.observed",
    "health.mental-health-assessment.completed",
    "housing.absence.noted",
    "housing.concern.reported",
    "housing.night-absence.noted",
    "housing.residence.started",
    "mappa.action.set",
    "mappa.meeting.held",
    "parole.review.decided",
    "police.accommodation.planned",
    "police.action.accepted",
    "police.appointment.cancelled",
    "police.arrest.made",
    "police.briefing.entered",
    "police.checks.completed",
    "police.concern.reported",
    "police.contact-attempt.failed",
    "police.death.recorded",
    "police.disclosure.made",
    "police.domestic-abuse-incident.recorded",
    "police.information.received",
    "police.information.told-verbally",
    "police.intelligence.submitted",
    "police.message.read",
    "police.message.received",
    "police.message.reported",
    "police.offender-contact.made",
    "police.offender-visit.made",
    "police.order.considered",
    "police.relationship.denied",
    "police.relationship.disclosed",
    "police.relationship.reported",
    "police.report.closed",
    "police.risk-flag.set",
    "police.sighting.recorded",
    "prison.intervention.completed",
    "prison.person.received",
    "prison.person.released",
    "prison.release.planned",
    "prison.visit.held",
    "probation.accommodation-risk-information.given",
    "probation.address.changed",
    "probation.approved-premises-referral.made",
    "probation.case-transfer.accepted",
    "probation.case-transfer.requested",
    "probation.information.received",
    "probation.intervention.planned",
    "probation.licence-condition.relaxed",
    "probation.licence-conditions.set",
    "probation.licence-device.declared",
    "probation.licence-warning.issued",
    "probation.licence.expired",
    "probation.licence.planned",
    "probation.mappa-referral.made",
    "probation.meeting.held",
    "probation.offender-contact.made",
    "probation.recall.decided",
    "probation.relationship.denied",
    "probation.relationship.disclosed",
    "probation.relationship.ended",
    "probation.relationship.reported",
    "probation.risk.assessed",
    "probation.threat.reported",
    "police.case-supervision.held",
    "mappa.visitor.reviewed",
    "police.lead-role.started",
    "probation.lead-role.ended",
    "mappa.lead-role.started",
    "prison.lead-role.started",
    "approved-premises.lead-role.ended",
    "police.disclosure.decided",
    "mappa.action.done",
    "police.information.receipt-given",
]


@pytest.mark.parametrize("name", OF_THE_REPLAY)
def test_the_replay_finds_its_types(name: str) -> None:
    assert (name, 1) in EVENT_TYPES


@MODELS
def test_a_type_is_named_and_documented(model: type[EventData]) -> None:
    wire = wire_name(model.wire_type, model.wire_version)
    assert re.fullmatch(TYPE_PATTERN, wire)
    assert split_type(wire) == (model.wire_type, model.wire_version)
    assert model.wire_type.split(".")[0] in SECTORS
    assert model.__doc__ is not None
    assert model.__doc__.startswith("Send ")
    assert "{" not in model.__doc__


@MODELS
def test_no_type_nests_deeper_than_the_limit(model: type[EventData]) -> None:
    assert depth(model.examples[0]) <= MAX_DEPTH - 4


def test_model_names_are_unique_so_that_published_schemas_are() -> None:
    names = [model.__name__ for model in EVENT_TYPES.values()]
    assert len(names) == len(set(names))


def test_every_sector_may_take_an_event_back() -> None:
    for sector in SECTORS:
        assert (f"{sector}.event.retracted", 1) in EVENT_TYPES


def test_a_sector_can_hold_only_its_own_lead_role() -> None:
    roles = {
        sector: EVENT_TYPES[f"{sector}.lead-role.started", 1].examples[0]["role"]
        for sector in ("police", "probation", "mappa", "prison", "approved-premises")
    }
    for sector, role in roles.items():
        schema = EVENT_TYPES[f"{sector}.lead-role.started", 1].model_json_schema()
        assert schema["properties"]["role"]["const"] == role
    assert len(set(roles.values())) == len(roles)


def test_reports_are_those_of_the_domain() -> None:
    assert {"police.message.reported", "housing.concern.reported", "childrens-social-care.contact.recorded"} <= REPORTS
    happened = {name.split(".", 1)[1] for name in REPORTS}
    assert happened == {
        "message.reported",
        "incident.logged",
        "concern.reported",
        "allegation.reported",
        "threat.reported",
        "domestic-abuse-incident.recorded",
        "contact.recorded",
        "injury.seen",
        "food-concern.recorded",
    }


def test_every_answer_a_rule_may_wait_for_can_be_given() -> None:
    answered = {(answer, name) for (name, _), model in EVENT_TYPES.items() for answer in model.answers}
    assert {answer for answer, _ in answered} == set(get_args(Answer))
    assert ("message-read", "police.message.read") in answered
    assert ("csc-decision", "childrens-social-care.strategy-discussion.held") not in answered


def test_a_record_that_should_show_the_flags_that_stand_says_so() -> None:
    assert EVENT_TYPES["police.intelligence.submitted", 1].carries_flags
    assert not EVENT_TYPES["police.message.reported", 1].carries_flags
