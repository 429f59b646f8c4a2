"""What a case file may say. README.md in this folder explains it in the order in which one writes a case.

Everything is frozen and closed: an unknown key is an error with its line. Times are local to the case's time zone.
"""

from typing import Annotated, Any, Final, Literal, get_args

from pydantic import Field, StringConstraints, model_validator

from deploy.cases.expected import DutyDesk, Expectations, IdentityTruth, In
from deploy.cases.words import (
    TIMEZONE,
    AgencyRef,
    Born,
    ClockTime,
    Grade,
    Label,
    Part,
    PersonRef,
    RowRef,
    Sex,
    Slug,
    Text,
    When,
)
from schemas.people import Role
from schemas.relations import RelationKind
from services.directory.form import DirectoryForm

AS_KNOWN: Final = "as known"
"""Stands for "when it became known" where a row does not say when it happened."""

# Listed for editors; that a word is wrong is said by the event's own check, with the line and those that would do.
RoleWord = Annotated[Slug, Field(json_schema_extra={"enum": [*get_args(Role)]})]
KindWord = Annotated[Slug, Field(json_schema_extra={"enum": [*get_args(RelationKind)]})]


class Variant(Part):
    """One way of telling the case: by which clocks producers publish, and which producers are on the bus."""

    clocks: Literal["as-known", "as-recorded"]
    with_: list[Slug] = Field(default=[], alias="with")


class Place(Part):
    """An address. Sealed wherever it travels, save its area."""

    what: Text | None = None
    name: Text | None = None
    lines: list[Text] = Field(min_length=1)
    postcode: Text | None = None
    area: Slug | None = None
    setting: Slug | None = None


class Phone(Part):
    """A telephone number. Sealed wherever it travels."""

    number: Text
    what: Text | None = None


class SlotOf(Part):
    """Who somebody unnamed is, to whom."""

    of: PersonRef
    relation: Slug


class Somebody(Part):
    """A person of the case as they really are, or a placeholder for one nobody has named."""

    is_: Text = Field(alias="is")
    """Who this is in the review. Roles, never names of real people."""
    name: Text | None = None
    born: Born | None = None
    sex: Sex | None = None
    identifiers: dict[Text, Text] = Field(default_factory=dict)
    slot: SlotOf | None = None

    @model_validator(mode="after")
    def _named_or_slot(self) -> "Somebody":
        if (self.name is None) == (self.slot is None):
            raise ValueError("give a `name` or a `slot`, and only one of them")
        return self


class PersonForm(Part):
    """How an agency writes a person. The first form of a person that fits a row counts."""

    by: AgencyRef | list[AgencyRef]
    """Agencies that write this form; `others`: all that have no form of their own."""
    rows: list[RowRef] = Field(default_factory=list)
    """Only in these rows."""
    before: ClockTime | None = None
    """Only in rows known before this time."""
    name: Text | None = None
    """`Given Middle Family` or `FAMILY, Given Middle`; capitals as written."""
    born: Born | None = None
    sex: Sex | None = None
    own_id: Text | None = None
    identifiers: list[Text] | dict[Text, Text] = Field(default_factory=list)
    """Kinds of identifier the agency quotes; with a value where it writes it differently."""
    address: Text | None = None
    phones: list[Text] = Field(default_factory=list)
    workplace: Text | None = None
    unnamed_sender: Literal[True] | None = None


class Children(Part):
    """What was said of a person's children."""

    known: Literal["stated", "none", "unknown"]
    count: Annotated[int, Field(ge=0, le=30)] | None = None


class InRole(Part):
    """A person in one row: the role, and what this row alone says of them."""

    role: RoleWord
    area: Slug | None = None
    children: Children | None = None
    workplace: Text | None = None
    address: Text | None = None
    phones: list[Text] = Field(default_factory=list)


class Relation(Part):
    """A claim that two people of the row stand in a relation. `parent`: from the parent; `contact`: from the adult."""

    from_: PersonRef = Field(alias="from")
    to: PersonRef
    kind: KindWord
    status: Literal["reported", "disclosed", "denied", "confirmed", "ended"]
    since: When = None
    until: When = None
    grade: Grade | None = None
    named: bool | None = None
    claimed_by: PersonRef | Literal["agency"] | None = None
    grounds: Slug | None = None
    cites: list[RowRef] = Field(default_factory=list)


class Informant(Part):
    """From whom the agency has it at first hand: a person of the row, or staff by reference."""

    ref: PersonRef | None = None
    staff: Text | None = None
    origin: AgencyRef | None = None


class Content(Part):
    """What an event says, beside its clocks."""

    row: RowRef
    in_: In | None = Field(default=None, alias="in")
    from_: AgencyRef = Field(alias="from")
    """The agency that publishes it."""
    type: Annotated[str, StringConstraints(pattern=r"^[a-z-]+\.[a-z0-9-]+\.[a-z0-9-]+(\.v\d+)?$")]
    """`sector.subject.happened`; version 1 unless it says `.vN`."""
    people: dict[PersonRef, RoleWord | InRole] = Field(default_factory=dict)
    """Left out where an event is about nobody in particular, such as how many cases a team has."""
    relationships: list[Relation] = Field(default_factory=list)
    grade: Grade | None = None
    informant: Informant | None = None
    recorded_by: Literal["lead"] | None = None
    cites: list[RowRef] = Field(default_factory=list)
    fields: dict[str, Any] = Field(default_factory=dict)
    """The type's own fields. Names of agencies, places and telephones stand for their id, address and number;
    `{row: 52a}` for that row's event; local times are given their offset."""
    text: Text | None = None
    """Free text: travels sealed, is never sent on."""
    paragraph: Text = "-"
    """Of the review."""
    summary: Text | None = None
    """One sentence for the printed timeline, in roles. Left out: the type of the event."""


class HistoryRow(Content):
    """Something known long before: evidence, never a ring."""

    occurred: When
    """Also when it was known and recorded, as far as anybody can say now."""


class Row(Content):
    """Something an agency learned during the case."""

    known: ClockTime
    occurred: When = AS_KNOWN
    """Left out: when it became known."""
    recorded: ClockTime | None = None
    """When it went on a system, if later: `as-recorded` variants receive it then."""

    @model_validator(mode="after")
    def _recorded_after(self) -> "Row":
        if self.recorded is not None and self.recorded < self.known:
            raise ValueError("`recorded` is before `known`: nothing is written down before it is known")
        return self


class LeadRole(Part):
    """Which agency leads on a person, and when."""

    of: PersonRef
    role: Literal["probation-lead", "police-lead", "mappa-lead", "prison", "approved-premises"]
    held_by: AgencyRef
    from_: ClockTime = Field(alias="from")
    until: ClockTime | None = None
    in_: In | None = Field(default=None, alias="in")


class Case(Part):
    """A whole case file."""

    case: Slug
    title: Text
    about: Text | None = None
    timezone: Literal["Europe/London"] = TIMEZONE
    begins: ClockTime
    ends: ClockTime
    history_received: ClockTime
    """When the bus took the history in; before `begins`."""
    counts_to: Text | None = None
    """The day to which the closing table counts, such as 2013-05-31, and `counts_to_words`."""
    counts_to_words: Text = "before the end"
    variants: dict[Label, Variant] = Field(default_factory=lambda: {"as-known": Variant(clocks="as-known")})
    directory: DirectoryForm
    agencies: dict[AgencyRef, Slug] = Field(min_length=1)
    places: dict[Text, Place] = Field(default_factory=dict)
    phones: dict[Text, Phone] = Field(default_factory=dict)
    cast: dict[PersonRef, Somebody] = Field(min_length=1)
    forms: dict[PersonRef, list[PersonForm]] = Field(default_factory=dict)
    lead_roles: list[LeadRole] = Field(default_factory=list)
    history: list[HistoryRow] = Field(default_factory=list)
    rows: list[Row] = Field(min_length=1)
    duty_desk: DutyDesk | None = None
    expect: Expectations | None = None
    identity: IdentityTruth = IdentityTruth()

    @model_validator(mode="after")
    def _in_order(self) -> "Case":
        if not self.history_received < self.begins < self.ends:
            raise ValueError("`history_received`, `begins` and `ends` must follow each other")
        return self
