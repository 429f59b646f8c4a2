"""The search for what must never go out finds it, in whatever writing, and its own report is no leak."""

import orjson
import pytest

from deploy.cases import load
from deploy.replay import informants, memory
from deploy.replay.leaks import Sent, leaks

CASE = load.load("birmingham")
CHILD = load.load("child-a")


@pytest.mark.parametrize(
    "text",
    [
        '{"address": "14 Larkspur Crescent"}',
        "he lives in larkspur crescent now",
        "post to B22 4QD please",
        "post to B224QD please",
        "Wyrestead is where",
        "ring 07700 900417",
        "ring 07700900417",
        "ring +447700900417",
        "sealed-kestrel-72b",
        "SEALED-KESTREL-address",
        "a paedophile, they say",
    ],
)
def test_sealed_content_is_found_on_every_way(text: str) -> None:
    for way in ("webhook", "topic", "answer", "log"):
        assert leaks(CASE, [Sent("WMP", way, text)]), (way, text)


@pytest.mark.parametrize("text", ["Ashdown", "CORIN", "born 1984-03-22", "born 22/03/1984", "9991001018"])
def test_people_are_found_in_what_is_to_be_nameless(text: str) -> None:
    for way in ("webhook", "topic", "log"):
        assert leaks(CASE, [Sent("WMP", way, text)])
    assert not leaks(CASE, [Sent("WMP", "answer", text)]), "an agency that asks may be shown a name"


def test_words_for_some_are_found_with_others() -> None:
    assert not leaks(CASE, [Sent("PROB-B", "answer", "works at Tamarisk Rise")])
    assert leaks(CASE, [Sent("CSC-B", "answer", "works at Tamarisk Rise")])


def test_areas_and_our_own_words_may_be_said() -> None:
    said = '{"area": "birmingham", "desk": "duty-inspector", "rule": "R01", "person": "b22-4", "dale": 1}'
    assert leaks(CASE, [Sent("WMP", "answer", said)]) == []


def test_report_of_a_leak_is_none() -> None:
    for found in leaks(CASE, [Sent("WMP", "webhook", "Corin Ashdown, 14 Larkspur Crescent, 07700 900417")]):
        assert "Ashdown" not in found
        assert "Larkspur" not in found
        assert "900417" not in found


def test_free_text_is_found_without_a_marker() -> None:
    assert leaks(CHILD, [Sent("POL", "answer", '{"why": "he had lost a shoe in the park, she says"}')])


def test_who_told_is_found_in_an_answer_that_must_not_say() -> None:
    found = memory.outcome(CASE, "K-", memory.trial(CASE, "K-"))
    cross_border = next(str(alert.alert) for alert in found.alerts if alert.rule == "R07")
    view = {"alert": cross_border, "evidence": [{"people": [{"names": [{"given": "Gareth", "family": "OAKES"}]}]}]}
    told = Sent("WMP", "answer", orjson.dumps(view).decode())
    assert informants.named(CASE, found, [told]) == ["answer to WMP: says who told of R07"]
    own = Sent("CSC-B", "answer", told.text)
    assert informants.named(CASE, found, [own]) == [], "he rang social care himself"
    child = Sent("WMP", "answer", told.text.replace("Gareth", "Robin"))
    assert informants.named(CASE, found, [child]) == []
