"""How each agency writes each person of the Birmingham case: its sections 1.4, 3.1, and what section 6 says of them."""

from typing import Any

from tests.unit.identity.population import mention

BORN = {
    "S": "1984-03-22", "W": "1988-01-30", "EC": "2009-12-11", "BB": "2012-10-25", "P1": "1976-11-09",
    "SIS": "1984-12-05", "SC": "2008-09-03", "PP": "1955-02-19", "EX": "1986-02-11", "Y1": "2004-08-30",
    "Y2": "2005-11-12", "GF": "1951-04-02", "GA": "1955-09-17", "ME": "1983-10-01", "SE": "2002-01-17",
    "WO": "1987-07-19", "WOC": "2009-05-04", "WE": "1982-04-25", "WEB": "2011-01-09", "P2": "1985-06-02",
    "VI": "1980-12-03",
}  # fmt: skip

S, W, SIS, PP = BORN["S"], BORN["W"], BORN["SIS"], BORN["PP"]
PNC, CRN = "1998/0417263M", "X204881"

# (who, agency, what it writes). Who: the person; what stands after a dot tells apart forms of one agency.
FORMS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("S", "HMPS", mention("Corin Dale ASHDOWN", S, prison="A4417CK", pnc=PNC)),
    ("S", "PROB-W", mention("Corin Dale Ashdown", S, crn=CRN, pnc=PNC)),
    ("S", "PROB-B", mention("Corin Ashdown", S, crn=CRN)),
    ("S.device", "PROB-B", mention("Corin Ashdown", S, crn=CRN, phone="T1")),
    ("S", "AP-B", mention("Corin Ashdown", S, crn=CRN)),
    ("S", "NWP", mention("Corin Dale ASHDOWN", S, pnc="98/417263M")),
    ("S", "WMP", mention("Corin Dale ASHDOWN", S, pnc=PNC)),
    ("S", "CRT", mention("Corin Dale ASHDOWN", S, pnc=PNC)),
    ("S", "MAPPA-W", mention("C Ashdown", S, crn=CRN)),
    ("S", "MAPPA-B", mention("C Ashdown", S, crn=CRN)),
    ("S", "CSC-B", mention("Corin Ashdown", S, own="CF-100417")),
    ("S.53", "CSC-B", mention("Corin Ashdown", phone="T1")),
    ("S", "CSC-C", mention("Corin Dale Ashdown", S)),
    ("S", "CSC-Wo", mention("Corin Dale Ashdown", S)),
    ("S", "CSC-Wa", mention("Corin Dale Ashdown", S)),
    ("S", "HOU", mention("Corin Ashdown", S, phone="T1", at="AD3")),
    ("S", "WMERC", mention("Corin Ashdown", "1984", phone="T1")),
    ("S", "MH", mention("Corin Ashdown", S)),
    ("W", "CSC-B", mention("Maren Louise Tolland", W, own="CF-061130")),
    ("W.53", "CSC-B", mention("Maren Tolland", "1988-01", at="AD1")),
    ("W", "CRT", mention("Maren Louise TOLLAND", W)),
    ("W", "HV", mention("Maren Tolland", W, nhs="9991001018", at="AD1", phone="T5")),
    ("W", "WMP", mention("Maren TOLLAND", W, own="N-882104", at="AD1")),
    ("W", "EMP", mention("Maren Tolland", W, at="AD1", phone="T5", works="AD7")),
    ("W", "WMERC", mention("Maren Tolland", W, at="AD1")),
    ("EC", "HV", mention("Robin Oakes", BORN["EC"], nhs="9991002383", at="AD1")),
    ("EC", "CRT", mention("Robin Oakes", BORN["EC"])),
    ("EC", "WMERC", mention("Robin Oakes", BORN["EC"])),
    ("EC", "CSC-B", mention("Robin Oakes", BORN["EC"])),
    ("EC", "WMP", mention("Robin Oakes", "2009-12", at="AD1")),
    ("BB", "HV", mention("Wren Tolland", BORN["BB"], nhs="9991003754", at="AD1")),
    ("BB", "WMP", mention("Wren Tolland", "2012-10", at="AD1")),
    ("P1", "CRT", mention("Gareth Neville OAKES", BORN["P1"])),
    ("P1", "CSC-B", mention("Gareth Oakes", BORN["P1"])),
    ("P1.53", "CSC-B", mention("Gareth Oakes", phone="T2")),
    ("P1", "WMERC", mention("Gareth Neville Oakes", BORN["P1"], phone="T2", at="AD5")),
    ("P1?", "HV", mention("Gareth Oakes")),
    ("SIS", "CSC-B", mention("Carys Tolland", SIS)),
    ("SIS", "HMPS", mention("Carys TOLLAND", SIS, prison_contact="4417-03")),
    ("SIS", "AP-B", mention("Carys Tolland", prison_contact="4417-03")),
    ("SIS", "PROB-B", mention("Carys Tolland", SIS, prison_contact="4417-03")),
    ("SIS", "MAPPA-B", mention("Carys Tolland", SIS)),
    ("SIS", "CSC-C", mention("Carys Anne Tolland", SIS, nhs="9991005129", at="AD2")),
    ("SIS", "WMP", mention("Carys TOLLAND", SIS, phone="T7")),
    ("SC", "CSC-C", mention("Jory Tolland", BORN["SC"], nhs="9991006494")),
    ("PP", "CSC-B", mention("Leonard Arthur Spurway", PP, own="CF-009018", at="AD4")),
    ("PP", "WMP", mention("Leonard Arthur SPURWAY", PP, pnc="1981/0093518G", at="AD4")),
    ("PP", "WMERC", mention("Leonard Spurway", "1955", at="AD4")),
    ("PP?", "CSC-B", mention("Leonard Spurwey")),
    ("EX", "HMPS", mention("Shona BIRKETT", BORN["EX"], prison_contact="4417-01")),
    ("EX", "CSC-B", mention("Shona Birkett", BORN["EX"])),
    ("EX", "CRT", mention("Shona Birkett", BORN["EX"])),
    ("EX", "PROB-W", mention("Shona Birkett", BORN["EX"])),
    ("WO", "HMPS", mention("Josie HALLAM", BORN["WO"], prison_contact="4417-02")),
    ("WO", "PROB-W", mention("Josie Hallam", BORN["WO"])),
    ("WO", "CSC-Wo", mention("Josie Hallam", BORN["WO"], at="AD6")),
    ("WOC", "CSC-Wo", mention("Otis Hallam", BORN["WOC"], nhs="9991010602")),
    ("WOC", "PROB-W", mention("Otis Hallam", BORN["WOC"])),
    ("Y1", "CSC-B", mention("Kip Ashdown", BORN["Y1"])),
    ("Y2", "CSC-B", mention("Della Ashdown", BORN["Y2"])),
    ("GF", "CSC-B", mention("Raymond Birkett", BORN["GF"])),
    ("GA", "CSC-B", mention("Doreen Birkett", BORN["GA"])),
    ("ME", "WMP", mention("Paula RENSHAW", BORN["ME"])),
    ("SE", "WMP", mention("Ellis RENSHAW", BORN["SE"])),
    ("WE", "PROB-W", mention("Bethan Pugh", BORN["WE"])),
    ("WE", "CSC-Wa", mention("Bethan Pugh", BORN["WE"])),
    ("WEB", "CSC-Wa", mention("Ifan Pugh", BORN["WEB"], nhs="9991011978")),
    ("P2", "WMP", mention("Jerome WHITLOW", BORN["P2"], pnc="2006/0220417Z")),
    ("VI", "PROB-W", mention("Neil Costain", BORN["VI"])),
)  # fmt: skip

REVIEWS = {
    frozenset({"PP", "PP?"}),
    # Not in the list of section 6.2: a health visitor's "Gareth Oakes" without a date fits Partner 1 as well as anybody.
    frozenset({"P1", "P1?"}),
}
