"""How an event type is declared: its name on the wire, what rules may take it for, and an example."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, TypeVar

from pydantic import create_model

from schemas.envelope import EventData

E = TypeVar("E", bound=type[EventData])

Answer = Literal[
    "action-done",  # an action reported as done
    "asc-decision",  # adult social care decided on an adult at risk
    "checks",  # named people searched for on systems
    "csc-decision",  # children's social care decided on a child (domain A3a)
    "csc-referral",  # a referral is open
    "disclosure-decision",  # whether to tell somebody at risk
    "information-receipt",  # somebody acknowledged what they were told
    "message-read",
    "order-decision",
    "recall-decision",
    "strategy-discussion",
    "supervision",  # cases gone through with a supervisor
    "transfer-decision",
    "visitor-review",  # visitors and correspondents gone through
]

LAW: Final = {"code": "P", "purpose": "safeguarding", "legal_basis": "CJA2003-s325", "regime": "part-3"}
WELFARE: Final = {"code": "P", "purpose": "safeguarding", "legal_basis": "CA2004-s11", "regime": "uk-gdpr"}
CARE: Final = {"code": "P", "purpose": "safeguarding", "legal_basis": "CA2014-s42", "regime": "uk-gdpr"}

SECTORS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "police": ("a police force", LAW),
    "prison": ("a prison", LAW),
    "probation": ("probation", LAW),
    "approved-premises": ("approved premises", LAW),
    "mappa": ("a MAPPA co-ordinator", LAW),
    "marac": ("a MARAC co-ordinator", LAW),
    "childrens-social-care": ("children's social care", WELFARE),
    "adult-social-care": ("adult social care", CARE),
    "health": ("a health provider", WELFARE),
    "education": ("a school or college", WELFARE),
    "housing": ("a housing provider", WELFARE),
    "employer": ("an employer", WELFARE),
    "court": ("a court", LAW),
    "parole": ("the Parole Board", LAW),
    "victim-liaison": ("a victim liaison unit", LAW),
}
"""Sector -> (who that is in a sentence, handling in its examples)."""

# Invented people of the examples. NHS numbers of the never-issued range, telephone numbers of Ofcom's drama range.
SUBJECT: Final = {
    "ref": "S",
    "role": "subject",
    "own_id": "N-100001",
    "names": [{"given": "Alban", "middle": "Piers", "family": "Thornquist"}],
    "born": "1981-06-14",
    "sex": "m",
    "identifiers": [{"system": "pnc", "value": "2099/0000001G"}, {"system": "crn", "value": "X123456"}],
}
ADULT: Final = {
    "ref": "A",
    "role": "at-risk",
    "names": [{"given": "Ottilie", "family": "Marrable"}],
    "born": "1987-02",
    "sex": "f",
    "identifiers": [{"system": "nhs", "value": "9990000018"}],
    "addresses": [{"area": "birmingham", "lines": ["2 Example Rise"], "postcode": "B22 9ZZ"}],
    "phones": ["07700 900123"],
}
CHILD: Final = {
    "ref": "C",
    "role": "child",
    "names": [{"given": "Fenn", "family": "Marrable"}],
    "born": "2010-09-30",
    "identifiers": [{"system": "nhs", "value": "9990000026"}],
}
REPORTER: Final = {
    "ref": "R",
    "role": "reporter",
    "names": [{"given": "Ines", "family": "Quillfeather"}],
    "phones": ["07700 900456"],
}
SLOT: Final = {"ref": "U", "role": "partner", "slot": {"of": "S", "relation": "partner"}}

_CLOCKS: Final = {
    "occurred": "2024-03-04T09:30:00Z",
    "known_at": "2024-03-04T10:00:00Z",
    "recorded_at": "2024-03-04T10:05:00Z",
}


def role(person: dict[str, Any], name: str) -> dict[str, Any]:
    """The same person in another role."""
    return {**person, "role": name}


def event(
    name: str,
    *,
    version: int = 1,
    report: bool = False,
    answers: Iterable[Answer] = (),
    carries_flags: bool = False,
    people: Sequence[dict[str, Any]] = (SUBJECT,),
    example: dict[str, Any] | None = None,
) -> Callable[[E], E]:
    """Declare a model as the type `name` in this version.

    `people` and `example` make up the published example; clocks and the sector's usual handling are added.
    """
    sector = name.split(".", 1)[0]

    def declare(model: E) -> E:
        model.wire_type, model.wire_version = name, version
        model.is_report, model.answers, model.carries_flags = report, frozenset(answers), carries_flags
        with_people = {"people": list(people)} if people else {}
        model.examples = ({**_CLOCKS, **with_people, "handling": SECTORS[sector][1], **(example or {})},)
        return model

    return declare


def family(
    base: type[EventData],
    happened: str,
    sectors: Sequence[str],
    doc: str,
    *,
    report: bool = False,
    answers: Iterable[Answer] = (),
    people: Sequence[dict[str, Any]] = (SUBJECT,),
    example: dict[str, Any] | None = None,
) -> tuple[type[EventData], ...]:
    """Declare `<sector>.<happened>` for several sectors: the same fields, each a type of its own.

    `doc` says what to send when; `{who}` in it becomes the sector in words.
    """
    return tuple(
        event(f"{sector}.{happened}", report=report, answers=answers, people=people, example=example)(
            derived(base, class_name(sector, happened), doc.format(who=SECTORS[sector][0]))
        )
        for sector in sectors
    )


def derived(base: type[EventData], name: str, doc: str, **fields: Any) -> type[EventData]:  # noqa: ANN401 - pydantic's own form
    """A model with the fields of `base`, under its own name; `fields` narrow some of them.

    Its fields are documented by the base already: pydantic would look for a class statement and find none.
    """
    return create_model(name, __base__=base, __doc__=doc, __cls_kwargs__={"use_attribute_docstrings": False}, **fields)


def class_name(sector: str, happened: str) -> str:
    """PoliceMessageReported for police and message.reported."""
    return "".join(word.capitalize() for word in f"{sector}-{happened}".replace(".", "-").split("-"))
