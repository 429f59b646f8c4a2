"""How often what happens in a city of a million, in a year; each rate with its source, or marked as assumed.

Counts of England (57.7 million people) or England and Wales (60.9 million), divided by the population and rounded: from public
statistics as remembered, to be checked before anybody plans a desk by them. They set the order of magnitude, no more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.bench.year import families
from tests.bench.year.families import Family


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of family."""

    name: str
    in_a_million: int
    """Families of this kind with anything on the bus in a year."""
    source: str
    tell: Callable[[Family], None]


ORDINARY: Final = (
    Kind(
        "domestic abuse incident",
        14_000,
        "ONS, year to March 2024: 1.35 million recorded incidents and crimes in England and Wales = 22,000 in a million; "
        "that three in ten households come again, and how often, is assumed",
        families.incident,
    ),
    Kind(
        "child referred, not for domestic abuse",
        5_500,
        "DfE, year to March 2024: 622,000 referrals in England = 10,800 in a million; that half are not from the police is assumed",
        families.school_concern,
    ),
    Kind("child on a plan", 870, "DfE, 31 March 2024: 49,900 plans in England", families.plan),
    Kind(
        "supervised by probation",
        3_950,
        "MoJ, 2024: 239,000 on the caseload of England and Wales; that 9 % are of high risk is assumed",
        families.supervised,
    ),
    Kind("registered sexual offender", 1_150, "MoJ, MAPPA report 2023/24: 70,000 in category 1", families.registered),
    Kind(
        "prisoner with visits",
        900,
        "MoJ, 2024: 88,000 in prison; that six in ten are visited is assumed",
        families.visited_in_prison,
    ),
    Kind("child's injury explained", 1_500, "assumed: no count of what hospitals would put on a bus", families.injury),
)

DANGERS: Final = 300
"""Dangerous families in a year. Assumed: some hundred times the reviews and serious further offences that a million people
have in a year (three), since most dangers are met in time or end otherwise."""
