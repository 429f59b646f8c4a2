"""A case in memory, in seconds and without servers: the same pure parts as the pipeline, judged at the same moments.

It tells what rings, for whom and how it ends. What only the real pipeline can show, it cannot: ladders, calls that go
out, what stands in them, reviews of who is who.
"""

from collections.abc import Sequence
from uuid import UUID

import orjson

from deploy.cases import load
from deploy.cases.expected import ExpectedAlert
from deploy.cases.model import Case
from deploy.replay import compare, identity
from deploy.replay import outcome as outcomes
from deploy.replay.outcome import Outcome
from services.alerts import codec
from services.directory import model
from services.replay.store import Pair, StoredAlert, StoredMention, Version
from services.rules.load import load_catalogue
from services.tokens import Tokens
from services.trial.run import Trial, run, run_unordered
from services.trial.world import TRIAL_KEY, Arrival


def trial(case: Case, label: str, *, unordered: bool = False) -> Trial:
    """Play a variant in memory; `unordered`: everything at once, in the reverse of its order, judged at the end."""
    directory = model.from_form(load.directory(case), phone_token=Tokens(TRIAL_KEY).phone)
    arrivals = [Arrival(p.event, p.at, p.lane == "history") for p in load.events(case, label)]
    if unordered:
        return run_unordered(arrivals[::-1], load_catalogue(), directory, until=case.ends)
    return run(arrivals, load_catalogue(), directory, until=case.ends)


def outcome(case: Case, label: str, played: Trial) -> Outcome:
    """Tell in the words of the case what happened."""
    settled = played.world.settled()
    mentions = [
        StoredMention(
            fact.ref.source, fact.ref.id, m.ref, m.record, settled.person_of.get(m.record, m.record), fact.agency
        )
        for fact in played.world.facts.values()
        for m in fact.mentions
    ]
    named = outcomes.names(case, load.events(case, label), mentions)
    return Outcome(
        label=label,
        alerts=[outcomes.observed(alert, named) for alert in _stored(played)],
        rings=[],
        names=named,
        joins=[Pair(join.slot_record, join.person_record, join.joined_at) for join in settled.joins],
        reviews=[],
        troubles=[f"{one.rule}: {one.reason}" for _, one in played.incomplete],
    )


def differences(case: Case, found: Outcome) -> list[str]:
    """Return what was otherwise than expected, but for what memory cannot show: desks that answer, and reviews."""
    known = case.model_copy(
        update={
            "expect": case.expect and case.expect.model_copy(update={"alerts": _without_desks(case)}),
            "identity": case.identity.model_copy(update={"reviews": []}),
        }
    )
    return [*compare.differences(known, found), *identity.differences(known, found)]


def _without_desks(case: Case) -> list[ExpectedAlert]:
    alerts = case.expect.alerts if case.expect is not None else []
    return [alert.model_copy(update={"second_rung": {}, "acknowledged": {}}) for alert in alerts]


def _stored(played: Trial) -> Sequence[StoredAlert]:
    versions: dict[int, list[Version]] = {}
    for change in played.log:
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
        for number, state in played.alerts.items()
    ]
