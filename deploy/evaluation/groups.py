"""Groups by which the figures are broken down: where a name comes from, sex, age, agency.

A person belongs to one origin, sex and age band, by all their records together: a misspelt name must not change the
group its error is counted in. The agency is the record's own.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from deploy.evaluation.labelled import Labelled
from deploy.evaluation.origins import origin

AGE_BANDS: Final = (
    (2008, "born 2008 or later"),
    (1990, "born 1990 to 2007"),
    (1965, "born 1965 to 1989"),
    (0, "born before"),
)
"""First year of birth, and what the band is called: children, young adults, the middle, the old."""


def groups_of(records: Sequence[Labelled]) -> Mapping[str, Iterable[str]]:
    """Rid -> its groups."""
    by_person: dict[str, list[Labelled]] = {}
    for record in records:
        by_person.setdefault(record.person, []).append(record)
    found: dict[str, list[str]] = {}
    for own in by_person.values():
        shared = [f"origin: {origin(own)}", f"sex: {_most(r.sex for r in own)}", f"age: {_band(own)}"]
        found |= {record.rid: [*shared, f"agency: {record.source}"] for record in own}
    return found


def _most(values: Iterable[str | None]) -> str:
    known = Counter(value for value in values if value)
    return min(known, key=lambda value: (-known[value], value)) if known else "not recorded"


def _band(records: Iterable[Labelled]) -> str:
    year = _most((record.date_of_birth or "")[:4] for record in records)
    return next(name for first, name in AGE_BANDS if int(year) >= first) if year.isdigit() else "not recorded"
