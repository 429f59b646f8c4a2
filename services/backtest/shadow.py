"""What shadow rules would have raised: they were judged live and kept, with whom they would have told. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from services.alerts.state import Condition, Why
from services.backtest.stories import Story, Version
from services.rules.evaluate import WOULD_TELL
from services.rules.findings import Disclosure, Finding, Recipient, Urgency


def would_tell(finding: Finding) -> Finding:
    """Return a shadow rule's finding with those whom it would have told as recipients."""
    told = [one.split() for one in finding.details.get(WOULD_TELL, ())]
    return replace(
        finding,
        recipients=tuple(Recipient(agency, role, ladder, Disclosure[shown]) for agency, role, ladder, shown in told),
    )


def as_told(story: Story) -> Story:
    """Return a story with whom its versions would have called: all when it is raised or rises, later only who is new to it."""
    known: frozenset[str] = frozenset()
    urgency = Urgency.U4
    versions = []
    for version in story.versions:
        agencies = frozenset(recipient.agency for recipient in version.recipients)
        why = Why.NEW
        if version.begins:
            known, why = frozenset(), Why.RAISED
        elif known and version.urgency < urgency:
            known, why = frozenset(), Why.RISEN
        standing = version.condition == Condition.STANDING and not version.history_only
        told = sorted(agencies - known) if standing else []
        versions.append(replace(version, told=tuple((agency, why.value) for agency in told)))
        known, urgency = (agencies if standing else frozenset()), version.urgency
    return replace(story, versions=tuple(versions))


def raised(stories: Iterable[Story]) -> list[Version]:
    """Return every version with which an alert would have begun to stand."""
    return [version for story in stories for version in story.versions if version.begins]
