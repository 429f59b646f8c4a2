import pytest

from services.identity.standard.addresses import Address, address, postcode

pytestmark = pytest.mark.unit

CODE = "B22 4QD"


def read(*lines: str, code: str | None = CODE) -> Address:
    found = address({"lines": lines, "postcode": code})
    assert found is not None
    return found


SAME_DWELLING = (
    (["14 Larkspur Crescent", "Birmingham"], ["14, Larkspur Cres."]),
    (["Flat 6, 51 Mercer Road"], ["51 Mercer Road", "Flat 6"]),
    (["6/51 Mercer Rd"], ["Flat 6", "51 Mercer Road"]),
    (["Flat B, 2 Example Rise"], ["2 Example Rise, Flat B"]),
    (["14 Larkspur Crescent", "sealed-kestrel-52a"], ["14 Larkspur Crescent"]),
    (["Rose Cottage"], ["ROSE COTTAGE"]),
    (["Rose Cottage"], ["Rose Cotage"]),
    (["12 A Mercer Road"], ["12a Mercer Road"]),
    (["No. 12, Mercer Road"], ["12 Mercer Road"]),
    (["Room 5, Elm House, 12 Mercer Road"], ["12 Mercer Road, Room 5"]),
    (["HMP Exford"], ["H.M. Prison Exford", "2 Mercer Road"]),
    (["HMP & YOI Exford"], ["HMPYOI Exford"]),
    (["Flat 2, 14 Mercer Road"], ["14 Flat 2 Mercer Road"]),
    (["Flat2, 14 Mercer Road"], ["F2, 14 Mercer Road"]),
    (["Flat B, 14 Mercer Road"], ["14b Mercer Road"]),
)


@pytest.mark.parametrize(
    "line",
    ["Ground Floor Flat, 12 Mercer Road", "GFF 12 Mercer Rd", "c/o Marrable, 12 Mercer Road", "Elm House, 12 Mercer Road",
     "No. 12, Mercer Road", "12 Mercer Raod", "Elm Court, 12 Mercer Road", "12 MÃ©rcer Road"],
)  # fmt: skip
def test_the_street_is_what_the_house_number_stands_before(line: str) -> None:
    assert (read(line).street, read(line).door) == (read("12 Mercer Road").street, read("12 Mercer Road").door)


@pytest.mark.parametrize(("one", "other"), SAME_DWELLING)
def test_one_dwelling_however_it_is_written(one: list[str], other: list[str]) -> None:
    assert read(*one).dwelling == read(*other, code="b224qd").dwelling


@pytest.mark.parametrize("other", ["15 Larkspur Crescent", "Flat 1, 14 Larkspur Crescent", "14A Larkspur Crescent"])
def test_neighbours_are_other_dwellings(other: str) -> None:
    assert read(other).dwelling != read("14 Larkspur Crescent").dwelling


def test_a_postcode_may_stand_in_the_last_line() -> None:
    assert read("14 Larkspur Crescent", "Birmingham B22 4QD", code=None) == read("14 Larkspur Crescent", "Birmingham")


def test_without_a_postcode_all_lines_count_and_there_is_no_street() -> None:
    one, other = read("1 High Street", "Wyrestead", code=None), read("1 High Street", "Porthenna", code=None)
    assert one.dwelling != other.dwelling
    assert one.street == one.outcode == ""


SAME_STREET = (
    ("14 Larkspur Crescent", "3 Larkspur Cres."),
    ("36 Alexandra Road", "36 Alexadnra Rd"),
    ("8 Queens Close", "8 Queen's Closee"),
    ("139 London Road", "Flat 2, 139 Londonn Roaf"),
    ("1 Stanley Lane", "1 Stanlay Lane"),
    ("Flat B, 2 Example Rise", "2 Example Rise"),
    ("1 Saint Agnes Road", "1 Saint Agnes Rd"),
)


@pytest.mark.parametrize(("one", "other"), SAME_STREET)
def test_a_street_is_one_street_however_it_is_spelt(one: str, other: str) -> None:
    assert read(one).street == read(other, code="B22 9ZZ").street != ""


@pytest.mark.parametrize("other", ["14 Larkspur Road", "14 Bellmere Crescent"])
def test_other_streets_are_others(other: str) -> None:
    assert read(other).street != read("14 Larkspur Crescent").street


def test_the_same_street_elsewhere_is_another() -> None:
    assert read("1 High Street", code="B22 4QD").street != read("1 High Street", code="LS1 4QD").street


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("b22 4qd", "B224QD"),
        ("B22 4QD ", "B224QD"),
        ("SE4 IBS", "SE41BS"),
        ("M1 OAA", "M10AA"),
        ("WS37 EQN", "WS37EQN"),
        ("BI IAA", "B11AA"),
        ("5W1A OAA", "SW1A0AA"),
        ("L599 1AA", "LS991AA"),
        ("0X1 1AA", "OX11AA"),
        ("B01 1AA", "B11AA"),
        ("CR0 2YR", "CR02YR"),
        ("NW1O 4AA", "NW104AA"),
        ("XX1 1AA", "XX11AA"),
    ],
)
def test_postcodes_in_one_writing(written: str, plain: str) -> None:
    assert postcode(written) == plain


def test_an_outcode_is_known_though_the_second_half_is_misspelt() -> None:
    assert read("1 High Street", code="WS37 EQN").outcode == "WS37"


@pytest.mark.parametrize("code", ["ZZ99 3VZ", "zz993wz", "N/A", "unknown"])
def test_postcodes_of_no_place_are_none(code: str) -> None:
    assert postcode(code) == ""


@pytest.mark.parametrize(
    "line",
    [
        "No fixed abode",
        "NFA",
        "N.F.A.",
        "Of no fixed address",
        "Homeless - sofa surfing",
        "Rough sleeper",
        "Unknown",
        "N/A",
        "TBC",
        "Address withheld",
        "Address not known",
        "living in his car",
        "sleeping in a tent",
        "same as mother",
        "abroad",
        "-",
    ],
)
def test_no_fixed_abode_is_no_home(line: str) -> None:
    assert address({"lines": [line], "postcode": None}) is None
    assert address({"lines": [line], "postcode": CODE}) is None


def test_a_line_at_a_pseudo_postcode_is_no_home() -> None:
    assert address({"lines": ["Somewhere"], "postcode": "ZZ99 3VZ"}) is None


@pytest.mark.parametrize(
    "line",
    [
        "HMP Exford",
        "Ward 5, Exford General Hospital",
        "St Agnes Hostel, 3 Mill Lane",
        "Larkspur House Approved Premises",
        "c/o 3 Fern Court",
        "Sunny Bank Care Home",
        "The Beeches Nursing Home",
        "Travellers Hotel",
        "Exford Night Shelter",
        "Rosewood Children's Home",
        "12 Mill B&B",
        "Beacon AP",
        "University Halls",
        "Pitch 4, Travellers Site, Mill Lane",
        "Mill Street Site",
        "PO Box 117",
        "P.O. Box 204",
        "Wilson House HMO, 12 Mercer Road",
        "Premier Inn, 1 Mercer Road",
    ],
)
def test_where_many_live_is_marked(line: str) -> None:
    assert read(line).many


@pytest.mark.parametrize(
    "line",
    [
        "12 Hospital Road",
        "3 Prison Lane",
        "7 Barracks St",
        "1 Shelter Close",
        "9 Hostler's Way",
        "5 Ward Street",
        "2 The Old Clinic",
        "12 Site Road",
        "3 Box Lane",
    ],
)
def test_streets_named_after_an_institution_are_streets(line: str) -> None:
    assert not read(line).many
