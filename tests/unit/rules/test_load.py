"""Rule files: the catalogue loads, and whatever is wrong is refused with its file and line."""

import re
from pathlib import Path

import pytest

from schemas import registry as schemas
from services.chronology.around import SEEN_TOGETHER
from services.directory.model import RUNG_AFTER
from services.rules import registry
from services.rules.findings import Urgency
from services.rules.load import CATALOGUE, RuleRefused, load_catalogue, read, release
from services.rules.view import EVERYTHING, Types
from services.rules.words import reports
from tests.unit.rules.making import at

GOOD = (CATALOGUE / "R15-unread-inbound.yaml").read_text("utf-8").split("\ntests:")[0]
NUMBERS = sorted(path.stem[:3] for path in CATALOGUE.glob("*.yaml"))


def refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "R15-unread-inbound.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(RuleRefused) as error:
        read(path)
    return str(error.value)


def test_the_catalogue_loads() -> None:
    rules = load_catalogue()
    assert [rule.id for rule in rules.live] == NUMBERS
    assert rules.hops == 2
    assert re.fullmatch(r"[0-9a-f]{16}", rules.release)


def test_the_acknowledgement_clock_is_the_ladder_s() -> None:
    noon = at("03-04T12:00")
    for rule in load_catalogue().live:
        paging = {level for level, _ in rule.urgency if level in RUNG_AFTER}
        said = {Urgency[level]: length.after(noon) - noon for level, length in rule.file.acknowledge.items()}
        assert said == {level: RUNG_AFTER[level] for level in paging}, rule.id


def test_a_release_is_named_by_its_content_but_for_its_tests() -> None:
    file = load_catalogue().rule("R15").file
    same = release([file.model_copy(update={"tests": []})])
    other = release([file.model_copy(update={"version": "1.0.1"})])
    assert release([file]).release == same.release != other.release


def test_paused_and_draft_rules_are_kept_and_not_judged() -> None:
    file = load_catalogue().rule("R15").file
    rules = release([file.model_copy(update={"status": "paused"})])
    assert (rules.live, [rule.id for rule in rules.others]) == ((), ["R15"])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(("kind: absence", "kind: sequence"), "R15-unread-inbound.yaml:16: kind", id="unknown kind"),
        pytest.param(("clock: occurred", "clocks: occurred"), "yaml:18: clocks", id="unknown field"),
        pytest.param(("within: 15 minutes", "within: 15 fortnights"), "no length of time", id="no length"),
        pytest.param(("within: 15 minutes\n", ""), "needs `within`", id="a kind without its window"),
        pytest.param(
            ("subject is managed", "subject is famous"), "unknown condition 'subject is famous'", id="unknown word"
        ),
        pytest.param(("of: recording agency", "of: nobody"), "unknown set of agencies 'nobody'", id="unknown agencies"),
        pytest.param(("points_at: event}", "predicate: no_such@1}"), "exactly one of", id="two sources of an answer"),
        pytest.param(("{since}", "{name}"), "unknown placeholder name", id="a text that would say more"),
        pytest.param(("stratum", "stratum"), "", id="as it is"),
        pytest.param(
            ("hops: 0", "hops: 0\nlifts: {uncorroborated_at_most: U2}"), "stratum 2", id="lifting in the first"
        ),
        pytest.param(("hops: 0", "hops: 0\nhops: 1"), "'hops' is given twice", id="a key twice"),
        pytest.param(("name: unread-inbound", "name: unread"), "id and name say R15-unread", id="another name"),
        pytest.param(("  - {level: U2}\n", ""), "the last urgency must hold", id="urgency that may not be decided"),
        pytest.param(("why: |", "why: ["), "R15-unread-inbound.yaml:", id="not YAML"),
        pytest.param(("never: [N1]", "never: [N9]"), "never.0", id="unknown code"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, change: tuple[str, str], says: str) -> None:
    changed = GOOD.replace(*change)
    if says:
        assert says in refused(tmp_path, changed)
    else:
        path = tmp_path / "R15-unread-inbound.yaml"
        path.write_text(changed, "utf-8")
        assert read(path).id == "R15"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xff\xfe{", "is not text in UTF-8"),
        (b"a: \x01", "no YAML holds"),
        (b"", "is no rule: write `id:`"),
        (b"[]", "is no rule: write `id:`"),
    ],
)
def test_what_is_no_rule_file_is_said_in_a_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "R15-unread-inbound.yaml"
    path.write_bytes(content)
    with pytest.raises(RuleRefused, match=re.escape(says)):
        read(path)


def test_a_folder_and_a_file_that_is_not_there_are_no_rule_files(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "R15.yaml"):
        with pytest.raises(RuleRefused, match="directory"):
            read(path)


def test_a_rule_that_lifts_others_may_not_read_what_others_found(tmp_path: Path) -> None:
    path = tmp_path / "R24-separation-window.yaml"
    words = "while:\n  - managed_on_a_plan_or_in_an_alert@1\n"
    path.write_text((CATALOGUE / path.name).read_text("utf-8").replace("while:\n", words, 1))
    with pytest.raises(RuleRefused, match="a rule that lifts others may not"):
        read(path)


def test_dates_stay_text() -> None:
    tests = load_catalogue().rule("R04").file.tests
    assert isinstance(tests[0].given[0]["at"], str)


def test_every_type_a_rule_file_names_exists() -> None:
    known = {name for name, _ in schemas.EVENT_TYPES}
    written = re.compile(r"(?:\*|[a-z]+(?:-[a-z]+)*)\.[a-z0-9]+(?:-[a-z0-9]+)*\.[a-z]+(?:-[a-z]+)*")
    for path in CATALOGUE.glob("*.yaml"):
        body = re.sub(
            r"cites.*|#.*|at: (?:any_of|distinct|steps)[^,]*", "", path.read_text("utf-8").split("\ntests:")[0]
        )
        for pattern in written.findall(body):
            assert any(name in Types.of([pattern]) for name in known), (path.name, pattern)


def test_reports_are_what_the_schemas_say() -> None:
    known = {name: model for (name, _), model in schemas.EVENT_TYPES.items()}
    assert {name for name, model in known.items() if model.is_report} == {
        name for name in known if name in reports.REPORTS
    }


@pytest.mark.parametrize("family", sorted(reports.FAMILIES))
def test_what_a_family_names_together_brings_the_flags_of_the_one_into_the_case_of_the_other(family: str) -> None:
    """Else a rule that asks it whether the other is flagged is silent, however often the two are written down."""
    types = {name for name, _ in schemas.EVENT_TYPES if name in reports.FAMILIES[family]}
    assert types
    assert types <= schemas.REPORTS | SEEN_TOGETHER


def test_every_word_says_what_it_means() -> None:
    for words in (
        registry.sources, registry.states, registry.of_event, registry.closings, registry.answerers, registry.eachs,
        registry.tests, registry.agencies, registry.details,
    ):  # fmt: skip
        for name, function in words.known.items():
            assert function.__doc__, name


def test_every_predicate_has_a_version_and_is_used() -> None:
    written = "".join(path.read_text("utf-8").split("\ntests:")[0] for path in CATALOGUE.glob("*.yaml"))
    for words in (
        registry.sources,
        registry.states,
        registry.of_event,
        registry.closings,
        registry.eachs,
        registry.tests,
    ):
        for name in words.known:
            if "_" in name:
                assert re.fullmatch(r"[a-z0-9_]+@\d+", name)
                assert name in written, f"no rule uses {name}"


def test_everything_is_a_set_of_types_too() -> None:
    assert "any.thing.at-all" in Types.of([EVERYTHING])
