"""The ladder of an alert: at least four rungs, and the last is another agency on the alert (domain A3b, R28)."""

from datetime import UTC, datetime, timedelta

from services.alerts.ladder import Policy, policy, policy_json, policy_of
from services.rules.findings import Disclosure, Recipient, Urgency
from services.trial.rule_tests import default_directory

NIGHT = datetime(2024, 3, 2, 23, 0, tzinfo=UTC)
POLICE = Recipient("police-north", "police-lead", "duty-inspector", Disclosure.D2)
CARE = Recipient("csc-north", "csc-for-area", "duty-desk", Disclosure.D3)
PROBATION = Recipient("probation-north", "probation-lead", "lead", Disclosure.D1)
EMPLOYER = Recipient("employer-north", "employer", "lead", Disclosure.D3)


def chosen(recipient: Recipient, *others: Recipient, urgency: Urgency = Urgency.U1) -> Policy:
    found = policy(default_directory(), recipient, urgency, NIGHT, (recipient, *others))
    assert found is not None
    return found


def test_after_its_own_desks_all_of_them_together_and_then_the_agency_that_is_shown_most() -> None:
    assert chosen(POLICE, PROBATION, CARE).rungs == (
        ("duty-inspector",),
        ("superintendent",),
        ("duty-inspector", "superintendent"),
        ("csc-north/edt",),
    )


def test_where_no_other_agency_can_be_rung_its_own_desks_are_rung_again() -> None:
    own = ("duty-inspector", "superintendent")
    assert chosen(POLICE, EMPLOYER).rungs == (("duty-inspector",), ("superintendent",), own, own)


def test_each_rung_has_a_quarter_of_an_hour_at_u1_and_an_hour_at_u2() -> None:
    assert chosen(POLICE).patience == timedelta(minutes=15)
    assert chosen(POLICE, urgency=Urgency.U2).patience == timedelta(minutes=60)


def test_the_last_rung_has_desks_and_beyond_it_there_are_none() -> None:
    made = chosen(POLICE, CARE)
    assert [made.desks(rung) for rung in range(1, 6)] == [*made.rungs, ()]


def test_it_is_kept_as_it_was_chosen() -> None:
    made = chosen(POLICE, CARE)
    assert policy_of(policy_json(made)) == made


def test_nothing_climbs_at_u3_or_where_there_is_no_desk() -> None:
    assert policy(default_directory(), POLICE, Urgency.U3, NIGHT, (CARE,)) is None
    assert policy(default_directory(), EMPLOYER, Urgency.U1, NIGHT, (CARE,)) is None
