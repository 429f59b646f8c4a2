"""Records, placeholders and claims in short form, for tests of who is who."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from services.chronology.facts import EventRef
from services.identity.cluster import Decision, Held
from services.identity.compare import Verdict, compare
from services.identity.keys import keys
from services.identity.people import Pair, Settled, settle
from services.identity.standardise import Standard, content_hash, standardise
from services.identity.unnamed.facts import Claim, Declaration, Facts, SenderStated, SlotStated

START = datetime(2013, 1, 1, tzinfo=UTC)


def compared(records: Mapping[int, Held]) -> dict[Pair, Verdict]:
    """The verdicts about all that meet at a blocking key, as the stored pipeline finds them record by record."""
    stored: dict[str, list[int]] = {}
    looks: list[tuple[int, frozenset[str]]] = []
    for record, held in records.items():
        own = keys(held.standard)
        looks.append((record, own.searched))
        for key in own.stored:
            stored.setdefault(key, []).append(record)
    pairs = {
        (min(record, other), max(record, other))
        for record, searched in looks
        for key in searched
        for other in stored.get(key, ())
        if other != record
    }
    found = {(a, b): compare(records[a].standard, records[b].standard) for a, b in pairs}
    return {pair: verdict for pair, verdict in found.items() if verdict.kind != "none"}


def mention(
    name: str = "",
    born: str | None = None,
    *,
    at: str | None = None,
    phone: str | None = None,
    works: str | None = None,
    own: str | None = None,
    **identifiers: str,
) -> dict[str, Any]:
    """A stored mention: `Given Middle FAMILY`, with tokens standing for themselves."""
    *given, family = name.split() if name else ("",)
    body: dict[str, Any] = {"ref": "X", "role": "subject"}
    if name:
        body["names"] = [{"given": given[0] if given else None, "middle": " ".join(given[1:]), "family": family}]
    if born:
        body["born"] = born
    if at:
        body["addresses"] = [{"dwelling": {"token": at}}]
    if phone:
        body["phones"] = [{"token": phone}]
    if works:
        body["workplace"] = {"dwelling": {"token": works}}
    if own:
        body["own_id"] = own
    body["identifiers"] = [{"system": k.replace("_", "-"), "value": v} for k, v in identifiers.items()]
    return body


def standard(agency: str, *args: Any, **kwargs: Any) -> Standard:
    return standardise(mention(*args, **kwargs), agency)


@dataclass
class Population:
    """Everything known so far; each record, slot or claim is received a minute after the one before."""

    records: dict[int, Held] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    slots: list[SlotStated] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    senders: list[SenderStated] = field(default_factory=list)
    declarations: list[Declaration] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def now(self) -> datetime:
        count = len(self.records) + len(self.claims) + len(self.declarations)
        return START + timedelta(minutes=count)

    def record(self, label: str, agency: str, body: Mapping[str, Any]) -> int:
        made = standardise(body, agency)
        number = len(self.records) + 1
        self.records[number] = Held(number, made, self.now(), content_hash(made.to_json()))
        self.names[label] = number
        return number

    def slot(
        self,
        label: str,
        agency: str,
        of: str,
        relation: str = "partner",
        *,
        body: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> EventRef:
        said = {**(body or mention()), "slot": {"of": "S", "relation": relation}}
        event, at = EventRef(agency, label), self.now()
        number = self.record(label, agency, said)
        self.slots.append(
            SlotStated(number, event, label, at, more.pop("stated_at", at), self.names[of], relation, **more)
        )
        return event

    def sender(self, label: str, agency: str, phone: str) -> None:
        at = self.now()
        number = self.record(label, agency, {**mention(phone=phone), "unnamed_sender": True})
        self.senders.append(SenderStated(number, EventRef(agency, label), at))

    def declare(self, label: str, of: str, phone: str) -> None:
        self.declarations.append(Declaration(EventRef("probation", label), self.now(), self.names[of], phone))

    def claim(
        self, label: str, one: str, other: str, kind: str = "partner", status: str = "reported", **more: Any
    ) -> None:
        at = self.now()
        refs = self.names[one], self.names[other]
        self.claims.append(Claim(EventRef("claims", label), at, more.pop("known_at", at), *refs, kind, status, **more))

    def decide(self, one: str, other: str, verdict: Any) -> None:
        self.decisions.append(Decision(self.names[one], self.names[other], verdict, self.now()))

    def settled(self) -> Settled:
        return settle(
            Facts(self.records, self.slots, self.claims, self.senders, self.declarations, self.decisions),
            compared(self.records),
        )

    def people(self) -> set[frozenset[str]]:
        """Who is one with whom, by label."""
        return groups(self.settled(), self.names)

    def reviewed(self) -> set[frozenset[str]]:
        """Pairs for review, each person named by all labels of it."""
        settled, label_of = self.settled(), {number: label for label, number in self.names.items()}
        return {frozenset((label_of[r.record], label_of[r.candidate_record])) for r in settled.reviews}

    def joined_at(self, label: str) -> datetime:
        return next(j.joined_at for j in self.settled().joins if j.slot_record == self.names[label])


def groups(settled: Settled, names: Mapping[str, int]) -> set[frozenset[str]]:
    found: dict[int, set[str]] = {}
    for label, number in names.items():
        found.setdefault(settled.person_of[number], set()).add(label)
    return {frozenset(group) for group in found.values()}


def together(people: Iterable[frozenset[str]], *labels: str) -> bool:
    return any(group.issuperset(labels) for group in people)
