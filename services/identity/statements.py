"""What facts say that joins placeholders and unnamed senders to people. Pure; shared by the stored pipeline and trials."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from services.chronology.facts import EventRef, Fact, Mention, Relation
from services.identity.cluster import Decision, Held
from services.identity.standardise import token_of
from services.identity.unnamed.facts import Claim, Declaration, Facts, SenderStated, SlotStated

DECLARES_NUMBER: Final = "probation.licence-device.declared"
"""The type by which somebody on licence declares a telephone as his: its `number` is the subject's."""


def facts_of(facts: Iterable[Fact], records: Mapping[int, Held], decisions: Sequence[Decision] = ()) -> Facts:
    """All that `services.identity.people.settle` needs, from facts that are neither retracted nor unresolved."""
    found = list(facts)
    return Facts(
        records=records,
        slots=[slot for fact in found for slot in slots_in(fact)],
        claims=[claim for fact in found for claim in claims_in(fact)],
        senders=[sender for fact in found for sender in senders_in(fact)],
        declarations=[declared for fact in found for declared in declarations_in(fact)],
        decisions=decisions,
    )


def slots_in(fact: Fact) -> Iterator[SlotStated]:
    """The placeholders of an event."""
    for mention in fact.mentions:
        if mention.slot is not None:
            children = mention.body.get("children") or {}
            yield SlotStated(
                record=mention.record,
                event=fact.ref,
                ref=mention.ref,
                received_at=fact.received_at,
                stated_at=fact.occurred.latest or fact.known_at,
                subject_record=fact.mention(mention.slot.subject_ref).record,
                relation=mention.slot.relation,
                since=mention.slot.period.earliest,
                until=mention.slot.period.latest,
                children=(children.get("known"), children.get("count")),
            )


def claims_in(fact: Fact) -> Iterator[Claim]:
    """The relations an event claims between its people."""
    for relation in fact.relations:
        yield Claim(
            event=fact.ref,
            received_at=fact.received_at,
            known_at=fact.known_at,
            from_record=fact.mention(relation.from_ref).record,
            to_record=fact.mention(relation.to_ref).record,
            kind=relation.kind,
            status=relation.status,
            ends_it=_ends(fact, relation),
            ended_at=relation.until.latest,
            cites=tuple(_cites(relation.body, fact)) + tuple(_cites(fact.fields, fact)),
        )


def _ends(fact: Fact, relation: Relation) -> bool:
    """Whether an agency records the end with its grounds. One by the word of either party ends nothing (domain A3a)."""
    if relation.status != "ended":
        return False
    claimed_by = relation.body.get("claimed_by")
    if claimed_by is None:
        claimed_by = (fact.informant or {}).get("ref")
    if claimed_by not in {None, "agency"}:
        return False
    return bool(relation.body.get("grounds")) or claimed_by == "agency"


def _cites(said: Mapping[str, Any], fact: Fact) -> Iterator[EventRef]:
    for cited in said.get("cites") or ():
        yield EventRef(cited.get("source") or fact.ref.source, cited["id"])


def senders_in(fact: Fact) -> Iterator[SenderStated]:
    """The unnamed senders of an event."""
    for mention in fact.mentions:
        if mention.body.get("unnamed_sender"):
            yield SenderStated(mention.record, fact.ref, fact.received_at)


def declarations_in(fact: Fact) -> Iterator[Declaration]:
    """The number a person declares in an event."""
    if fact.type == DECLARES_NUMBER and "number" in fact.fields:  # not where the number is none: 07000 000000
        for mention in subjects(fact.mentions):
            yield Declaration(fact.ref, fact.received_at, mention.record, token_of(fact.fields["number"]))


def subjects(mentions: Iterable[Mention]) -> Iterator[Mention]:
    """Whom an event is mainly about."""
    return (mention for mention in mentions if mention.role == "subject")
