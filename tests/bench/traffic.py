"""Events for the benches: two people each, as in steady traffic, drawn from a population of a given size."""

from typing import Any

SOURCE = "urn:tocsin:agency:police-west-midlands"
AGENCY = "police-west-midlands"
TYPE = "police.concern.reported.v1"


def event(number: int, *, population: int = 10_000) -> dict[str, Any]:
    """The `number`-th event: a concern about one person of the population, and somebody at risk from them."""
    subject = number % population
    return {
        "specversion": "1.0",
        "id": f"bench-{number:09d}",
        "source": SOURCE,
        "type": TYPE,
        "time": "2026-03-04T10:05:00Z",
        "data": {
            "occurred": "2026-03-04T09:30:00Z",
            "known_at": "2026-03-04T10:00:00Z",
            "recorded_at": "2026-03-04T10:05:00Z",
            "people": [
                {
                    "ref": "S",
                    "role": "subject",
                    "own_id": f"N-{subject:06d}",
                    "names": [{"given": "Alban", "family": f"Thorn{_letters(subject)}"}],
                    "born": f"19{60 + subject % 40}-0{1 + subject % 9}-1{subject % 10}",
                },
                {
                    "ref": "A",
                    "role": "at-risk",
                    "own_id": f"N-{population + subject:06d}",
                    "names": [{"given": "Ottilie", "family": f"Marr{_letters(subject)}"}],
                    "born": f"19{60 + subject % 40}-0{1 + (subject + 4) % 9}-1{subject % 10}",
                },
            ],
            "relationships": [{"from": "S", "to": "A", "kind": "partner", "status": "reported"}],
            "grade": "2C",
            "handling": {"code": "P", "purpose": "safeguarding", "legal_basis": "CJA2003-s325", "regime": "part-3"},
        },
    }


def _letters(number: int) -> str:
    """The number in letters: names hold no digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:05d}")
