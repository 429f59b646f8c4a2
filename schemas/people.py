"""People as an event mentions them: never identified here, only described by one agency at one time.

What one field cannot say alone (a name of some kind, a check digit) is checked by schemas.consistency.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, PartialDate, When
from schemas.closed import Closed, many, written
from schemas.handling import AreaId, Phone, SealedAs

MAX_PEOPLE: Final = 40
"""People in one event: the largest case the rules will judge (design section 5). A longer list is not an event."""
MAX_NAMES: Final = 10
"""Names of one person: current, former, aliases. More is a search result, not a mention."""
MAX_NAME_CHARS: Final = 70
"""Characters of one name part, as in the NHS and Home Office name standards (35) doubled for transliteration."""
MAX_IDENTIFIERS: Final = 20
MAX_ADDRESSES: Final = 10
MAX_PHONES: Final = 10
MAX_CHILDREN: Final = 30

Ref = Annotated[
    str, written(r"^[A-Za-z0-9][A-Za-z0-9_.?-]*$", "Write a short word: letters, digits and _ . ? - only.", most=40)
]
"""What this event calls a person: any short word, unique within the event and meaningless outside it."""


@dataclass(frozen=True, slots=True)
class PersonRef:
    """Marks a field that must be the `ref` of somebody in `people`, or the one other word allowed there."""

    besides: str | None = None


Person = Annotated[Ref, PersonRef()]

Role = Literal[
    "subject",  # the person the event is mainly about
    "at-risk",
    "child",
    "parent",
    "partner",
    "visitor",
    "correspondent",
    "reporter",
    "alleged",  # the person something is alleged of: an allegation, not a finding
    "sibling",
    "carer",
    "former-carer",
    "recipient",
    "victim",
    "deceased",
    "harmed",
    "restricted",
    "protected",
    "professional",
    "other",
]

_NamePart = Annotated[
    str,
    # Any script; no digits, brackets or control characters: names, not numbers or notes.
    written(
        r"^[^\x00-\x1f\x7f0-9<>{}()\[\]@#/\\|=_;:!?%&*+~^$\"]+$",
        "Write a name in letters, without digits or brackets.",
        most=MAX_NAME_CHARS,
    ),
]


class Name(Closed):
    """One name, as the agency writes it: given, family or both. Capitals do not matter."""

    given: _NamePart | None = None
    """Given name, several with spaces between. Any script; no digits."""
    middle: _NamePart | None = None
    """Middle names, if they are kept apart."""
    family: _NamePart | None = None
    """Family name, with its particle: `de Souza`."""
    kind: Literal["current", "alias", "former"] = "current"
    """`alias`: used beside the current one. `former`: no longer borne."""


class Identifier(Closed):
    """A number that names a person in some system. Those with a check digit are checked."""

    system: Annotated[
        str,
        written(
            r"^(?:nhs|pnc|cro|prison|crn|upn|nino|prison-contact|local:[a-z0-9]+(?:-[a-z0-9]+)*)$",
            "Write nhs, pnc, cro, prison, crn, upn, nino, prison-contact, or local: and the name of your system.",
            most=60,
        ),
    ]
    """nhs, pnc, cro, prison, crn, upn, nino, prison-contact, or `local:` and the name of the agency's own system."""
    value: Annotated[
        str, written(r"^[A-Za-z0-9][A-Za-z0-9 ./_-]*$", "Write letters, digits, spaces and . / _ - only.", most=40)
    ]
    """The number as issued, such as `9990000018`; spaces and small letters do not matter."""


_Line = Annotated[str, written(r"^[^\x00-\x1f\x7f]+$", "Write one line of text.", most=100)]

Lines = Annotated[tuple[_Line, ...], many(6), SealedAs("dwelling")]
"""Lines of an address without its postcode, as on an envelope."""

Postcode = Annotated[
    str,
    written(r"^[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}$", "Write a postcode such as B22 9ZZ."),
    SealedAs("postcode"),
]

Setting = Literal[
    "home",
    "approved-premises",
    "supported-housing",
    "hostel",
    "refuge",
    "care-home",
    "hospital",
    "school",
    "nursery",
    "childrens-home",
    "prison",
    "other",
]


class Address(Closed):
    """Where somebody lives or lived. Only the area travels in clear."""

    area: AreaId | None = None
    """The area of the directory it lies in, such as `exford`: decides who is told."""
    lines: Lines = ()
    """As on an envelope, without the postcode. Sealed."""
    postcode: Postcode | None = None
    """Such as `B22 9ZZ`. Sealed."""
    current: bool = True
    """False: lived there before."""


class Workplace(Closed):
    """Where somebody works, as far as it was stated."""

    name: Annotated[_Line, SealedAs("name")] | None = None
    """What the place is called. Sealed."""
    lines: Lines = ()
    """As on an envelope, without the postcode. Sealed."""
    postcode: Postcode | None = None
    """Such as `B22 9ZZ`. Sealed."""
    area: AreaId | None = None
    """The area of the directory it lies in."""
    setting: Setting | None = None
    """What kind of place it is."""


class Children(Closed):
    """What was said of a person's children. Silence is `unknown`, which is not `none`."""

    known: Literal["stated", "none", "unknown"]
    """`none`: they are said to have no children. `unknown`: nobody said."""
    count: Annotated[int, Field(ge=0, le=MAX_CHILDREN)] | None = None
    """With `stated`: how many, if that was said."""


SlotRelation = Literal["partner", "ex-partner", "child", "parent", "father", "mother", "sibling", "carer", "other"]


class Slot(Closed):
    """A person nobody has named: who they are, to whom, and over what period."""

    of: Person
    """The `ref` of the person they are something to."""
    relation: SlotRelation
    """What they are to that person."""
    since: When = UNKNOWN
    """From when they were that."""
    until: When = UNKNOWN
    """Until when. Left out: no end is known."""


class PersonMention(Closed):
    """One person as this event knows them.

    Somebody unnamed is a legal mention: a placeholder says whose partner or child they are (`slot`); the unnamed
    sender of a message has `unnamed_sender` and a telephone number.
    """

    ref: Ref
    """Your short word for this person, unique in this event and meaningless outside it: `S`, `C1`."""
    role: Role
    """What somebody is in this event. `alleged`: something is alleged of them, which is not a finding."""
    own_id: (
        Annotated[
            str,
            written(r"^[A-Za-z0-9][A-Za-z0-9 ./_:-]*$", "Write letters, digits, spaces and . / _ : - only.", most=64),
        ]
        | None
    ) = None
    """The sending agency's own number for this person. Events about one person keep their order by it."""
    names: Annotated[tuple[Name, ...], many(MAX_NAMES)] = ()
    """All names known, the current one first."""
    born: PartialDate | None = None
    """Date of birth as far as it is known: `1981-06-14`, `1981-06` or `1981`."""
    sex: Literal["m", "f", "x"] | None = None
    """As recorded: male, female, `x` neither. Left out: not recorded."""
    identifiers: Annotated[tuple[Identifier, ...], many(MAX_IDENTIFIERS)] = ()
    """Numbers that name this person in some system."""
    addresses: Annotated[tuple[Address, ...], many(MAX_ADDRESSES)] = ()
    """Where this person lives or lived."""
    area: AreaId | None = None
    """Where they are said to live, when no address was given."""
    phones: Annotated[tuple[Phone, ...], many(MAX_PHONES)] = ()
    """Telephone numbers, with or without country code. Sealed."""
    workplace: Workplace | None = None
    """Where this person works, paid or not."""
    children: Children | None = None
    """What was said about whether this person has children."""
    slot: Slot | None = None
    """Of somebody unnamed: whose partner, child or parent they are. It joins when it is learnt who that is."""
    unnamed_sender: Literal[True] | None = None
    """The unknown sender of a message, known by a telephone number only."""
    protected: Literal[True] | None = None
    """The identity is sealed (an adoption, a new name, witness protection, gender recognition): nobody is linked to this
    person by machine, and nothing of them is shown but to those who may know. Why is not said: that alone would tell.
    It needs `own_id`, and holds for everything this agency says under that number, before and after. Sending it takes
    the scope `identity:protected`."""
