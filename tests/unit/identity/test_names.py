import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identity.names import _fulls, _spellings, are_of_one_community, full_forms, same_family, same_given

pytestmark = pytest.mark.unit

GIVEN = (
    ("ABDIRAHMAN", "ABDI", "nickname"),
    ("ABDIRAHMAN", "ABDULLAHI", ""),  # both are called Abdi: brothers
    ("BELLA", "ISABELLA", "nickname"),
    ("ARABELLA", "ISABELLA", ""),
    ("GARY", "GARRY", "transliteration"),
    ("MARY ANN", "MARYANN", "exact"),
    ("ANN MARIE", "ANNEMARIE", "transliteration"),
    ("FATMA ZOHRA", "FATIMA ZAHRA", "transliteration"),
    ("FATMA ZOHRA", "FATIMAZAHRA", "transliteration"),
    ("MOHAMED AMINE", "MOHAMMED AMINE", "transliteration"),
    ("ELLIE MAE", "ELLIE ROSE", ""),
    ("XALIIMA", "HALIMA", "transliteration"),
    ("SULEEKHA", "ZULEIKHA", "transliteration"),
    ("EFA", "EVA", "transliteration"),
    ("TSEGAY", "TESEGAI", "transliteration"),
    ("XHEVDET", "JEVDET", "transliteration"),
    ("KATALIN", "KATA", "nickname"),
    ("ABDUL", "ABDEL", "transliteration"),
    ("XIAO MING", "XIAOMING", "exact"),
    ("MOHAMMED", "MUHAMMAD", "transliteration"),
    ("MAXAMED", "MOHAMED", "transliteration"),
    ("CABDI", "ABDI", "transliteration"),
    ("XASAN", "HASSAN", "transliteration"),
    ("GURPREET", "GURPRIT", "transliteration"),
    ("YOUSEF", "YUSUF", "transliteration"),
    ("OLEKSANDR", "ALEXANDER", "transliteration"),
    ("XIAOMING", "HSIAOMING", "transliteration"),
    ("STEPHEN", "STEVEN", "transliteration"),
    ("ELIZABETH", "LIZ", "nickname"),
    ("ELISABETH", "LIZ", "nickname"),
    ("KATARZYNA", "KASIA", "nickname"),
    ("MALGORZATA", "GOSIA", "nickname"),
    ("OLUWASEUN", "SEUN", "nickname"),
    ("CHUKWUEMEKA", "EMEKA", "nickname"),
    ("MUHAMMED", "MO", "nickname"),
    ("PIOTR", "PETER", "nickname"),
    ("LIZ", "BETH", "cousin"),
    ("MARY", "MARK", ""),
    ("JOHN", "JOAN", ""),
    ("PATRICIA", "PATRICK", ""),
    ("", "JOHN", ""),
    ("", "", ""),
)
FAMILY = (
    ("OBRIEN", "O BRIEN", "exact"),
    ("OBRIEN", "BRIEN", "transliteration"),
    ("MACDONALD", "MCDONALD", "transliteration"),
    ("AL HASSAN", "HASSAN", "transliteration"),
    ("ALHASSAN", "HASSAN", "transliteration"),
    ("VAN DER BERG", "BERG", "transliteration"),
    ("CHOUDHURY", "CHAUDHRY", "transliteration"),
    ("HUSSAIN", "HOSSAIN", "transliteration"),
    ("NGUYEN", "NGUYAN", "transliteration"),
    ("GEBREMESKEL", "GHEBREMESKEL", "transliteration"),
    ("CABDILLAAHI", "ABDULLAHI", "transliteration"),
    ("JALLOW", "DIALLO", "transliteration"),
    ("STANIKZAI", "STANEKZAI", "transliteration"),
    ("KOWALSKI", "KOWALSKA", "gendered"),
    ("IVANOV", "IVANOVA", "gendered"),
    ("NOVAK", "NOVAKOVA", "gendered"),
    ("PAPADOPOULOS", "PAPADOPOULOU", "gendered"),
    ("KAZLAUSKAS", "KAZLAUSKIENE", "gendered"),
    ("MCBRIDE", "MACGIOLLA BHRIDE", "transliteration"),
    ("ODONNELL", "NI DHOMHNAILL", "transliteration"),
    ("SMITH", "JONES", ""),
    ("LEVIN", "LEVINE", ""),
    ("MACE", "MCE", ""),
    ("", "SMITH", ""),
)


@pytest.mark.parametrize(("one", "other", "likeness"), GIVEN)
def test_given_names(one: str, other: str, likeness: str) -> None:
    assert same_given(one, other) == same_given(other, one) == likeness


@pytest.mark.parametrize(("one", "other", "likeness"), FAMILY)
def test_family_names(one: str, other: str, likeness: str) -> None:
    assert same_family(one, other) == same_family(other, one) == likeness


NAMES = st.sampled_from(sorted({*_spellings(), *_fulls(), "ZEBEDEE", "MARY ANN", ""}))


@given(NAMES, NAMES)
def test_lookups_are_symmetric_and_meet_in_a_full_form(one: str, other: str) -> None:
    assert same_given(one, other) == same_given(other, one)
    assert same_family(one, other) == same_family(other, one)
    if same_given(one, other):
        assert full_forms(one) & full_forms(other)


@pytest.mark.parametrize(
    ("given", "family", "are"),
    [
        ("PIOTR", "NOWAK", True),
        ("MOHAMUD", "HUSEIN", True),
        ("MARIA", "GARCIA LOPEZ", True),
        ("PIOTR", "ASHDOWN", False),
        ("PIOTR", "GARCIA", False),
        ("", "NOWAK", False),
    ],
)
def test_names_frequent_in_one_community_whatever_their_spelling(given: str, family: str, *, are: bool) -> None:
    assert are_of_one_community(given, family) is are
