"""The agreements that ship: they permit what the replay's tables tell, and not more."""

from datetime import UTC, datetime

import pytest

from deploy import policy
from schemas.registry import EVENT_TYPES
from services.directory import file
from services.directory.model import from_form
from services.disclosure.agreements import D2_FIELDS, D3_FIELDS, Grant, Masks, covers
from services.rules.findings import Urgency
from tests.unit.directory import example

AT = datetime(2013, 4, 2, 9, tzinfo=UTC)
DIRECTORY = from_form(policy.with_agreements(file.read(example.BIRMINGHAM)))
MASKS = Masks(DIRECTORY.agreements, DIRECTORY.sector)
WMP, PROB_B, CSC_B, MAPPA_B = (
    "police-west-midlands",
    "probation-staffordshire-west-midlands",
    "csc-birmingham",
    "mappa-west-midlands",
)


def grant(source: str, viewer: str, event_type: str) -> Grant:
    return MASKS.grant(source, viewer, event_type, "safeguarding", AT)


def test_every_pattern_names_types_that_exist() -> None:
    types = [name for name, _ in EVENT_TYPES]
    for agreement in DIRECTORY.agreements:
        for pattern in agreement.event_types:
            assert any(covers(pattern, name) for name in types), f"{agreement.id}: {pattern}"


@pytest.mark.parametrize("viewer", [WMP, PROB_B, MAPPA_B, CSC_B])
@pytest.mark.parametrize(
    ("source", "event_type"),
    [
        ("police-west-mercia", "police.message.reported"),
        ("probation-wales", "probation.risk.assessed"),
        ("prison-service", "prison.visit.held"),
        ("court-service", "court.outcome.recorded"),
        ("approved-premises-millrace", "approved-premises.correspondence.noted"),
        (CSC_B, "childrens-social-care.contact.recorded"),
        ("health-birmingham-community", "health.child.registered"),
    ],
)
def test_those_who_protect_learn_who_and_why(viewer: str, source: str, event_type: str) -> None:
    assert grant(source, viewer, event_type).fields >= D2_FIELDS - {"recorded_at", "people.area"}


@pytest.mark.parametrize("viewer", [WMP, PROB_B, CSC_B])
@pytest.mark.parametrize("source", ["employer-tamarisk", "housing-fernhollow"])
def test_that_an_employer_or_landlord_told_is_not_passed_on(viewer: str, source: str) -> None:
    found = grant(source, viewer, "employer.message.reported")
    assert found.permits
    assert not found.fields & {"source", "reference", "fields"}


def test_prison_and_hostel_learn_no_content_of_convictions_or_intelligence() -> None:
    for viewer in ("prison-service", "approved-premises-millrace"):
        assert not grant("court-service", viewer, "court.outcome.recorded").permits
        assert not grant(WMP, viewer, "police.intelligence.submitted").permits
        assert not grant(CSC_B, viewer, "childrens-social-care.contact.recorded").permits
        assert grant("prison-service", viewer, "prison.visit.held").permits


@pytest.mark.parametrize(
    "viewer", ["health-birmingham-community", "housing-fernhollow", "employer-tamarisk", "court-service"]
)
def test_everybody_else_is_shown_nothing(viewer: str) -> None:
    assert not grant(WMP, viewer, "police.message.reported").permits
    assert not grant(CSC_B, viewer, "childrens-social-care.contact.recorded").permits


def test_mental_health_and_references_into_social_care_stay_where_they_are() -> None:
    for viewer in (WMP, PROB_B, CSC_B):
        assert not grant("health-birmingham-mental-health", viewer, "health.mental-health-assessment.completed").permits
    assert grant(CSC_B, WMP, "childrens-social-care.contact.recorded").fields == D2_FIELDS
    assert grant(WMP, PROB_B, "police.message.reported").fields == D3_FIELDS


def test_the_sample_directory_is_right_and_takes_the_agreements() -> None:
    sample = from_form(policy.with_agreements(file.read(policy.SAMPLE)))
    assert sample.covering("csc", "exford", AT) == ["csc-exford"]
    assert len(sample.agreements) == len(DIRECTORY.agreements)
    assert sample.ladder("employer-quayside", "lead", Urgency.U1, AT) == ()
