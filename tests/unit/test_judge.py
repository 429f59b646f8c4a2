from typing import Any

from services.judging.judge import judge


def test_a_judgement_that_fails_is_incomplete_and_says_where() -> None:
    nothing: Any = None
    judged = judge(7, nothing, nothing, nothing, owned=(), others=())
    (incomplete,) = judged.incomplete
    assert incomplete.rule is None
    assert incomplete.reason.startswith("AttributeError: _judge:")
