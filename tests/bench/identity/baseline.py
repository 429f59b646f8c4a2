"""Splink as an expert would set it up, on the same records: the baseline.

Its columns are cleaned for it (capitals, one writing of telephones and postcodes, numbers with a wrong check digit left out), names
and aliases are one comparison each, an address is one comparison, term frequencies are on, u is sampled and m comes from
EM in two sessions. It knows no tables of spellings and short forms: it brings none. Its clusters are the connected
components at a threshold, as its own clustering makes them. API: Splink 5.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import duckdb
import pyarrow as pa
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from deploy.evaluation import metrics
from deploy.evaluation.figures import Answer
from deploy.evaluation.labelled import SYSTEMS, Labelled, mention_of
from schemas.identifiers import canonical, may_join
from services.identity.standard.phones import phone

THRESHOLDS: Final = (4.0, 8.0, 12.0, 16.0, 20.0)
"""log2 odds at which Splink's answers are read."""
REVIEWED_FROM: Final = 0.0
"""Pairs from even odds up to the threshold go to a person."""
LEAST: Final = -10.0
"""Pairs below this are not kept."""
FILLED: Final = 0.02
"""A column with fewer values than this share of the records is left out: EM learns nothing from it."""
SAMPLED_PAIRS: Final = 5e6
NUMBERS: Final = ("nhs", "pnc", "cro", "nino", "upn", "prison", "crn", "local")

FEBRL: Final = "febrl"
"""Agency of records from Australia, for which Splink has an example of its own."""

_LETTERS: Final = re.compile(r"[^A-Z ]")
_HOUSE: Final = re.compile(r"\d+[A-Z]?")


def scored(records: Sequence[Labelled]) -> list[tuple[str, str, float]]:
    """Train on these records, without their truth, and score their pairs: rid, rid, log2 odds."""
    rows = [_row(record) for record in records]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    held = {name for name, values in columns.items() if sum(map(bool, values)) > FILLED * len(rows)}
    connection = duckdb.connect()
    # Splink reads tables of its own connection.
    connection.register("people", pa.table({name: pa.array(columns[name], _type(name)) for name in columns}))
    api = DuckDBAPI(connection=connection)
    australian = records[0].agency == FEBRL
    linker = Linker(api.register(connection.table("people")), _febrl_settings(held) if australian else _settings(held))
    logging.getLogger("splink").setLevel(logging.ERROR)  # a linker sets it to INFO: every step of EM
    _train(linker, _SURE_FEBRL if australian else _SURE, ("dob",) if australian else ("given", "family"))
    found = linker.inference.predict(threshold_match_weight=LEAST).as_dict()
    return list(zip(found["unique_id_l"], found["unique_id_r"], map(float, found["match_weight"]), strict=True))


def answer(rids: Iterable[str], pairs: Sequence[tuple[str, str, float]], threshold: float) -> Answer:
    """What Splink says at a threshold. Of two clusters one item is for review, however many of their pairs come near."""
    linked = [(a, b) for a, b, bits in pairs if bits >= threshold]
    held = metrics.united({rid: rid for rid in rids}, linked)
    near = {
        frozenset((held[a], held[b])): (a, b)
        for a, b, bits in sorted(pairs, key=lambda pair: pair[2])
        if REVIEWED_FROM <= bits < threshold and held[a] != held[b]
    }
    return Answer({rid: str(person) for rid, person in held.items()}, linked, list(near.values()), pairs)


def _type(name: str) -> pa.DataType:
    return pa.list_(pa.string()) if name in {"phones", "givens", "families"} else pa.string()


def _row(record: Labelled) -> dict[str, Any]:
    said = mention_of(record)
    names = said.get("names", ())
    given, family = (_letters(names[0].get(part)) if names else None for part in ("given", "family"))
    born = said.get("born", "")
    return {
        "unique_id": record.rid,
        "given": given,
        "family": family,
        "givens": _all(name.get(part) for name in names for part in ("given", "middle")),
        "families": _all(part for name in names for part in _parts(name.get("family"))),
        "initial": given[:1] if given else None,
        "dob": born if len(born) == len("1990-06-02") else None,
        "year": born[:4] or None,
        "sex": said.get("sex"),
        **_address(said.get("addresses", ())),
        "phones": [read.written for number in said.get("phones", ()) if (read := phone(number))] or None,
        **_numbers(said.get("identifiers", ())),
    }


def _letters(text: str | None) -> str | None:
    return _LETTERS.sub("", (text or "").upper().replace("-", " ")).strip() or None


def _all(names: Iterable[str | None]) -> list[str] | None:
    return sorted({written for name in names if (written := _letters(name))}) or None


def _parts(family: str | None) -> Iterator[str]:
    """A double-barrelled name is known by either half as well."""
    written = _letters(family)
    if written:
        yield from {written, *written.split()}


def _address(addresses: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    if not addresses or not addresses[0].get("postcode"):
        return dict.fromkeys(("postcode", "district", "dwelling", "house", "street", "suburb"))
    written = addresses[0]["postcode"].upper().replace(" ", "")
    house = "-".join(_HOUSE.findall(" ".join(addresses[0].get("lines", ())).upper()))
    postcode = f"{written[:-3]} {written[-3:]}" if len(written) > 4 else written
    dwelling = f"{house} {postcode}" if house else None
    street, suburb = (*map(_letters, addresses[0].get("lines", ())), None, None)[:2]
    return {
        "postcode": postcode,
        "district": postcode.split()[0],
        "dwelling": dwelling,
        "house": house or None,
        "street": street,
        "suburb": suburb,
    }


def _numbers(identifiers: Iterable[Mapping[str, str]]) -> dict[str, str | None]:
    found: dict[str, str | None] = dict.fromkeys(NUMBERS)
    for identifier in identifiers:
        system, value = SYSTEMS.get(identifier["system"], identifier["system"]), identifier["value"].upper()
        if system.startswith("local:"):
            found["local"] = value
        elif system in found and may_join(system, value):
            found[system] = canonical(system, value)
    return found


def _settings(held: set[str]) -> SettingsCreator:
    comparisons: list[Any] = [
        _name("given", "givens"),
        _name("family", "families"),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.CustomComparison(
            output_column_name="address",
            comparison_levels=[
                cll.NullLevel("postcode"),
                cll.ExactMatchLevel("dwelling", term_frequency_adjustments=True),
                cll.ExactMatchLevel("postcode", term_frequency_adjustments=True),
                cll.ExactMatchLevel("district"),
                cll.ElseLevel(),
            ],
        ),
    ]
    comparisons += [cl.ArrayIntersectAtSizes("phones", [1])] if "phones" in held else []
    comparisons += [cl.ExactMatch(number) for number in NUMBERS if number in held]
    comparisons += [cl.ExactMatch("sex")] if "sex" in held else []
    rules = [
        *(block_on(number) for number in NUMBERS if number in held),
        block_on("given", "family"),
        block_on("family", "dob"),
        block_on("given", "dob"),
        block_on("initial", "postcode"),
        block_on("family", "postcode"),
        block_on("dob", "district"),
        block_on("substr(family, 1, 4)", "substr(given, 1, 2)", "year"),
        "l.given = r.family and l.family = r.given",
    ]
    if "phones" in held:
        rules.append(block_on("phones", arrays_to_explode=["phones"]))
    return SettingsCreator(
        link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=rules
    )


def _name(column: str, others: str) -> Any:
    """The same; the same as some other name of theirs; alike."""
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column, term_frequency_adjustments=True),
            cll.ArrayIntersectLevel(others, min_intersection=1),
            cll.JaroWinklerLevel(column, 0.92),
            cll.JaroWinklerLevel(column, 0.85),
            cll.ElseLevel(),
        ],
    )


_SURE: Final = (("given", "family", "dob"), ("family", "dob", "postcode"), ("given", "dob", "postcode"))
_SURE_FEBRL: Final = (("given", "family", "dob"), ("given", "family", "postcode"))
"""What hardly ever agrees but in one person."""


def _train(linker: Any, sure: Iterable[Sequence[str]], first: Sequence[str]) -> None:
    linker.training.estimate_probability_two_random_records_match([block_on(*rule) for rule in sure], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=1)
    second = ("dob",) if "dob" not in first else ("postcode",)
    for rule in (first, second):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))


def _febrl_settings(held: set[str]) -> SettingsCreator:
    """The way Splink's own example links FEBRL (two names, date, number, house, postcode), with street and suburb."""
    comparisons: list[Any] = [
        cl.NameComparison("given"),
        cl.NameComparison("family"),
        cl.DateOfBirthComparison("dob", input_is_string=True),
        cl.ExactMatch("house").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("street", [0.9]),
        cl.JaroWinklerAtThresholds("suburb", [0.9]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
    ]
    rules = [block_on(column) for column in ("given", "family", "dob", "postcode")]
    if "local" in held:
        comparisons.append(cl.DamerauLevenshteinAtThresholds("local", [2]))
        rules.insert(0, block_on("local"))
    return SettingsCreator(
        link_type="dedupe_only", comparisons=comparisons, blocking_rules_to_generate_predictions=rules
    )
