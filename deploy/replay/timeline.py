"""The timeline people want to read: each fact as an agency learned it, each alert as it rang, and a closing table."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from deploy.cases.load import Case, Posting
from deploy.cases.words import TIMEZONE
from deploy.replay.compare import matched
from deploy.replay.desks import Acknowledging
from deploy.replay.outcome import AnchorPart, Observed, Outcome
from deploy.replay.stage import Telling, Told

COLOUR: Final = {"U1": "bold white on red", "U2": "bold black on yellow", "U3": "bold white on blue", "U4": "reverse"}
WORDS: Final = {
    "raised": "rings",
    "reopened": "rings again",
    "new": "reaches",
    "risen": "becomes more urgent",
    "stepped": "is told again",
    "ended": "has ended",
    "joined": "takes in another",
    "view": "has news",
    "handed-over": "is handed over",
}
HELD_BACK: Final = {
    "n1": "where she lives and works, her numbers",
    "n2": "who told",
    "n3": "the text of convictions and intelligence",
    "n4": "other families, his own children",
    "n5": "health",
    "n6": "that agencies are looking",
    "n7": "immigration status",
    "n8": "the allegation as a fact",
    "agreement": "what no agreement lets this agency see",
    "class": "more than a pointer, to some",
}
"""Codes of views, in words."""
LOUD: Final = frozenset({"raised", "reopened", "new", "risen"})
"""Tellings whose content is printed; the others say only that they happened."""


class Timeline:
    """Prints as it happens."""

    def __init__(self, console: Console, case: Case) -> None:
        self._console = console
        self._case = case
        self._day: date | None = None
        self._printed: dict[UUID, str] = {}

    def begin(self, label: str) -> None:
        """Print what is going to be told."""
        self._console.print(Rule(f"[bold]{escape(self._case.title)}[/bold]", style="dim"))
        if self._case.about:
            self._console.print(Padding(Text(self._case.about), (0, 2)))
        if len(self._case.variants) > 1:
            variant = self._case.variants[label]
            switched = f", with {', '.join(variant.with_)}" if variant.with_ else ""
            self._console.print(Padding(Text(f"Told {variant.clocks}{switched}.", style="dim"), (0, 2)))

    def fact(self, posting: Posting) -> None:
        """Print what an agency learned."""
        self._date(posting.at)
        line = _row()
        line.add_row(_time(posting.at), posting.agency, Text(posting.summary), Text(posting.paragraph, style="dim"))
        self._console.print(line)

    def told(self, at: datetime, alert: Told, tellings: Sequence[Telling]) -> None:
        """Print an alert as it was told: in full when it rings or says something new, else that it was told."""
        self._date(at)
        told = min(tellings, key=_loudest).told
        rung = max((telling.told["ring"]["rung"] for telling in tellings if telling.told.get("ring")), default=0)
        head = Text(f"    {_time(at)}  ")
        head.append(f" {told['urgency']} ", style=COLOUR[told["urgency"]])
        head.append(f" {alert.rule} ", style="bold")
        head.append("climbs: nobody answered" if rung > 1 else _what(tellings))
        title = _said(tellings, "title") if rung <= 1 and told["told"] in LOUD else ""
        head.append(f": {title}" if title else "", style="bold")
        head.append(f"  {_about(self._case, alert.anchor)}", style="italic")
        self._console.print(head)
        if rung <= 1 and told["told"] in LOUD:
            self._content(alert, tellings)
        self._line("to", ", ".join(_recipient(telling) for telling in tellings))
        if told["told"] == "ended":
            self._line("how", told["state"])

    def _content(self, alert: Told, tellings: Sequence[Telling]) -> None:
        """Print what it says, unless that was printed already."""
        why = _said(tellings, "why")
        if self._printed.get(alert.alert) == why:
            return
        self._printed[alert.alert] = why
        self._line("says", why)
        self._line("not known", " ".join(_listed(tellings, "unknown")))
        self._line("held back", ", ".join(HELD_BACK.get(code, code) for code in _listed(tellings, "withheld")))
        self._line("not reached", ", ".join(_listed(tellings, "not_reached")))

    def acknowledged(self, one: Acknowledging, agency: str, rule: str) -> None:
        """Print who took an alert on."""
        self._date(one.at)
        self._console.print(Text(f"    {_time(one.at)}  {agency} {one.desk} takes {rule} on", style="green"))

    def _line(self, what: str, text: str) -> None:
        if text:
            line = Table.grid(padding=(0, 1))
            line.add_column(width=24, justify="right", style="dim")
            line.add_column(overflow="fold")
            line.add_row(what, Text(text))
            self._console.print(line)

    def _date(self, at: datetime) -> None:
        day = at.astimezone(ZoneInfo(TIMEZONE)).date()
        if day != self._day:
            self._day = day
            self._console.print(Text(f"\n{day:%A %-d %B %Y}", style="bold underline"))

    def close(self, outcome: Outcome, expected: Mapping[str, Observed]) -> None:
        """Print the closing table: every alert that rang, when, and how many days that left."""
        table = Table(box=box.SIMPLE_HEAVY, title="What rang, and when", title_style="bold")
        for column in ("Rule", "Alert", "About", "Rang", "Then", "To"):
            table.add_column(column, overflow="fold")
        table.add_column(f"Days {self._case.counts_to_words}", justify="right")
        refs = {alert.alert: ref for ref, alert in expected.items()}
        rang = [(alert, alert.raised) for alert in outcome.alerts if not alert.shadow or alert.alert in refs]
        for alert, raised in sorted(((a, r) for a, r in rang if r is not None), key=lambda pair: pair[1].at):
            table.add_row(
                f"{alert.rule} (on trial: tells nobody)" if alert.shadow else alert.rule,
                refs.get(alert.alert, "-"),
                _about(self._case, alert.anchor),
                f"{_minute(raised.at)} {raised.urgency}",
                _fate(alert),
                ", ".join(f"{agency} {shown}" for agency, shown in raised.to.items()),
                _days(self._case, raised.at),
            )
        self._console.print()
        self._console.print(table)


def about_expected(case: Case, outcome: Outcome) -> dict[str, Observed]:
    """Return which alert of the outcome is which of the case's."""
    if case.expect is None:
        return {}
    wanted = [alert for alert in case.expect.alerts if alert.in_ is None or outcome.label in alert.in_]
    return matched(wanted, outcome.alerts)


def _row() -> Table:
    line = Table.grid(padding=(0, 1))
    line.add_column(width=9, justify="right")
    line.add_column(width=9, style="cyan")
    line.add_column(overflow="fold", ratio=1)
    line.add_column(width=16, justify="right")
    line.expand = True
    return line


def _time(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(TIMEZONE)):%H:%M}"


def _minute(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(TIMEZONE)):%a %-d %b %Y %H:%M}"


def _loudest(telling: Telling) -> tuple[bool, bool]:
    return (telling.told["told"] not in LOUD, "why" not in telling.view)


def _what(tellings: Sequence[Telling]) -> str:
    said = dict.fromkeys(WORDS.get(telling.told["told"], telling.told["told"]) for telling in tellings)
    return " / ".join(said)


def _recipient(telling: Telling) -> str:
    ring = telling.told.get("ring")
    shown = telling.view.get("shown", "")
    desk = f" ({ring['desk']} is rung)" if ring else ""
    return " ".join(part for part in (telling.agency, shown) if part) + desk


def _said(tellings: Sequence[Telling], key: str) -> str:
    """The longest that anybody was told: what one agency may not see, another may."""
    return max((str(telling.view.get(key) or "") for telling in tellings), key=len, default="")


def _listed(tellings: Sequence[Telling], key: str) -> list[str]:
    found: dict[str, None] = {}
    for telling in tellings:
        values: Any = telling.view.get(key) or ()
        found |= dict.fromkeys(str(value) for value in values)
    return list(found)


def _about(case: Case, anchor: Sequence[AnchorPart]) -> str:
    """Whom or what it is about, in the words of the cast: the reader of a replay is no recipient."""
    words = []
    for part in anchor:
        name = min(part.names, default="?")
        if part.kind == "person":
            somebody = case.cast.get(name)
            words.append(somebody.is_ if somebody is not None else name)
        else:
            words.append(f"row {name}" if part.kind == "row" else name.rpartition(":")[2])
    return " + ".join(words)


def _fate(alert: Observed) -> str:
    raised, ended = alert.raised, alert.ended
    words = []
    if raised is not None:
        moments = [m for m in alert.moments if m.at > raised.at and (ended is None or m.at < ended.at)]
        urgency = raised.urgency
        for moment in moments:
            if moment.urgency < urgency:
                urgency = moment.urgency
                words.append(f"{urgency} {moment.at.astimezone(ZoneInfo(TIMEZONE)):%-d %b}")
    if ended is None:
        words.append("stands")
    else:
        how = "joined" if ended.joined_to is not None else ended.condition
        words.append(f"{how} {ended.at.astimezone(ZoneInfo(TIMEZONE)):%-d %b}")
    return ", ".join(words)


def _days(case: Case, at: datetime) -> str:
    if case.counts_to is None:
        return ""
    return str((date.fromisoformat(case.counts_to) - at.astimezone(ZoneInfo(TIMEZONE)).date()).days)
