"""Answers to requests to be told something: PERMIT, DENY or REVIEW, always with a reason. Pure.

The answer is itself a fact: services/disclosure/requests_store.py keeps it, whatever it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.disclosure.agreements import Grant, Masks


class Verdict(StrEnum):
    """What is answered."""

    PERMIT = "PERMIT"
    DENY = "DENY"
    REVIEW = "REVIEW"
    """A person decides, with reasons, in a queue of its own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants to know which kinds of event from whom, about what, what for and on which basis."""

    agency: str
    thing: str
    """What it is about: `person:<public id>` or `alert:<public id>`."""
    purpose: str
    legal_basis: str
    kinds: tuple[tuple[str, str], ...]
    """(source agency, unversioned event type); held back by its owner's conditions if it is in `held`."""
    held: frozenset[tuple[str, str]] = frozenset()
    protected: bool = False
    """It is about somebody whose identity is sealed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer, why, and the agreements it rests on."""

    verdict: Verdict
    reason: str
    agreements: tuple[str, ...] = ()


def decide(asked: Asked, masks: Masks, at: datetime) -> Answer:
    """Answer a request. All or nothing is decided here; what lies between is for a person."""
    if not asked.kinds:
        return Answer(Verdict.DENY, "nothing that was asked for is held")
    grants = [masks.grant(source, asked.agency, kind, asked.purpose, at) for source, kind in asked.kinds]
    permitted = [grant for grant in grants if grant.permits]
    agreements = tuple(sorted({name for grant in permitted for name in grant.agreements}))
    if not permitted:
        return Answer(Verdict.DENY, "no agreement in force permits any of it for this purpose")
    if asked.protected:
        return Answer(Verdict.REVIEW, "it is about somebody protected", agreements)
    if not asked.held.isdisjoint(asked.kinds):
        return Answer(Verdict.REVIEW, "its owner has set conditions", agreements)
    if len(permitted) < len(grants):
        return Answer(Verdict.REVIEW, "agreements in force permit only part of it", agreements)
    if not _on_basis(permitted, asked.legal_basis):
        return Answer(Verdict.REVIEW, "the legal basis given is not that of the agreements", agreements)
    return Answer(Verdict.PERMIT, "agreements in force permit all of it", agreements)


def _on_basis(grants: Sequence[Grant], legal_basis: str) -> bool:
    """Say whether every grant rests on this basis; what an agency published itself needs none."""
    return all(not grant.bases or legal_basis in grant.bases for grant in grants)
