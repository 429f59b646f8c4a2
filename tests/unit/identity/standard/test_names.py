"""How names are read: a table for people, and what must hold of any name."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.identity.standard.names import names
from services.identity.standardise import FullName

pytestmark = pytest.mark.unit

CASES: tuple[tuple[str, str | None, str | None, list[tuple[str, ...]]], ...] = (
    # what it shows, given, family -> (given, middle, family, kind)
    ("accents", "Łukasz", "Wiśniewski", [("LUKASZ", "", "WISNIEWSKI")]),
    ("Yoruba marks", "Ọláyínká", "Adéyẹmí", [("OLAYINKA", "", "ADEYEMI")]),
    ("Welsh", "Siân", "Llŷr", [("SIAN", "", "LLYR")]),
    ("double-barrelled", "Mary-Ann", "Smith-Jones", [("MARY ANN", "", "SMITH JONES")]),
    ("two given names", "Mary Ann", "Smith", [("MARY", "ANN", "SMITH")]),
    ("figures a scanner read for letters", "Wi11iam", "0gden-R0bson5", [("WILLIAM", "", "OGDEN ROBSON")]),
    ("one stroke between consonants is an i", "Dav1d", "5m1th", [("DAVID", "", "SMITH")]),
    ("8 is a B", "8arbara", "Ro8erts", [("BARBARA", "", "ROBERTS")]),
    ("an apostrophe", "Zoë", "O’Brien", [("ZOE", "", "OBRIEN")]),
    ("O apart", "Zoe", "O Brien", [("ZOE", "", "OBRIEN")]),
    ("Mc apart", "John", "Mc Donald", [("JOHN", "", "MCDONALD")]),
    ("Mac apart", "John", "Mac Donald", [("JOHN", "", "MACDONALD")]),
    ("D apart", "Ana", "D Souza", [("ANA", "", "DSOUZA")]),
    ("particles stay", "Ali", "bin Hassan al-Masri", [("ALI", "", "BIN HASSAN AL MASRI")]),
    ("Abdul is half a name", "Abdul Rahman", "Khan", [("ABDULRAHMAN", "", "KHAN")]),
    ("father of Omar is a by-name", "Abu Omar", "Haddad", [("", "", "HADDAD"), ("ABUOMAR", "", "HADDAD", "alias")]),
    ("mother of Yusuf", "Umm-Yusuf", None, [("UMM YUSUF", "", "", "alias")]),
    ("the first caliph's name is a given name", "Abu Bakr", "Khan", [("ABUBAKR", "", "KHAN")]),
    ("-ullah belongs to what is before", "Saif Ullah", "Khan", [("SAIFULLAH", "", "KHAN")]),
    ("Zia ul Haq is one name", "Zia ul Haq", None, [("ZIAULHAQ", "", "")]),
    ("three names of a Somali", "Ahmed Mohamed Ali", None, [("AHMED", "MOHAMED", "ALI")]),
    ("Chinese characters: family first", "王伟", None, [("WEI", "", "WANG")]),
    ("Cyrillic", "Мария", "Иванова", [("MARIYA", "", "IVANOVA")]),
    ("a title", "Mr John", "Smith", [("JOHN", "", "SMITH")]),
    ("a title with a point, and an honour", "Dr. Amara", "Okafor MBE", [("AMARA", "", "OKAFOR")]),
    ("a title alone names nobody", "Miss", "Smith", [("", "", "SMITH")]),
    ("junior is not the father", "John", "Smith Jnr", [("JOHN", "JUNIOR", "SMITH")]),
    ("initials with points", "J.P.", "Smith", [("J", "P", "SMITH")]),
    ("initials without", "JP", "Smith", [("J", "P", "SMITH")]),
    ("an initial", "J", "Smith", [("J", "", "SMITH")]),
    ("Md is Mohammed", "Md", "Rahman", [("MD", "", "RAHMAN")]),
    ("one word, given", "Prakash", None, [("PRAKASH", "", "")]),
    ("one word, family", None, "Prakash", [("", "", "PRAKASH")]),
    ("all in the given name", "John Smith", None, [("JOHN", "", "SMITH")]),
    ("all in the family name", None, "John Smith", [("JOHN", "", "SMITH")]),
    ("all with a comma", "SMITH, John Paul", None, [("JOHN", "PAUL", "SMITH")]),
    ("the given name in both", "John", "John Smith", [("JOHN", "", "SMITH")]),
    ("the family name in both", "John Smith", "Smith", [("JOHN", "", "SMITH")]),
    ("the same name twice is real", "Mohammed", "Mohammed", [("MOHAMMED", "", "MOHAMMED")]),
    ("what she is called", "Elizabeth (Liz)", "Larkin", [("ELIZABETH", "", "LARKIN"), ("LIZ", "", "LARKIN", "alias")]),
    (
        "two words in brackets: her given name, or a whole other one",
        "Jenny (Xiu Ying)",
        "Chan",
        [("JENNY", "", "CHAN"), ("XIU", "", "YING", "alias"), ("XIU YING", "", "CHAN", "alias")],
    ),
    ("née", "Liz", "Larkin (née Watson)", [("LIZ", "", "LARKIN"), ("LIZ", "", "WATSON", "former")]),
    ("nee, no accent", "Liz", "Larkin nee Watson", [("LIZ", "", "LARKIN"), ("LIZ", "", "WATSON", "former")]),
    ("Nee is a name", "Nee", "Li", [("NEE", "", "LI")]),
    ("aka a family name", "Liz", "Watson aka Jones", [("LIZ", "", "JONES", "alias"), ("LIZ", "", "WATSON")]),
    ("aka a whole name", "John", "Smith aka John Brown", [("JOHN", "", "BROWN", "alias"), ("JOHN", "", "SMITH")]),
    ("aka a given name", "James a.k.a. Jimmy", "Hill", [("JAMES", "", "HILL"), ("JIMMY", "", "HILL", "alias")]),
    ("one of two", "Jane", "Smith/Jones", [("JANE", "", "JONES", "alias"), ("JANE", "", "SMITH")]),
    ("a baby", "Baby", "Watson", [("", "", "WATSON")]),
    ("a baby of its mother", "Baby of Sarah", "Watson", [("", "", "WATSON")]),
    ("a twin", "Twin 1", "Watson", [("", "", "WATSON")]),
    ("Child is a family name", "Sarah", "Child", [("SARAH", "", "CHILD")]),
    ("nobody", "Unknown", "Unknown", []),
    ("nobody in one field", "Unknown Male", None, []),
    ("not a name", "N/A", "TBC", []),
    ("a test", "Test", "Patient", []),
    ("keys held down", "XXX", "Smith", [("", "", "SMITH")]),
    ("no first name", "FNU", "Hassan", [("", "", "HASSAN")]),
    ("nothing", None, None, []),
    ("a couple", "Mr and Mrs", "Watson", [("", "", "WATSON")]),
    ("whoever lives there", "The Occupier", None, []),
    ("a passer-by", "Member of the", "Public", []),
    ("who rang", "Anonymous", "Caller", []),
    ("whoever it is to her", "New partner", None, []),
    ("what he looks like", "Asian male", None, []),
    ("a note of the sex", "Unknown", "Unknown (male)", []),
    ("a note of the death", "John (deceased)", "Smith", [("JOHN", "", "SMITH")]),
    ("a note of the death, no brackets", "John", "Smith deceased", [("JOHN", "", "SMITH")]),
    ("baby of, short", "B/O", "Watson", [("", "", "WATSON")]),
    ("a sister of an order", "Sister Mary", "Joseph", [("MARY", "", "JOSEPH")]),
    ("nee with a hyphen", "Liz", "Larkin nee-Watson", [("LIZ", "", "LARKIN"), ("LIZ", "", "WATSON", "former")]),
    ("prev", "Liz", "Larkin prev Watson", [("LIZ", "", "LARKIN"), ("LIZ", "", "WATSON", "former")]),
    ("an initial in the family name", "Ms", "K. O'Neil", [("K", "", "ONEIL")]),
    ("a nought for an o", "J0hn", "Smith", [("JOHN", "", "SMITH")]),
    ("an address of e-mail", "j.smith@example.org", None, []),
    ("the second of the name", "John", "Smith II", [("JOHN", "JUNIOR", "SMITH")]),
    ("a title and a family name", "Mr Okonjo", None, [("", "", "OKONJO")]),
    ("read byte by byte", "JosÃ©", "GarcÃ\xada", [("JOSE", "", "GARCIA")]),
    ("read byte by byte, twice", "JosÃƒÂ©", "MÃ¼ller", [("JOSE", "", "MULLER")]),
    ("an apostrophe read byte by byte", "Sean", "Oâ€™Brien", [("SEAN", "", "OBRIEN")]),
    ("marks of HTML", "Jos&eacute;", "O&#39;Brien", [("JOSE", "", "OBRIEN")]),
    ("a lost letter parts no word", "M?ller", "Garc\ufffda", [("MLLER", "", "GARCA")]),
    ("a lost last letter", "Jos\ufffd", "Smith", [("JOS", "", "SMITH")]),
    ("a doubt is no letter", "John?", "Smith?", [("JOHN", "", "SMITH")]),
    ("a service user", "Service User", "Smith", [("", "", "SMITH")]),
    ("a service user in both boxes", "Service User", "Service User", []),
    ("a service user over two boxes", "Mr Service", "User", []),
    ("a service user and no other box", "service user 2", None, []),
    ("a client with a number", "Client 0042", "Client", []),
    ("a patient", "Patient", "Watson", [("", "", "WATSON")]),
    ("mother of", "Mother of", "Watson", [("", "", "WATSON")]),
    ("mother of somebody", "mother of Kyle", "Watson", [("", "", "WATSON")]),
    ("somebody's partner", "Mum's boyfriend", None, []),
    ("a young person", "Young Person", "Watson", [("", "", "WATSON")]),
    ("a child with a letter", "Child", "Q", []),
    ("a family of that name", "Mrs", "Child", [("", "", "CHILD")]),
    ("an uncle has a name", "Uncle Bob", "Watson", [("BOB", "", "WATSON")]),
    ("made unreadable", "[REDACTED]", "[REDACTED]", []),
    ("a baby by its mother's name alone", "Baby Smith", None, [("", "", "SMITH")]),
    ("a baby by its mother's name, twice", "Baby Smith", "Smith", [("", "", "SMITH")]),
    ("a baby with a name", "Baby Ruby", "Watson", [("RUBY", "", "WATSON")]),
    ("put away", "ZZZ Jane", "zzSmith", [("JANE", "", "SMITH")]),
    ("Xavier is not put away", "Xxavier", "Smith", [("XXAVIER", "", "SMITH")]),
    ("a given name changed", "Kyle was Kylie", "Smith", [("KYLE", "", "SMITH"), ("KYLIE", "", "SMITH", "former")]),
    ("a carer over two boxes", "Foster", "Carer", []),
    ("an initial before a family name", "B", "Child", [("B", "", "CHILD")]),
    ("Young is a name", "Young", "Kim", [("YOUNG", "", "KIM")]),
    ("a client with a letter", "Client Q", "X", []),
    ("not yet born", "Unborn baby of Jane Smith", None, []),
    ("a whole family", "The Smith Family", None, [("", "", "SMITH")]),
    ("care of", "Jane", "c/o Smith", [("JANE", "", "")]),
    ("Man is a name in Hong Kong", "Man", "Cheung", [("MAN", "", "CHEUNG")]),
    ("Man Yee is one too", "Man Yee", "Chan", [("MAN", "YEE", "CHAN")]),
    ("Son is a name in Vietnam", "Son", "Nguyen", [("SON", "", "NGUYEN")]),
    ("a man of a family", "Man", "Smith", [("", "", "SMITH")]),
    ("a remark behind", "Jane", "Smith DO NOT USE", [("JANE", "", "SMITH")]),
    ("a remark with a date", "Jane", "Smith (DOB 01/02/1990)", [("JANE", "", "SMITH")]),
    ("a status in brackets", "Jane (adopted)", "Smith (closed)", [("JANE", "", "SMITH")]),
    ("now", "Jane", "Jones now Smith", [("JANE", "", "JONES", "former"), ("JANE", "", "SMITH")]),
    ("was", "Jane", "Smith was Jones", [("JANE", "", "JONES", "former"), ("JANE", "", "SMITH")]),
    ("Was is a family name", "Jan", "Wąs", [("JAN", "", "WAS")]),
    ("prefers", "Jane (prefers Jay)", "Smith", [("JANE", "", "SMITH"), ("JAY", "", "SMITH", "alias")]),
    ("aka in brackets", "Jane (AKA Jay)", "Smith", [("JANE", "", "SMITH"), ("JAY", "", "SMITH", "alias")]),
    ("single quotes", "Jane 'Jay' Ann", "Smith", [("JANE", "ANN", "SMITH"), ("JAY", "", "SMITH", "alias")]),
    ("a title behind", "Jane", "Smith, Mrs", [("JANE", "", "SMITH")]),
    ("Singh in front of a family name", "Harpreet", "Singh Gill", [("HARPREET", "SINGH", "GILL")]),
    ("Singh in the middle", "Harpreet Singh", "Gill", [("HARPREET", "SINGH", "GILL")]),
    ("Singh alone", "Harpreet", "Singh", [("HARPREET", "", "SINGH")]),
    ("Kaur with a hyphen", "Harpreet", "Kaur-Gill", [("HARPREET", "KAUR", "GILL")]),
    ("Van is no name to be called by", "Van Hung", "Nguyen", [("HUNG", "VAN", "NGUYEN")]),
    ("Thi as well", "Thi Thu Hoa", "Tran", [("HOA", "THI THU", "TRAN")]),
    ("Van is a name elsewhere", "Van", "Morrison", [("VAN", "", "MORRISON")]),
    ("a title of Bangladesh", "Mst Rahima", "Begum", [("RAHIMA", "", "BEGUM")]),
)


@pytest.mark.parametrize(
    ("given_name", "family", "read"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_read(given_name: str | None, family: str | None, read: list[tuple[str, ...]]) -> None:
    assert names([{"given": given_name, "family": family}]) == tuple(FullName(*name) for name in read)


def test_an_alias_takes_what_it_lacks_from_the_name_now() -> None:
    said = [
        {"given": "Liz", "family": "Larkin"},
        {"family": "Watson", "kind": "former"},
        {"given": "Bo", "kind": "alias"},
    ]
    assert names(said) == (
        FullName("BO", "", "LARKIN", "alias"),
        FullName("LIZ", "", "LARKIN"),
        FullName("LIZ", "", "WATSON", "former"),
    )


def test_an_alias_that_is_the_name_now_is_none() -> None:
    said = [{"given": "Liz", "family": "Larkin"}, {"given": "LIZ", "family": "Larkin", "kind": "alias"}]
    assert names(said) == (FullName("LIZ", "", "LARKIN"),)


WORDS = st.sampled_from(
    [
        "John",
        "Mary-Ann",
        "O'Brien",
        "Mc",
        "Donald",
        "Abdul",
        "Rahman",
        "Zia",
        "ul",
        "Haq",
        "de",
        "la",
        "Cruz",
        "Dr",
        "Jnr",
        "Baby",
        "of",
        "née",
        "aka",
        "Smith",
        "Unknown",
        "J.",
        "JP",
        "Łukasz",
        "王伟",
        "X",
        "(Liz)",
        "Smith-Jones",
        "St",
        "Ullah",
        "d'",
        "MBE",
        "twin",
    ]
)
PARTS = st.none() | st.lists(WORDS, max_size=4).map(" ".join) | st.text("abcéŁż王ü’-(),./ 1", max_size=12)
NAMES = st.fixed_dictionaries(
    {"given": PARTS, "middle": PARTS, "family": PARTS, "kind": st.sampled_from(["current", "alias", "former"])}
)


def written(name: FullName) -> dict[str, Any]:
    """As an agency would write it that writes names as we do: a hyphen keeps the words of one given name together."""
    first, middle = (part.replace(" ", "-") for part in (name.given, ""))
    return {
        "given": first,
        "middle": name.middle,
        "family": name.family.replace(" ", "-"),
        "kind": name.kind or "current",
        "x": middle,
    }


@given(st.lists(NAMES, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_names_does_not_matter(said: list[dict[str, Any]], rng: Any) -> None:
    other = list(said)
    rng.shuffle(other)
    assert names(said) == names(other)


@given(st.lists(NAMES, max_size=3))
def test_what_is_read_is_in_one_form(said: list[dict[str, Any]]) -> None:
    for name in names(said):
        assert name.given or name.family
        for part in name[:3]:
            assert part == " ".join(part.split())
            assert set(part) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ ")


def words(*choice: str, most: int) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(choice), max_size=most).map(" ".join)


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda found: " ".join(part for part in found if part))


SENSIBLE = st.fixed_dictionaries(
    {
        "given": joined(
            words("Mr", "Dr.", "Baby", most=1),
            words(
                "John",
                "Mary-Ann",
                "Abdul",
                "Rahman",
                "J.P.",
                "JP",
                "Łukasz",
                "Zia",
                "ul",
                "Haq",
                "Unknown",
                "St",
                most=3,
            ),
            words("(Liz)", "aka Bess", most=1),
        ),
        "middle": words("Ann", "José", "Md", "Jnr", most=2),
        "family": joined(
            words(
                "Smith",
                "Smith-Jones",
                "O'Brien",
                "Mc",
                "Donald",
                "van",
                "der",
                "Berg",
                "al-Masri",
                "Ullah",
                "Nowak",
                most=3,
            ),
            words("Jnr", "MBE", "née Watson", "aka Brown", most=1),
        ),
        "kind": st.sampled_from(["current", "alias", "former"]),
    }
)


@given(st.lists(SENSIBLE, max_size=3))
@example([{"given": "J.P. J.P.", "middle": "", "family": "", "kind": "alias"}])
def test_what_is_read_is_read_again_as_it_is(said: list[dict[str, Any]]) -> None:
    once = names(said)
    assert names([written(name) for name in once]) == once
