"""What `tocsin identity ... --json` prints: one object with the keys others rely on, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.command.main import app
from services.identity.counts import count

HIM = {"given_name": "Alban", "family_name": "Thornquist", "date_of_birth": "1981-06-14", "agency": "police"}
FIT = {"precision", "recall"}


def lines(*people: str) -> str:
    made: list[dict[str, Any]] = [
        {
            "rid": f"{person}-{n}",
            "person": person,
            "ops": [],
            "quirk": None,
            "given_name": person[::-1],  # nothing in common but the agency
            "family_name": person,
            "date_of_birth": f"19{50 + len(person)}-0{len(person) % 9 + 1}-1{len(person) % 9}",
            "agency": "police",
        }
        for person in people
        for n in range(2)
    ]
    return "\n".join(map(json.dumps, made))


def run(folder: Path, command: str, content: str, *more: str) -> tuple[dict[str, Any], int]:
    path = folder / "file"
    path.write_text(content, encoding="utf-8")
    result = CliRunner().invoke(app, ["identity", command, str(path), "--json", *more])
    assert result.stdout.count("\n") == 1, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found, result.exit_code


def test_evaluate_prints_every_figure(tmp_path: Path) -> None:
    found, status = run(tmp_path, "evaluate", lines("Thornquist", "Marrable"), "--memory")
    assert status == 0
    assert found.keys() == {
        "records",
        "people",
        "edge",
        "closure",
        "bcubed",
        "exact_people",
        "polluted_people",
        "review",
        "calibration",
        "groups",
        "order_differences",
        "seconds",
        "records_per_second",
        "p50_ms",
        "p99_ms",
    }
    assert found["edge"].keys() == found["closure"].keys() == FIT
    assert found["bcubed"].keys() == {*FIT, "f1"}
    assert found["review"].keys() == {"items_per_1000", "yield", "recall_with_review"}
    assert found["calibration"].keys() == {"ece", "log_loss_bits"}
    assert found["groups"]
    assert all(fit.keys() == FIT for fit in found["groups"].values())
    assert (found["records"], found["people"], found["order_differences"]) == (4, 2, 0)


def test_evaluate_with_a_register_says_who_of_the_new_was_linked(tmp_path: Path) -> None:
    register = tmp_path / "register.jsonl"
    register.write_text(lines("Marrable", "Tolland"), encoding="utf-8")
    found, _ = run(tmp_path, "evaluate", lines("Thornquist", "Marrable"), "--memory", "--register", str(register))
    assert found["records"] == 4
    assert found["new_person_wrongly_linked"] == 0


@pytest.mark.parametrize("scored", [(), ("--counted",), ("--as-the-bus",)])
def test_evaluate_puts_together_on_the_store_what_it_does_in_memory(
    tmp_path: Path, postgres_server: str, monkeypatch: pytest.MonkeyPatch, scored: tuple[str, ...]
) -> None:
    """Also of a file with people enough to be counted."""
    monkeypatch.setenv("DATABASE_URL", postgres_server)
    monkeypatch.setattr(count, "ENOUGH", 2)
    people = "Thornquist", "Marrable", "Tolland"
    found, status = run(tmp_path, "evaluate", lines(*people), "--orders", "2", *scored)
    assert status == 0
    assert (found["records"], found["people"], found["order_differences"]) == (6, 3, 0)


def test_pairs_prints_verdicts_and_fails_on_a_hard_failure(tmp_path: Path) -> None:
    case = {"id": "X1", "category": "x", "a": HIM, "b": HIM, "expected": "link", "never": ["link"], "reason": ""}
    content = {"schema": "identity-holdout/1", "cases": [case]}
    found, status = run(tmp_path, "pairs", json.dumps(content))
    assert status == 1
    assert found.keys() == {"cases", "exact", "hard_failures", "verdicts"}
    assert found["hard_failures"] == ["X1"]
    assert found["verdicts"]["X1"].keys() == {"verdict", "weight", "why"}


def test_sequences_prints_what_failed(tmp_path: Path, postgres_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_server)
    scenario = {"id": "S1", "title": "t", "ops": [{"rec": "a"}], "orders": "all", "final": [["a"]], "review": []}
    wrong = scenario | {"id": "S2", "review": [["a", "a"]]}
    content = {"schema": "identity-sequences/1", "records": {"a": HIM}, "scenarios": [scenario, wrong]}
    found, status = run(tmp_path, "sequences", json.dumps(content))
    assert status == 1
    assert (found["scenarios"], found["passed"]) == (2, 1)
    assert [one.keys() for one in found["failed"]] == [{"id", "order", "got", "wanted"}]


@pytest.mark.parametrize("command", ["evaluate", "pairs", "sequences"])
def test_a_wrong_file_is_refused_on_standard_error(tmp_path: Path, command: str) -> None:
    path = tmp_path / "file"
    path.write_text("{}", encoding="utf-8")
    result = CliRunner().invoke(app, ["identity", command, str(path), "--json"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is missing. Add it." in " ".join(result.stderr.split())


def test_a_server_that_is_not_there_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres@127.0.0.1:1/none")
    path = tmp_path / "file"
    path.write_text(lines("Thornquist"), encoding="utf-8")
    result = CliRunner().invoke(app, ["identity", "evaluate", str(path), "--json"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "No database can be made at DATABASE_URL" in " ".join(result.stderr.split())
