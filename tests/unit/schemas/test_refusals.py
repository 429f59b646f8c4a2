"""Every wrong input of every type is refused, names the field and the fix, and repeats nothing that was sent."""

import pytest

from schemas.envelope import EventData
from schemas.problems import Refused
from schemas.registry import parse, parse_envelope
from tests.contract.wrong_inputs import WrongInput, one_of_each, valid_event, wrong_inputs

MODELS = pytest.mark.parametrize("model", one_of_each().values(), ids=one_of_each())


def _read(event: object) -> EventData:
    envelope = parse_envelope(event)
    return parse(envelope.type, envelope.data)


def _refusal(wrong: WrongInput) -> Refused | None:
    try:
        _read(wrong.event)
    except Refused as refused:
        return refused
    return None


@MODELS
def test_the_valid_event_is_taken(model: type[EventData]) -> None:
    assert isinstance(_read(valid_event(model)), model)


@MODELS
def test_each_wrong_input_is_refused_at_its_field(model: type[EventData]) -> None:
    failures = []
    for wrong in wrong_inputs(model):
        refused = _refusal(wrong)
        found = {(problem.path, problem.code) for problem in refused.problems} if refused else set()
        if (wrong.path, wrong.code) not in found:
            failures.append((wrong.about, (wrong.path, wrong.code), found))
    assert not failures


@MODELS
def test_each_problem_says_what_to_do(model: type[EventData]) -> None:
    for wrong in wrong_inputs(model):
        refused = _refusal(wrong)
        assert refused is not None
        for problem in refused.problems:
            assert problem.fix.endswith((".", "?")), problem
            assert problem.code != "invalid", f"{wrong}: a problem without words of its own"
