"""What commands print stands as it was written."""

import pytest

from deploy.command import console

pytestmark = pytest.mark.unit


def test_a_line_number_is_not_taken_for_a_picture(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        console.fail("case.yaml:100: no such field")
    assert capsys.readouterr().err == "case.yaml:100: no such field\n"
