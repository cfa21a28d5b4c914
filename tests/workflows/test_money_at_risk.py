"""Where a number could be lost, freed from somebody else, or half changed; each was a hole once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncpg
import pytest

from db import seed
from db.roles import Urls
from numbering.lifecycle import CarrierStatus, OperationKind
from numbering.refusals import RefusalCode
from numbering.telephone import TelephoneNumber
from tests.workflows.rig import ALICE, BOB, STAFF, Rig, keys
from tests.workflows.test_configuring import update
from tests.workflows.test_reserving import told
from workflows import incidents, saga
from workflows.commands import ResolveIncident, RetryIncident
from workflows.saga_terms import Facts, Seen, Sight, State, Target, Wait
from workflows.timings import Timings

T = TypeVar("T")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


# ── a carrier that says what we cannot read ──────────────────────────────────────────────────────
def test_a_status_that_nobody_knows_does_not_prove_a_release() -> None:
    facts = Facts(kind=OperationKind.NUMBER_RELEASE, operation_id="op", customer_id="c", did_id="d")
    sight = Sight(CarrierStatus.UNKNOWN, metadata={"warp_did_id": "d"})
    state, effects = saga.step(State(facts), Seen(NOW, sight=sight), Timings())
    assert effects == (Wait(1.0),)
    assert state.attempt == 1


# ── a number of ours that another customer's live did has (S5b) ──────────────────────────────────
async def _conflict(rig: Rig, number: TelephoneNumber) -> Any:
    """ALICE's assign took effect, in doubt at first; BOB has a live did."""
    cart = await rig.held(number)
    await rig.owner.execute(
        "INSERT INTO voice.dids (id, number, number_type, npa, nxx, customer_id, monthly_cost,"
        " setup_fee, meta_version, pushed_version)"
        " VALUES (gen_random_uuid(), $1, 'LOCAL', '303', '555', $2, 1, 1, 1, 1)",
        str(number),
        BOB.customer_id,
    )
    await rig.assign(cart)
    await rig.quiet()
    (incident,) = await rig.incidents()
    return incident["id"]


@pytest.mark.parametrize("in_doubt", [True, False])
async def test_what_staff_have_settled_by_hand_is_not_released_behind_their_back(
    rig: Rig, in_doubt: bool
) -> None:
    (number,) = rig.free()
    if in_doubt:
        await rig.sandbox.fault("reset_after", path="*/assign", times=1)
    command = ResolveIncident(
        incident_id=await _conflict(rig, number),
        resolution="it is the other customer's",
        idempotency_key=next(keys),
    )
    assert told(await incidents.resolve(rig.services, STAFF, command)) == []
    for _ in range(8):
        await rig.advance(150)
        await rig.quiet()
    assert rig.sent(number, "/release") == 0
    assert rig.sandbox.state(number)["status"] == "IN_USE"


async def test_a_conflict_that_was_put_right_is_taken_on_when_staff_retry(rig: Rig) -> None:
    (number,) = rig.free()
    incident_id = await _conflict(rig, number)
    await rig.owner.execute("UPDATE voice.dids SET status = 'DISCONNECTED'")
    await rig.advance(900)
    command = RetryIncident(
        incident_id=incident_id, reason="that row was wrong", idempotency_key=next(keys)
    )
    assert told(await incidents.retry(rig.services, STAFF, command)) == []
    await rig.quiet()
    assert (await rig.states(number))[-1] == "NUMBER_ASSIGN SUCCEEDED"
    assert (await rig.did(number))["status"] == "ACTIVE"
    assert rig.sent(number, "/assign") == 1
    await rig.check()


# ── a hold that is given back in its last minute ─────────────────────────────────────────────────
@pytest.mark.parametrize(
    "fault", [{"action": "429", "retry_after": 30}, {"action": "reset_before"}]
)
async def test_a_hold_about_to_end_is_left_to_end(rig: Rig, fault: dict[str, Any]) -> None:
    """The call names no holder: arriving late it would free the number from whoever has it next."""
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.sandbox.fault(**fault, path="*/release", times=1)
    await rig.advance(830)
    await rig.release_cart(cart)
    await rig.quiet()
    assert rig.sent(number, "/release") == 1  # the one that failed
    assert (await rig.states(number))[-1] == "NUMBER_RELEASE SUCCEEDED"
    assert (await rig.item(cart))["state"] == "EXPIRED"
    assert rig.sandbox.state(number)["status"] == "AVAILABLE"
    await rig.check()


def test_a_hold_that_the_carrier_does_not_end_goes_to_staff() -> None:
    facts = Facts(
        kind=OperationKind.NUMBER_RELEASE,
        operation_id="op",
        customer_id="c",
        holder="us",
        target=Target.HOLD,
        send_before=NOW,
        deadline=NOW,
    )
    held = Sight(CarrierStatus.RESERVED, reserved_by="us")
    _, effects = saga.step(State(facts), Seen(NOW, sight=held), Timings())
    assert "could not be carried out" in effects[0].summary  # type: ignore[union-attr]


# ── two requests for the same thing at once ──────────────────────────────────────────────────────
@pytest.fixture
async def rival(database_urls: Urls) -> AsyncIterator[asyncpg.Connection]:
    """Another connection, for a transaction that the test holds open."""
    connection = await asyncpg.connect(database_urls.owner, server_settings={"app.scope": "STAFF"})
    yield connection
    await connection.close()


async def behind(
    rig: Rig, rival: asyncpg.Connection, statement: str, *values: object, request: Awaitable[T]
) -> T:
    """Let `request` run into the lock of an uncommitted statement, then commit that."""
    async with rival.transaction():
        await rival.execute(statement, *values)
        running = asyncio.ensure_future(request)
        while not (running.done() or await rig.owner.fetchval(_WAITING)):  # noqa: ASYNC110
            await asyncio.sleep(0)
    return await running


async def test_no_custom_field_gets_lost_between_two_updates(
    rig: Rig, rival: asyncpg.Connection
) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    accepted = await behind(
        rig,
        rival,
        "UPDATE voice.dids SET custom_fields = '{\"theirs\": 1}' WHERE id = $1",
        did_id,
        request=update(rig, did_id, custom_fields={"ours": 2}),
    )
    assert told(accepted) == []
    assert (await rig.did(number))["custom_fields"] == {"theirs": 1, "ours": 2}


async def test_an_address_that_nobody_has_found_is_no_emergency_address(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    await rig.owner.execute("UPDATE voice.e911_addresses SET validated = false")
    accepted = await update(rig, did_id, e911_address_id=seed.ADDRESS_A)
    assert told(accepted) == [(RefusalCode.INVALID, ("didIds", "0", "changes", "e911AddressId"))]


async def test_a_cart_made_by_staff_does_not_tell_who_it_was(rig: Rig) -> None:
    (number,) = rig.free()
    accepted = await rig.reserve(number, actor=STAFF, customer_id=ALICE.customer_id)
    await rig.quiet()
    shown = await rig.owner.fetchval("SELECT created_by FROM voice.reservations")
    assert shown == "WARP staff"
    logged = await rig.owner.fetchval("SELECT actor FROM ops.audit WHERE action = 'HOLD'")
    assert (logged, told(accepted)) == (STAFF.name, [])


async def test_a_hold_that_is_placed_while_it_is_withdrawn(
    rig: Rig, rival: asyncpg.Connection
) -> None:
    (number,) = rig.free()
    accepted = await rig.reserve(number)
    assert accepted.reservation_id is not None
    late = await behind(
        rig,
        rival,
        "UPDATE ops.operation SET state = 'SUCCEEDED' WHERE subject = $1",
        str(number),
        request=rig.release_cart(accepted.reservation_id, numbers=(number,)),
    )
    assert told(late) == [(RefusalCode.CONFLICT, ("numbers", "0"))]
