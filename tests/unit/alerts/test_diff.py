import pytest

from services.alerts.diff import AlertState, apply, diff
from services.alerts.state import Condition
from services.rules.findings import Disclosure, Finding, Recipient, State, Urgency
from tests.unit.alerts.findings import CARE, NOON, POLICE, PROBATION, Alerts, at, finding, kinds, recipient, told


def masked_alike(_alert: AlertState, _recipient: Recipient) -> bytes:
    return b"same"


def test_a_new_finding_is_raised_and_rings_whom_it_is_for() -> None:
    alerts = Alerts()
    (change,) = alerts.judge(0, finding(1, 2, to=(POLICE, CARE)))
    assert kinds([change]) == [["raised"]]
    assert told(change) == {POLICE: ("raised", True), CARE: ("raised", True)}
    assert change.after.owner_record == 1
    assert change.after.recipients[POLICE].version == 1


def test_u3_is_told_but_rings_nobody() -> None:
    (change,) = Alerts().judge(0, finding(1, 2, urgency=Urgency.U3))
    assert told(change) == {POLICE: ("raised", False)}


def test_nothing_changes_when_the_same_is_found_again() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2))
    assert alerts.judge(5, finding(1, 2)) == []


def test_new_evidence_updates_the_alert_and_tells_only_who_sees_it() -> None:
    alerts = Alerts()
    seen = (recipient(POLICE), recipient(CARE, Disclosure.D1))
    alerts.judge(0, finding(1, 2, to=seen))
    (change,) = alerts.judge(5, finding(1, 2, to=seen, evidence=("e1", "e2")))
    assert kinds([change]) == [["updated"]]
    assert told(change) == {POLICE: ("view", False)}
    assert change.after.recipients[CARE].version == 1


def test_hidden_evidence_makes_no_call_at_all() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2), view_hash=masked_alike)
    (change,) = alerts.judge(5, finding(1, 2, why="more"), view_hash=masked_alike)
    assert change.silent
    assert change.after.version == 2
    assert change.after.recipients[POLICE].version == 1


def test_a_rise_rings_and_a_fall_is_only_an_update() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, urgency=Urgency.U3))
    (rise,) = alerts.judge(1, finding(1, 2, urgency=Urgency.U2))
    assert kinds([rise]) == [["risen"]]
    assert told(rise) == {POLICE: ("risen", True)}
    (fall,) = alerts.judge(2, finding(1, 2, urgency=Urgency.U4))
    assert kinds([fall]) == [["updated"]]
    assert told(fall) == {POLICE: ("view", False)}


def test_a_step_tells_everybody_again_without_ringing() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2), view_hash=masked_alike)
    (change,) = alerts.judge(9, finding(1, 2, steps=(at(9),)), view_hash=masked_alike)
    assert kinds([change]) == [["stepped"]]
    assert told(change) == {POLICE: ("stepped", False)}


def test_steps_already_past_when_it_is_raised_are_no_news() -> None:
    (change,) = Alerts().judge(9, finding(1, 2, steps=(at(1), at(2))))
    assert kinds([change]) == [["raised"]]


@pytest.mark.parametrize("state", [State.ANSWERED, State.LAPSED])
def test_an_ending_tells_everybody_once(state: State) -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2))
    (change,) = alerts.judge(1, finding(1, 2, state=state))
    assert kinds([change]) == [[state.value]]
    assert told(change) == {POLICE: ("ended", False)}
    assert alerts.judge(2, finding(1, 2, state=state)) == []


def test_who_loses_the_role_at_the_very_ending_is_told_of_it_and_of_nothing_after() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, to=(POLICE, PROBATION)))
    (ending,) = alerts.judge(1, finding(1, 2, state=State.LAPSED, to=(POLICE,)))
    assert set(told(ending)) == {POLICE, PROBATION}
    changes = alerts.judge(2, finding(1, 2, state=State.LAPSED, to=(POLICE,), why="more became known"))
    assert [told(change) for change in changes] == [{}]
    (corrected,) = alerts.judge(2, finding(1, 2, state=State.ANSWERED, to=(POLICE,), why="it was answered"))
    assert told(corrected) == {POLICE: ("view", False)}
    (reopened,) = alerts.judge(3, finding(1, 2, to=(POLICE,)))
    assert told(reopened) == {POLICE: ("reopened", True)}


def test_one_new_at_the_ending_is_not_told_of_it() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2))
    (ending,) = alerts.judge(1, finding(1, 2, state=State.LAPSED, to=(POLICE, CARE)))
    assert set(told(ending)) == {POLICE}
    assert CARE not in ending.after.recipients


def test_found_ended_is_kept_and_silent_and_rings_when_new_evidence_reopens_it() -> None:
    alerts = Alerts()
    (kept,) = alerts.judge(0, finding(1, 2, state=State.ANSWERED))
    assert kinds([kept]) == [["raised"]]
    assert kept.silent
    assert kept.after.silent
    (raised,) = alerts.judge(5, finding(1, 2))
    assert kinds([raised]) == [["raised"]]
    assert told(raised) == {POLICE: ("raised", True)}


def test_history_alone_is_silent_until_a_live_event_joins_it() -> None:
    alerts = Alerts()
    (kept,) = alerts.judge(0, finding(1, 2, history_only=True))
    assert kept.silent
    (more,) = alerts.judge(1, finding(1, 2, history_only=True, why="more history"))
    assert more.silent
    (raised,) = alerts.judge(2, finding(1, 2))
    assert kinds([raised]) == [["raised"]]
    assert told(raised) == {POLICE: ("raised", True)}


def test_what_was_told_goes_on_being_told_when_only_history_is_left_of_it() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2))
    (change,) = alerts.judge(1, finding(1, 2, history_only=True, urgency=Urgency.U1))
    assert (kinds([change]), told(change)) == ([["risen"]], {POLICE: ("risen", True)})


def test_history_that_ends_or_vanishes_tells_nobody() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, history_only=True), finding(1, 3, history_only=True))
    changes = alerts.judge(1, finding(1, 2, history_only=True, state=State.ANSWERED))
    assert kinds(changes) == [["answered"], ["withdrawn"]]
    assert all(change.silent for change in changes)


def test_an_answered_alert_reopens_and_rings_again() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2))
    alerts.judge(1, finding(1, 2, state=State.ANSWERED))
    (change,) = alerts.judge(2, finding(1, 2))
    assert kinds([change]) == [["reopened"]]
    assert told(change) == {POLICE: ("reopened", True)}


def test_history_alone_that_stands_again_is_reopened_without_a_word() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, history_only=True))
    alerts.judge(1, finding(1, 2, history_only=True, state=State.LAPSED))
    (change,) = alerts.judge(2, finding(1, 2, history_only=True))
    assert (kinds([change]), told(change)) == ([["reopened"]], {})


def test_a_vanished_finding_is_withdrawn_and_everybody_told_is_told() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, to=(POLICE, CARE)))
    alerts.judge(1, finding(1, 2, to=(POLICE,)))
    (change,) = alerts.judge(2)
    assert kinds([change]) == [["withdrawn"]]
    assert told(change) == {POLICE: ("ended", False), CARE: ("ended", False)}
    assert alerts.judge(3) == []


def test_an_answer_in_time_that_arrives_late_withdraws_the_answered_alert() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2))
    alerts.judge(1, finding(1, 2, state=State.ANSWERED))
    (change,) = alerts.judge(2)
    assert change.after.condition is Condition.WITHDRAWN
    assert told(change) == {POLICE: ("ended", False)}


def test_a_newcomer_is_rung_at_once_and_a_leaver_gets_one_note() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, to=(POLICE, PROBATION)))
    (change,) = alerts.judge(1, finding(1, 2, to=(POLICE, CARE)))
    assert kinds([change]) == [["recipients"]]
    assert told(change) == {PROBATION: ("handed-over", False), CARE: ("new", True)}
    (later,) = alerts.judge(2, finding(1, 2, to=(POLICE, CARE), why="more"))
    assert set(told(later)) == {POLICE, CARE}
    (back,) = alerts.judge(3, finding(1, 2, to=(POLICE, PROBATION, CARE), why="more"))
    assert told(back) == {PROBATION: ("new", True)}


def test_a_change_of_class_is_a_change_of_view_not_a_newcomer() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, to=(recipient(PROBATION),)))
    (change,) = alerts.judge(1, finding(1, 2, to=(recipient(PROBATION, Disclosure.D1),)))
    assert kinds([change]) == [["recipients"]]
    assert told(change) == {PROBATION: ("view", False)}


def test_a_merge_joins_the_younger_alert_and_rings_nobody_again() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2), subject=1)
    alerts.judge(5, finding(8, 2, to=(POLICE, CARE)), subject=8)
    alerts.persons = {8: 1}
    changes = alerts.judge(9, finding(8, 2, to=(POLICE, CARE)))
    assert kinds(changes) == [["joined"], ["joined", "recipients"]]
    assert changes[0].silent
    assert alerts.states[2].joined_to == 1
    assert told(changes[1]) == {POLICE: ("joined", False), CARE: ("joined", False)}
    assert alerts.judge(10, finding(1, 2, to=(POLICE, CARE))) == []


def test_a_join_rings_only_for_whom_it_is_more_urgent_than_either_was() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, to=(POLICE, PROBATION), urgency=Urgency.U2))
    alerts.judge(5, finding(8, 2, to=(POLICE, CARE), urgency=Urgency.U1), subject=8)
    alerts.persons = {8: 1}
    *_, change = alerts.judge(9, finding(1, 2, to=(POLICE, PROBATION, CARE), urgency=Urgency.U1))
    assert change.kinds[0].value == "risen"
    assert told(change) == {POLICE: ("joined", False), CARE: ("joined", False), PROBATION: ("risen", True)}


def test_who_knew_the_graver_of_two_is_not_rung_again_when_a_milder_one_joins_it() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, urgency=Urgency.U1))
    alerts.judge(5, finding(8, 2, urgency=Urgency.U2), subject=8)
    alerts.persons = {8: 1}
    *_, change = alerts.judge(9, finding(1, 2, urgency=Urgency.U1))
    assert told(change) == {POLICE: ("joined", False)}


def test_who_had_left_the_older_alert_hears_of_both_what_becomes_of_them() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, to=(POLICE, CARE)))
    alerts.judge(1, finding(1, 2))
    alerts.judge(5, finding(8, 2, to=(CARE,)), subject=8)
    alerts.persons = {8: 1}
    *_, ending = alerts.judge(9, finding(1, 2, to=(POLICE, CARE), state=State.LAPSED))
    assert told(ending) == {POLICE: ("ended", False), CARE: ("ended", False)}
    (corrected,) = alerts.judge(10, finding(1, 2, to=(POLICE, CARE), state=State.ANSWERED, why="it was answered"))
    assert told(corrected) == {POLICE: ("view", False), CARE: ("view", False)}


def test_what_joined_and_was_told_is_reopened_though_the_older_alert_never_rang() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, state=State.ANSWERED))
    alerts.judge(1, finding(8, 2), subject=8)
    alerts.judge(2, finding(8, 2, state=State.LAPSED), subject=8)
    alerts.persons = {8: 1}
    alerts.judge(3, finding(1, 2, state=State.ANSWERED))
    (change,) = alerts.judge(4, finding(1, 2))
    assert kinds([change]) == [["reopened"]]


def test_one_who_knew_only_the_joined_alert_is_told_that_it_ended() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2))
    alerts.judge(1, finding(1, 2, state=State.LAPSED))
    alerts.judge(5, finding(1, 9, to=(POLICE, CARE)), finding(1, 2, state=State.LAPSED))
    alerts.persons = {9: 2}
    *_, change = alerts.judge(9, finding(1, 2, state=State.LAPSED))
    assert told(change) == {POLICE: ("ended", False), CARE: ("ended", False)}
    assert not change.after.rings


def merged_and_split() -> Alerts:
    """Two alerts, joined because their people were one for a while."""
    alerts = Alerts()
    alerts.judge(0, finding(1, 2))
    alerts.judge(5, finding(1, 9, to=(CARE,)), finding(1, 2))
    alerts.persons = {9: 2}
    alerts.judge(9, finding(1, 2, to=(POLICE, CARE)))
    alerts.persons = {}
    return alerts


def test_a_split_resumes_what_still_stands_and_says_so_without_ringing() -> None:
    alerts = merged_and_split()
    changes = alerts.judge(12, finding(1, 2), finding(1, 9, to=(CARE,)))
    assert kinds(changes) == [["recipients"], ["resumed"]]
    assert told(changes[0]) == {CARE: ("handed-over", False)}
    assert told(changes[1]) == {CARE: ("view", False)}
    assert alerts.states[2].joined_to is None
    assert alerts.judge(13, finding(1, 2), finding(1, 9, to=(CARE,))) == []


@pytest.mark.parametrize("state", [State.ANSWERED, State.LAPSED, None])
def test_what_ended_as_part_of_another_and_stands_after_a_split_rings_again(state: State | None) -> None:
    alerts = merged_and_split()
    alerts.persons = {9: 2}
    over = () if state is None else (finding(1, 2, to=(POLICE, CARE), state=state),)
    *_, ended = sorted(alerts.judge(10, *over), key=lambda change: -change.alert)
    assert told(ended) == {POLICE: ("ended", False), CARE: ("ended", False)}
    assert alerts.judge(11, *over) == []
    alerts.persons = {}
    *_, again = alerts.judge(12, finding(1, 9, to=(CARE,)), *(() if state is None else (finding(1, 2, state=state),)))
    assert (again.alert, told(again)) == (2, {CARE: ("reopened", True)})


def test_a_split_withdraws_what_no_longer_stands_and_says_so() -> None:
    alerts = merged_and_split()
    changes = alerts.judge(12, finding(1, 2))
    assert kinds(changes) == [["recipients"], ["withdrawn", "resumed"]]
    assert told(changes[1]) == {CARE: ("ended", False)}


def test_what_had_joined_another_ends_with_it_and_is_told_of_once() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2))
    alerts.judge(5, finding(1, 2), finding(1, 9))
    alerts.persons = {9: 2}
    alerts.judge(9, finding(1, 2))
    change, part = alerts.judge(12)
    assert (change.alert, kinds([change]), told(change)) == (1, [["withdrawn"]], {POLICE: ("ended", False)})
    assert part.silent
    assert alerts.judge(13) == []


def test_three_alerts_become_one_and_the_oldest_stays_whatever_the_order_of_merges() -> None:
    alerts = Alerts()
    for number, record in enumerate((1, 8, 9)):
        alerts.judge(number, finding(record, 2), subject=record)
    alerts.persons = {9: 8}
    alerts.judge(5, finding(8, 2), subject=8)
    alerts.persons = {9: 1, 8: 1}
    *_, change = alerts.judge(6, finding(1, 2))
    assert change.alert == 1
    assert told(change) == {POLICE: ("joined", False)}
    assert {state.joined_to for state in alerts.states.values()} == {None, 1}


def test_the_alert_follows_the_anchor_record_it_was_raised_on() -> None:
    alerts = Alerts()
    alerts.persons = {8: 1}
    alerts.judge(0, finding(8, 2))
    alerts.persons = {}
    assert alerts.judge(5, subject=1) == []
    assert alerts.judge(5, finding(8, 2), subject=8) == []


def test_an_anchor_without_the_subject_is_owned_by_it_all_the_same() -> None:
    (change,) = Alerts(subject=4).judge(0, finding(event="e9", rule="R30"))
    assert change.after.owner_record == 4


def test_an_alert_is_owned_through_the_subject_wherever_it_stands_in_the_anchor() -> None:
    (change,) = Alerts().judge(0, finding(2, 1), subject=1)
    assert change.after.owner_record == 1, "after a split it would go with the other"


def test_rules_that_were_not_judged_are_left_alone() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2, rule="R01"), finding(1, 2, rule="R02"))
    changes = alerts.judge(1, judged={"R02": 1})
    assert [change.after.rule for change in changes] == ["R02"]


def test_a_new_major_version_takes_over_without_a_word_but_tells_newcomers() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2), finding(1, 3))
    changes = alerts.judge(1, finding(1, 2, major=2, to=(POLICE, CARE)))
    assert kinds(changes) == [["raised"], ["superseded"], ["superseded"]]
    assert changes[0].after.supersedes == 1
    assert [change.succeeded for change in changes] == [1, None, None]
    assert changes[0].after.raised_at == at(0)  # as old as what it takes the place of: others join it, not it them
    assert told(changes[0]) == {CARE: ("new", True)}
    assert alerts.judge(2, finding(1, 2, major=2, to=(POLICE, CARE))) == []
    (later,) = alerts.judge(3, finding(1, 2, major=2, to=(POLICE,)))
    assert later.succeeded is None, "calls under way are carried once"


def test_who_knows_the_alert_hears_nothing_of_what_a_new_major_version_says_otherwise() -> None:
    alerts = Alerts()
    alerts.judge(0, finding(1, 2))
    said = finding(1, 2, major=2, urgency=Urgency.U1, why="in other words")
    assert [told(change) for change in alerts.judge(1, said)] == [{}, {}]
    assert alerts.judge(2, said) == []


def test_a_finding_given_twice_is_one_alert() -> None:
    assert len(Alerts().judge(0, finding(1, 2), finding(1, 2, why="again"))) == 1


def test_a_change_made_of_another_state_is_refused() -> None:
    alerts = Alerts()
    (first,) = alerts.judge(0, finding(1, 2))
    with pytest.raises(ValueError, match="another state"):
        apply(alerts.states[1], first)


def test_the_order_of_alerts_and_findings_does_not_matter() -> None:
    alerts = Alerts()
    found = [finding(1, 2), finding(1, 3, urgency=Urgency.U1), finding(1, 4, state=State.ANSWERED)]
    alerts.judge(0, *found)
    owned = list(alerts.states.values())
    after = [finding(1, 2, why="more"), finding(1, 5)]

    def judged(states: list[AlertState], findings: list[Finding]) -> object:
        return diff(states, findings, alerts.person_of, NOON, subject=1)

    assert judged(owned, list(after)) == judged(owned[::-1], list(after)[::-1])


def test_a_view_that_changes_without_new_content_is_told() -> None:
    alerts = Alerts()
    names = {"names": b"Maren"}

    def view(_alert: AlertState, _recipient: Recipient) -> bytes:
        return names["names"]

    alerts.judge(0, finding(1, 2), view_hash=view)
    names["names"] = b"Maren Louise"
    (change,) = alerts.judge(1, finding(1, 2), view_hash=view)
    assert kinds([change]) == [["updated"]]
    assert told(change) == {POLICE: ("view", False)}
