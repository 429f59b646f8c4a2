"""The catalogue in words, for those who answer for it: what each rule watches, why, whom it tells, what it never says.

Made from the rule files, so that it cannot say otherwise than they do. Words of rules are nearly English already; what only
Python can work out appears by its name.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from services.rules import ladder_words, predicates, registry, vocabulary
from services.rules.model import COUNTING, Closing, Leg, Of, RuleFile, To
from services.rules.text import spoken
from services.rules.words.times import Length

WORDS: Final = (vocabulary, predicates)
"""Importing them is what makes the words known."""
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
FAMILIES: Final[Mapping[str, str]] = {
    "report": "a report",
    "social care record": "a record of social care",
    "sighting": "a record of who was there when somebody was seen",
}
SHOWN: Final[Mapping[str, str]] = {"D1": "a pointer", "D2": "who and why", "D3": "the fuller narrative"}
ROLES: Final[Mapping[str, str]] = {
    "owner": "the officers who lead on the subject; where nobody does, police of the area, and social care if there is a child",
    "csc-for-area": "children's social care",
    "police-for-area": "police",
    "asc-for-area": "adult social care",
    "health-for-area": "health",
    "mappa-lead": "the MAPPA lead",
    "probation-lead": "the probation lead",
    "police-lead": "the police lead",
    "prison": "the prison",
    "approved-premises": "the approved premises",
}
"""Whom a rule tells, as people who do this work say it."""
STORIES: Final = (
    ("positive", "It rings"),
    ("near-miss", "It stays silent"),
    ("late-arrival", "Something comes late"),
    ("merge", "Two prove to be one"),
)
"""Kinds of test, by what they show. One in any order of arrival every rule has."""

_INTRODUCTION: Final = """# The rules, in words

Made from the rule files by `tocsin rules publish`; the files decide, and [README](README.md) says how to read them.

An alert is for consideration: a named person decides what to do, and gives reasons. The list is for whoever answers for
safeguarding in an agency: what each rule watches, why, how urgent it is, whom it tells and how much, what it never says, what
ends it, and the stories by which it is tested.

* **U1** act now, day and night; **U2** act today; **U3** act this week; **U4** plan.
* **D1** a pointer: that there is something, and whom to ring; **D2** who and why; **D3** the fuller narrative.
* **Subject**: the person a rule is about. **The other**: a second person it ties to the subject. **Lead**: an agency that
  manages somebody, by a dated role. **Flagged**: formally registered or assessed as a risk to others, never merely suspected.
* **Known** is when an agency learned something, **recorded** when it wrote it down, **occurred** when it happened. An answer
  counts by its own time: given in time and entered late, the alert is taken back and everybody told so.
* **A single uncertain voice** is one person's word that is neither graded reliable nor the subject's own.
* Numbers and dates in braces, such as {since}, are filled in. A rule in **shadow** is judged and tells nobody; a board decides.
* What the phrases after "while", "where" and "ends" mean exactly is at the end, under [Words](#words).
"""


def page(rules: Sequence[RuleFile]) -> str:
    """The whole page as Markdown: a list, each rule, which lost chance each of them answers, and what the words mean."""
    said = {rule.id: _rule(rule) for rule in rules} | {ladder_words.ID: ladder_words.ladder()}
    parts = (_list(rules), *(said[rule] for rule in sorted(said)), _chances(rules), _words(rules))
    return "\n".join([_INTRODUCTION, *(line for part in parts for line in part), ""])


def explain(rule: RuleFile) -> str:
    """One rule in words, as Markdown: as it stands in the page."""
    return "\n".join(_rule(rule))


def _list(rules: Sequence[RuleFile]) -> Iterator[str]:
    yield "| Rule | What was missed | About | Urgency |"
    yield "|---|---|---|---|"
    rows = {rule.id: _row(rule) for rule in rules}
    rows[ladder_words.ID] = _linked(
        ladder_words.TITLE, "", ladder_words.MISSED, ladder_words.SUBJECT, ladder_words.URGENCY
    )
    yield from (rows[rule] for rule in sorted(rows))
    yield ""


def _row(rule: RuleFile) -> str:
    levels = sorted({row.level for row in rule.urgency})
    urgency = levels[0] if len(levels) == 1 else f"{levels[0]} to {levels[-1]}"
    shadow = " (shadow)" if rule.status == "shadow" else ""
    name = f"{rule.id} {spoken(rule.name)}"
    return _linked(name, _status(rule), _first(rule.why), rule.subject, f"{urgency}{shadow}")


def _linked(name: str, status: str, *cells: str) -> str:
    link = f"{name}{status}".lower().replace(" ", "-").translate({ord(c): None for c in "():,"})
    return f"| [{name}](#{link}) | {' | '.join(cells)} |"


def _first(text: str) -> str:
    """The first sentence, without the source it begins with."""
    sentence = " ".join(text.split()).split(". ")[0].rstrip(".")
    before, colon, after = sentence.partition(": ")
    return after if colon and any(word in before for word in _SOURCES) else sentence


_SOURCES: Final = ("BDHR", "coroner", "inspectorate", "Reviews")


def _status(rule: RuleFile) -> str:
    return "" if rule.status == "live" else f" ({rule.status}: it tells nobody)"


def chances() -> list[dict[str, Any]]:
    """The chances that reviews show were lost: id, source, lost, rules, by."""
    found: list[dict[str, Any]] = yaml.safe_load(CHANCES.read_text(encoding="utf-8"))["chances"]
    return found


def _rule(rule: RuleFile) -> Iterator[str]:
    yield f"## {rule.id} {spoken(rule.name)}{_status(rule)}\n"
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
    for kind, said in rule.text.only.items():
        yield f"Where all it rests on is *{kind.replace('-', ' ')}*: {' '.join(said.split())}\n"
    if rule.parameters:
        yield "**A local board may set for its area**\n"
        yield from (f"* {one.name}, {one.least} to {one.most}: {one.says}" for one in rule.parameters)
        yield ""
    yield "**Stories it is tested by**\n"
    for kind, said in STORIES:
        yield from (f"* {said}: {test.name}." for test in rule.tests if test.kind == kind)
    yield f"\nLaw: {', '.join(rule.legal_basis)}. Owner: {rule.owner}. Version {rule.version}.\n"


def _rings(rule: RuleFile, leg: Leg) -> str:
    kind = leg.kind or rule.kind or ""
    said = _when(kind, leg, _watched(leg.of or rule.of, leg), leg.within or rule.within)
    if (each := leg.for_each or rule.for_each) is not None:
        said.append(f"looked at one by one: {_word(each)}")
    if states := [*rule.while_, *(leg.while_ if leg is not rule else ())]:
        said.append(f"while {_all(states)}")
    if leg.covered or rule.covered:
        said.append("only where the answer would have been sent to the bus")
    return "; ".join(said)


def _watched(of: Of | None, leg: Leg) -> str:
    if leg.evidence:
        return f"somebody is tied to the subject by {' or '.join(leg.evidence)} evidence"
    if leg.date is not None:
        return f"a date stated by {_types(leg.date.types)}"
    if leg.date_from is not None:
        return _word(leg.date_from)
    if of is None:
        return "something happens"
    named = of.word if of.word is not None else of.predicate
    found = _word(named) if named is not None else _types(of.types)
    with_ = f" and {_types(leg.with_.types)}" if leg.with_ is not None else ""
    return f"{found}{_all_of(of)}{with_}"


def _all_of(of: Of) -> str:
    said = [_word(one) for one in of.which]
    said += [f"{name.replace('_', ' ')} is {_value(value)}" for name, value in of.where.items()]
    return f", where {' and '.join(said)}" if said else ""


def _when(kind: str, leg: Leg, watched: str, within: Length | None) -> list[str]:
    near = f" within {within}" if within is not None else ""
    steps = ", ".join(map(str, leg.steps))
    match kind:
        case "absence":
            late = f"no answer after {steps}" if steps else "no answer"
            return [f"{watched}", f"{late}{near if near != ' within at once' else ' in time'}"]
        case "count":
            return [f"at least {leg.at_least}{near}: {watched}"]
        case "distinct":
            many = [f"{each.at_least} different {DIFFERENT[each.of]}" for each in leg.distinct]
            many += [f"{leg.at_least} in all"] if leg.at_least else []
            return [f"at least {' and '.join(many)}{near}: {watched}"]
        case "deadline":
            return [f"{watched}", f"at {steps} before it"]
        case "path":
            return [watched, *([f"no answer{near}"] if near else [])]
        case "together":
            return [f"{watched}{near}, in either order"]
        case "contradiction":
            return [f"a later record says otherwise: {watched}"]
        case _:
            return [f"at once: {watched}"]


ANSWERED: Final[Mapping[str, str]] = {
    "closed": "an answer closes all that was known before it; what is known after it rings again when it is enough by itself",
    "closed once enough": "an answer closes what was known before it if that was enough, and not what one alone had said; what "
    "is known after it rings again when it is enough by itself",
    "counts on": "an answer ends it until something new is known, which counts together with what was answered",
}
DIFFERENT: Final[Mapping[str, str]] = {
    "agency": "agencies",
    "informant": "people who tell",
    "person": "people",
    "harmed": "people harmed",
    "sign": "kinds of sign",
}


def _endings(rule: RuleFile, legs: Sequence[Leg]) -> list[str]:
    closings = [(closing, "answered") for closing in rule.unless] + [
        (closing, "no longer so") for closing in rule.lapses
    ]
    for leg in legs:
        if leg is not rule:
            closings += [(closing, "answered") for closing in leg.unless]
            closings += [(closing, "no longer so") for closing in leg.lapses]
    after = [ANSWERED[leg.answered] for leg in legs if leg.kind in COUNTING and (leg.unless or rule.unless)]
    return [*dict.fromkeys(f"{how}: {_closing(closing)}" for closing, how in closings), *dict.fromkeys(after)]


def _closing(closing: Closing) -> str:
    said = [_types(closing.types)] if closing.types else []
    said += [_word(word) for word in (closing.word, closing.predicate) if word]
    if closing.after is not None:
        said.append(f"{closing.after} after the last of it")
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
    role = ROLES.get(to.role, to.role.replace("-", " "))
    where = {"subject": "the subject lives", "other": "the other lives"}.get(str(to.of))
    if to.role.endswith("-for-area"):
        role += f" where {where}" if where else f" of the {_word(to.of)}"
    elif to.of != "subject" and to.role not in ROLES:
        role += f": {_word(to.of)}"
    when = f", where {_all(to.when)}" if to.when else ""
    return f"{role}: {to.shown} ({SHOWN[to.shown]}){when}"


def _types(types: Sequence[str]) -> str:
    return " or ".join(_type(name) for name in types)


def _type(name: str) -> str:
    """`probation.recall.decided` as `recall decided (probation)`."""
    if "." not in name:
        return FAMILIES.get(name, name)
    sector, _, happened = name.partition(".")
    who = "any agency" if sector == "*" else sector.replace("-", " ")
    return f"{happened.replace('-', ' ').replace('.', ' ')} ({who})"


def _words(rules: Sequence[RuleFile]) -> Iterator[str]:
    """What each phrase of the vocabulary means that some rule uses; what only one rule needs is said in its place."""
    used = {name for rule in rules for name in _used(rule) if "@" not in name}
    yield "\n## Words\n"
    for name in sorted(used & MEANINGS.keys()):
        yield f"* **{name}**: {MEANINGS[name]}"


def _used(rule: RuleFile) -> set[str]:
    found: set[str] = set()
    todo: list[object] = [rule.model_dump(exclude={"tests", "text", "why", "watches"})]
    while todo:
        part = todo.pop()
        if isinstance(part, str):
            found.add(part)
        elif isinstance(part, Mapping):
            todo += [*part, *part.values()]
        elif isinstance(part, list | tuple):
            todo += part
    return found


def _meanings() -> dict[str, str]:
    """Every word and predicate with the first paragraph of its definition."""
    return {
        name: " ".join((function.__doc__ or "").split("\n\n")[0].split())
        for known in (
            registry.agencies.known, registry.answerers.known, registry.eachs.known, registry.closings.known,
            registry.tests.known, registry.of_event.known, registry.sources.known, registry.states.known,
        )
        for name, function in known.items()
    }  # fmt: skip


def _chances(rules: Sequence[RuleFile]) -> Iterator[str]:
    proofs = {rule.id: proof(rule) for rule in rules} | {ladder_words.ID: ladder_words.PROOF}
    yield "## Lost chances, and what would have raised them\n"
    yield "DHR: Birmingham BDHR/2013-14/02 by paragraph. PFD: report to prevent future deaths, 16 October 2019. SFO: 14 May 2020.\n"
    yield "| | Source | What was lost | Raised by | Shown by |"
    yield "|---|---|---|---|---|"
    for chance in chances():
        named = [name if name in proofs else f"{name} (no rule yet)" for name in chance["rules"]]
        raised = ", ".join((*named, *((chance["by"],) if "by" in chance else ())))
        shown = "; ".join(f"{name}: {proofs[name]}" for name in chance["rules"] if name in proofs)
        yield f"| {chance['id']} | {chance['source']} | {chance['lost']} | {raised} | {shown} |"


def proof(rule: RuleFile) -> str:
    """The name of the first test in which a rule rings."""
    return next((test.name for test in rule.tests if test.kind == "positive"), "no test")


def _all(words: Iterable[Any]) -> str:
    return " and ".join(_word(word) for word in words)


def _word(word: Any) -> str:  # noqa: ANN401 - a word of a rule file: text, or {word: value}
    if isinstance(word, str):
        return _said(word)
    if isinstance(word, Mapping):
        return " ".join(_pair(name, value) for name, value in word.items())
    return str(word)


def _said(name: str) -> str:
    """A word as it stands, for it is English; of a predicate, what it means."""
    if "@" not in name:
        return name
    meaning = MEANINGS.get(name, name.partition("@")[0].replace("_", " ")).rstrip(".")
    return meaning[:1].lower() + meaning[1:] if meaning[1:2].islower() or meaning[1:2] == " " else meaning


MEANINGS: Final[Mapping[str, str]] = _meanings()


def _pair(name: str, value: Any) -> str:  # noqa: ANN401 - what stands behind it in a rule file, a list or a word
    match name:
        case "not":
            return f"not {_word(value)}"
        case "any":
            return "(" + " or ".join(_word(one) for one in value) + ")"
        case _:
            return f"{_word(name)} ({_value(value)})"


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return " or ".join(_value(one) for one in value)
    if isinstance(value, Mapping):
        return " ".join(f"{name} {_value(part)}" for name, part in value.items())
    return str(value)
