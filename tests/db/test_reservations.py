"""Carts and holds: one live hold for each number, deadlines by the clock, sums by the items."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, events, reservations, seed
from db.engine import Database
from db.tables import Reservation, ReservationItem
from numbering.actors import Scope
from numbering.lifecycle import ReservationItemState, ReservationState
from tests.db import make

A, B, WORKER = Scope.customer(seed.CUSTOMER_A), Scope.customer(seed.CUSTOMER_B), Scope.worker()
Item, R = ReservationItemState, ReservationState
N = [f"+1303555{n:04d}" for n in range(200, 260)]
Shift = Callable[[float], Awaitable[None]]


async def put(
    database: Database, numbers: Sequence[str], scope: Scope = A, **values: object
) -> tuple[Reservation, list[str]]:
    """A cart with these numbers; itself and the numbers it won."""
    assert scope.customer_id is not None
    cart = make.cart(customer_id=scope.customer_id)

    wanted = [make.item(cart, n, position=p, **values) for p, n in enumerate(numbers)]
    # Not `transact`: two carts must not deadlock in the first place.
    async with database.write(scope) as session:
        won = await reservations.insert(session, cart, wanted)
        await reservations.recompute(session, cart.id)
    return cart, sorted(item.number for item in won)


async def items(database: Database, cart: Reservation) -> dict[str, ReservationItem]:
    """The items of a cart by number."""
    async with database.read(A) as conn:
        found = (await reservations.items_of(conn, [cart.id])).get(cart.id, ())
        return {item.number: item for item in found}


async def hold(database: Database, cart: Reservation, seconds: dict[str, float]) -> None:
    """PENDING → HELD with a deadline, and the sum."""
    known = await items(database, cart)
    async with database.write(A) as session:
        now = await clock.now(session)
        for number, left in seconds.items():
            until = now + timedelta(seconds=left)
            moved = await reservations.settle_item(
                session, known[number].id, (Item.PENDING,), Item.HELD, held_at=now, expires_at=until
            )
            assert moved is not None
        await reservations.recompute(session, cart.id)


async def cart_is(database: Database, cart_id: UUID) -> Reservation:
    """The cart as it reads."""
    async with database.read(A) as conn:
        return (await reservations.by_ids(conn, [cart_id]))[cart_id]


async def test_carts_that_race_share_the_numbers_without_overlap(database: Database) -> None:
    wanted = [N[:20], N[19::-1], N[10:30], N[5:15]] * 2
    got = await asyncio.gather(
        *(put(database, numbers, scope) for numbers, scope in zip(wanted, [A, B] * 4, strict=True))
    )
    won = [number for _, numbers in got for number in numbers]
    assert sorted(won) == sorted(set(won)) == N[:30]


async def test_a_number_listed_twice_is_won_once(database: Database) -> None:
    _, won = await put(database, [N[0], N[0]])
    assert won == [N[0]]


async def test_items_that_failed_from_the_start_take_no_number(database: Database) -> None:
    await put(database, [N[0]], B)
    cart, won = await put(
        database, [N[0], N[1]], state=Item.FAILED, error={"code": "HELD_BY_OTHER"}
    )
    assert won == N[:2]
    assert (await cart_is(database, cart.id)).state is R.RELEASED
    assert (await items(database, cart))[N[0]].error == {"code": "HELD_BY_OTHER"}
    async with database.write(A) as session:
        assert await reservations.insert_items(session, []) == []


@pytest.mark.parametrize("end", [Item.ASSIGNED, Item.FAILED, Item.RELEASED, Item.EXPIRED])
async def test_an_item_that_ended_gives_its_number_up(
    database: Database, end: ReservationItemState
) -> None:
    cart, _ = await put(database, [N[0]])
    known = await items(database, cart)
    async with database.write(A) as session:
        await reservations.settle_item(session, known[N[0]].id, (Item.PENDING,), end)
    assert (await put(database, [N[0]], B))[1] == [N[0]]


async def test_an_item_moves_only_out_of_the_named_states(database: Database) -> None:
    cart, _ = await put(database, [N[0]])
    item = (await items(database, cart))[N[0]]
    async with database.write(A) as session:
        assert await reservations.settle_item(session, item.id, (Item.HELD,), Item.RELEASED) is None
        moved = await reservations.settle_item(
            session, item.id, (Item.HELD, Item.PENDING), Item.FAILED, error={"code": "INVALID"}
        )
        assert moved is not None
        assert (moved.state, moved.error) == (Item.FAILED, {"code": "INVALID"})
        assert moved.updated_at > item.updated_at
        again = await reservations.settle_item(session, item.id, (Item.PENDING,), Item.HELD)
        assert again is None
    async with database.read(A) as conn:
        found = await reservations.items_by_ids(conn, [item.id, make.stranger()])
        assert {key: each.state for key, each in found.items()} == {item.id: Item.FAILED}


async def test_a_hold_whose_time_is_up_is_not_bought(
    database: Database, shift_clock: Shift
) -> None:
    cart, _ = await put(database, N[:2])
    await hold(database, cart, {N[0]: 60, N[1]: 600})
    await shift_clock(61)
    known = await items(database, cart)
    async with database.write(A) as session:
        bought = [
            await reservations.settle_item(
                session, known[number].id, (Item.HELD,), Item.ASSIGNING, unexpired=True
            )
            for number in N[:2]
        ]
    assert [each is not None for each in bought] == [False, True]


async def test_the_sum_follows_the_items(database: Database) -> None:
    cart, _ = await put(database, N[:3])
    first = await cart_is(database, cart.id)
    assert (first.state, first.sequence, first.expires_at) == (R.PENDING, 1, None)
    await hold(database, cart, {N[0]: 600, N[1]: 300, N[2]: 900})
    held = await cart_is(database, cart.id)
    known = await items(database, cart)
    assert (held.state, held.sequence, held.closed_at) == (R.HELD, 2, None)
    assert held.expires_at == known[N[1]].expires_at
    async with database.write(A) as session:
        for item in known.values():
            await reservations.settle_item(session, item.id, (Item.HELD,), Item.RELEASED)
        done = await reservations.recompute(session, cart.id)
    assert done is not None
    assert (done.state, done.sequence, done.expires_at) == (R.RELEASED, 3, None)
    assert done.closed_at is not None
    async with database.write(A) as session:
        again = await reservations.recompute(session, cart.id)
        assert again is not None
        assert again.closed_at == done.closed_at
        assert await reservations.recompute(session, make.stranger()) is None
    async with database.read(A) as conn:
        told = await events.page(conn, events.of_reservation(cart.id))
    assert [(event.seq, event.kind) for event in told] == [
        (1, "PENDING"),
        (2, "HELD"),
        (3, "RELEASED"),
        (4, "RELEASED"),
    ]
    assert told[1].payload["items"] == dict.fromkeys(N[:3], "HELD")
    assert told[1].customer_id == seed.CUSTOMER_A


async def test_workers_that_settle_one_cart_take_turns(database: Database) -> None:
    cart, _ = await put(database, N[:12])
    known = await items(database, cart)

    async def settle(number: str) -> None:
        async def work(session: AsyncSession) -> None:
            await reservations.settle_item(
                session, known[number].id, (Item.PENDING,), Item.RELEASED
            )
            await reservations.recompute(session, cart.id)

        await database.transact(A, work)

    await asyncio.gather(*(settle(number) for number in N[:12]))
    summed = await cart_is(database, cart.id)
    assert (summed.state, summed.sequence) == (R.RELEASED, 13)


async def test_a_hold_reads_as_expired_at_once(database: Database, shift_clock: Shift) -> None:
    cart, _ = await put(database, N[:2])
    other, _ = await put(database, [N[5]])
    await hold(database, cart, {N[0]: 60, N[1]: 120})
    assert {i.state for i in (await items(database, cart)).values()} == {Item.HELD}
    await shift_clock(61)
    assert [i.state for i in (await items(database, cart)).values()] == [Item.EXPIRED, Item.HELD]
    assert (await cart_is(database, cart.id)).state is R.HELD
    await shift_clock(60)
    assert (await cart_is(database, cart.id)).state is R.EXPIRED
    async with database.read(A) as conn:
        listed = await reservations.page(conn)
        assert [(each.id, each.state) for each in listed] == [
            (other.id, R.PENDING),
            (cart.id, R.EXPIRED),
        ]
        known = (await items(database, cart))[N[0]]
        assert (await reservations.items_by_ids(conn, [known.id]))[known.id].state is Item.EXPIRED


async def test_what_ran_out_is_written_down_once(
    database: Database, worker_database: Database, shift_clock: Shift
) -> None:
    cart, _ = await put(database, N[:3])
    await hold(database, cart, {N[0]: 60, N[1]: 90, N[2]: 600})
    await shift_clock(91)
    async with worker_database.write(WORKER) as session:
        assert [i.number for i in await reservations.expire_due(session, numbers=[N[2]])] == []
        assert [i.number for i in await reservations.expire_due(session, numbers=[N[1]])] == [N[1]]
        assert [i.number for i in await reservations.expire_due(session, limit=5)] == [N[0]]
        assert list(await reservations.expire_due(session)) == []
        summed = await reservations.recompute(session, cart.id)
    assert summed is not None
    assert summed.state is R.HELD
    assert (await put(database, N[:3], B))[1] == N[:2]


async def test_holds_that_somebody_is_moving_are_left_to_them(
    database: Database, worker_database: Database, shift_clock: Shift, owner: asyncpg.Connection
) -> None:
    cart, _ = await put(database, N[:2])
    await hold(database, cart, {N[0]: 60, N[1]: 60})
    await shift_clock(61)
    async with owner.transaction():
        await owner.execute(
            "UPDATE voice.reservation_items SET state = 'ASSIGNING' WHERE number = $1", N[0]
        )
        assert await expired_numbers(worker_database) == [N[1]]


async def expired_numbers(worker_database: Database) -> list[str]:
    """What the expiry job writes down."""
    async with worker_database.write(WORKER) as session:
        return [item.number for item in await reservations.expire_due(session)]


async def test_one_customer_does_not_expire_for_another(
    database: Database, shift_clock: Shift
) -> None:
    cart, _ = await put(database, [N[0]])
    await hold(database, cart, {N[0]: 60})
    await shift_clock(61)
    async with database.write(B) as session:
        assert list(await reservations.expire_due(session, numbers=[N[0]])) == []
    assert (await put(database, [N[0]], B))[1] == []


async def test_pages_newest_first(database: Database, owner: asyncpg.Connection) -> None:
    carts = [(await put(database, [number]))[0] for number in N[:5]]
    await put(database, [N[9]], B)
    await owner.execute(
        "UPDATE voice.reservations SET created_at = '2026-01-01' WHERE id = ANY($1)",
        [cart.id for cart in carts[:3]],
    )
    async with database.read(A) as conn:
        whole = list(await reservations.page(conn))
        assert [cart.id for cart in whole[:2]] == [carts[4].id, carts[3].id]
        assert {cart.id for cart in whole} == {cart.id for cart in carts}
        cut: list[Reservation] = []
        while len(cut) < 5:
            after = (cut[-1].created_at, cut[-1].id) if cut else None
            cut += await reservations.page(conn, after=after, limit=2)
        assert [cart.id for cart in cut] == [cart.id for cart in whole]
        assert await reservations.count(conn) == 5
        assert await reservations.count(conn, states=[R.HELD]) == 0
        assert len(await reservations.page(conn, states=[R.PENDING, R.HELD])) == 5
    async with database.read(Scope.staff()) as conn:
        assert await reservations.count(conn) == 6
        assert await reservations.count(conn, customer_id=seed.CUSTOMER_B) == 1
        assert len(await reservations.page(conn, customer_id=seed.CUSTOMER_A)) == 5
