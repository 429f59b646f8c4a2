"""Code lists: words of open fields that something hangs on, so that senders use the same word for the same thing.

An open field takes any word, for nobody can foresee what has to be said. But a rule that waits for `threat-to-life` hears
nothing of `death-threat`. What stands here is what is read; other words are kept, shown, and ring nothing by themselves.
A test holds that every word a rule asks for stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

OWN: Final = "this catalogue, after the reviews that the rules cite; no public list was found"


@dataclass(frozen=True, slots=True)
class CodeList:
    """Words of the fields of these names, where those take open words."""

    title: str
    fields: tuple[str, ...]
    source: str
    """Whose words they are, or whose things they stand for."""
    codes: Mapping[str, str]
    """Word -> what it says."""


LISTS: Final = (
    CodeList(
        "What was said or seen",
        ("classes",),
        OWN,
        {
            "threat-to-life": "that somebody will be killed, or seriously harmed",
            "confession": "that the speaker has harmed somebody, or is about to",
            "threat-to-harm": "any other threat of violence",
            "hostile-about-partner": "anger or contempt about a partner or former partner, to somebody else",
            "hostile-to-partner": "the same, to the partner",
            "ultimatum": "a demand with a consequence: stay, come back, or else",
            "refused-proposal": "a proposal, or a wish to be together, was refused",
            "separation": "that a couple parts, has parted or is about to",
            "violence": "somebody was violent",
            "physical-harm": "somebody was hurt by somebody",
            "coercive-control": "controlling or coercive behaviour",
            "stalking": "following, watching, contacting against somebody's will",
            "sexual": "sexual harm or behaviour",
            "fear-for-child": "somebody fears for a child",
            "afraid-of-parent": "a child is afraid of a parent or carer",
            "neglect": "a child's or adult's needs are not met",
            "injury": "an injury, however it came about",
            "unexplained-injury": "an injury with no account, or with accounts that do not fit",
            "hunger": "a child is hungry, or has had nothing to eat",
            "hungry": "as `hunger`",
            "no-food": "as `hunger`",
            "takes-food": "takes food from others or from bins",
            "begs-for-food": "as `takes-food`",
            "food-seeking": "as `takes-food`",
            "losing-weight": "losing weight",
            "weight-loss": "as `losing-weight`",
            "underweight": "as `losing-weight`",
            "faltering-growth": "as `losing-weight`",
            "failure-to-thrive": "as `losing-weight`",
            "poor-clothing": "dirty, torn or unfit clothing",
            "clothing": "as `poor-clothing`",
            "dirty-clothing": "as `poor-clothing`",
            "unkempt": "as `poor-clothing`",
            "disturbance": "noise, a quarrel, damage",
            "fears-release": "a victim fears somebody's release",
        },
    ),
    CodeList(
        "Conditions of a licence",
        ("code", "condition"),
        "additional conditions of licences as HMPPS `create-and-vary-a-licence` lists them, in short; its text decides",
        {
            "disclose-relationships": "to tell of any developing intimate relationship",
            "disclose-devices": "to declare telephones and devices",
            "one-device-declared": "to have one telephone only, and declare it",
            "disclose-employment": "to tell of work, paid or unpaid",
            "disclose-address": "to tell of every address; to live somewhere is no such condition",
            "no-contact-children": "no contact with children",
            "no-unsupervised-contact": "no contact with children without approval or supervision",
            "contact-approved-only": "contact with a child only as social care approves",
            "no-contact-named": "no contact with the named",
            "no-approach-named": "not to approach the named",
            "no-contact-victim": "no contact with a victim",
            "curfew": "to be in at the hours of `value`",
            "sign-on": "to report as `value` says",
        },
    ),
    CodeList(
        "Orders",
        ("order", "orders"),
        "the Acts named with them",
        {
            "voo": "violent offender order, Criminal Justice and Immigration Act 2008, s98",
            "shpo": "sexual harm prevention order, Sentencing Act 2020, s343; Sexual Offences Act 2003, s103A",
            "dapo": "domestic abuse protection order, Domestic Abuse Act 2021, s27",
            "restraining": "restraining order, Sentencing Act 2020, s360",
            "stalking": "stalking protection order, Stalking Protection Act 2019, s2",
            "residence": "with whom a child lives, Children Act 1989, s8",
            "contact": "what contact a child has, Children Act 1989, s8",
            "supervised-contact": "the same, under supervision",
            "no-contact": "that there is to be none",
            "special-guardianship": "Children Act 1989, s14A",
        },
    ),
    CodeList(
        "Injuries",
        ("injury",),
        "after NICE guideline CG89 (child maltreatment: when to suspect); `patterned` where none fits",
        {
            "bruise": "a bruise",
            "bite": "a human bite",
            "burn": "a burn",
            "scald": "a burn by liquid or steam",
            "grip-marks": "marks of fingers or a hand that held",
            "slap-marks": "marks of a flat hand",
            "loop-marks": "marks of a cord, belt or flex",
            "patterned": "any other mark in the shape of a thing",
            "head-injury": "an injury to the head",
            "graze": "a graze",
        },
    ),
    CodeList(
        "What was decided about a concern or a contact",
        ("decision",),
        OWN,
        {
            "referral": "referred on, or taken as a referral",
            "no-further-action": "nothing follows. Say why: `rationale`",
            "advice": "advice was given, and nothing else follows",
            "information-and-advice": "as `advice`",
            "closed": "closed, and nothing follows",
            "plan-continues": "of a review of care: the plan goes on",
        },
    ),
    CodeList(
        "What somebody claims to be to a child or an adult",
        ("relation_claimed",),
        OWN,
        {
            "partner": "partner",
            "ex-partner": "former partner",
            "husband": "husband",
            "wife": "wife",
            "father": "father",
            "mother": "mother",
            "family": "any other relative",
            "mothers-friend": "a friend of the mother",
        },
    ),
    CodeList(
        "Who came forward",
        ("source",),
        "beside the sources of contact and referral in the children in need census (Department for Education), as SSD has them",
        {
            "individual": "1B an acquaintance, 1D anybody else",
            "family": "1A a relative or carer",
            "professional": "2A to 8, where one person tells: a teacher, a doctor, an officer",
            "agency": "2A to 8, where an agency tells as such",
            "anonymous": "9. For 10, not known, leave it out",
            "self": "1C the person",
        },
    ),
    CodeList(
        "Flags shown in an entry",
        ("markers",),
        "the flags of `risk-flag.set`; HMPPS register codes for the same stand there",
        {
            "pprc": "registered as a person posing a risk to children",
            "da-perpetrator": "registered as a perpetrator of domestic abuse, or convicted of it",
            "rosh-high": "a high or very high risk of serious harm to children or a known adult",
            "schedule-1": "convicted of an offence against a child",
        },
    ),
)

RECURRING: Final[Mapping[str, str]] = {
    "rationale": "Whether the record says why. Left out, no rule takes it for a reason.",
    "licence": "Your own name for the licence: the same in every event about it.",
    "release": "Your own name for the release: the same in every event about it.",
    "placement": "Your own name for the stay: the same in every event about it.",
    "transfer": "Your own name for the transfer: the same in every event about it.",
    "review": "The review's name, agreed by those who take part: the same in every event about it.",
    "action": "Your own name for the action, under which it is accepted, done or called off.",
    "appointment": "What it was for, in a word.",
    "programme": "The programme in a word: the same when planned, begun and completed.",
    "programmes": "Each in a word: the same when planned, begun and completed.",
    "post": "The work in a word: `caretaker`, `foster-carer` ...",
    "offence_class": "The offence in a word: `assault`, `rape`, `criminal-damage` ...",
    "systems": "What was searched: `pnc`, `pnd`, `local`, `case-system` ...",
    "searched_systems": "What was searched: `pnc`, `pnd`, `local`, `case-system` ...",
    "supervisor": "A role or staff reference, never a name.",
    "staff": "A staff reference, never a name.",
    "held_by": "The agency that holds it, where that is not the sender.",
    "to_agency": "The agency it goes to, by its id in the directory.",
    "from_agency": "The agency it comes from, by its id in the directory.",
    "children_present": "Whether children were there. It makes violence a matter of child safeguarding.",
    "seen_alone": "Whether the child was spoken with out of everybody's hearing.",
    "absent": "Agencies that were invited or expected and did not come.",
    "attendance": "Agencies that were there. Left out: not stated, which is not the same as nobody.",
    "site": "Where on the body, in a word.",
    "claimed": "The relation claimed, in a word.",
    "starts": "From when. Left out: not known.",
    "ends": "Until when; a bare date is inclusive. Left out: no end is known.",
    "since": "From when. Left out: not known.",
    "until": "Until when; a bare date is inclusive. Left out: no end is known.",
    "planned_for": "When it is to be.",
    "next_meeting": "When the next one is to be. Left out: none was set.",
    "moved_to": "When it is to be instead. Left out: no new time was set.",
    "concern": "The concern it is about: the `id` of its event, with `source` if another agency sent it.",
    "referral": "The referral it is about: the `id` of its event, with `source` if another agency sent it.",
    "report": "The report it is about: the `id` of its event, with `source` if another agency sent it.",
    "about": "The event it is about: its `id`, with `source` if another agency sent it.",
    "classes": "What was said or seen, in words of the list.",
    "relation_claimed": "What they said they are to the person, in a word of the list.",
    "injury": "What kind, in a word of the list.",
    "markers": "Flags that the entry shows. Empty: it shows none.",
    "order": "The order in a word of the list.",
    "outcome": "What was decided.",
    "considered": "Whom and what was gone through, as opposed to who was only named.",
    "invited": "Agencies that are to come, by their ids in the directory.",
    "category": "MAPPA category: 1 registered sexual offenders, 2 violent and other sexual offenders, 3 other dangerous offenders, "
    "4 terrorist offenders.",
    "level": "MAPPA level: 1 ordinary management, 2 several agencies, 3 with senior managers.",
    "levels": "Risk of serious harm, for each group.",
    "episode": "Your own work with these children at the time: open on whom, or none. Left out: not stated.",
    "child_seen": "Whether the child was seen, not only asked after.",
    "unannounced": "Whether nobody there knew beforehand.",
    "condition": "In what state they were.",
    "explanation": "Whether an explanation was given, and fits.",
    "route": "On what footing: `mappa`, the domestic violence (`dvds`) or child sex offender (`csods`) disclosure scheme ...",
    "safe_contact": "How they are reached so that nobody else knows, in a word: `in-person`, `at-school` ...",
    "supporter": "Who was with them, as a role.",
    "cause": "In a word: `assault`, `neglect`, `accident`, `not-known` ...",
    "place": "What kind of place.",
    "setting": "What kind of place it is.",
    "address": "Where it is.",
    "provider": "The agency that runs the place, by its id in the directory.",
    "by_agency": "The agency whose staff it was, by its id in the directory.",
    "extent": "`pointer`: only that there is something to ask for.",
    "means": "By what way.",
    "decided_by": "At what level it was decided.",
    "system": "Where it was entered, in a word: `ims`, `pnd` ...",
    "role": "The role, in the word of its sector.",
}
"""Fields that mean the same wherever they stand: published for every type whose own field does not say more."""


def described(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a field of an event, with what it means."""
    return dict(said) if "description" in said or name not in RECURRING else {**said, "description": RECURRING[name]}


def list_of(field: str) -> CodeList | None:
    """The code list for an open field of this name, if there is one."""
    return next((each for each in LISTS if field in each.fields), None)
