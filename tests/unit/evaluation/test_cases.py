import json
from pathlib import Path
from typing import Any

import pytest

from deploy.evaluation.cases import PairCase, PairsFile, Scenario, SequencesFile, read_cases
from deploy.evaluation.labelled import FileRefused
from deploy.evaluation.pairs import evaluate_pairs, judge
from deploy.evaluation.sequences import MAX_ORDERS, as_they_happen, orders

HIM = {"given_name": "Alban", "family_name": "Thornquist", "date_of_birth": "1981-06-14"}
HER = {"given_name": "Ottilie", "family_name": "Marrable", "date_of_birth": "1987-02-02"}
NUMBER = {"identifiers": {"nhs_number": "9990000018"}}


def pairs(*cases: dict[str, Any]) -> dict[str, Any]:
    return {"schema": "identity-holdout/1", "cases": list(cases)}


def case(name: str, a: Any, b: Any, expected: str, *never: str) -> dict[str, Any]:
    return {"id": name, "category": "x", "a": a, "b": b, "expected": expected, "never": never, "reason": ""}


def scenario(*ops: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "S", "title": "t", "ops": list(ops), "orders": "all", "final": [["a"]], "review": [], **more}


def sequences(*scenarios: dict[str, Any]) -> dict[str, Any]:
    return {"schema": "identity-sequences/1", "records": {"a": HIM, "b": HER}, "scenarios": list(scenarios)}


def written(folder: Path, content: Any) -> Path:
    path = folder / "cases.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_pairs_are_judged_each_by_itself(tmp_path: Path) -> None:
    file = pairs(
        case("same", HIM | NUMBER, HIM | NUMBER | {"agency": "health"}, "link", "no_link"),
        case("apart", HIM, HER, "no_link", "link"),
        case("wrong", HIM, HER, "link", "no_link", "review"),
        case("one record", HIM | {"agency": "police"}, HIM | {"agency": "police"}, "link"),
    )
    found = evaluate_pairs(read_cases(written(tmp_path, file), PairsFile))
    assert (found["cases"], found["exact"], found["hard_failures"]) == (4, 3, ["wrong"])
    assert {name: said["verdict"] for name, said in found["verdicts"].items()} == {
        "same": "link",
        "apart": "no_link",
        "wrong": "no_link",
        "one record": "link",
    }
    assert found["verdicts"]["same"]["weight"] > found["verdicts"]["apart"]["weight"]
    assert all(isinstance(line, str) for said in found["verdicts"].values() for line in said["why"])


def test_cases_in_yaml_say_what_they_say_in_json(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(
        "schema: identity-holdout/1\ncases:\n- id: apart\n  a: {given_name: Alban, date_of_birth: 1981-06-14}\n"
        "  b: {given_name: Ottilie}\n  expected: no_link\n  never: [link]\n",
        encoding="utf-8",
    )
    (case,) = read_cases(path, PairsFile).cases
    assert (case.a.date_of_birth, case.never) == ("1981-06-14", ("link",))
    path.write_text("schema: [", encoding="utf-8")
    with pytest.raises(FileRefused, match="line 1: not YAML"):
        read_cases(path, PairsFile)


def test_equal_mentions_are_one_record_only_if_it_is_known_that_one_agency_sent_both() -> None:
    ours, anybodys = HIM | {"agency": "police"}, HIM
    of_one, of_two = (
        judge(PairCase.model_validate(case("x", one, one, "link"))).why[0].startswith("one agency")
        for one in (ours, anybodys)
    )
    assert of_one
    assert not of_two


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        (pairs() | {"schema": "identity-holdout/2"}, "schema"),
        (pairs(case("x", HIM, {"phones": 3}, "link")), "cases.0.b.phones"),
        (pairs(case("x", HIM, HER, "perhaps")), "cases.0.expected"),
        (pairs(case("x", HIM, HER, "link"), case("x", HIM, HER, "link")), "cases.json: x stands for several"),
        (pairs({"id": "x", "a": HIM, "expected": "link"}), "cases.0.b is missing. Add it."),
    ],
)
def test_wrong_pairs_are_refused_with_the_field(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_cases(written(tmp_path, content), PairsFile)
    assert said in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (sequences(scenario({"rec": "z"}, final=[])), "records holds no z"),
        (sequences(scenario({"rec": "a", "retract": "a"})), "exactly one of"),
        (sequences(scenario({"rec": "a"}, {"decide": ["a", "b"], "verdict": "same"})), "no op lets b arrive"),
        (sequences(scenario({"rec": "a"}, {"amend": "a"})), "amend goes with set"),
        (sequences(scenario({"rec": "a"}, {"decide": ["a", "a"]})), "decide goes with a verdict"),
        (sequences(scenario({"rec": "a"}, orders=[[0, 1]])), "each order holds the numbers 0 to 0"),
        (sequences(scenario({"rec": "a"}, final=[["b"]])), "no op lets b arrive"),
        (sequences(scenario({"rec": "a"}, orders=[])), "scenarios.0: orders holds no order"),
        (
            sequences(scenario({"rec": "a"}, {"amend": "a", "set": {"date_of_birth": "yesterday"}})),
            "scenario S, amend a: date_of_birth: string should match pattern",
        ),
    ],
)
def test_wrong_sequences_are_refused_with_what_is_missing(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_cases(written(tmp_path, content), SequencesFile)
    assert said in str(refused.value)


def test_what_nobody_reads_is_named_also_of_an_amendment(tmp_path: Path) -> None:
    file = sequences(scenario({"rec": "a"}, {"amend": "a", "set": {"surname": "Marrable"}}))
    file["records"]["a"] = HIM | {"favourite": "x", "sealed": True, "own_id": "1"}
    assert read_cases(written(tmp_path, file), SequencesFile).unread == {"surname", "favourite"}


@pytest.mark.parametrize("word", ["sealed", "protected"])
def test_a_sealed_record_is_joined_to_nobody_whatever_the_seal_is_called(word: str) -> None:
    sealed = case("x", HIM | NUMBER | {"agency": "police", word: True}, HIM | NUMBER, "review", "link")
    assert judge(PairCase.model_validate(sealed)).verdict == "no_link"


def test_a_mark_of_the_encoding_is_no_part_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(pairs(case("x", HIM, HER, "no_link"))).encode())
    assert len(read_cases(path, PairsFile).cases) == 1


def test_all_orders_are_all_permutations_until_there_are_too_many() -> None:
    few = Scenario.model_validate(scenario({"rec": "a"}, {"rec": "b"}, {"retract": "b"}))
    assert len(set(orders(few))) == 6
    many = Scenario.model_validate(scenario(*[{"rec": "a"}] * 9))
    found = list(orders(many))
    assert found == list(orders(many))  # the same each time
    assert found[0] == tuple(range(9))
    assert MAX_ORDERS - 5 <= len(found) <= MAX_ORDERS
    given = Scenario.model_validate(scenario({"rec": "a"}, {"rec": "b"}, orders=[[1, 0]]))
    assert list(orders(given)) == [(1, 0)]


def test_a_decision_waits_until_both_are_there_and_equal_ops_are_one() -> None:
    ops = Scenario.model_validate(
        scenario({"rec": "a"}, {"rec": "b"}, {"decide": ["a", "b"], "verdict": "same"}, {"rec": "a"})
    ).ops
    assert as_they_happen(ops, (2, 1, 0, 3)) == (1, 0, 2, 0)
    assert as_they_happen(ops, (3, 1, 2, 0)) == (0, 1, 2, 0)
    assert as_they_happen(ops, (0, 1, 3, 2)) == (0, 1, 0, 2)
