"""Row S1 of the fault matrix: accepting a mutation is one transaction, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from db.errors import DatabaseUnavailable
from tests.workflows.rig import ALICE, Rig
from tests.workflows.test_carrying import stumble
from workflows import procurement
from workflows.accepted import Accepted
from workflows.commands import UpdateDids

Mutation = Callable[[Rig, Any], Awaitable[Accepted]]


async def _reserve(rig: Rig, number: Any) -> Accepted:
    return await rig.reserve(number, key="one")


async def _assign(rig: Rig, cart: Any) -> Accepted:
    return await rig.assign(cart, key="one")


async def _release_cart(rig: Rig, cart: Any) -> Accepted:
    return await rig.release_cart(cart, key="one")


async def _update(rig: Rig, did_id: Any) -> Accepted:
    command = UpdateDids(did_ids=(did_id,), changes={"voice_enabled": False}, idempotency_key="one")
    return await procurement.update_dids(rig.services, ALICE, command)


async def _release_dids(rig: Rig, did_id: Any) -> Accepted:
    return await rig.release_dids(did_id, key="one")


MUTATIONS: dict[str, Mutation] = {
    "reserve": _reserve,
    "assign": _assign,
    "release cart": _release_cart,
    "update": _update,
    "release dids": _release_dids,
}


async def _subject(rig: Rig, mutation: str) -> Any:
    (number,) = rig.free()
    if mutation == "reserve":
        return number
    if mutation in {"assign", "release cart"}:
        return await rig.held(number)
    return (await rig.owned(number))[0]


@pytest.mark.parametrize("code", ["40001", "40P01"])
@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_two_transactions_crossed(rig: Rig, mutation: str, code: str) -> None:
    """X: three tries in place; the client does not notice."""
    subject = await _subject(rig, mutation)
    await stumble(rig, code, "ops.operation", "INSERT", times=2)
    accepted = await MUTATIONS[mutation](rig, subject)
    assert accepted.refusals == ()
    assert len(accepted.operation_ids) == 1
    await rig.quiet()
    await rig.check()


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_the_database_goes_away_while_it_accepts(rig: Rig, mutation: str) -> None:
    """Rolled back whole, the key too: the client repeats it and gets one operation."""
    subject = await _subject(rig, mutation)
    before = await _rows(rig)
    await stumble(rig, "57P01", "ops.event", "INSERT", times=1)
    with pytest.raises(DatabaseUnavailable) as away:
        await MUTATIONS[mutation](rig, subject)
    assert away.value.retryable
    assert await _rows(rig) == before
    first = await MUTATIONS[mutation](rig, subject)
    assert first.refusals == ()
    again = await MUTATIONS[mutation](rig, subject)
    assert again.operation_ids == first.operation_ids
    await rig.quiet()
    await rig.check()


async def _rows(rig: Rig) -> list[int]:
    tables = ("ops.operation", "ops.event", "ops.audit", "ops.idempotency", "queue.pgqueuer")
    return [await rig.owner.fetchval(f"SELECT count(*) FROM {table}") for table in tables]


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_fifty_identical_requests_at_once(rig: Rig, mutation: str) -> None:
    subject = await _subject(rig, mutation)
    answers = await asyncio.gather(*(MUTATIONS[mutation](rig, subject) for _ in range(50)))
    assert {answer.refusals for answer in answers} == {()}
    (operation_ids,) = {answer.operation_ids for answer in answers}
    assert len(operation_ids) == 1
    await rig.quiet()
    await rig.check()


@pytest.mark.parametrize("mutation", MUTATIONS)
async def test_a_client_that_hangs_up_leaves_all_or_nothing(rig: Rig, mutation: str) -> None:
    """The request is cancelled at every point of its way; a repetition puts it right."""
    subject = await _subject(rig, mutation)
    for steps in range(1, 40, 3):
        request = asyncio.ensure_future(MUTATIONS[mutation](rig, subject))
        for _ in range(steps):
            await asyncio.sleep(0)
        request.cancel()
        await asyncio.wait([request])
    accepted = await MUTATIONS[mutation](rig, subject)
    assert accepted.refusals == ()
    assert len(accepted.operation_ids) == 1
    await rig.quiet()
    await rig.check()
