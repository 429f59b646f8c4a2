"""What people and systems write where nothing is known. It names nobody and no place, so it agrees with nothing.

Own compilation, from the entry rules of the sectors' systems and the guidance on unknown names (NHS Data Dictionary: "baby"
with the mother's family name; police and Home Office: FNU, LNU, "unknown male").
"""

import re
from typing import Final

_NOT_KNOWN: Final = frozenset((
    "UNKNOWN", "UNKNOWNMALE", "UNKNOWNFEMALE", "UNKNOWNMAN", "UNKNOWNWOMAN", "UNK", "UNKN", "NK", "NOTKNOWN", "NOTKNOWNATPRESENT",
    "UNNAMED", "UNIDENTIFIED", "UNSPECIFIED", "NONAME", "NONAMEGIVEN", "NOTGIVEN", "NOTSTATED", "NOTRECORDED", "NOTPROVIDED",
    "NOTAVAILABLE", "NOTAPPLICABLE", "NOTDISCLOSED", "UNDISCLOSED", "WITHHELD", "NAMEWITHHELD", "CONFIDENTIAL", "REFUSED", "DECLINED",
    "ANON", "ANONYMOUS", "NA", "NAS", "NONE", "NIL", "NULL", "BLANK", "TBC", "TBA", "TOBECONFIRMED", "TOBEADVISED", "AWAITED",
    "FNU", "LNU", "NFN", "NLN", "NMN", "NOFIRSTNAME", "NOFORENAME", "NOSURNAME", "NOLASTNAME", "FIRSTNAME", "LASTNAME", "FORENAME",
    "SURNAME", "GIVENNAME", "FAMILYNAME", "NAME", "NAMEUNKNOWN", "SURNAMEUNKNOWN", "FORENAMEUNKNOWN",
    "TEST", "TESTER", "TESTING", "TESTPATIENT", "TESTPERSON", "TESTRECORD", "TESTCASE", "ZZTEST", "XXTEST", "XTEST", "DUMMY",
    "MEMBEROFPUBLIC", "MEMBEROFTHEPUBLIC", "ANONCALLER", "ANONYMOUSCALLER", "POLICEOFFICER", "JOHNDOE", "JANEDOE", "JOEBLOGGS", "ANOTHER",
    "DONOTUSE", "DUPLICATE", "DELETED", "SEENOTES", "ASABOVE", "BABYOF", "AWAITINGNAME", "REFUSEDDETAILS", "DETAILSREFUSED",
    "REDACTED", "ANONYMISED", "ANONYMIZED", "RESTRICTED", "RESTRICTEDRECORD", "SEALEDRECORD", "SENSITIVERECORD", "NAMEREMOVED", "REMOVED",
    "SERVICEUSER", "SERVICEUSERS", "CLIENT", "PATIENT", "CUSTOMER", "CLAIMANT", "APPLICANT", "RESPONDENT", "DEFENDANT", "COMPLAINANT",
    "PERPETRATOR", "AGGRIEVED", "DETAINEE", "INMATE", "OCCUPIER", "HOUSEHOLDER", "YOUNGPERSON", "VULNERABLEADULT", "VULNERABLEPERSON",
    "NAMEDPERSON", "DATASUBJECT", "SOCIALWORKER", "HEALTHVISITOR", "SUPPORTWORKER", "KEYWORKER",
))  # fmt: skip
"""In any field, as a whole, spaces and points apart."""

_NOBODY: Final = frozenset((
    "BABY", "INFANT", "NEWBORN", "NEONATE", "UNBORN", "FOETUS", "FETUS", "CHILD", "MALE", "FEMALE", "MAN", "WOMAN", "BOY", "GIRL", "TWIN",
    "TRIPLET", "QUAD", "QUADRUPLET", "SIBLING", "PERSON", "ADULT", "YOUTH", "JUVENILE", "MOTHER", "FATHER", "MUM", "DAD", "PARENT", "PARTNER", "HUSBAND", "WIFE",
    "SON", "DAUGHTER", "BROTHER", "SISTER", "CARER", "BOYFRIEND", "GIRLFRIEND", "STEPFATHER", "STEPMOTHER", "STEPDAD", "STEPMUM",
    "OCCUPIER", "HOUSEHOLDER", "RESIDENT", "TENANT", "LANDLORD", "NEIGHBOUR", "CALLER", "MEMBER", "OFFICER", "PRISONER", "PATIENT",
    "PASSENGER", "SUSPECT", "OFFENDER", "VICTIM", "WITNESS", "INFORMANT", "STRANGER", "MR", "MRS", "MISS", "MS", "MX", "DR", "MASTER", "MSTR", "SIR", "MADAM",
    "SERVICE", "USER", "CLIENT", "CUSTOMER", "CLAIMANT", "APPLICANT", "RESPONDENT", "DEFENDANT", "COMPLAINANT", "PERPETRATOR", "AGGRIEVED",
    "ACCUSED", "DETAINEE", "INMATE", "NOMINAL", "SUBJECT", "SURVIVOR", "LEARNER", "PUPIL", "STUDENT", "TEACHER", "NURSE", "MIDWIFE", "WORKER",
    "VISITOR", "REFERRER", "YP", "CYP", "INPATIENT", "OUTPATIENT", "FAMILY", "SPOUSE", "FIANCE", "FIANCEE", "GRANDMOTHER", "GRANDFATHER",
    "GRANDMA", "GRANDAD", "GRANDDAD", "GRANDPARENT", "GRANDSON", "GRANDDAUGHTER", "GRANDCHILD", "GRANNY", "GRAN", "AUNT", "AUNTIE", "AUNTY",
    "UNCLE", "COUSIN", "NIECE", "NEPHEW", "STEPSON", "STEPDAUGHTER", "STEPBROTHER", "STEPSISTER", "FRIEND", "LODGER", "FLATMATE",
))  # fmt: skip
"""As given names these name nobody; as family names some are real (Child, Mann, Boy)."""
TITLES_OF_NOBODY: Final = frozenset(("MR", "MRS", "MISS", "MS", "MX", "DR", "MASTER", "MSTR", "SIR", "MADAM"))
"""Of those, the ones that stand before a family name, whatever it is: Mr Child."""
_COUNTS: Final = frozenset((
    "OF", "ONE", "TWO", "THREE", "FIRST", "SECOND", "THIRD", "I", "II", "III", "A", "B", "C", "UNKNOWN", "UNNAMED", "THE", "AND", "NEW", "EX",
    "LITTLE", "OLDER", "YOUNGER", "ELDERLY", "ELDEST", "YOUNGEST", "YOUNG", "ASIAN", "WHITE", "BLACK", "POLICE", "OTHER", "FOSTER", "STEP",
    "HALF", "FORMER", "CURRENT", "VULNERABLE", "SOCIAL", "SUPPORT", "HEALTH", "KEY", "MATERNAL", "PATERNAL", "NO"))  # fmt: skip
"""Words beside them that tell twins apart, or describe, and still name nobody."""

_REPEATED: Final = re.compile(r"(.)\1*")
_NO_WORK: Final = frozenset(
    (
        "UNEMPLOYED",
        "RETIRED",
        "STUDENT",
        "SELFEMPLOYED",
        "HOUSEWIFE",
        "NOTWORKING",
        "NOTEMPLOYED",
        "NOWORK",
        "NOTINWORK",
        "CARER",
        "BENEFITS",
    )
)


def is_not_known(name: str) -> bool:
    """Whether a name, in capitals, is words for "not known", "none" or "test"."""
    return name.replace(" ", "") in _NOT_KNOWN


def names_nobody(name: str) -> bool:
    """Whether a name, in capitals, is no name in any field: "NOT KNOWN", "TEST", "XXX"."""
    # "X" may be an initial; "XX" and "ZZZ" are keys held down.
    held_down = len(name) > 1 and name[0] in "XZQ" and _REPEATED.fullmatch(name) is not None
    return held_down or is_not_known(name)


def gives_nobody(given: str) -> bool:
    """Whether the given names, in capitals, name nobody: "BABY", "BABY OF SARAH", "TWIN TWO", "UNKNOWN FEMALE"."""
    if names_nobody(given):
        return True
    words = given.split()
    if "OF" in words[1:]:
        words = words[: words.index("OF", 1)]  # unborn baby of Sarah
    return any(word in _NOBODY for word in words) and all(
        word in _NOBODY or word in _COUNTS or len(word) == 1 for word in words
    )


def is_nobody(given: str, family: str) -> bool:
    """Whether what stands in the two boxes, in capitals, is words for somebody and no name: "SERVICE" "USER", "CHILD" "B"."""
    if is_not_known(f"{given} {family}"):
        return True
    called = " ".join(word for word in given.split() if word not in TITLES_OF_NOBODY)
    if gives_nobody(called):
        return len(family) == 1 or gives_nobody(family)
    return len(called) > 1 and gives_nobody(f"{called} {family}")  # an initial stands before a family name: B Child


def is_no_workplace(words: str) -> bool:
    """Whether the name of a workplace, in capitals, says that there is none or that it is not known."""
    whole = words.replace(" ", "")
    return whole in _NO_WORK or names_nobody(whole)
