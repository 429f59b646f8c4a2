"""What a shadow rule finds is kept and counted, and told to nobody."""

from datetime import UTC, datetime

from services.rules.evaluate import WOULD_TELL
from services.rules.load import load_catalogue, release
from services.trial.rule_tests import arrival_of, default_directory
from services.trial.run import run


def test_it_is_kept_and_told_to_nobody() -> None:
    rule = load_catalogue().rule("R39").file
    assert rule.status == "shadow"
    arrivals = [arrival_of(given, n) for n, given in enumerate(rule.tests[0].given)]
    trial = run(arrivals, release([rule]), default_directory(), until=datetime(2024, 4, 1, tzinfo=UTC))
    (alert,) = trial.alerts.values()
    assert alert.condition.value == "answered"
    assert alert.finding.details[WOULD_TELL] == ("csc-north csc-for-area team-manager D2",)
    assert alert.recipients == {}
    assert [change.notices for change in trial.log] == [(), ()]
