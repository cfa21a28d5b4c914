"""Two transactions at once, with the moment between look and write held open by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import uuid4

import asyncpg
import pytest

from db.roles import Urls
from numbering.refusals import RefusalCode
from tests.workflows.rig import ALICE, BOB, Rig
from tests.workflows.test_configuring import update
from tests.workflows.test_reserving import told

T = TypeVar("T")


@pytest.fixture
async def rival(database_urls: Urls) -> AsyncIterator[asyncpg.Connection]:
    """Another connection, in a transaction that it does not end."""
    connection = await asyncpg.connect(database_urls.owner, server_settings={"app.scope": "STAFF"})
    yield connection
    await connection.close()


@asynccontextmanager
async def held_open(rival: asyncpg.Connection) -> AsyncIterator[None]:
    """A transaction of the rival, committed at the end of the block."""
    async with rival.transaction():
        yield


async def while_blocked(rig: Rig, rival: asyncpg.Connection, statement: str, *values: object,
                        request: Awaitable[T]) -> T:  # fmt: skip
    """Let `request` run into the lock of an uncommitted statement, then commit that."""
    async with held_open(rival):
        await rival.execute(statement, *values)
        running = asyncio.ensure_future(request)
        while not (running.done() or await rig.owner.fetchval(_WAITING)):  # noqa: ASYNC110
            await asyncio.sleep(0)
    return await running


# Who waits for whom, a role sees for all others; what they run, only for itself.
_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
_ITEM = (
    "INSERT INTO voice.reservation_items (id, reservation_id, customer_id, number, position, state,"
    " number_type, npa, nxx, monthly_cost, setup_fee) VALUES (gen_random_uuid(), $1, $2, $3, 0,"
    " 'PENDING', 'LOCAL', '303', '555', 1, 1)"
)
_OPERATION = (
    "INSERT INTO ops.operation (id, customer_id, kind, kind_group, subject, lane)"
    " VALUES ($1, $2, 'NUMBER_RELEASE', 'number', $3, 'BULK')"
)


async def test_the_index_decides_who_holds_a_number(rig: Rig, rival: asyncpg.Connection) -> None:
    number, other, third = rig.free(3)
    theirs = (await rig.reserve(third, actor=BOB)).reservation_id
    accepted = await while_blocked(
        rig, rival, _ITEM, theirs, BOB.customer_id, str(number), request=rig.reserve(number, other)
    )
    assert told(accepted) == [(RefusalCode.HELD_BY_OTHER, ("numbers", "0"))]
    assert len(accepted.operation_ids) == 1
    alone = await while_blocked(
        rig,
        rival,
        _ITEM.replace("$3, 0", "$3, 1"),
        theirs,
        BOB.customer_id,
        str(rig.free(4)[3]),
        request=rig.reserve(rig.free(4)[3]),
    )
    assert alone.reservation_id is None


async def test_the_index_decides_what_is_live_on_a_number(
    rig: Rig, rival: asyncpg.Connection
) -> None:
    number, other = rig.free(2)
    accepted = await while_blocked(
        rig,
        rival,
        _OPERATION,
        uuid4(),
        ALICE.customer_id,
        str(number),
        request=rig.reserve(number, other),
    )
    assert told(accepted) == [(RefusalCode.CONFLICT, ("numbers", "0"))]
    items = await rig.items_of(accepted)
    assert [item["state"] for item in items] == ["FAILED", "PENDING"]


async def test_a_hold_that_is_bought_twice_at_once(rig: Rig, rival: asyncpg.Connection) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    late = await while_blocked(
        rig,
        rival,
        "UPDATE voice.reservation_items SET state = 'ASSIGNING' WHERE number = $1",
        str(number),
        request=rig.assign(cart, numbers=(number,)),
    )
    assert told(late) == [(RefusalCode.WRONG_STATE, ("numbers", "0"))]


async def test_a_hold_that_ends_while_it_is_bought(rig: Rig, rival: asyncpg.Connection) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    late = await while_blocked(
        rig,
        rival,
        "UPDATE voice.reservation_items SET expires_at = ops.now() WHERE number = $1",
        str(number),
        request=rig.assign(cart),
    )
    assert told(late) == [(RefusalCode.RESERVATION_EXPIRED, ("reservationId",))]


async def test_a_did_that_is_given_back_while_it_is_changed(
    rig: Rig, rival: asyncpg.Connection
) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    late = await while_blocked(
        rig,
        rival,
        "UPDATE voice.dids SET status = 'RELEASING' WHERE id = $1",
        did_id,
        request=update(rig, did_id, voice_enabled=False),
    )
    assert told(late) == [(RefusalCode.WRONG_STATE, ("didIds", "0"))]


async def test_a_release_while_something_else_is_live_on_the_number(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    operation_id = uuid4()
    await rig.owner.execute(_OPERATION, operation_id, ALICE.customer_id, str(number))
    accepted = await rig.release_dids(did_id)
    assert (told(accepted), accepted.operation_ids) == ([], ())
    await rig.owner.execute("UPDATE ops.operation SET state = 'FAILED' WHERE id = $1", operation_id)
    await rig.quiet()
    assert (await rig.did(number))["status"] == "DISCONNECTED"


async def test_ended_by_other_means_meanwhile(rig: Rig) -> None:
    owned, cart_number = rig.free(2)
    (did_id,) = await rig.owned(owned)
    await rig.release_dids(did_id)
    await rig.owner.execute("UPDATE voice.dids SET status = 'DISCONNECTED'")
    cart = await rig.held(cart_number)
    await rig.sandbox.fault("429", path="*/release", retry_after=300, times=3)
    await rig.release_cart(cart)
    await rig.advance(800)
    await rig.quiet()
    assert (await rig.item(cart))["state"] == "EXPIRED"
    assert (await rig.states(owned))[-1] == "NUMBER_RELEASE SUCCEEDED"
    await rig.check()


async def test_what_is_in_doubt_is_not_given_back(rig: Rig) -> None:
    (number,) = rig.free()
    cart = await rig.held(number)
    await rig.sandbox.fault("reset_after", path="*/assign", times=1)
    await rig.assign(cart)
    await rig.settle_due()
    assert (await rig.item(cart))["state"] == "PENDING_CONFIRMATION"
    refused = await rig.release_cart(cart, numbers=(number,))
    assert told(refused) == [(RefusalCode.WRONG_STATE, ("numbers", "0"))]
    await rig.quiet()
    assert (await rig.did(number))["status"] == "ACTIVE"
    await rig.check()
