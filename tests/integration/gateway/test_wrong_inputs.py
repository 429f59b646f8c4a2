"""For one event type of each kind, a table of wrong inputs made from its model: each gets a 4xx that names the field and the fix."""

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.registry import EVENT_TYPES
from services.access import Scope
from services.clock import monotonic
from tests.contract.wrong_inputs import AGENCIES, WrongInput, all_wrong_inputs, valid_event
from tests.integration.gateway.running import Caller, Running

BATCH_EVENTS = 100
BATCH_BYTES = 900_000


async def everybody(gateway: Running) -> Caller:
    """A token that speaks for an agency of each sector."""
    publishes = {agency: [f"{sector}.*"] for sector, agency in AGENCIES.items()}
    return await gateway.caller(publishes, scopes=[Scope.WRITE_EVENTS], name="everybody")


def batches(wrong: Iterator[WrongInput]) -> Iterator[list[WrongInput]]:
    """Batches below the limits. No event of the tables is longer than some 10 KB."""
    batch: list[WrongInput] = []
    for each in wrong:
        batch.append(each)
        if len(batch) == BATCH_EVENTS // 2:
            yield batch
            batch = []
    if batch:
        yield batch


def mistakes(batch: Sequence[WrongInput], results: Sequence[dict[str, Any]]) -> list[str]:
    """What was not refused as it should have been."""
    found = []
    for wrong, result in zip(batch, results, strict=True):
        said = {
            (fault["pointer"], fault["code"]): fault["detail"] for fault in result.get("problem", {}).get("errors", ())
        }
        if result["status"] != 422 or not said.get((wrong.path, wrong.code)):
            found.append(f"{wrong}: wanted 422 {wrong.path} {wrong.code}, got {result['status']} {sorted(said)}")
    return found


async def test_every_wrong_input_of_every_kind_is_refused_for_what_is_wrong(gateway: Running) -> None:
    caller = await everybody(gateway)
    found: list[str] = []
    tried = 0
    for batch in batches(all_wrong_inputs()):
        answer = await caller.batch([wrong.event for wrong in batch])
        assert answer.status == 207, answer.body
        found += mistakes(batch, answer.body["results"])
        tried += len(batch)
    assert tried > 10_000
    assert not found, "\n".join(found[:20])


async def test_every_type_is_accepted_from_its_sector_and_from_no_other(gateway: Running) -> None:
    caller = await everybody(gateway)
    valid = [valid_event(model, id=f"e{number}") for number, model in enumerate(EVENT_TYPES.values())]
    foreign = [{**event, "source": f"urn:tocsin:agency:{_another(event)}"} for event in valid]
    unknown = [{**event, "source": "urn:tocsin:agency:police-of-nowhere"} for event in valid]
    for events, status, code in (
        (valid, 202, None),
        (foreign, 403, "type-not-permitted"),
        (unknown, 403, "foreign-source"),
    ):
        for start in range(0, len(events), BATCH_EVENTS):
            answer = await caller.batch(events[start : start + BATCH_EVENTS])
            for result in answer.body["results"]:
                assert result["status"] == status, result
                assert code is None or result["problem"]["errors"][0]["code"] == code


def _another(event: dict[str, Any]) -> str:
    return AGENCIES["housing" if event["type"].startswith("police.") else "police"]


async def test_a_wrong_event_is_refused_in_no_time(gateway: Running) -> None:
    """What is slow to refuse is a way to stop us."""
    caller = await everybody(gateway)
    event = valid_event(EVENT_TYPES["police.message.reported", 1])
    event["data"]["people"] = [{f"{n}{m}": {} for n in range(40)} for m in range(40)]
    event["data"]["relationships"] = [{"x" * 50: n} for n in range(400)]
    await caller.event(event)
    began = monotonic()
    for _ in range(20):
        assert (await caller.event(event)).status == 422
    assert (monotonic() - began) / 20 < 0.5
