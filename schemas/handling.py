"""What may be done with a piece of information, and which parts of it are sealed.

Handling follows the 3x5x2 intelligence report: a grade of source and content, and a code that says whether it may be
passed on. Purposes and legal bases are closed lists, because an agreement can only permit what it can name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.closed import Closed, many, written

SealedKind = Literal["text", "phone", "name", "dwelling", "postcode"]


@dataclass(frozen=True, slots=True)
class SealedAs:
    """Marks a field whose value never leaves the sealed store: it travels on as a token of this kind.

    `text` is free text, `phone` a telephone number, `name` the name of a workplace; the lines and the postcode of an
    address become one `dwelling` token and one `postcode` token (see schemas.sealing).
    """

    kind: SealedKind


SEALED: Final = SealedAs("text")

MAX_TEXT_CHARS: Final = 10_000
"""Characters. A full statement fits; anything longer belongs in the agency's own system, with a reference here."""

SealedText = Annotated[
    str,
    written(r"^[^\x00]+$", "Write text without NUL characters.", most=MAX_TEXT_CHARS),  # PostgreSQL cannot hold one
    SEALED,
]
Phone = Annotated[
    str,
    # Digits as people write them, with an optional country code. 7 digits: shortest local; 15: longest by E.164.
    written(r"^\+?\(?[0-9](?:[ ()-]{0,2}[0-9]){6,14}$", "Write 7 to 15 digits, with + for a country code.", most=40),
    SealedAs("phone"),
]

Grade = Annotated[str, written(r"^[1-3][A-E]$", "Write source 1 to 3 and content A to E, such as 2C.")]
"""Source 1 reliable, 2 untested, 3 not reliable; content A direct, B corroborated, C indirect, D unknown, E false."""

HandlingCode = Literal["P", "C"]
"""P: lawful sharing permitted. C: only under the conditions named."""

Regime = Literal["part-3", "uk-gdpr"]
"""Part 3 of the Data Protection Act 2018 (law enforcement), or UK GDPR with Part 2."""

Purpose = Literal[
    "safeguarding", "child-protection", "public-protection", "domestic-abuse", "care", "housing", "statutory-review"
]

LegalBasis = Literal[
    "CJA2003-s325",  # duty to co-operate in public protection arrangements
    "CDA1998-s115",  # power to disclose to prevent crime and disorder
    "CA1989-s17",  # children in need
    "CA1989-s47",  # enquiries into significant harm
    "CA2004-s10",  # co-operation to improve well-being
    "CA2004-s11",  # duty to safeguard and promote welfare
    "CA2004-s16F",  # child safeguarding practice reviews
    "CA2014-s42",  # enquiries about an adult at risk
    "DVCVA2004-s9",  # domestic homicide reviews
    "DA2021-s77",  # disclosure of domestic violence and abuse
    "DPA2018-s1-18",  # Schedule 1 paragraph 18: safeguarding of children and of individuals at risk
    "common-law",  # policing powers, and confidence overridden by the public interest
    "court-order",
]

_SLUG: Final = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"

Code = Annotated[str, written(_SLUG, "Write lower-case words joined by hyphens.", most=60)]
"""A word of an open list: lower case, digits and hyphens. Never a name, never a sentence."""

WITHHELD: Final[Mapping[Code, str]] = {
    "agreement": "Part of what this rests on: no sharing agreement lets you see it.",
    "held": "Part of what this rests on: its owner has set conditions that are not met yet.",
    "class": "What this rests on: you are shown a pointer only.",
    "gone": "Part of what this rests on: it was erased.",
    "n1": "Addresses, workplaces and telephone numbers.",
    "n2": "Who told us.",
    "n3": "The content of convictions and intelligence.",
    "n4": "Other families and children.",
    "n5": "Health and intimate matters.",
    "n7": "Immigration status.",
    "protected": "The identity of somebody protected.",
}
"""Codes of what is not shown, and how to say them. Sealed values are never shown: n1 stands wherever evidence does."""

Withheld = Annotated[
    tuple[Code, ...],
    many(30),
    Field(
        description="\n".join(
            (
                "Kinds of content that are there and not for this recipient.",
                *(f"{code}: {said}" for code, said in WITHHELD.items()),
            )
        )
    ),
]

AgencyId = Annotated[str, written(_SLUG, "Write lower-case words joined by hyphens.", most=60)]
"""Slug of an agency in the directory, such as `police-west-midlands`."""

AreaId = Annotated[str, written(_SLUG, "Write lower-case words joined by hyphens.", most=60)]
"""Slug of an area in the directory, such as `birmingham`."""


class Handling(Closed):
    """Why this was shared and what binds those who receive it. Every event says it; nothing is shared without."""

    code: HandlingCode
    """`P`: lawful sharing permitted. `C`: only under `conditions`."""
    purpose: Purpose
    """What it is shared for. An agreement permits what it names, and nothing else."""
    legal_basis: LegalBasis
    """The duty or power it is shared under: an Act by its initials and year, then the section. `CA2004-s11` is the Children
    Act 2004.
    """
    regime: Regime
    """`part-3` of the Data Protection Act 2018 (law enforcement), or `uk-gdpr`."""
    conditions: Annotated[tuple[Code, ...], many(10)] = ()
    """With code C: what must be met before anything is passed on."""
