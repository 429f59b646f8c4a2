"""The directory as people write it: the shape of `tocsin directory load` files and of `directory:` in case files.

    areas:
      west-midlands: {}
      birmingham: {within: west-midlands}            # or a list
    agencies:
      police-west-midlands:
        name: police, West Midlands                   # optional; the id otherwise
        sector: police                                # first word of its event types
        areas: [west-midlands]                        # none: no area, as the prison service
        desks:
          police-om: {name: police offender manager, hours: "08:00-18:00"}
          duty-inspector: {}                          # hours default to always
        ladders:                                      # by function; a rung is a desk or a list of desks
          lead: {in_hours: [police-om, om-supervisor], outside: [duty-inspector, superintendent]}
          control-room: {always: [control-room, force-duty-officer]}
        otherwise: lead                               # the ladder of a function not listed (if there are several)
        channels:                                     # monitored professional channels
          - {name: team duty telephone, phone: "07700 900300"}
        valid: {from: 2010-01-01, to: 2013-04-15}     # both optional, `to` inclusive
    coverage:                                         # an agency publishes all types of its sector, except:
      - {type: police.case-supervision.held, only: [police-west-midlands]}
      - {agency: employer-tamarisk, types: []}
    agreements:
      - {id: ..., from: [sector:police], to: [sector:probation], purpose: safeguarding, legal_basis: CJA2003-s325,
         regime: part-3, event_types: ["*"], fields: ["*"], shown: D2}

Hours are London local time, "always", "HH:MM-HH:MM" (Monday to Friday but bank holidays) or "daily HH:MM-HH:MM".
A rung may name another agency's desk as `<agency>/<desk>`. `directory: default` in rule tests is such a mapping too.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from schemas.handling import LegalBasis, Purpose, Regime

SLUG: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
HOURS: Final = r"^(always|(daily )?([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)$"

Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=80)]
DeskPath = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)?$", max_length=161)]
EventType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+){1,2}(\.v\d+)?$", max_length=120)]
Pattern = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z0-9-]+(\.[a-z0-9-]+)*(\.\*)?)$", max_length=120)]
Party = Annotated[str, StringConstraints(pattern=r"^(\*|(sector:)?[a-z0-9-]+)$", max_length=90)]
EvidenceField = Literal[
    "*",
    "what",
    "source",
    "reference",
    "occurred",
    "known_at",
    "recorded_at",
    "received_at",
    "grade",
    "people.names",
    "people.born",
    "people.area",
    "relationships",
    "fields",
]
"""What an agreement can permit of an event (services/disclosure/agreements.py). Sealed values cannot be named."""
Moment = AwareDatetime | date
Step = DeskPath | list[DeskPath]


def _forward(hours: str) -> str:
    start, _, end = hours.removeprefix("daily ").partition("-")
    if end and start >= end:
        raise ValueError("hours end after they begin, on the same day")
    return hours


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Validity(_Form):
    """When an entry holds: a date begins at 00:00 London, a closing date is inclusive; instants need an offset."""

    since: Moment | None = Field(default=None, alias="from")
    until: Moment | None = Field(default=None, alias="to")


class AreaForm(_Form):
    """An area and those it lies in."""

    within: Slug | list[Slug] = Field(default_factory=list)
    name: str | None = None
    valid: Validity = Validity()


class DeskForm(_Form):
    """A desk people answer at."""

    name: str | None = None
    hours: Annotated[str, StringConstraints(pattern=HOURS), AfterValidator(_forward)] = "always"
    phone: str | None = None
    """The desk's own 24/7 number as an alert may print it; professional desks only."""


class LadderForm(_Form):
    """Who is rung first, second ... for one function."""

    always: list[Step] | None = None
    in_hours: list[Step] | None = None
    outside: list[Step] | None = None

    @model_validator(mode="after")
    def _one_or_both(self) -> "LadderForm":
        if self.always is not None:
            if self.in_hours is not None or self.outside is not None:
                raise ValueError("give either `always`, or `in_hours` and `outside`")
        elif self.in_hours is None or self.outside is None:
            raise ValueError("give `in_hours` and `outside`, or `always`")
        if not all(self.always or [*(self.in_hours or ()), *(self.outside or ())]):
            raise ValueError("a ladder needs at least one rung, and a rung at least one desk")
        return self


class ChannelForm(_Form):
    """A channel professionals are bound to read. The number is kept as a token only."""

    name: str
    phone: str | None = None
    token: str | None = None
    valid: Validity = Validity()


class AgencyForm(_Form):
    """An agency on the bus."""

    sector: Slug
    name: str | None = None
    areas: list[Slug] = Field(default_factory=list)
    desks: dict[Slug, DeskForm] = Field(default_factory=dict)
    ladders: dict[Slug, LadderForm] = Field(default_factory=dict)
    otherwise: Slug | None = None
    channels: list[ChannelForm] = Field(default_factory=list)
    valid: Validity = Validity()


class CoverageForm(_Form):
    """An exception to "an agency publishes every type of its sector"."""

    type: EventType | None = None
    only: list[Slug] | None = None
    agency: Slug | None = None
    types: list[EventType] | None = None
    but: list[EventType] | None = None
    valid: Validity = Validity()

    @model_validator(mode="after")
    def _by_type_or_agency(self) -> "CoverageForm":
        by_type = self.type is not None and self.only is not None
        by_agency = self.agency is not None and (self.types is None) != (self.but is None)
        mixed = self.type is not None and self.agency is not None
        if mixed or by_type == by_agency:
            raise ValueError("give `type` and `only`, or `agency` and one of `types` and `but`")
        return self


class AgreementForm(_Form):
    """A sharing agreement: who may learn what from whom, why and on what legal basis. What none permits is denied."""

    id: Slug
    sources: list[Party] = Field(alias="from", min_length=1)
    recipients: list[Party] = Field(alias="to", min_length=1)
    purpose: Purpose
    legal_basis: LegalBasis
    regime: Regime
    event_types: list[Pattern] = Field(min_length=1)
    fields: list[EvidenceField] = Field(min_length=1)
    shown: Literal["D1", "D2", "D3"] = "D2"
    """The highest class this agreement carries."""
    valid: Validity = Validity()


class DirectoryForm(_Form):
    """The whole file."""

    areas: dict[Slug, AreaForm] = Field(default_factory=dict)
    agencies: dict[Slug, AgencyForm] = Field(default_factory=dict)
    coverage: list[CoverageForm] = Field(default_factory=list)
    agreements: list[AgreementForm] = Field(default_factory=list)
    taken_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _agreements_have_names_of_their_own(self) -> "DirectoryForm":
        ids = [agreement.id for agreement in self.agreements]
        if len(set(ids)) < len(ids):
            raise ValueError("two agreements have the same id")
        return self


def parse(mapping: Mapping[str, Any]) -> DirectoryForm:
    """Return the mapping as a form.

    Raises:
        pydantic.ValidationError: with the path of every field that is wrong.
    """
    return DirectoryForm.model_validate(mapping)


def dump(form: DirectoryForm) -> dict[str, Any]:
    """Return the form as plain JSON values, the way `parse` reads them."""
    return form.model_dump(mode="json", by_alias=True, exclude_defaults=True)
