"""The catalogue in words, for those who answer for it: what each rule watches, why, whom it tells, what it never says.

Made from the rule files, so that it cannot say otherwise than they do. Words of rules are nearly English already; what only
Python can work out appears by its name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from services.rules.model import Closing, Leg, RuleFile, To

CHANCES: Final = Path(__file__).parent / "lost_chances.yaml"
PAGE: Final = "CATALOGUE.md"

NEVER: Final[Mapping[str, str]] = {
    "N1": "where the person at risk lives or works, or how to reach them",
    "N2": "who told",
    "N3": "the text of convictions and intelligence",
    "N4": "other families, or the subject's own children",
    "N5": "health and intimate matters",
    "N6": "to the subject's side, that agencies are looking",
    "N7": "immigration status",
    "N8": "an allegation as if it were a fact",
}
URGENCY: Final[Mapping[str, str]] = {
    "U1": "act now",
    "U2": "act today",
    "U3": "act this week",
    "U4": "plan",
}
KINDS: Final[Mapping[str, str]] = {
    "event": "at once when it happens",
    "absence": "when no answer came in time",
    "count": "when it happened so many times",
    "distinct": "when so many different sources say it",
    "together": "when two things meet, in either order",
    "path": "on evidence that ties the subject to another person",
    "deadline": "at steps before a date",
    "contradiction": "when a later record says otherwise than the one that stands",
}

_INTRODUCTION: Final = """# The rules, in words

Made from the rule files by `tocsin rules publish`; the files decide, and [README](README.md) says how to read them.
An alert is for consideration: a named person decides what to do, and gives reasons. U1 act now, U2 act today, U3 act this week,
U4 plan. D1 a pointer, D2 who and why, D3 the fuller narrative.
"""


def page(rules: Sequence[RuleFile]) -> str:
    """The whole page as Markdown: each rule, then which lost chance each of them answers."""
    return "\n".join([_INTRODUCTION, *(line for rule in rules for line in _rule(rule)), *_chances(rules), ""])


def chances() -> list[dict[str, Any]]:
    """The chances that reviews show were lost: id, source, lost, rules, by."""
    found: list[dict[str, Any]] = yaml.safe_load(CHANCES.read_text(encoding="utf-8"))["chances"]
    return found


def _rule(rule: RuleFile) -> Iterator[str]:
    status = "" if rule.status == "live" else f" ({rule.status}: it tells nobody)"
    yield f"## {rule.id} {rule.name.replace('-', ' ')}{status}\n"
    yield f"**Why.** {' '.join(rule.why.split())}\n"
    yield f"**About** {rule.subject}.\n"
    yield "**It rings**\n"
    legs = rule.any_of or [rule]
    for leg in legs:
        yield f"* {_rings(rule, leg)}"
    yield "\n**How urgent**\n"
    for row in rule.urgency:
        when = _all(row.when) or "otherwise" if len(rule.urgency) > 1 else "always"
        yield f"* {row.level} ({URGENCY[row.level]}): {when}"
    yield f"\nOn a single uncertain voice it {rule.uncorroborated}.\n"
    yield "**It tells**\n"
    yield from (f"* {_recipient(to)}" for to in rule.to)
    yield f"\n**It never says** {'; '.join(NEVER[code] for code in rule.never) or 'more than any alert may say'}.\n"
    endings = _endings(rule, legs)
    if endings:
        yield "**What ends it**\n"
        yield from (f"* {ending}" for ending in endings)
        yield ""
    yield f"**It says**: {' '.join(rule.text.why.split())}\n"
    if rule.parameters:
        yield "**A local board may set for its area**\n"
        yield from (f"* {one.name}, {one.least} to {one.most}: {one.says}" for one in rule.parameters)
        yield ""
    yield f"Tests: {len(rule.tests)}. Law: {', '.join(rule.legal_basis)}. Owner: {rule.owner}. Version {rule.version}.\n"


def _rings(rule: RuleFile, leg: Leg) -> str:
    kind = leg.kind or rule.kind
    said = [KINDS[kind]] if kind else []
    of = leg.of or rule.of
    if of and (of.types or of.word or of.predicate):
        said.append(f"on {', '.join((*of.types, *(_word(one) for one in (of.word, of.predicate) if one)))}")
    if leg.evidence:
        said.append(f"({' or '.join(leg.evidence)} evidence)")
    if within := leg.within or rule.within:
        said.append(f"within {within}")
    if steps := leg.steps or rule.steps:
        said.append(f"and again at {', '.join(str(step) for step in steps)}")
    if states := [*rule.while_, *(leg.while_ if leg is not rule else ())]:
        said.append(f"while {_all(states)}")
    return " ".join(said)


def _endings(rule: RuleFile, legs: Sequence[Leg]) -> list[str]:
    closings = [(closing, "answered") for closing in rule.unless] + [
        (closing, "no longer so") for closing in rule.lapses
    ]
    for leg in legs:
        if leg is not rule:
            closings += [(closing, "answered") for closing in leg.unless]
            closings += [(closing, "no longer so") for closing in leg.lapses]
    return list(dict.fromkeys(f"{how}: {_closing(closing)}" for closing, how in closings))


def _closing(closing: Closing) -> str:
    said = list(closing.types) + [_word(word) for word in (closing.word, closing.predicate) if word]
    if closing.where:
        said.append("(" + ", ".join(f"{name} {_value(value)}" for name, value in closing.where.items()) + ")")
    if closing.names:
        said.append(f"naming {' and '.join(closing.names)}")
    if closing.reasons:
        said.append("with reasons")
    if closing.points_at:
        said.append("that cites it")
    return " ".join(said)


def _recipient(to: To) -> str:
    of = "" if to.of == "subject" else f" of the {_word(to.of)}"
    when = f", where {_all(to.when)}" if to.when else ""
    return f"{to.role.replace('-', ' ')}{of}: {to.shown}{when}"


def _chances(rules: Sequence[RuleFile]) -> Iterator[str]:
    known = {rule.id: rule for rule in rules}
    yield "## Lost chances, and what would have raised them\n"
    yield "DHR: Birmingham BDHR/2013-14/02 by paragraph. PFD: report to prevent future deaths, 16 October 2019. SFO: 14 May 2020.\n"
    yield "| | Source | What was lost | Raised by | Shown by |"
    yield "|---|---|---|---|---|"
    for chance in chances():
        named = [name if name in known else f"{name} (no rule yet)" for name in chance["rules"]]
        raised = ", ".join((*named, *((chance["by"],) if "by" in chance else ())))
        shown = "; ".join(f"{name}: {proof(known[name])}" for name in chance["rules"] if name in known)
        yield f"| {chance['id']} | {chance['source']} | {chance['lost']} | {raised} | {shown} |"


def proof(rule: RuleFile) -> str:
    """The name of the first test in which a rule rings."""
    return next((test.name for test in rule.tests if test.kind == "positive"), "no test")


def _all(words: Iterable[Any]) -> str:
    return " and ".join(_word(word) for word in words)


def _word(word: Any) -> str:  # noqa: ANN401 - a word of a rule file: text, or {word: value}
    if isinstance(word, str):
        return word.partition("@")[0].replace("_", " ")
    if isinstance(word, Mapping):
        return " ".join(_pair(name, value) for name, value in word.items())
    return str(word)


def _pair(name: str, value: Any) -> str:  # noqa: ANN401 - as above
    match name:
        case "not":
            return f"not {_word(value)}"
        case "any":
            return "(" + " or ".join(_word(one) for one in value) + ")"
        case _:
            return f"{_word(name)} {_value(value)}"


def _value(value: Any) -> str:  # noqa: ANN401 - JSON
    if isinstance(value, list | tuple):
        return " or ".join(_value(one) for one in value)
    if isinstance(value, Mapping):
        return " ".join(f"{name} {_value(part)}" for name, part in value.items())
    return str(value)
