"""What an evaluation changes: alerts that stand against findings that hold, and who is told of the difference.

Pure. An alert *is* rule + major version + anchor, the anchor read through present membership, so a merge makes two
alerts one (the older stays, the younger joins it) and a split makes them two again. Who is told follows domain A3a
"Told again": at raise, reopening, rise of urgency, a step passed, ending; a newcomer at once; at a join everybody, as
an update, and when what had joined stands alone again; otherwise only whoever's own view changed, for hidden evidence must not show by the timing of a call. Only
a raise, a reopening, a rise and a newcomer ring; a join rings one for whom the alert is more urgent than either was.

A finding that is over when first seen, or that rests on history alone, is kept and tells nobody. A finding that
vanished is withdrawn, and everybody who was ever told is told.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.alerts.state import (
    RINGING,
    AlertState,
    Change,
    Condition,
    Kind,
    Notice,
    RecipientState,
    Why,
    apply,
)
from services.alerts.view import ViewHash, whole_view
from services.rules.findings import Anchor, Finding, Recipient, RecordPart, State, Urgency

__all__ = ["AlertState", "Change", "Condition", "Kind", "Notice", "RecipientState", "Why", "apply", "diff"]

PersonOf = Callable[[int], int]
Key = tuple[str, int, tuple[str, ...]]

ENDINGS = {State.ANSWERED: Kind.ANSWERED, State.LAPSED: Kind.LAPSED}
CONDITIONS = {
    State.STANDING: Condition.STANDING,
    State.ANSWERED: Condition.ANSWERED,
    State.LAPSED: Condition.LAPSED,
}
OVER = frozenset({Condition.WITHDRAWN, Condition.SUPERSEDED})
NEWS = frozenset({Kind.RAISED, Kind.REOPENED, Kind.RISEN, Kind.STEPPED, Kind.ANSWERED, Kind.LAPSED, Kind.JOINED})
"""Kinds that say more than "updated"."""


@dataclass(frozen=True, slots=True)
class _Judge:
    """What all parts of one diff share."""

    clock: datetime
    subject: int | None
    person_of: PersonOf
    view_hash: ViewHash


@dataclass(frozen=True, slots=True)
class _Before:
    """All that stood under one identity, taken together."""

    primary: AlertState | None
    """The oldest: the one that stays."""
    joining: tuple[AlertState, ...]
    """Those that join it now."""
    replaced: AlertState | None
    """The alert of an older major version whose place is taken."""
    people: Mapping[str, RecipientState]
    was: Mapping[str, Urgency]
    """Agencies that know it stands, with the most urgent form in which they know it."""


def diff(
    standing: Sequence[AlertState],
    findings: Sequence[Finding],
    person_of: PersonOf,
    clock: datetime,
    *,
    subject: int | None = None,
    judged: Mapping[str, int] | None = None,
    view_hash: ViewHash = whole_view,
) -> tuple[Change, ...]:
    """Compare the alerts one subject owns with what its evaluation found; return the changes, in a fixed order.

    Args:
        standing: every alert owned by the subject, ended and joined ones too, in any order.
        findings: of one evaluation of that subject.
        person_of: present person of a record.
        clock: domain time of the evaluation.
        subject: person id; owner of alerts whose anchor names no record of the subject.
        judged: major version of each rule that was evaluated to its end. Alerts of other rules (paused, retired, failed)
            are left alone; those of a lower major are superseded. None: every rule was.
        view_hash: hash of what a recipient may see of an alert.

    Alerts created here have negative numbers, -1 downwards, until `apply` names them.
    """
    majors = _majors(standing, findings) if judged is None else judged
    judge = _Judge(clock, subject, person_of, view_hash)
    groups: dict[Key, list[AlertState]] = defaultdict(list)
    older: dict[Key, AlertState] = {}
    for alert in sorted(standing, key=_age):
        major = majors.get(alert.rule)
        if major is None:
            continue
        key = _key(alert.rule, major, alert.anchor, person_of)
        if alert.major == major:
            groups[key].append(alert)
        elif alert.major < major and alert.condition is not Condition.SUPERSEDED:
            older.setdefault(key, alert)
    found: dict[Key, Finding] = {}
    for finding in findings:
        found.setdefault(_key(finding.rule, finding.major, finding.anchor, person_of), finding)

    changes: list[Change] = []
    for key in sorted({*groups, *found}):
        group, finding_now = groups.get(key, []), found.get(key)
        if finding_now is None:
            changes += _withdrawn(judge, group)
        else:
            changes += _judged(judge, group, finding_now, older.get(key))
    changes += _superseded(judge, standing, majors)
    return _numbered(changes)


def _majors(standing: Sequence[AlertState], findings: Sequence[Finding]) -> Mapping[str, int]:
    majors = {alert.rule: alert.major for alert in sorted(standing, key=lambda alert: alert.major)}
    return {**majors, **{finding.rule: finding.major for finding in findings}}


def _key(rule: str, major: int, anchor: Anchor, person_of: PersonOf) -> Key:
    return (rule, major, anchor.key(person_of))


def _age(alert: AlertState) -> tuple[datetime, int]:
    return (alert.raised_at, alert.alert)


def _numbered(changes: Sequence[Change]) -> tuple[Change, ...]:
    numbered: list[Change] = []
    new = 0
    for change in changes:
        if change.before is None:
            new -= 1
            numbered.append(replace(change, after=replace(change.after, alert=new)))
        else:
            numbered.append(change)
    return tuple(numbered)


def _withdrawn(judge: _Judge, group: Sequence[AlertState]) -> list[Change]:
    """No finding: each alert that stands for itself is withdrawn, and everybody who was ever told is told."""
    numbers = {alert.alert for alert in group}
    changes = []
    for alert in group:
        if alert.joined_to in numbers:
            changes += _part_of(judge, alert, alert.joined_to, Condition.WITHDRAWN)
            continue
        if alert.condition in OVER:
            continue
        after = replace(
            alert,
            changed_at=judge.clock,
            condition=Condition.WITHDRAWN,
            version=alert.version + 1,
            joined_to=None,
        )
        notices = [Notice(agency, Why.ENDED) for agency, state in alert.recipients.items() if state.told]
        kinds = (Kind.WITHDRAWN,) if alert.joined_to is None else (Kind.WITHDRAWN, Kind.RESUMED)
        changes.append(_told(judge, kinds, alert, after, notices))
    return changes


def _judged(judge: _Judge, group: Sequence[AlertState], finding: Finding, replaced: AlertState | None) -> list[Change]:
    """One identity with its finding: the oldest alert takes it, younger ones join it."""
    before = _gather(group, None if group else replaced)
    now = CONDITIONS[finding.state]
    changes = [change for other in group[1:] for change in _part_of(judge, other, group[0].alert, now)]
    change = _standing(judge, before, finding) if finding.state is State.STANDING else _ended(judge, before, finding)
    return [*changes, *([change] if change else [])]


def _part_of(judge: _Judge, other: AlertState, older: int | None, now: Condition) -> list[Change]:
    """Link an alert to the older one, and let it end with that, without a word.

    Had it gone on standing on paper, it would come out of a split as if everybody knew that it stands, though all of them
    were told that the older one, and they with it, were over.
    """
    joins = other.joined_to != older
    condition = now if other.condition is Condition.STANDING else other.condition
    if not joins and condition is other.condition:
        return []
    after = replace(other, joined_to=older, condition=condition, changed_at=judge.clock, version=other.version + 1)
    return [Change((Kind.JOINED if joins else Kind.UPDATED,), judge.clock, other, after)]


def _gather(group: Sequence[AlertState], replaced: AlertState | None) -> _Before:
    primary = group[0] if group else None
    numbers = {alert.alert for alert in group}
    # One that had joined another of this group brought its recipients there already.
    joining = tuple(alert for alert in group[1:] if alert.joined_to not in numbers)
    heard = [alert for alert in (primary, *joining, replaced) if alert is not None]
    people: dict[str, RecipientState] = dict(heard[0].recipients) if heard else {}
    for other in joining:
        for agency, theirs in other.recipients.items():
            people[agency] = _united(people.get(agency), theirs)
    was: dict[str, Urgency] = {}
    for alert in heard:
        if alert.rings:
            for agency, state in alert.recipients.items():
                if state.present and state.told:
                    was[agency] = min(alert.urgency, was.get(agency, alert.urgency))
    return _Before(primary, joining, replaced, people, was)


def _united(ours: RecipientState | None, theirs: RecipientState) -> RecipientState:
    if ours is None:
        return replace(theirs, version=0, view=None)
    if theirs.present and not ours.present:
        return replace(ours, recipient=theirs.recipient, left_at=None, told=ours.told or theirs.told, view=None)
    return replace(ours, told=ours.told or theirs.told)


def _standing(judge: _Judge, before: _Before, finding: Finding) -> Change | None:
    quiet = finding.history_only and not before.was
    kinds = _standing_kinds(before, finding, quiet=quiet)
    people = _addressed(judge, before, finding.recipients)
    after = _after(judge, before, finding, people, condition=Condition.STANDING, silent=quiet)
    notices: list[Notice] = []
    if not quiet:
        opened = Why.REOPENED if Kind.REOPENED in kinds else Why.RAISED
        fresh = Why.NEW if before.was else opened
        for agency, state in people.items():
            if state.present:
                notices += _standing_notice(judge, before, after, state, kinds, fresh)
            elif agency in before.was:
                notices.append(Notice(agency, Why.HANDED_OVER))
    return _change(judge, before, kinds, after, notices)


def _standing_kinds(before: _Before, finding: Finding, *, quiet: bool) -> list[Kind]:
    primary = before.primary
    if primary is None:
        return [Kind.RAISED]
    kinds: list[Kind] = []
    if not primary.rings and not quiet:
        told = any(state.told for state in before.people.values())
        kinds.append(Kind.REOPENED if told else Kind.RAISED)
    elif primary.condition is not Condition.STANDING:
        kinds.append(Kind.REOPENED)
    elif not quiet:
        if finding.urgency < primary.urgency:
            kinds.append(Kind.RISEN)
        if set(finding.steps) - set(primary.finding.steps):
            kinds.append(Kind.STEPPED)
    return kinds + _links(before)


def _links(before: _Before) -> list[Kind]:
    resumed = before.primary is not None and before.primary.joined_to is not None
    return [Kind.JOINED] * bool(before.joining) + [Kind.RESUMED] * resumed


def _standing_notice(
    judge: _Judge, before: _Before, after: AlertState, state: RecipientState, kinds: Sequence[Kind], fresh: Why
) -> list[Notice]:
    agency = state.recipient.agency
    was = before.was.get(agency)
    ring = after.urgency in RINGING
    if was is None:
        return [Notice(agency, fresh, ring=ring)]
    if after.urgency < was:
        return [Notice(agency, Why.RISEN, ring=ring)]
    if Kind.STEPPED in kinds:
        return [Notice(agency, Why.STEPPED)]
    if Kind.JOINED in kinds:
        return [Notice(agency, Why.JOINED)]
    if Kind.RESUMED in kinds:
        # Whatever became of the older alert meanwhile, they were told that this one is part of it.
        return [Notice(agency, Why.VIEW)]
    if judge.view_hash(after, state.recipient) != state.view:
        return [Notice(agency, Why.VIEW)]
    return []


def _ended(judge: _Judge, before: _Before, finding: Finding) -> Change | None:
    primary = before.primary
    kinds = [Kind.RAISED] if primary is None else []
    if primary is not None and primary.condition is Condition.STANDING:
        kinds.append(ENDINGS[finding.state])
    kinds += _links(before)
    people = _addressed(judge, before, finding.recipients, ended=True)
    silent = not before.was and (primary is None or primary.silent)
    condition = CONDITIONS[finding.state]
    after = _after(judge, before, finding, people, condition=condition, silent=silent)
    # Told after its ending is only how it ended, if that was wrong. Other news of what is over (that it was one with
    # another alert, that more evidence came) would call people who have left it behind, or lost the role since.
    corrected = primary is not None and (primary.condition, primary.finding.until) != (condition, finding.until)
    notices = []
    for agency, state in people.items():
        if agency in before.was:
            notices.append(Notice(agency, Why.ENDED))
        elif (
            corrected
            and not silent
            and state.present
            and state.told
            and judge.view_hash(after, state.recipient) != state.view
        ):
            notices.append(Notice(agency, Why.VIEW))
    return _change(judge, before, kinds, after, notices)


def _addressed(
    judge: _Judge, before: _Before, wanted: Sequence[Recipient], *, ended: bool = False
) -> dict[str, RecipientState]:
    """Who is a recipient now. Of an ended alert nobody new becomes one, unless it was over when first seen.

    Whoever is told of the ending stays until then; who lost the role earlier or later leaves without a word.
    """
    people = dict(before.people)
    now = {recipient.agency: recipient for recipient in wanted}
    for agency, recipient in now.items():
        state = people.get(agency)
        if state is not None and state.present:
            people[agency] = state if ended and agency in before.was else replace(state, recipient=recipient)
        elif not ended or before.primary is None:
            known = state or RecipientState(recipient, judge.clock)
            people[agency] = replace(known, recipient=recipient, added_at=judge.clock, left_at=None)
    for agency, state in people.items():
        if state.present and agency not in now and not (ended and agency in before.was):
            people[agency] = replace(state, left_at=judge.clock)
    return dict(sorted(people.items()))


def _after(
    judge: _Judge,
    before: _Before,
    finding: Finding,
    people: Mapping[str, RecipientState],
    *,
    condition: Condition,
    silent: bool,
) -> AlertState:
    primary = before.primary
    if primary is None:
        return AlertState(
            alert=0,
            rule=finding.rule,
            major=finding.major,
            anchor=finding.anchor,
            owner_record=_owner_record(judge, finding.anchor),
            raised_at=judge.clock if before.replaced is None else before.replaced.raised_at,
            changed_at=judge.clock,
            condition=condition,
            silent=silent,
            version=1,
            finding=finding,
            supersedes=before.replaced.alert if before.replaced else None,
            recipients=people,
        )
    return replace(
        primary,
        changed_at=judge.clock,
        condition=condition,
        silent=silent,
        version=primary.version + 1,
        # The anchor stays as raised: after a split it must follow the records it was raised on.
        finding=replace(finding, anchor=primary.anchor),
        joined_to=None,
        recipients=people,
    )


def _owner_record(judge: _Judge, anchor: Anchor) -> int:
    """The record through which the subject owns the alert: the anchor's own, so that both go one way in a split."""
    records = [part.record for part in anchor.parts if isinstance(part, RecordPart)]
    own = [record for record in records if judge.subject is None or judge.person_of(record) == judge.subject]
    if own:
        return own[0]
    if judge.subject is None:
        raise ValueError("an anchor without a person needs the subject to own it")
    return judge.subject  # a person's id is the record it was born with


def _change(
    judge: _Judge, before: _Before, kinds: list[Kind], after: AlertState, notices: Sequence[Notice]
) -> Change | None:
    """Name what else changed, or return None if nothing did."""
    primary = before.primary
    if primary is not None:
        if _addresses(primary) != _addresses(after):
            kinds.append(Kind.RECIPIENTS)
        content = replace(primary.finding, recipients=after.finding.recipients) != after.finding
        # Whom one that is over was for may be learned late: it is kept, though nobody new is told of it.
        over = after.condition is not Condition.STANDING
        content = content or (over and primary.finding.recipients != after.finding.recipients)
        moved = (primary.condition, primary.silent) != (after.condition, after.silent)
        if not NEWS.intersection(kinds) and (content or moved or (notices and not kinds)):
            kinds.append(Kind.UPDATED)
    if not kinds:
        return None
    if before.replaced is None:
        return _told(judge, tuple(kinds), primary, after, notices)
    # A new version of a rule takes over silently: who knows that it stands is only noted as knowing this form of it.
    quietly = [notice for notice in notices if notice.agency in before.was]
    noted = _told(judge, tuple(kinds), primary, after, quietly).after
    return _told(judge, tuple(kinds), primary, noted, [notice for notice in notices if notice not in quietly])


def _addresses(alert: AlertState) -> Mapping[str, Recipient]:
    return {agency: state.recipient for agency, state in alert.recipients.items() if state.present}


def _told(
    judge: _Judge,
    kinds: tuple[Kind, ...],
    before: AlertState | None,
    after: AlertState,
    notices: Sequence[Notice],
) -> Change:
    """Note on each recipient what it is told now."""
    people = dict(after.recipients)
    for notice in notices:
        state = people[notice.agency]
        view = judge.view_hash(after, state.recipient)
        people[notice.agency] = replace(state, told=True, version=state.version + 1, view=view)
    ordered = tuple(sorted(notices, key=lambda notice: notice.agency))
    return Change(kinds, judge.clock, before, replace(after, recipients=people), ordered)


def _superseded(judge: _Judge, standing: Sequence[AlertState], majors: Mapping[str, int]) -> list[Change]:
    """Alerts of a lower major version end without a word; where a finding took their place, it knows whom they told."""
    return [
        Change(
            (Kind.SUPERSEDED,),
            judge.clock,
            alert,
            replace(alert, condition=Condition.SUPERSEDED, changed_at=judge.clock, version=alert.version + 1),
        )
        for alert in sorted(standing, key=_age)
        if alert.condition is not Condition.SUPERSEDED and alert.major < majors.get(alert.rule, 0)
    ]
