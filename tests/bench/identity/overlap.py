"""How much of what the generator does to names the tables of services/identity know anyway: what it flatters us by."""

from typing import NamedTuple

from services.identity.names import same_family, same_given
from services.identity.standard.letters import letters
from tests.bench.identity.generator.words import short_forms, spellings


class Known(NamedTuple):
    """Shares of the generator's pairs that the tables hold, 0..1."""

    short_forms: float
    spellings: float


def known() -> Known:
    """Ask the tables for every pair the generator may make."""
    shorts = [(full, short) for full, others in short_forms().items() for short in others]
    spelt = [(one, other) for one, others in spellings().items() for other in others]
    return Known(
        sum(bool(same_given(letters(a), letters(b))) for a, b in shorts) / len(shorts),
        sum(bool(same_given(letters(a), letters(b)) or same_family(letters(a), letters(b))) for a, b in spelt)
        / len(spelt),
    )
