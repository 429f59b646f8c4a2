"""Birmingham in memory: the same pure parts as the pipeline, the whole case, every expected alert to the minute.

What needs servers (ladders, webhooks, views, leaks) is asserted end to end; see tests/e2e.
"""

from collections.abc import Sequence
from uuid import UUID

import orjson
import pytest

from deploy.cases import load
from deploy.replay import compare, outcome
from deploy.replay import identity as truth
from services.alerts import codec
from services.directory import model
from services.replay.store import Pair, StoredAlert, StoredMention, Version
from services.rules.load import load_catalogue
from services.tokens import Tokens
from services.trial.run import Trial, run, run_unordered
from services.trial.world import TRIAL_KEY, Arrival

CASE = load.load("birmingham")


def _trial(label: str, *, unordered: bool = False) -> Trial:
    tokens = Tokens(TRIAL_KEY)
    directory = model.from_form(load.directory(CASE), phone_token=tokens.phone)
    arrivals = [Arrival(p.event, p.at, p.lane == "history") for p in load.events(CASE, label)]
    rules = load_catalogue()
    if unordered:
        return run_unordered(arrivals[::-1], rules, directory, until=CASE.ends)
    return run(arrivals, rules, directory, until=CASE.ends)


def _outcome(trial: Trial, label: str) -> outcome.Outcome:
    settled = trial.world.settled()
    mentions = [
        StoredMention(
            fact.ref.source, fact.ref.id, m.ref, m.record, settled.person_of.get(m.record, m.record), fact.agency
        )
        for fact in trial.world.facts.values()
        for m in fact.mentions
    ]
    named = outcome.names(CASE, load.events(CASE, label), mentions)
    return outcome.Outcome(
        label=label,
        alerts=[outcome.observed(alert, named) for alert in _stored(trial)],
        rings=[],
        names=named,
        joins=[Pair(join.slot_record, join.person_record, join.joined_at) for join in settled.joins],
        reviews=[],
        troubles=[str(one) for _, one in trial.incomplete],
    )


def _stored(trial: Trial) -> Sequence[StoredAlert]:
    versions: dict[int, list[Version]] = {}
    for change in trial.log:
        after = change.after
        versions.setdefault(after.alert, []).append(
            Version(
                change.at,
                tuple(kind.value for kind in change.kinds),
                after.condition.value,
                int(after.urgency),
                UUID(int=after.joined_to) if after.joined_to else None,
                orjson.loads(codec.finding_json(after.finding)),
            )
        )
    return [
        StoredAlert(UUID(int=number), state.rule, codec.anchor_parts(state.anchor), tuple(versions[number]))
        for number, state in trial.alerts.items()
    ]


@pytest.mark.parametrize("label", list(CASE.variants))
def test_rings_what_the_tables_say(label: str) -> None:
    found = _outcome(_trial(label), label)
    said = [text for text in compare.differences(CASE, found) if "rung 2" not in text]  # nobody rings here
    said += [text for text in truth.differences(CASE, found) if "review" not in text and "put to" not in text]
    assert said == []


def test_the_comparison_sees_what_is_wrong() -> None:
    found = _outcome(_trial("K+"), "K-")
    said = compare.differences(CASE, found)
    assert any(text.startswith("KF1: ") for text in said)
    assert any("nobody expected it" in text for text in said)


def test_any_order_ends_in_the_same_findings() -> None:
    found = _outcome(_trial("K-", unordered=True), "K-")
    assert compare.final_differences(CASE, found) == []
