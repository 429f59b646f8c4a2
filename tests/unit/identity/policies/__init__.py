"""What a careful data-quality officer of a safeguarding board would decide, as cases to read: pairs/*.yaml, sequences.yaml.

*Link* where it is safe to disclose on it. *No link* where the two are surely or nearly surely two people, or where only
chance speaks for them. *Review* where a trained person's look is worth its time. `never` are verdicts that would hurt
somebody. `tocsin identity pairs` and `tocsin identity sequences` read the same files.
"""

from pathlib import Path
from typing import Any, Final

import yaml

_HERE: Final = Path(__file__).parent
PAIRS: Final = tuple(sorted((_HERE / "pairs").glob("*.yaml")))
SEQUENCES: Final = _HERE / "sequences.yaml"


def read(path: Path) -> dict[str, Any]:
    """A file of cases as it stands."""
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
