"""Who turned out to be who, against what the case knows to be true."""

from collections.abc import Iterator

from deploy.cases.expected import JoinedSlot, OnePerson, OpenReview
from deploy.cases.load import Case
from deploy.replay.compare import minute
from deploy.replay.outcome import Outcome


def differences(case: Case, outcome: Outcome) -> list[str]:
    """Return everything in which the bus took people for others than they are."""
    truth = case.identity
    label = outcome.label
    said = [text for one in truth.one_person for text in _one(one, outcome)]
    said += [text for slot in truth.joined if slot.in_ is None or label in slot.in_ for text in _joined(slot, outcome)]
    said += [text for item in truth.reviews if item.in_ is None or label in item.in_ for text in _review(item, outcome)]
    for pair in truth.apart:
        a, b = (_persons(ref, outcome) for ref in pair)
        if a & b:
            said.append(f"{pair[0]} and {pair[1]} were taken for one person")
    return said


def _persons(ref: str, outcome: Outcome, but: tuple[str, ...] = ()) -> set[int]:
    records = outcome.names.records_of_ref.get(ref, {})
    return {outcome.names.person_of[record] for record, agency in records.items() if agency not in but}


def _one(one: OnePerson, outcome: Outcome) -> Iterator[str]:
    persons = _persons(one.ref, outcome, tuple(one.but))
    if len(persons) > 1:
        yield f"{one.ref} was taken for {len(persons)} people"


def _joined(slot: JoinedSlot, outcome: Outcome) -> Iterator[str]:
    person = _persons(slot.person, outcome)
    records = outcome.names.records_of_ref.get(slot.slot, {})
    apart = [record for record in records if outcome.names.person_of[record] not in person]
    if apart or not records:
        yield f"{slot.slot} was not found to be {slot.person} ({len(apart)} of {len(records)} mentions apart)"
        return
    first = min((join.at for join in outcome.joins if join.record in records), default=None)
    if first is None or minute(first) != minute(slot.at):
        yield f"{slot.slot} joined {slot.person} at {minute(first) if first else 'no time'}, expected {minute(slot.at)}"


def _review(item: OpenReview, outcome: Outcome) -> Iterator[str]:
    records = set(outcome.names.records_of_ref.get(item.record, {}))
    others = set(outcome.names.records_of_ref.get(item.candidate, {}))
    opened = [
        pair.at
        for pair in outcome.reviews
        if (pair.record in records and pair.other in others) or (pair.record in others and pair.other in records)
    ]
    if not opened:
        yield f"{item.record} was never put to anybody as possibly {item.candidate}"
    elif minute(min(opened)) != minute(item.opened):
        yield f"{item.record} was put to review as {item.candidate} at {minute(min(opened))}, expected {minute(item.opened)}"
