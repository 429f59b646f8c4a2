"""What `tocsin replay` says for machines when it does not play a case: one object by the published schema, and a status."""

import json

import jsonschema
import pytest
from typer.testing import CliRunner

from deploy.cases.load import FOLDER
from deploy.command.main import app
from deploy.replay import machine

SCHEMA = jsonschema.Draft202012Validator(json.loads(machine.schema_text()))


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        (["unread-message", "--check"], 0, None),
        (["no-such-case"], 2, "no such file, and no case of ours (baby-after-care-elsewhere, birmingham, "),
        ([str(FOLDER)], 2, "Is a directory"),
        (["unread-message", "--variant", "K+"], 2, "no variant K+"),
        (["unread-message", "--switch", "employer-housing=off"], 2, "it has none"),
        (["birmingham", "--switch", "school=off"], 2, "write employer-housing with =on or =off"),
        (["birmingham", "--variant", "K+", "--switch", "employer-housing=off"], 2, "one variant with its switches"),
        (["unread-message", "--twice"], 2, "goes with --scramble"),
    ],
)
def test_what_is_not_played_is_answered_by_the_schema(given: list[str], status: int, said: str | None) -> None:
    answer = CliRunner().invoke(app, ["replay", *given, "--json", "--in-memory"])
    body = json.loads(answer.stdout)
    SCHEMA.validate(body)
    assert (answer.exit_code, body["refused"]) == (status, [])
    assert said in body["failed"] if said else body["failed"] is None
