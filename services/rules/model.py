"""What a rule file may say: one YAML file for each rule, read strictly. Unknown fields and kinds are load errors.

The shape follows design section 5. Words in `while`, `unless`, `when` ... are looked up when the rule is compiled.
A word with a value is written as a mapping: `- {subject is flagged: [pprc, schedule-1]}`.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from services.rules.words.times import Clock, Length

Kind = Literal["event", "count", "distinct", "together", "absence", "deadline", "path", "contradiction"]
Status = Literal["draft", "shadow", "live", "paused", "retired"]
Level = Literal["U1", "U2", "U3", "U4"]
Shown = Literal["D1", "D2", "D3"]
NCode = Literal["N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8"]
Answered = Literal["closed", "closed once enough", "counts on"]
COUNTING: Final = frozenset({"count", "distinct"})
"""Kinds whose evidence rings only together."""
AnchorPart = Literal["event", "subject", "other", "term"]

Word = str | dict[str, Any]
"""A word, or `{word: value}`; `{any: [...]}` and `{not: word}` where conditions are asked."""


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, arbitrary_types_allowed=True)


def _length(value: object) -> object:
    return Length.parse(value) if isinstance(value, str) else value


class Pattern(_Closed):
    """Events: by type, by what their fields say, by whom they name."""

    types: list[str] = Field(default_factory=list)
    """Event types without version, `*.happened` for any sector, or a family: `report`, `social care record`, `sighting`."""
    where: dict[str, Any] = Field(default_factory=dict)
    """Field tests: a value, a list of values, {not: value}, {present: true}. A dot leads into an object."""
    which: list[Word] = Field(default_factory=list)
    """Words that must be true of the event."""
    word: Word | None = None
    """A source of the vocabulary, in place of types."""
    predicate: Word | None = None
    """A source that only this rule needs: name@version."""

    @model_validator(mode="after")
    def _one_source(self) -> "Pattern":
        if sum((bool(self.types), self.word is not None, self.predicate is not None)) != 1:
            raise ValueError("give exactly one of types, word and predicate")
        return self


class Other(_Closed):
    """Another person that the event must name beside the subject; each makes a situation of its own."""

    flagged: list[str] = Field(default_factory=list)
    role: list[str] = Field(default_factory=list)
    relation: list[str] = Field(default_factory=list)
    """Kinds of claim that tie the two, at least one of which the event must make."""


class Of(Pattern):
    """What the rule watches for."""

    role: str = "subject"
    """The role in which the event names the rule's subject; `any` for whichever."""
    other: Other | None = None
    term: str | None = None
    """Field whose value, such as a licence's name, belongs to the anchor."""


class Date(_Closed):
    """A date that events state, and restate when it moves."""

    types: list[str]
    field: str
    term: str
    """Field that names what the date is of: what is stated last of it stands."""
    live: bool = False
    """Only where a live event has stated the date, or changed it; history alone does not do."""


class Closing(_Closed):
    """An answer or a lapse: events that close what was known before them."""

    types: list[str] = Field(default_factory=list)
    where: dict[str, Any] = Field(default_factory=dict)
    reasons: bool = False
    """Only with `rationale: given`."""
    names: list[Literal["subject", "other", "each"]] = Field(default_factory=list)
    """People it must name."""
    points_at: Literal["event"] | None = None
    """It must cite the anchor's event, or name it in a field."""
    same_agency: bool = False
    """Only from the agency that recorded the anchor's event."""
    same: str | None = None
    """Field that must equal the anchor's term."""
    word: Word | None = None
    predicate: Word | None = None
    clock: Clock | None = None
    """Whose clock counts; the rule's own if left out."""
    since: Length | None = None
    """deadline: an answer counts if it was given no longer than this before the date."""
    after: Length | None = None
    """A lapse so long after the newest evidence."""
    evidence: list[str] = Field(default_factory=list)
    """Closes evidence of these kinds only."""

    @field_validator("after", "since", mode="before")
    @classmethod
    def _read_after(cls, value: object) -> object:
        return _length(value)

    @model_validator(mode="after")
    def _one_source(self) -> "Closing":
        given = (bool(self.types), self.word is not None, self.predicate is not None, self.after is not None)
        if sum(given) != 1:
            raise ValueError("give exactly one of types, word, predicate and after")
        return self


class Distinct(_Closed):
    """How many different ones are needed."""

    of: Literal["agency", "informant", "person", "harmed", "sign"]
    at_least: Annotated[int, Field(ge=2, le=50)]


class Coverage(_Closed):
    """Who would have to publish the answer: an absence says nothing where nobody would."""

    type: str
    """`*.happened` takes the agency's own sector."""
    by: Word = "recording agency"
    """A set of agencies by its name; one of them is enough."""


class Leg(_Closed):
    """One way for a rule to fire."""

    kind: Kind | None = None
    """Left out only beside `any_of`, whose legs have theirs."""
    of: Of | None = None
    with_: Of | None = Field(default=None, alias="with")
    """together, contradiction: the second kind of event."""
    compare: dict[str, Any] | None = None
    """contradiction: {field, how: differs|lower|omits, order: [...]}."""
    evidence: list[Literal["partner", "contact", "tie"]] = Field(default_factory=list)
    """path: kinds of relation evidence."""
    renewed_within: Length | None = None
    date: Date | None = None
    date_from: Word | None = None
    """deadline: a source of dates that only Python can work out."""
    clock: Clock | None = None
    within: Length | None = None
    """absence: the window. count, distinct, together: how near to each other; distinct without it: ever."""
    sooner: Closing | None = None
    """absence: an event that ends the waiting early."""
    at_least: Annotated[int, Field(ge=2, le=1_000)] | None = None
    distinct: list[Distinct] = Field(default_factory=list)
    answered: Answered = "closed"
    """count, distinct: what becomes of evidence known before an answer. See services/rules/answered.py."""
    latest: bool = False
    """Only the newest matching event starts a window."""
    steps: list[Length] = Field(default_factory=list)
    """deadline: before the date. Otherwise: after the start. Each tells again."""
    for_each: Word | None = None
    covered: list[Coverage] = Field(default_factory=list)
    """absence: runs only where the answer would be published."""
    while_: list[Word] = Field(default_factory=list, alias="while")
    only_updates: list[Word] = Field(default_factory=list)
    """Where one of these states holds, evidence joins what stands and rings nobody itself."""
    unless: list[Closing] = Field(default_factory=list)
    lapses: list[Closing] = Field(default_factory=list)

    @model_validator(mode="after")
    def _answered_where_counted(self) -> "Leg":
        if "answered" in self.model_fields_set and not (self.kind in COUNTING and self.unless):
            raise ValueError("`answered` is for a count or distinct that has `unless`: nothing else is closed by it")
        return self

    @field_validator("within", "renewed_within", mode="before")
    @classmethod
    def _read_length(cls, value: object) -> object:
        return _length(value)

    @field_validator("steps", mode="before")
    @classmethod
    def _read_steps(cls, value: object) -> object:
        return [_length(each) for each in value] if isinstance(value, list) else value


class Urgency(_Closed):
    """One row of the table of urgencies; the first whose conditions all hold decides."""

    level: Level
    when: list[Word] = Field(default_factory=list)


class To(_Closed):
    """Whom the rule tells."""

    role: str
    """A lead role of the subject, `owner`, `<kind>-for-area`, or the function told (`supervisor`, `control-room` ...)."""
    of: Word = "subject"
    """Whose role or area: `subject`, `other`, `recording agency`, a lead role, or a set of agencies by its name."""
    ladder: str | None = None
    shown: Shown
    when: list[Word] = Field(default_factory=list)
    after_role: Shown | None = None
    """If nobody holds the lead role now: what whoever held it last is shown ..."""
    for_: Length | None = Field(default=None, alias="for")
    """... for so long after the role ended."""

    @field_validator("for_", mode="before")
    @classmethod
    def _read_length(cls, value: object) -> object:
        return _length(value)


class Lifts(_Closed):
    """A rule of the second stratum that raises the urgency of others while it holds, about the same two people."""

    levels: Annotated[int, Field(ge=1, le=3)] = 1
    uncorroborated_at_most: Level
    """What one uncertain voice says is not lifted above this."""
    except_: list[str] = Field(default_factory=list, alias="except")
    """Rules whose anchor names two people and is about something else."""


class Parameter(_Closed):
    """A threshold or clock that may be set for an area, within bounds. See services/rules/parameters.py."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    at: str
    """Where the value stands in this file: `within`, `any_of.0.within`, `distinct.0.at_least`."""
    least: Length | int
    most: Length | int
    says: Annotated[str, StringConstraints(min_length=10)]
    """What it is, in words that whoever sets it and whoever reads the alert understands."""

    @field_validator("least", "most", mode="before")
    @classmethod
    def _read_length(cls, value: object) -> object:
        return _length(value)


class Text(_Closed):
    """What an alert says, in plain English without names. `{...}` are filled in: see services/rules/text.py."""

    why: str
    only: dict[str, str] = Field(default_factory=dict)
    """By kind of evidence, as `evidence is` names it: what is said in place of `why` where all the evidence is of that kind.
    A rule of two legs must not say of a family what only the other leg would have found.
    """
    unknown: list[str] = Field(default_factory=list)
    would_stop: list[str] = Field(default_factory=list)


class Test(_Closed):
    """A test that stands in the rule file; run by services/rules/trial.py."""

    name: str
    kind: Literal["positive", "near-miss", "late-arrival", "any-order", "merge"]
    directory: str | dict[str, Any] = "default"
    given: list[dict[str, Any]]
    beside: list[str] = Field(default_factory=list)
    """Other rules of the catalogue that are judged with this one, for a rule over findings. Only this one's are compared."""
    until: str | None = None
    expect: list[dict[str, Any]] = Field(default_factory=list)
    permute: Literal["all"] | int | None = None


class RuleFile(Leg):
    """One rule. What stands beside `any_of` holds for each of its legs."""

    id: Annotated[str, StringConstraints(pattern=r"^R\d\d$")]
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    version: Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
    status: Status
    owner: str
    why: Annotated[str, StringConstraints(min_length=40)]
    """Paragraphs: the review findings it answers."""
    purpose: Literal["safeguarding"]
    legal_basis: Annotated[list[str], Field(min_length=1)]
    stratum: Literal[1, 2] = 1
    """2: judged after the others, over what they found. It may read findings, and never those of its own stratum."""
    lifts: Lifts | None = None
    """It lifts the alerts that stand on the same two people, and raises its own only where none stands."""
    subject: str
    """Whom it is about, in words; the roles and conditions say so exactly."""
    watches: Annotated[list[str], Field(min_length=1)]
    """Types of event whose presence may make it fire; others are not looked at. Families are allowed."""
    hops: Annotated[int, Field(ge=0, le=2)]
    anchor: Annotated[list[AnchorPart], Field(min_length=1)]
    any_of: list[Leg] = Field(default_factory=list)
    urgency: Annotated[list[Urgency], Field(min_length=1)]
    uncorroborated: Literal["rings at its own urgency", "rings the owner alone, at U2 at most"]
    to: Annotated[list[To], Field(min_length=1)]
    never: list[NCode] = Field(default_factory=list)
    acknowledge: dict[Level, Length] = Field(default_factory=dict)
    """How long each rung has to acknowledge, at the urgencies that page people; the ladder's own clock, said here too."""
    parameters: list[Parameter] = Field(default_factory=list)
    """What a local board may set for its area."""
    details: list[str] = Field(default_factory=list)
    text: Text
    tests: list[Test] = Field(default_factory=list)

    @field_validator("acknowledge", mode="before")
    @classmethod
    def _read_acknowledge(cls, value: object) -> object:
        return {level: _length(text) for level, text in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _kind_or_legs(self) -> "RuleFile":
        if (self.kind is None) == (not self.any_of):
            raise ValueError("give either a kind or any_of")
        if self.lifts is not None and (self.stratum != 2 or "other" not in self.anchor):  # noqa: PLR2004 - the second
            raise ValueError("a rule that lifts others is of stratum 2 and anchored on two people")
        if self.stratum == 1 and "other" in self.anchor and self.anchor[0] != "subject":
            raise ValueError(
                "an anchor on two people names the subject first: who the other is, is looked up by its place"
            )
        if self.urgency[-1].when:
            raise ValueError("the last urgency must hold without conditions")
        return self

    @property
    def major(self) -> int:
        """The part of the version that makes alerts new ones."""
        return int(self.version.split(".", 1)[0])

    def legs(self) -> list[Leg]:
        """Return the ways to fire, each with what is shared by all."""
        if not self.any_of:
            return [Leg.model_construct(**{name: getattr(self, name) for name in Leg.model_fields})]
        return [self._shared_with(leg) for leg in self.any_of]

    def _shared_with(self, leg: Leg) -> Leg:
        shared: dict[str, Any] = {
            "while_": [*self.while_, *leg.while_],
            "only_updates": [*self.only_updates, *leg.only_updates],
            "unless": [*self.unless, *leg.unless],
            "lapses": [*self.lapses, *leg.lapses],
            "clock": leg.clock or self.clock,
            "within": leg.within or self.within,
            "of": leg.of or self.of,
        }
        return leg.model_copy(update=shared)
