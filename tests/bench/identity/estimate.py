"""How likely each way of agreeing is, of one person and of each rival: estimated from a labelled population.

Who is the same is read from the labels; which rival a false pair is (a stranger, somebody of the household, a twin, a
namesake, somebody at the same address) nobody has labelled, so that is estimated by expectation and maximisation. Counts
are smoothed towards `prior.json`, which says what was assumed before any data. The same file gives the same model.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import orjson
from rich.console import Console

from deploy.evaluation.labelled import DEVELOPMENT_KEY, body_of, read_population
from deploy.evaluation.metrics import calibration
from services.identity.compare import observe
from services.identity.keys import keys
from services.identity.scoring.model import MILLI, MODEL, RIVALS, Model, Seen, priors_of, rows_of
from services.identity.scoring.rivals import against_all, against_each
from services.identity.standardise import standardise
from services.tokens import Tokens
from tests.bench.identity.frequencies import frequencies

MODEL_VERSION: Final = "model-7"
NAMES_VERSION: Final = "names-1"
"""To be raised with every change that is released: a stored score names them."""

HERE: Final = Path(__file__).parent
PACKAGE: Final = HERE.parents[2] / "services" / "identity" / "scoring"
ROUNDS: Final = 30
"""Of expectation and maximisation: by then nothing changes in the third figure."""
PRIOR_PAIRS: Final = 40.0
"""As many pairs is the prior worth, in each comparison of each class."""
PRIOR_SHARE: Final = 0.03
"""And as this share of the pairs seen: what a made-up population never does, real ones do."""
CROWD: Final = 60
"""Records that share something, beyond which it is no household: an institution, an office's telephone."""
ASSUMED: Final = frozenset({"full_name", "numbers", "own_number", "alone", "via"})
"""Comparisons left as assumed: of too few pairs to be counted, or seen only where they agree."""
FIXED: Final = frozenset({
    ("sex", "same"), ("sex_named", "same"),  # made-up populations hold no wrong box ticked
    ("given", "twin"), ("given_initial", "twin"),  # nor real names of twins (Ella and Ellie): theirs differ in the last letter
    ("given", "namesake"), ("family", "namesake"),  # who has another name is somebody else of the household
    ("born", "namesake"), ("born_month", "namesake"), ("born_year", "namesake"),  # a son is not born with his father
    ("phone", "household"), ("phone", "twin"),  # nor mobile telephones that go from hand to hand
    ("number", "twin"),  # nor clerks who mix up the numbers of twins
})  # fmt: skip
"""Comparisons of classes that are left as assumed."""
GIVEN_ODDS: Final = frozenset({"stranger", "shared", "namesake"})
"""How many strangers there are, and how many live under one large roof, is no matter of the file."""
PINNED: Final = frozenset(
    {
        ("given", "other", "same"),
        ("given", "far", "same"),
        ("born", "exact", "household"),
        ("born_year", "generation", "same"),
        ("born_year", "next", "same"),
        ("number", "differ", "same"),
        ("born_year", "default", "same"),
        ("number", "another", "same"),
        ("middle", "other", "same"),
        ("born_month", "year", "same"),
        ("home", "other", "same"),
    }
)
"""Levels left as assumed: made-up agencies write the middle name for the given one, and take somebody else's number, more often than
real ones; who shares a home and a day of birth is a twin; years that an age gives, or a father; dates that systems default to; second files, and second
middle names; and whoever flees has another address."""
FIGURES: Final = 4
"""Significant figures kept."""

out = Console(highlight=False, soft_wrap=True)

Tables = dict[str, Any]
Labelled = tuple[tuple[Seen, ...], bool]


def names(path: Path) -> None:
    """Write `names.json` from a population."""
    found = frequencies(path, NAMES_VERSION)
    (PACKAGE / "names.json").write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")
    out.print(f"names.json: {len(found['given'])} given names, {len(found['family'])} family names")


def estimate(path: Path) -> None:
    """Write `model.json` from a labelled population and the names as they stand; print what was measured."""
    prior = orjson.loads((HERE / "prior.json").read_bytes())
    pairs = observed(path, MODEL._replace(rows=rows_of(prior)))
    tables = fitted(prior, pairs)
    tables["version"] = MODEL_VERSION
    (PACKAGE / "model.json").write_text(written(tables))
    _print(tables, pairs)


def observed(path: Path, model: Model) -> list[Labelled]:
    """How pairs agree, and whether they are one person: all of one person, all that share a home or a telephone, all candidates.

    Candidates alone would say that people of one household have like names: only such are found.
    """
    tokens = Tokens(DEVELOPMENT_KEY)
    records = [(r.person, standardise(body_of(r, tokens), r.source)) for r in read_population(path)]
    alike: dict[object, list[int]] = defaultdict(list)
    found: dict[str, list[int]] = defaultdict(list)
    pairs: set[tuple[int, int]] = set()
    for number, (person, standard) in enumerate(records):
        for shared in {person, *standard.dwellings, *standard.numbers}:
            alike[shared].append(number)
        its = keys(standard)
        pairs.update((other, number) for key in its.searched for other in found[key])
        for key in its.stored:
            found[key].append(number)
    pairs.update(pair for numbers in alike.values() if len(numbers) <= CROWD for pair in combinations(numbers, 2))
    return [
        (tuple(observe(records[a][1], records[b][1], model)), records[a][0] == records[b][0])
        for a, b in sorted(pairs)
        if records[a][1] != records[b][1]  # one agency's same words again are one record
    ]


def fitted(prior: Tables, pairs: Sequence[Labelled]) -> Tables:
    """The tables after all rounds."""
    tables = prior
    same = [(seen, {"same": 1.0}) for seen, is_same in pairs if is_same]
    others = [seen for seen, is_same in pairs if not is_same]
    for _ in range(ROUNDS):
        tables = _maximised(prior, [*same, *((seen, _who(tables, seen)) for seen in others)])
    return tables


def _who(tables: Tables, seen: Sequence[Seen]) -> dict[str, float]:
    """How likely a pair that is not one person is each rival."""
    logs = {}
    for rival in RIVALS:
        total = -math.log2(tables["odds"][rival])
        for comparison, level, chance in seen:
            likely = tables["comparisons"][comparison][level][rival]
            total += chance / MILLI if likely == "value" else math.log2(likely)
        logs[rival] = total
    most = max(logs.values())
    likely = {rival: 2 ** (log - most) for rival, log in logs.items()}
    whole = sum(likely.values())
    return {rival: share / whole for rival, share in likely.items()}


def _maximised(prior: Tables, pairs: Iterable[tuple[Sequence[Seen], Mapping[str, float]]]) -> Tables:
    """The tables that make what was seen likeliest, given who each pair probably is."""
    counts: dict[tuple[str, str, str], float] = defaultdict(float)
    totals: dict[str, float] = defaultdict(float)
    for seen, who in pairs:
        for kind, share in who.items():
            totals[kind] += share
            for comparison, level, _ in seen:
                counts[comparison, level, kind] += share
    comparisons = {
        comparison: _smoothed(comparison, levels, counts) for comparison, levels in prior["comparisons"].items()
    }
    odds = {
        rival: prior["odds"][rival] if rival in GIVEN_ODDS else _figures(totals["same"] / max(totals[rival], 1.0))
        for rival in RIVALS
    }
    return {"version": "", "odds": odds, "comparisons": comparisons}


def _smoothed(comparison: str, levels: Mapping[str, Any], counts: Mapping[tuple[str, str, str], float]) -> Tables:
    found: Tables = {level: dict(likely) for level, likely in levels.items()}
    for kind in ("same", *RIVALS[1:]):
        if (
            comparison in ASSUMED
            or (comparison, kind) in FIXED
            or any(likely[kind] == "value" for likely in levels.values())
        ):
            continue  # as common as the value is: nothing to estimate
        whole = sum(counts[comparison, level, kind] for level in levels)
        worth = PRIOR_PAIRS + PRIOR_SHARE * whole
        assumed = sum(likely[kind] for likely in levels.values())
        for level, likely in levels.items():
            weighed = counts[comparison, level, kind] + worth * likely[kind] / assumed
            if (comparison, level, kind) not in PINNED:
                found[level][kind] = _figures(weighed / (whole + worth))
    return found


def _print(tables: Tables, pairs: Sequence[Labelled]) -> None:
    """How well the model predicts what it was made from; other seeds say more."""
    model = MODEL._replace(rows=rows_of(tables), priors=priors_of(tables))
    scored = [(against_all(against_each(model, seen)) / MILLI, same) for seen, same in pairs]
    found = calibration(scored)
    out.print(f"pairs {len(pairs)}, of one person {sum(same for _, same in pairs)}")
    out.print("as many pairs of one person as of a rival: " + ", ".join(f"{r} {o}" for r, o in tables["odds"].items()))
    out.print(f"log-loss {found.log_loss_bits:.4f} bits, expected calibration error {found.ece:.4f}")


def _figures(value: float) -> float:
    return float(f"{value:.{FIGURES}g}")


def written(tables: Tables) -> str:
    """As a file in which a change of one level is a change of one line."""
    blocks = []
    for comparison, levels in tables["comparisons"].items():
        lines = ",\n".join(f'   "{level}": {orjson.dumps(likely).decode()}' for level, likely in levels.items())
        blocks.append(f'  "{comparison}": {{\n{lines}\n  }}')
    head = f' "version": "{tables["version"]}",\n "odds": {orjson.dumps(tables["odds"]).decode()},'
    return "{\n" + head + '\n "comparisons": {\n' + ",\n".join(blocks) + "\n }\n}\n"
