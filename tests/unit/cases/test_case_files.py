"""The case files that come with Tocsin load, and a wrong one is refused with its line and reason."""

import json
import re
from datetime import UTC, datetime

import jsonschema
import pytest

from deploy.cases import lines, load, published
from deploy.cases.lines import CaseRefused
from deploy.replay import machine
from services.rules.load import load_catalogue
from services.rules.predicates.disclosures import CONDITIONS, RELATIONSHIPS

pytestmark = pytest.mark.unit

LIVE = {"K+": 107, "K-": 101, "R+": 90, "R-": 84}
"""Rows of the review in each variant, changes of lead roles apart."""

OWN = sorted(path.stem for path in load.FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("name", OWN)
def test_own_cases_load_in_every_variant(name: str) -> None:
    case = load.load(name)
    for label in case.variants:
        postings = load.events(case, label)
        assert postings == sorted(postings, key=lambda posting: posting.at)
        assert len({(p.event["source"], p.event["id"]) for p in postings}) == len(postings)


@pytest.mark.parametrize("name", OWN)
def test_own_cases_follow_the_published_schema(name: str) -> None:
    document = lines.read((load.FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), name)
    jsonschema.Draft202012Validator(published.schema()).validate(document.data)


def test_published_schema_is_current() -> None:
    assert published.FILE.read_text(encoding="utf-8") == published.text(), "run: tocsin schemas publish"


def test_published_schema_of_outcomes_is_current() -> None:
    assert machine.FILE.read_text(encoding="utf-8") == machine.schema_text(), "run: tocsin schemas publish"


def test_a_refusal_for_machines_follows_the_schema_of_outcomes() -> None:
    with pytest.raises(CaseRefused) as refused:
        load.parse("case: 1\n", "case.yaml")
    said = json.loads(machine.refusal("case.yaml", refused.value))
    jsonschema.Draft202012Validator(json.loads(machine.schema_text())).validate(said)
    assert all(fault["line"] >= 1 and fault["reason"] for fault in said["refused"])


def test_birmingham_holds_every_row_of_the_dossier() -> None:
    case = load.load("birmingham")
    live = {
        label: len([p for p in load.events(case, label) if p.lane == "live" and p.row[0] != "L"])
        for label in case.variants
    }
    assert live == LIVE
    assert len(case.history) == 33
    assert len(case.lead_roles) == 8


def test_clocks_of_the_variants() -> None:
    case = load.load("birmingham")
    known = {posting.row: posting for posting in load.events(case, "K+")}
    recorded = {posting.row: posting for posting in load.events(case, "R+")}
    book = datetime(2013, 2, 16, 11, 0, tzinfo=UTC)
    assert known["30a"].at == book
    assert known["30a"].event["data"]["recorded_at"] == "2013-02-16T11:00:00+00:00"
    assert recorded["30a"].at == datetime(2013, 2, 26, 16, 0, tzinfo=UTC)
    assert recorded["30a"].event["data"]["known_at"] == "2013-02-16T11:00:00+00:00"
    assert "61" not in recorded
    assert recorded["61z"].at == datetime(2013, 6, 3, 9, 0, tzinfo=UTC)  # 10:00 in British Summer Time


def test_the_log_of_52a_holds_names_but_no_content_as_recorded() -> None:
    case = load.load("birmingham")
    known, recorded = (next(p.event for p in load.events(case, label) if p.row == "52a") for label in ("K+", "R+"))
    assert known["id"] == recorded["id"] == "wmerc-52a"
    assert known["source"] == "urn:tocsin:agency:police-west-mercia"
    assert [person["ref"] for person in known["data"]["people"]] == ["P1", "S", "PP", "EC", "W"]
    assert {relation["kind"] for relation in known["data"]["relationships"]} == {"contact", "partner"}
    assert "relationships" not in recorded["data"]
    assert known["data"]["occurred"] == {"earliest": "2013-03-25", "latest": "2013-03-31"}


def test_forms_are_written_as_each_agency_writes_them() -> None:
    case = load.load("birmingham")
    postings = {posting.row: posting.event["data"] for posting in load.events(case, "K+")}
    assert postings["25a"]["people"][0]["names"] == [{"given": "Corin", "middle": "Dale", "family": "ASHDOWN"}]
    assert postings["25d"]["people"][0]["identifiers"] == [{"system": "pnc", "value": "98/417263M"}]
    assert "phones" not in postings["26a"]["people"][0]
    assert postings["30b"]["people"][0]["phones"] == ["07700 900417"]  # declared on release day
    assert postings["49"]["people"][0] == {
        "ref": "S",
        "role": "subject",
        "unnamed_sender": True,
        "phones": ["07700 900417"],
    }
    assert postings["57b"]["people"][1] == {"ref": "X", "role": "partner", "slot": {"of": "S", "relation": "partner"}}


def test_sealed_texts_carry_their_marker_and_nothing_else_does() -> None:
    case = load.load("birmingham")
    marked = {row.row for row in case.rows if row.text is not None}
    assert marked == {"33c", "35a", "41b", "49", "50", "52a", "53", "57a", "71", "72b"}
    for row in case.rows:
        if row.text is not None:
            assert f"sealed-kestrel-{row.row}" in row.text
    assert all("sealed-kestrel-address" in place.lines for place in case.places.values())


def test_lead_roles_start_before_others_end_and_are_history_when_old() -> None:
    case = load.load("birmingham")
    moment = datetime(2013, 2, 15, 8, 30, tzinfo=UTC)
    same = [posting for posting in load.events(case, "K-") if posting.at == moment]
    kinds = [posting.event["type"].rsplit(".", 2)[1] for posting in same]
    assert kinds == ["released", "started", "started", "ended", "ended"]
    old = [posting for posting in load.events(case, "K-") if posting.lane == "history"]
    assert sum(posting.event["type"].endswith("lead-role.started.v1") for posting in old) == 4


def test_variant_is_found_by_its_clocks_and_switches() -> None:
    case = load.load("birmingham")
    assert load.variant(case) == "K+"
    assert load.variant(case, off=frozenset({"employer-housing"})) == "K-"
    assert load.variant(case, clocks="as-recorded", off=frozenset({"employer-housing"})) == "R-"
    with pytest.raises(KeyError):
        load.variant(case, clocks="as-dreamt")


SMALL = (load.FOLDER / "unread-message.yaml").read_text(encoding="utf-8")


def _refused(old: str, new: str) -> list[tuple[int, str]]:
    assert SMALL.count(old) >= 1, old
    with pytest.raises(CaseRefused) as refused:
        load.parse(SMALL.replace(old, new, 1), "case.yaml")
    return refused.value.problems


def _line(text: str) -> int:
    return next(n for n, line in enumerate(SMALL.splitlines(), 1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "at", "reason"),
    [
        ("summary: It is read", "sumary: It is read", 'row: "3"', "`sumary` is not a key"),
        ("    known: 2024-03-02 07:55\n", "", 'row: "3"', "`known` is missing"),
        ("known: 2024-03-02 07:55", "known: 2 March 2024", "known: 2024-03-02 07:55", "is no time"),
        ("known: 2024-03-02 07:55", "known: 2024-02-30 07:55", "known: 2024-03-02 07:55", "day is out of range"),
        ("people: {A: subject}\n    fields: {message", "people: {B: subject}\n    fields: {message", "fields: {message", "no `B` in the cast"),
        ("from: POL\n    type: police.message.read", "from: POLICE\n    type: police.message.read", "police.message.read", "no `POLICE` under `agencies`"),
        ("type: police.message.read", "type: probation.message.read", "police.message.read", "of the sector police"),
        ("type: police.message.read", "type: police.message.eaten", 'row: "3"', "Send a type of the catalogue"),
        ("fields: {channel: TEAM}", "fields: {chanel: TEAM}", "fields: {channel", "may have meant `channel`"),
        ('message: {row: "2"}', 'message: {row: "9"}', "message: {row", "there is no row `9`"),
        ("number: HIS}", "number: HERS}", "fields: {licence: LIC-1", "/data/number"),
        ('row: "3"', 'row: "2"', 'row: "3"', "is there twice"),
        ("of: A, role: police-lead", "of: B, role: police-lead", "of: A, role", "no `B` in the cast"),
        ("areas: [northshire]\n      desks", "areas: [southshire]\n      desks", "areas: [northshire]", "southshire"),
        ("identifiers: {crn: X123456}", "identifiers: {pnc: 2004/0311884A}", "is: a man on licence", "`2004/0311884P` would"),
        ("rules: [R15]", "rules: [R15, R99]", "rules: [R15]", "there is no rule R99"),
        ("rules: [R15]", "rules: [R15, R28]", "rules: [R15]", "see `second_rung`"),
        ('anchor: [{row: "2"}, A]', "anchor: [2, A]", 'anchor: [{row: "2"}, A]', "or {term: LIC-1}"),
        ("type: police.message.read", "type: police.message.seen", "police.message.read", "Near it: police.message.read"),
        ("read_by: police-om}", "read_by: police-om, raed: 1}", "fields: {message", "message.read.v1 has no field `raed`"),
        ("people: {A: subject}\n    fields: {channel", "people: {A: suspect}\n    fields: {channel", "fields: {channel", "Send one of"),
        ("alerts: [M1]", "alerts: [M2]", "alerts: [M1]", "no expected alert `M2`"),
        ("POL: D1}", "POX: D1}", "to: {POL: D1}", "no `POX` under `agencies`"),
        ("POL: D1}", "PROB: D1}", "to: {POL: D1}", "`PROB` has no `ladders`"),
        ("rule: R15", "rule: R16", "rule: R15", "R16 is not among"),
        ("anywhere: [sealed-kestrel]", "only_to: [{words: [x], to: [POX]}]", "never_say:", "no `POX` under `agencies`"),
        ("  never_say:", "  must_not: [{why: x, rules: [R99], anchor: [B, {row: 7}]}]\n  never_say:", "never_say:", "there is no rule R99"),
        ("  never_say:", "  must_not: [{why: x, anchor: [{row: 7}]}]\n  never_say:", "never_say:", "there is no row `7`"),
        ('at: 2024-03-02 07:55, row: "3"}', 'at: 2024-03-02 07:55, row: "7"}', "ends: {what", "there is no row `7`"),
        ("desk: force-duty-officer", "desk: nowhere", "second_rung:", "has a desk `nowhere`"),
        ('- row: "1"', '- row: "2"', 'anchor: [{row: "2"}, A]', "several agencies have a row `2`"),
        ("ends: 2024-03-03 00:00", "ends: 2024-03-02 00:00", 'row: "3"', "outside the time of the case"),
    ],
)  # fmt: skip
def test_wrong_case_is_refused_with_line_and_reason(old: str, new: str, at: str, reason: str) -> None:
    problems = _refused(old, new)
    assert any(reason in said for _, said in problems), problems
    assert any(abs(line - _line(at)) <= 3 and reason in said for line, said in problems), problems


def test_a_problem_of_a_row_names_the_row_as_its_writer_does() -> None:
    (problem,) = _refused("fields: {channel: TEAM}", "fields: {channel: NOBODY}")
    assert "rows.1" in problem[1]
    assert "(row 2)" in problem[1]


def test_a_word_of_no_code_list_is_said_and_does_not_refuse_the_case() -> None:
    assert load.unlisted_words(load.parse(SMALL, "case.yaml")) == []
    said = load.unlisted_words(load.load("further-offence"))
    assert [text.partition(":")[0] for text in said] == ["row H2", "row 1", "row C4c"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ends: 2024-03-03 00:00", "ends: 2024-03-03"),
        ("known: 2024-03-02 07:55", "known: 2024-03-02T07:55:00Z"),
        ("known: 2024-03-02 07:55", "known: 2024-03-02T07:55"),
        ("known: 2024-03-02 07:55", "known: 2024-03-02 08:55+01:00"),
        ('    paragraph: "3"\n', ""),
        ("    summary: It is read in the morning\n", ""),
        ("rules: [R15]", "rules: all"),
        (
            'born: "1981-06-14", identifiers: {crn: X123456}}',
            "born: 1981-06-14, sex: male, identifiers: {crn: X123456}}",
        ),
    ],
)
def test_what_people_write_otherwise_is_read_as_the_same(old: str, new: str) -> None:
    assert SMALL.count(old) >= 1
    text = SMALL.replace(old, new, 1)
    jsonschema.Draft202012Validator(published.schema()).validate(lines.read(text, "case.yaml").data)
    events = load.events(load.parse(text, "case.yaml"), "as-known")
    assert [(p.at, p.event) for p in events] == [
        (p.at, p.event) for p in load.events(load.parse(SMALL, "case.yaml"), "as-known")
    ]


def test_file_that_is_no_yaml_is_refused_with_its_line() -> None:
    assert _refused("cast:\n", "cast: [\n")[0][0] > 1


def test_key_given_twice_is_refused() -> None:
    problems = _refused("case: unread-message\n", "case: unread-message\ncase: other\n")
    assert "`case` is given twice" in problems[0][1]


def test_anchor_that_holds_itself_is_refused() -> None:
    with pytest.raises(CaseRefused, match="an anchor that holds itself"):
        load.parse("case: &a [*a]\n", "case.yaml")


def test_empty_file_is_refused() -> None:
    with pytest.raises(CaseRefused, match="the file is empty"):
        load.parse("", "case.yaml")


def test_numbers_stay_as_people_write_them() -> None:
    data = lines.read("a: 8.10\nb: 09:30\nc: on\nd: 007\ne: 5\nf: true\ng: ~\n", "x").data
    assert data == {"a": "8.10", "b": "09:30", "c": "on", "d": "007", "e": 5, "f": True, "g": None}


def test_every_problem_of_a_message_names_file_and_line() -> None:
    with pytest.raises(CaseRefused) as refused:
        load.parse(SMALL.replace("summary:", "sumary:"), "case.yaml")
    assert all(re.match(r"case\.yaml:\d+: ", line) for line in str(refused.value).splitlines())


def test_the_readme_lists_every_code_that_rules_know() -> None:
    readme = (load.FOLDER / "README.md").read_text(encoding="utf-8")
    rules = {file.id: file.model_dump_json() for file in (each.file for each in load_catalogue().live)}
    lists = {"R27": "condition", "R16": "has_any", "R24": "classes"}
    found = [re.search(rf'"{name}":\[(.*?)\]', rules[rule]) for rule, name in lists.items()]
    codes = {code.strip('"') for match in found if match is not None for code in match[1].split(",")}
    assert len([match for match in found if match is not None]) == len(lists), "the rules say it otherwise now"
    codes |= RELATIONSHIPS.union(*CONDITIONS.values())
    assert {code for code in codes if f"`{code}`" not in readme} == set()
