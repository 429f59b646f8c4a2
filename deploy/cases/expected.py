"""What a case must ring and must not, whom it may tell what, and who is who: compared with what really happened."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from deploy.cases.words import (
    AgencyRef,
    Class,
    ClockTime,
    Duration,
    Label,
    Part,
    PersonRef,
    RowRef,
    Rule,
    Text,
    Urgency,
)

In = Annotated[list[Label], Field(min_length=1)]
"""Variants in which it holds. Left out: all."""


class RowAnchor(Part):
    """The event of a row, as a part of an anchor."""

    row: RowRef


class TermAnchor(Part):
    """A thing with a name of its own, as a part of an anchor: a licence, a release, an action."""

    term: Text


def _kind_of_part(value: object) -> str | None:
    if isinstance(value, str):
        return "person"
    keys = set(value) if isinstance(value, dict) else {name for name in ("row", "term") if hasattr(value, name)}
    return next((kind for kind in ("row", "term") if keys == {kind}), None)


AnchorPart = Annotated[
    Annotated[PersonRef, Tag("person")] | Annotated[RowAnchor, Tag("row")] | Annotated[TermAnchor, Tag("term")],
    Discriminator(
        _kind_of_part,
        custom_error_type="anchor",
        custom_error_message="write a person of the cast, {row: 52a}, or {term: LIC-1}",
    ),
]
"""What an alert hangs on: somebody in the cast, the event of a row, or a thing with a name of its own."""


class Later(Part):
    """What becomes of a standing alert: it passes a step, rises or falls in urgency, is re-addressed."""

    at: ClockTime
    what: Literal["step", "rise", "fall", "addressed"]
    urgency: Urgency | None = None
    """Given where it rises or falls, and where a step is passed."""
    to: dict[AgencyRef, Class] | None = None
    """All recipients from then on, if they change."""


class Ending(Part):
    """How an alert ends."""

    what: Literal["answered", "lapsed", "withdrawn", "superseded", "joined"]
    at: ClockTime
    """By its own clock. A withdrawal has none, nor has a rule that takes the place of another: when it is told."""
    told: ClockTime | None = None
    """When recipients are told, if later."""
    row: RowRef | None = None
    """The row that ends it."""
    joined_to: Text | None = None
    """With `joined`: the `ref` of the alert that goes on."""


class Again(Part):
    """The alert opens again on new evidence after it had ended: another stretch of the same alert."""

    at: ClockTime
    urgency: Urgency
    to: dict[AgencyRef, Class] | None = None
    """Who is told. Left out: as at the first raise."""
    later: list[Later] = Field(default_factory=list)
    ends: Ending | None = None
    """Left out: it stands when the case ends."""


class SecondRung(Part):
    """Nobody acknowledges at the first desk; the next one is rung."""

    told: ClockTime
    desk: Text
    acknowledged: ClockTime


class TakenOn(Part):
    """Somebody takes an alert on."""

    at: ClockTime
    desk: Text | None = None


class ExpectedAlert(Part):
    """One alert, from its raise to its ending. Left out `ends`: it stands when the case ends."""

    ref: Text
    in_: In | None = Field(default=None, alias="in")
    rule: Rule
    anchor: list[AnchorPart] = Field(min_length=1)
    row: RowRef
    """The row that brings it about."""
    raised: ClockTime
    urgency: Urgency
    to: dict[AgencyRef, Class] = Field(min_length=1)
    never: list[Annotated[str, Field(pattern=r"^N[1-8]$")]] = Field(default_factory=list)
    """What no view of it may say (N codes of the rules)."""
    later: list[Later] = Field(default_factory=list)
    ends: Ending | None = None
    again: list[Again] = Field(default_factory=list)
    """Each time it rings anew after it had ended."""
    second_rung: dict[AgencyRef, SecondRung] = Field(default_factory=dict)
    acknowledged: dict[AgencyRef, TakenOn] = Field(default_factory=dict)
    """Who takes it on when, of the agencies given here: their first acknowledgement."""
    note: Text | None = None


class MustNot(Part):
    """An alert that must not be: of these rules, about these people or events, to these agencies, in this time.

    Everything given must hold together; what is left out may be anything, also a rule that `rules` does not list. The time is
    when it rang; with `to`, when each of these agencies was first told, by the first ring or later.
    """

    why: Text
    in_: In | None = Field(default=None, alias="in")
    rules: list[Rule] = Field(default_factory=list)
    anchor: list[AnchorPart] = Field(default_factory=list)
    """Every one of these is a part of its anchor."""
    about: list[PersonRef] = Field(default_factory=list)
    """One of these is a part of its anchor. An alert on a meeting or a report is about that row: leave `about` out for it."""
    urgency: list[Urgency] = Field(default_factory=list)
    """It had one of these at any time while it rang."""
    to: list[AgencyRef] = Field(default_factory=list)
    after: ClockTime | None = None
    before: ClockTime | None = None


class OnlyTo(Part):
    """Words that only these agencies may read."""

    words: list[Text]
    to: list[AgencyRef]


class NeverSay(Part):
    """What must not stand in anything that goes out.

    Every address and telephone number of the case and, in notifications and on alert topics, every name, date of birth
    and NHS number are searched for without being listed here.
    """

    anywhere: list[Text] = Field(default_factory=list)
    only_to: list[OnlyTo] = Field(default_factory=list)


class Expectations(Part):
    """Everything asserted about alerts. Nothing else of the rules named in `rules` may ring."""

    rules: Literal["all"] | Annotated[list[Rule], Field(min_length=1)]
    """`all`: every rule that tells anybody, whatever rules the release has. What rules on trial would have raised is
    compared only where `alerts` lists it or a rule on trial is named here; `to` is then whom it would have told."""
    alerts: list[ExpectedAlert] = Field(default_factory=list)
    must_not: list[MustNot] = Field(default_factory=list)
    never_say: NeverSay = NeverSay()

    def asserts(self, rule: str) -> bool:
        """Say whether every alert of this rule must be among the expected."""
        return self.rules == "all" or rule in self.rules


class OnePerson(Part):
    """All records that agencies make of this person are one, save those of `but`."""

    ref: PersonRef
    but: list[AgencyRef] = Field(default_factory=list)


class JoinedSlot(Part):
    """A person nobody had named turns out to be somebody."""

    slot: PersonRef
    person: PersonRef
    at: ClockTime
    in_: In | None = Field(default=None, alias="in")


class OpenReview(Part):
    """Only possibly the same: an internal task, open until somebody decides."""

    record: PersonRef
    candidate: PersonRef
    opened: ClockTime
    in_: In | None = Field(default=None, alias="in")


class IdentityTruth(Part):
    """Who is one person, who only may be, and who must never be linked."""

    one_person: list[OnePerson] = Field(default_factory=list)
    joined: list[JoinedSlot] = Field(default_factory=list)
    reviews: list[OpenReview] = Field(default_factory=list)
    apart: list[Annotated[list[PersonRef], Field(min_length=2, max_length=2)]] = Field(default_factory=list)


class Silent(Part):
    """First rungs that nobody answers."""

    alerts: list[Text]
    agency: AgencyRef
    until: ClockTime | None = None
    """Whoever is on duty from then on answers."""


class DutyDesk(Part):
    """How the people at the desks behave: all acknowledge what rings them, save those of `silent`."""

    acknowledge_after: dict[Urgency, Duration]
    second_rung_after: Duration
    silent: list[Silent] = Field(default_factory=list)
