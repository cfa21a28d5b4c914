"""What can be done to a number: the moves, the refusals, and the switches where carriers differ."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from teliport.sandbox.config import ReleaseTo, SandboxConfig
from tests.kit.sandbox import UNLIMITED, Sandbox, sandbox
from tests.teliport.sandbox import steps

Step = Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]
STEPS: dict[str, Step] = {
    "reserve": steps.reserve,
    "assign": steps.assign,
    "metadata": steps.put_metadata,
    "release": steps.release,
}


def in_status(carrier: Sandbox, status: str) -> str:
    """A number that has this status from the start."""
    inventory = carrier.world.inventory
    at = next(at for at in range(len(inventory.seeded)) if inventory.number(at).status == status)
    return str(inventory.seeded.tn(at))


LAWFUL = {
    ("reserve", "AVAILABLE"): "RESERVED",
    ("assign", "AVAILABLE"): "IN_USE",
    ("assign", "RESERVED"): "IN_USE",
    ("metadata", "IN_USE"): "IN_USE",
    ("release", "RESERVED"): "AVAILABLE",
    ("release", "IN_USE"): "AVAILABLE",
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", ["AVAILABLE", "RESERVED", "IN_USE", "PORTED_OUT", "QUARANTINE"])
async def test_every_move_from_every_status(
    carrier: Sandbox, http: httpx.AsyncClient, step: str, status: str
) -> None:
    tn = in_status(carrier, status)
    before = carrier.state(tn)
    answer = await STEPS[step](http, tn)
    expected = LAWFUL.get((step, status))
    if expected is None:
        assert answer.status_code == 409
        assert status in answer.json()["message"]
        assert carrier.state(tn) == before
        assert carrier.calls()[-1]["applied"] is False
    else:
        assert answer.status_code == 200
        assert answer.json()["status"] == expected
        assert answer.json() == carrier.state(tn)
        assert carrier.calls()[-1]["applied"] is True


async def test_a_hold_names_its_holder_for_15_minutes(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    (tn,) = carrier.available("303", 1)
    record = (await steps.reserve(http, tn)).json()
    assert record["reservedBy"] == steps.HOLDER
    until = datetime.fromisoformat(record["reservedUntil"])
    assert timedelta(0) <= datetime.now(UTC) + timedelta(minutes=15) - until < timedelta(seconds=30)
    assert record["updatedAt"] > "2026"
    # Held by others or by the same holder again: a strict carrier does not care.
    assert (await steps.reserve(http, tn)).status_code == 409
    assert (await steps.reserve(http, tn, "WARP-B-1")).status_code == 409


async def test_a_hold_ends_by_itself_and_not_before(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    (tn,) = carrier.available("303", 1)
    until = (await steps.reserve(http, tn)).json()["reservedUntil"]
    carrier.advance(890)
    assert (await steps.get(http, tn)).json()["status"] == "RESERVED"
    carrier.advance(11)
    record = (await steps.get(http, tn)).json()
    assert (record["status"], record["reservedBy"], record["reservedUntil"]) == (
        *("AVAILABLE", None, None),
    )
    assert record["updatedAt"] == until
    assert (await steps.query(http, f"tn={tn} and status=available"))["totalElements"] == 1


async def test_an_old_hold_does_not_end_what_came_after_it(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    held_again, used = carrier.available("303", 2)
    for tn in (held_again, used):
        await steps.reserve(http, tn)
    carrier.advance(600)
    await steps.release(http, held_again)
    await steps.reserve(http, held_again, "WARP-B-2")
    await steps.assign(http, used)
    carrier.advance(301)
    assert carrier.state(held_again)["reservedBy"] == "WARP-B-2"
    assert carrier.state(used)["status"] == "IN_USE"
    carrier.advance(600)
    assert carrier.state(held_again)["status"] == "AVAILABLE"
    assert carrier.state(used)["status"] == "IN_USE"


async def test_administrative_holds_of_others_do_not_end(carrier: Sandbox) -> None:
    tn = in_status(carrier, "RESERVED")
    carrier.advance(10 * 365 * 86_400)
    assert carrier.state(tn)["status"] == "RESERVED"


async def test_assigning_takes_anybodys_hold(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    (tn,) = carrier.available("303", 1)
    await steps.reserve(http, tn, "WARP-B-1")
    record = (await steps.assign(http, tn, customer_id="A", sms=None, nested={"a": [1]})).json()
    assert record["status"] == "IN_USE"
    assert record["applicationId"] == "WARP"
    assert record["applicationMetadata"] == {"customer_id": "A", "nested": {"a": [1]}}
    assert (record["reservedBy"], record["reservedUntil"]) == (None, None)
    assert record["timesAssigned"] == 1
    assert record["firstAssignedAt"] == record["lastAssignedAt"] == record["updatedAt"]


async def test_a_number_remembers_that_it_was_assigned_before(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    (tn,) = carrier.available("303", 1)
    first = (await steps.assign(http, tn, old="x")).json()
    released = (await steps.release(http, tn)).json()
    assert (released["applicationId"], released["applicationMetadata"]) == (None, None)
    carrier.advance(60)
    second = (await steps.assign(http, tn, new="y")).json()
    assert second["timesAssigned"] == 2
    assert second["firstAssignedAt"] == first["firstAssignedAt"] < second["lastAssignedAt"]
    assert second["applicationMetadata"] == {"new": "y"}


async def test_metadata_merges_and_null_removes(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    (tn,) = carrier.available("303", 1)
    await steps.assign(http, tn, a=1, b=2)
    record = (await steps.put_metadata(http, tn, b=None, c=False, absent=None)).json()
    assert record["applicationMetadata"] == {"a": 1, "c": False}
    assert carrier.state(tn)["applicationMetadata"] == {"a": 1, "c": False}
    # "metadata" is the word of the request only.
    assert "metadata" not in record


@pytest.mark.parametrize(
    ("release_to", "status", "lifecycle"),
    [
        (ReleaseTo.AVAILABLE, "AVAILABLE", "ACTIVE"),
        (ReleaseTo.RESERVED, "RESERVED", "GROOMING"),
        (ReleaseTo.QUARANTINE, "QUARANTINE", "AGING"),
    ],
)
@pytest.mark.parametrize("step", ["reserve", "assign"])
async def test_a_released_number_becomes_what_the_switch_says(
    release_to: ReleaseTo, status: str, lifecycle: str, step: str
) -> None:
    async with sandbox(SandboxConfig(release_to=release_to)) as carrier, carrier.client() as http:
        (tn,) = carrier.available("303", 1)
        await STEPS[step](http, tn)
        record = (await steps.release(http, tn)).json()
        assert (record["status"], record["lifecycleState"]) == (status, lifecycle)
        assert record["reservedBy"] is None
        carrier.advance(86_400)
        assert carrier.state(tn)["status"] == status


async def test_a_strict_carrier_refuses_the_same_assign_twice(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    (tn,) = carrier.available("303", 1)
    await steps.assign(http, tn, warp_op_id="op-1")
    assert (await steps.assign(http, tn, warp_op_id="op-1")).status_code == 409


async def test_a_lenient_carrier_lets_the_same_operation_repeat_itself() -> None:
    async with sandbox(SandboxConfig(strict=False)) as carrier, carrier.client() as http:
        (tn,) = carrier.available("303", 1)
        held = (await steps.reserve(http, tn)).json()
        assert (await steps.reserve(http, tn)).json() == held
        assert (await steps.reserve(http, tn, "WARP-B-1")).status_code == 409
        first = (await steps.assign(http, tn, warp_op_id="op-1", a=1)).json()
        assert (await steps.assign(http, tn, warp_op_id="op-1", a=2)).json() == first
        assert carrier.calls()[-1]["applied"] is False
        assert (await steps.assign(http, tn, warp_op_id="op-2")).status_code == 409
        assert (await steps.assign(http, tn)).status_code == 409


@pytest.mark.parametrize("is_404", [True, False])
async def test_a_ported_away_number_may_be_404_yet_is_found_by_a_query(is_404: bool) -> None:
    config = SandboxConfig(ported_out_is_404=is_404)
    async with sandbox(config) as carrier, carrier.client() as http:
        tn = in_status(carrier, "PORTED_OUT")
        assert (await steps.get(http, tn)).status_code == (404 if is_404 else 200)
        (record,) = (await steps.query(http, f'(tn in ("{tn}"))'))["content"]
        assert (record["status"], record["portDirection"]) == ("PORTED_OUT", "OUT")
        assert record["currentOwnerSpid"] != "567G"
        assert record["lastLrnDipResult"] == "PORTED_OUT"


@pytest.mark.parametrize(("as_text", "lata"), [(False, 656), (True, "656")])
async def test_lata_is_an_integer_or_a_text_by_switch(as_text: bool, lata: int | str) -> None:
    config = SandboxConfig(lata_as_text=as_text, rate_limit=UNLIMITED)
    async with sandbox(config) as carrier, carrier.client() as http:
        assert (await steps.get(http, "3035551234")).json()["lata"] == lata
        assert await steps.total(http, "lata=656") > 0
        toll_free = carrier.available("800", 1)[0]
        assert (await steps.get(http, toll_free)).json()["lata"] is None


@pytest.mark.parametrize("tn", ["9999999999", "3035559999", "303555123", "+13035551234", "abc"])
@pytest.mark.parametrize("step", [*STEPS, "get"])
async def test_an_unknown_number_is_404(http: httpx.AsyncClient, step: str, tn: str) -> None:
    answer = await {**STEPS, "get": steps.get}[step](http, tn)
    assert answer.status_code == 404
    assert answer.json()["error"] == "Not Found"


BAD_BODIES: list[tuple[str, str, Any]] = [
    ("POST", "reserve", {}),
    ("POST", "reserve", {"reservedBy": ""}),
    ("POST", "reserve", {"reservedBy": 7}),
    ("POST", "reserve", []),
    ("POST", "assign", {"metadata": {}}),
    ("POST", "assign", {"applicationId": "WARP", "metadata": []}),
    ("PUT", "metadata", {}),
    ("PUT", "metadata", {"metadata": None}),
    ("POST", "release", []),
]


@pytest.mark.parametrize(("method", "step", "body"), BAD_BODIES)
async def test_a_bad_body_is_400_and_changes_nothing(
    carrier: Sandbox, http: httpx.AsyncClient, method: str, step: str, body: Any
) -> None:
    (tn,) = carrier.available("303", 1)
    before = carrier.state(tn)
    answer = await http.request(method, f"/inventory/numbers/{tn}/{step}", json=body)
    assert answer.status_code == 400
    assert carrier.state(tn) == before


async def test_metadata_may_be_left_out_of_an_assign(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    (tn,) = carrier.available("303", 1)
    body = {"applicationId": "WARP"}
    answer = await http.post(f"/inventory/numbers/{tn}/assign", json=body)
    assert answer.json()["applicationMetadata"] == {}


async def test_a_record_handed_out_does_not_change_afterwards(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    (tn,) = carrier.available("303", 1)
    await steps.assign(http, tn, a=1)
    before = carrier.state(tn)
    await steps.put_metadata(http, tn, a=2)
    assert before["applicationMetadata"] == {"a": 1}
