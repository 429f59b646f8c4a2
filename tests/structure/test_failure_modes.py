"""Ways in which peers lose, double or misplace an alert, each with the tests that show we do not.

The modes are those published threads about stream processors, rule engines and alert routers teach (Quix, Kafka Streams,
Siddhi, Bytewax, DBOS, Kibana, FastStream, Faust, Alertmanager, Keep, Marble, ezrules, Senzing, nomenklatura, Flink,
GoAlert). A test that is renamed or removed must be replaced here.
"""

import ast
from functools import cache
from typing import Final

import pytest

from tests.structure.sources import ROOT

MODES: Final[dict[str, tuple[str, ...]]] = {
    "A1 an absence never fires while nothing comes": (
        "integration/alerts/test_judging.py::test_a_deadline_rings_when_the_clock_passes_it",
        "integration/intake/test_correlator.py::test_the_watermark_follows_the_clock_while_nothing_comes",
    ),
    "A2 a timer, or how late it was, is lost on restart": (
        "unit/rules/test_failure_modes.py::test_a_timer_looked_at_hours_late_says_when_it_should_have_rung",
        "integration/alerts/test_outage.py::test_an_outage_over_a_deadline_rings_nothing_whose_answer_lay_unread",
        "integration/alerts/test_ladders.py::test_the_auditor_drives_a_ring_that_lost_its_row",
    ),
    "A3 an evaluation is skipped in silence": (
        "unit/rules/test_evaluate.py::test_nothing_changes_before_the_next_wake",
        "integration/alerts/test_judging.py::test_a_case_that_is_too_large_is_kept_as_incomplete_and_pages",
        "integration/alerts/test_judging.py::test_a_mark_spreads_to_neighbours_and_a_spread_does_not",
    ),
    "A4 the key of an event is kept before the event, and a retry drops it for ever": (
        "integration/intake/test_take_in.py::test_a_batch_rolls_back_whole",
        "integration/intake/test_correlator.py::test_killed_at_any_moment_it_loses_and_doubles_nothing",
    ),
    "A5 a failed message is passed over because a later one was committed": (
        "integration/intake/test_take_in.py::test_a_gap_takes_nothing_in",
        "integration/intake/test_correlator.py::test_too_much_poison_stops_it_and_loses_nothing",
    ),
    "A6 duplicates or losses when partitions change hands": (
        "integration/intake/test_take_in.py::test_two_consumers_of_one_partition_take_turns",
        "integration/intake/test_take_in.py::test_a_consumer_that_lost_its_partition_cannot_set_it_back",
    ),
    "A7 a notification is sent twice where there are two senders": (
        "integration/delivery/test_courier.py::test_two_couriers_tell_each_alert_once",
        "integration/delivery/test_courier.py::test_a_courier_that_dies_between_call_and_note_repeats_once_with_the_same_id",
        "integration/alerts/test_judging.py::test_two_evaluators_at_once_never_raise_twice",
    ),
    "A8 a threshold rings without the events that crossed it, or counts closed ones": (
        "unit/rules/test_failure_modes.py::test_a_threshold_shows_all_that_crossed_it_and_counts_none_that_was_answered",
    ),
    "A9 shadow or back-test disagrees with live": (
        "unit/rules/test_failure_modes.py::test_in_shadow_it_finds_what_it_would_find_live",
        "integration/backtest/test_backtest.py::test_live_and_back_test_agree_to_the_alert",
    ),
    "A10 the id of a cluster is used as a lasting key": (
        "unit/alerts/test_diff.py::test_the_alert_follows_the_anchor_record_it_was_raised_on",
        "integration/alerts/test_judging.py::test_after_a_split_an_alert_follows_the_record_it_was_raised_on",
        "integration/identity/test_lives.py",
    ),
    "A11 one bad link chains people together": (
        "unit/identity/test_cluster_policies.py::test_in_a_chain_of_four_no_end_is_joined_to_the_other",
        "unit/trial/test_merge_and_split.py::test_a_merge_that_is_taken_back_leaves_nothing",
    ),
    "A12 'and then nothing came' is wrong at its edges": (
        "unit/rules/test_episodes.py::test_in_time_never_rang_and_late_is_an_ending",
        "unit/rules/test_episodes.py::test_no_episode_is_answered_in_time_and_none_overlaps_the_next",
        "unit/rules/test_episodes.py::test_any_order",
    ),
    "A13 a rule that throws is a silent miss": (
        "unit/rules/test_evaluate.py::test_a_rule_that_fails_is_incomplete_and_the_others_go_on",
        "unit/alerts/test_diff.py::test_rules_that_were_not_judged_are_left_alone",
    ),
    "A14 an older version is dropped in silence and not filed": (
        "unit/rules/test_failure_modes.py::test_an_older_fact_that_comes_later_is_filed_where_it_belongs",
        "integration/intake/test_take_in.py::test_the_first_taken_in_stands_and_a_contrary_one_is_kept_for_its_sender",
    ),
    "A15 what silences an alert outlives its reason, or hides that it became worse": (
        "integration/alerts/test_ladders.py::test_an_acknowledgement_without_an_action_expires_and_the_ladder_goes_on",
        "integration/alerts/test_ladders.py::test_acknowledging_an_older_version_does_not_silence_a_newer_ring",
        "unit/alerts/test_diff.py::test_a_rise_rings_and_a_fall_is_only_an_update",
    ),
    "A16 one acknowledgement stops everybody": (
        "integration/alerts/test_ladders.py::test_one_acknowledgement_does_not_stop_the_ladder_of_another_agency",
    ),
}


@cache
def names_of(path: str) -> frozenset[str]:
    """The names of the tests of a file."""
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_has_its_tests(mode: str) -> None:
    for named in MODES[mode]:
        path, _, name = named.partition("::")
        found = names_of(path)
        assert name in found if name else any(each.startswith("test_") for each in found), named


def test_there_are_sixteen() -> None:
    assert [mode.partition(" ")[0] for mode in MODES] == [f"A{n}" for n in range(1, 17)]
