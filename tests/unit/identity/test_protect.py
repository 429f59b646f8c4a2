"""Sealed identities: no machine joins them to anybody, whatever agrees; a named role may."""

from datetime import timedelta
from typing import Any

from services.chronology.facts import EventRef
from services.identity.cluster import Decision, Held
from services.identity.people import Settled, settle
from services.identity.protect import protected, shielded
from services.identity.standardise import content_hash, standardise
from services.identity.unnamed.facts import Claim, Declaration, Facts, SenderStated, SlotStated
from tests.unit.identity.population import START, compared, mention

NHS = "9990000018"
OLD = mention("Alban Marrable", "2015-03-04", phone="T1", nhs=NHS)
NEW = mention("Alban Marrable", "2015-03-04", phone="T1", nhs=NHS) | {"own_id": "A-7", "protected": True}


def held(*said: tuple[str, dict[str, Any]]) -> dict[int, Held]:
    made = [standardise(body, agency) for agency, body in said]
    return {
        n: Held(n, standard, START + timedelta(minutes=n), content_hash(standard.to_json()))
        for n, standard in enumerate(made)
    }


def settled(records: dict[int, Held], *decisions: Decision) -> Settled:
    records = shielded(records)
    return settle(Facts(records, decisions=decisions), compared(records))


def test_the_same_number_name_and_birth_join_nothing_and_open_no_review() -> None:
    open_to_all = settled(held(("police", OLD), ("csc", {**NEW, "protected": None})))
    assert open_to_all.person_of == {0: 0, 1: 0}
    sealed = settled(held(("police", OLD), ("csc", NEW)))
    assert sealed.person_of == {0: 0, 1: 1}
    assert sealed.reviews == ()


def test_all_that_an_agency_says_under_that_number_is_protected_before_and_after() -> None:
    before = mention("Alban Marrable", "2015-03-04", nhs=NHS) | {"own_id": "A-7"}
    after = mention("Alban Quillfeather", "2015-03-04", nhs=NHS) | {"own_id": "A-7"}
    records = held(("csc", before), ("csc", NEW), ("csc", after), ("police", OLD), ("police", {**OLD, "own_id": "A-7"}))
    assert protected(records) == {0, 1, 2}, "another agency's number of the same form is another number"
    assert settled(records).person_of == {0: 0, 1: 1, 2: 2, 3: 3, 4: 3}


def test_only_the_named_role_joins_them_and_anybody_may_part_them() -> None:
    records = held(("police", OLD), ("csc", NEW))
    same = Decision(0, 1, "same", START)
    assert settled(records, same).person_of == {0: 0, 1: 1}
    assert settled(records, same._replace(privileged=True)).person_of == {0: 0, 1: 0}
    apart = Decision(0, 1, "different", START)
    assert settled(records, same._replace(privileged=True), apart).person_of == {0: 0, 1: 1}


SUBJECT = mention("Corin Ashdown", "1984-03-22", crn="X123456")
WHERE = EventRef("urn:tocsin:agency:police", "e")


def test_a_placeholder_is_never_joined_to_them_nor_is_it_suggested() -> None:
    works = {"workplace": {"name": "Tamarisk Rise"}}
    slot = standardise({"slot": {"of": "S", "relation": "partner"}, **works}, "police")
    partner = mention("Maren Tolland", "1988-01-30") | works | {"own_id": "A-8"}
    claim = Claim(WHERE, START, START, 0, 1, "partner", "reported")

    def found(body: dict[str, Any]) -> Settled:
        records = held(("police", SUBJECT), ("csc", body))
        records[2] = Held(2, slot, START, b"slot")
        stated = SlotStated(2, EventRef(WHERE.source, "slot"), "X", START, START, 0, "partner")
        return settle(Facts(shielded(records), [stated], [claim]), {})

    assert found(partner).person_of[2] == 1
    kept_apart = found({**partner, "protected": True})
    assert (kept_apart.person_of[2], kept_apart.joins, kept_apart.reviews) == (2, (), ())


def test_an_unnamed_sender_is_never_said_to_be_them() -> None:
    sender = standardise({"unnamed_sender": True, "phones": [{"token": "T9"}]}, "police")

    def found(body: dict[str, Any]) -> Settled:
        records = held(("police", SUBJECT), ("csc", body))
        records[2] = Held(2, sender, START, b"sender")
        declared = Declaration(WHERE, START, 1, "T9")
        said = SenderStated(2, EventRef(WHERE.source, "text"), START)
        return settle(Facts(shielded(records), senders=[said], declarations=[declared]), {})

    declarer = mention("Maren Tolland", "1988-01-30", phone="T9") | {"own_id": "A-8"}
    assert found(declarer).person_of[2] == 1
    kept_apart = found({**declarer, "protected": True})
    assert (kept_apart.person_of[2], kept_apart.joins, kept_apart.reviews) == (2, (), ())
