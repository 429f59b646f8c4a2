"""A register without families is scored as one; any other by the model in the files."""

from itertools import product

from deploy.evaluation import register
from services.identity.compare import compare
from services.identity.scoring import model
from services.identity.standardise import Standard, standardise
from tests.unit.identity.population import mention

GIVEN = ("Ada", "Boris", "Clara", "Dimitri", "Edith", "Felix", "Greta", "Hugo", "Irma", "Jonas", "Klara", "Leo")
FAMILY = ("Amberley", "Birkett", "Colthurst", "Denholm", "Eastlake", "Fothergill", "Garside", "Hathersage")
TIMES = 5
"""Records of each person."""
PEOPLE = tuple(enumerate(product(FAMILY, GIVEN)))


def records(at_home: int) -> list[Standard]:
    """Of people of whom so many live in each home; every record of one is of another agency."""
    return [
        standardise(
            mention(
                f"{given} {family}", f"{1930 + number % 70}-{number % 12 + 1:02}-07", at=f"home {number // at_home}"
            ),
            f"agency-{time}",
        )
        for number, (family, given) in PEOPLE
        for time in range(TIMES)
    ]


def twins() -> tuple[Standard, Standard]:
    one, other = (mention(f"{given} Whitlow", "1990-02-03", at="elsewhere") for given in ("Nora", "Ruth"))
    return standardise(one, "agency-1"), standardise(other, "agency-2")


def test_where_nobody_lives_with_anybody_another_name_is_no_twin() -> None:
    model.assume_people(len(PEOPLE) * TIMES)
    usual, files = compare(*twins()).weight, model.current()
    register.assume(records(at_home=1))
    assert model.current().version.startswith(f"{files.version}/register-")
    assert model.current().priors[2] >= files.priors[2] + register.FEW_FAMILIES * model.MILLI
    assert compare(*twins()).weight > usual
    version = model.current().version
    register.assume(list(reversed(records(at_home=1))))
    assert model.current().version == version


def test_where_families_live_the_model_in_the_files_stands() -> None:
    register.assume(records(at_home=4))
    assert "register" not in model.current().version


def test_of_a_few_records_nothing_is_said() -> None:
    register.assume(records(at_home=1)[:50])
    assert "register" not in model.current().version
