"""Dids: pages against a model, filters, and the changes of state."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from db import dids, keyset, operations, seed
from db.dids import DidFilter
from db.engine import Database
from db.tables import Did
from numbering.actors import Scope
from numbering.lifecycle import DidOrder, DidStatus, RoutingType
from numbering.telephone import NumberType
from tests.db import make

A, B, STAFF = Scope.customer(seed.CUSTOMER_A), Scope.customer(seed.CUSTOMER_B), Scope.staff()
T0 = datetime(2026, 1, 1, tzinfo=UTC)


async def fill(database: Database, rows: Sequence[Did]) -> None:
    """Insert dids of any customer."""
    async with database.write(STAFF) as session:
        for row in rows:
            assert await dids.insert(session, row) is not None


def assorted() -> list[Did]:
    """Thirty of A's with equal moments among them, and two of B's."""
    mine = [
        make.did(f"+1303555{(n * 7) % 30 + 200:04d}", acquired_at=T0 + timedelta(days=n // 4))
        for n in range(30)
    ]
    theirs = [make.did(f"+1720555{n:04d}", customer_id=seed.CUSTOMER_B) for n in (200, 201)]
    return mine + theirs


@pytest.mark.parametrize("order", DidOrder)
async def test_pages_in_both_directions_make_up_the_list(
    database: Database, order: DidOrder
) -> None:
    rows = assorted()
    await fill(database, rows)
    by_time = order in {DidOrder.ACQUIRED_AT_ASC, DidOrder.ACQUIRED_AT_DESC}
    model = sorted(
        (row for row in rows if row.customer_id == seed.CUSTOMER_A),
        key=lambda row: (row.acquired_at if by_time else row.number, row.id),
        reverse=order in {DidOrder.NUMBER_DESC, DidOrder.ACQUIRED_AT_DESC},
    )
    wanted = [row.id for row in model]
    async with database.read(A) as conn:
        forward: list[Did] = []
        while page := await dids.page(
            conn,
            DidFilter(),
            order,
            after=dids.key_of(forward[-1], order) if forward else None,
            limit=7,
        ):
            forward += page
        assert [row.id for row in forward] == wanted
        backward: list[Did] = []
        while page := await dids.page(
            conn,
            DidFilter(),
            order,
            before=dids.key_of(backward[0], order) if backward else None,
            limit=7,
            backward=True,
        ):
            backward[:0] = page
        assert [row.id for row in backward] == wanted
        between = await dids.page(
            conn,
            DidFilter(),
            order,
            after=dids.key_of(forward[3], order),
            before=dids.key_of(forward[9], order),
            limit=3,
            backward=True,
        )
        assert [row.id for row in between] == wanted[6:9]
        assert await dids.count(conn, DidFilter()) == 30


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"statuses": (DidStatus.ACTIVE, DidStatus.RELEASING)}, "abcef"),
    ({"statuses": (DidStatus.DISCONNECTED,)}, "d"),
    ({"statuses": ()}, ""),
    ({"number_type": NumberType.TOLL_FREE}, "f"),
    ({"number_starts_with": "303"}, "abcde"),
    ({"number_starts_with": "+130355502"}, "abcde"),
    ({"number_starts_with": "3035550201"}, "b"),
    ({"number_starts_with": "%"}, ""),
    ({"number_ends_with": "0202"}, "cf"),
    ({"number_ends_with": "_"}, ""),
    ({"contains": "5502"}, "abcdef"),
    ({"contains": "5%2"}, ""),
    ({"contains": "80055502"}, "f"),
    ({"customer_id": seed.CUSTOMER_A}, "abcdef"),
    ({"customer_id": seed.CUSTOMER_B}, ""),
    ({"trunk_id": seed.TRUNK_A1}, "b"),
    ({"ported": True}, "c"),
    ({"ported": False}, "abdef"),
    ({"sms_enabled": True}, "b"),
    ({"in_sync": True}, "e"),
    ({"in_sync": False}, "abcdf"),
    ({"acquired_after": T0 + timedelta(days=1)}, "cdef"),
    ({"acquired_before": T0 + timedelta(days=1)}, "a"),
    ({"friendly_name": "100%_"}, "a"),
    ({"friendly_name": "DESK"}, "ab"),
    ({"friendly_name": "\\"}, "b"),
    ({"friendly_name": "x", "ported": True}, ""),
    ({"number_starts_with": "303", "sms_enabled": False, "contains": "02"}, "acde"),
]


@pytest.mark.parametrize(("where", "names"), FILTERS, ids=str)
async def test_filters(database: Database, where: dict[str, Any], names: str) -> None:
    special: dict[str, dict[str, Any]] = {
        "a": {"friendly_name": "Desk 100%_"},
        "b": {"friendly_name": "desk \\", "sms_enabled": True, "trunk_id": seed.TRUNK_A1},
        "c": {"ported": True, "status": DidStatus.RELEASING},
        "d": {"status": DidStatus.DISCONNECTED},
        "e": {"pushed_version": 1},
        "f": {"number": "+18005550202", "number_type": NumberType.TOLL_FREE},
    }
    rows = {
        name: make.did(
            **{"number": f"+1303555020{n}", "acquired_at": T0 + timedelta(days=n), **values}
        )
        for n, (name, values) in enumerate(special.items())
    }
    await fill(database, list(rows.values()))
    async with database.read(A) as conn:
        found = await dids.page(conn, DidFilter(**where), DidOrder.ACQUIRED_AT_ASC)
        assert [row.id for row in found] == [rows[name].id for name in names]
        assert await dids.count(conn, DidFilter(**where)) == len(names)


async def test_a_customer_and_staff_use_an_index_that_fits(
    database: Database, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "INSERT INTO voice.dids (id, number, number_type, npa, nxx, customer_id, monthly_cost,"
        " setup_fee) SELECT gen_random_uuid(), '+1' || 2010000000 + g * 37, 'LOCAL', '201', '000',"
        " CASE WHEN g % 2 = 0 THEN $1::uuid ELSE $2 END, 1, 0 FROM generate_series(1, 20000) AS g",
        seed.CUSTOMER_A,
        seed.CUSTOMER_B,
    )
    await owner.execute("ANALYZE voice.dids")
    for scope, where, order, index in (
        (A, DidFilter(), DidOrder.NUMBER_ASC, "dids_of_customer_by_number"),
        (A, DidFilter(), DidOrder.ACQUIRED_AT_DESC, "dids_of_customer_by_acquired_at"),
        (STAFF, DidFilter(), DidOrder.NUMBER_DESC, "dids_by_number"),
        (STAFF, DidFilter(), DidOrder.ACQUIRED_AT_ASC, "dids_by_acquired_at"),
        (STAFF, DidFilter(number_starts_with="2012"), DidOrder.NUMBER_ASC, "dids_by_number"),
        (A, DidFilter(number_ends_with="1234"), DidOrder.NUMBER_ASC, "dids_by_number_reversed"),
    ):
        async with database.read(scope) as conn:
            columns, descending = dids._ORDERS[order]
            statement = keyset.window(
                dids._selected(conn, dids._ALL, where), columns, limit=51, descending=descending
            )
            compiled = statement.compile(
                dialect=conn.dialect, compile_kwargs={"literal_binds": True}
            )
            plan = (await conn.execute(text(f"EXPLAIN {compiled}"))).scalars().all()
        assert any(f" {index} " in line for line in plan), "\n".join([index, *plan])


async def test_lookups(database: Database) -> None:
    old = make.did(status=DidStatus.DISCONNECTED, acquired_at=T0)
    older = make.did(status=DidStatus.DISCONNECTED, acquired_at=T0 - timedelta(days=1))
    live = make.did(assign_operation_id=make.stranger(), custom_fields={"a": {"b": [1, None]}})
    gone = make.did("+13035550201", status=DidStatus.DISCONNECTED)
    await fill(database, [old, older, live, gone])
    async with database.read(A) as conn:
        found = await dids.by_number(conn, make.NUMBER)
        assert found is not None
        assert (found.id, found.custom_fields) == (live.id, {"a": {"b": [1, None]}})
        assert found.monthly_cost == Decimal("1.2500")
        assert found.routing_type is RoutingType.NONE
        assert found.acquired_at.tzinfo is not None
        ended = await dids.by_number(conn, gone.number)
        assert ended is not None
        assert ended.id == gone.id
        assert await dids.by_number(conn, "+13035550299") is None
        numbers = [make.NUMBER, gone.number, "+13035550299"]
        assert {n: row.id for n, row in (await dids.by_numbers(conn, numbers)).items()} == {
            make.NUMBER: live.id
        }
        assert set(await dids.by_ids(conn, [old.id, live.id, make.stranger()])) == {old.id, live.id}
        operation_id = live.assign_operation_id
        assert set(await dids.of_operations(conn, [operation_id])) == {operation_id}  # type: ignore[list-item]
    async with database.read(B) as conn:
        assert await dids.by_ids(conn, [live.id]) == {}


async def test_one_live_did_for_each_number_over_all_customers(database: Database) -> None:
    async def insert(scope: Scope) -> bool:
        async with database.write(scope) as session:
            return await dids.insert(session, make.did(customer_id=scope.customer_id)) is not None

    assert sorted(await asyncio.gather(*(insert(scope) for scope in [A, B] * 3))) == [False] * 5 + [
        True
    ]


async def test_the_life_of_a_did(database: Database) -> None:
    did = make.did(pushed_version=1)
    await fill(database, [did])
    async with database.write(A) as session:
        assert await dids.reactivate(session, did.id) is None
        changed = await dids.apply_changes(session, did.id, {"friendly_name": "x"}, push=False)
        assert changed is not None
        assert (changed.friendly_name, changed.meta_version) == ("x", 1)
        changed = await dids.apply_changes(session, did.id, {"cnam": "ACME"})
        assert changed is not None
        assert (changed.cnam, changed.meta_version) == ("ACME", 2)
        releasing = await dids.mark_releasing(session, did.id, "moved")
        assert releasing is not None
        assert releasing.status is DidStatus.RELEASING
        assert (releasing.release_reason, releasing.releasing_at is None) == ("moved", False)
        assert await dids.mark_releasing(session, did.id, "again") is None
        assert await dids.apply_changes(session, did.id, {"cnam": "NO"}) is None
        back = await dids.reactivate(session, did.id)
        assert back is not None
        assert (back.status, back.release_reason, back.releasing_at) == (
            DidStatus.ACTIVE,
            None,
            None,
        )
        await dids.mark_releasing(session, did.id, "really")
        ended = await dids.disconnect(session, did.id)
        assert ended is not None
        assert ended.status is DidStatus.DISCONNECTED
        assert ended.released_at is not None
        assert ended.billing_ends_at is not None
        assert abs(ended.billing_ends_at - ended.released_at) < timedelta(seconds=1)
        assert await dids.disconnect(session, did.id) is None
        assert await dids.insert(session, make.did()) is not None


async def test_billing_can_end_later_than_the_number(database: Database) -> None:
    did = make.did()
    await fill(database, [did])
    async with database.write(A) as session:
        ended = await dids.disconnect(session, did.id, billing_ends_at=T0)
    assert ended is not None
    assert ended.billing_ends_at == T0


async def test_what_the_carrier_was_told_never_turns_back(database: Database) -> None:
    did = make.did(meta_version=5, custom_fields={"kept": 1, "cleared": None})
    await fill(database, [did])
    async with database.write(A) as session:
        pushed = [await dids.set_pushed(session, did.id, version) for version in (3, 2, 5)]
    assert [row.pushed_version for row in pushed if row] == [3, 3, 5]
    assert [row.custom_fields for row in pushed if row] == [
        {"kept": 1, "cleared": None},
        {"kept": 1, "cleared": None},
        {"kept": 1},
    ]


async def test_what_the_sweeper_looks_for(database: Database) -> None:
    rows = {
        "behind": make.did("+13035550200"),
        "busy": make.did("+13035550201"),
        "told": make.did("+13035550202", pushed_version=1),
        "releasing": make.did("+13035550203", status=DidStatus.RELEASING),
        "being released": make.did("+13035550204", status=DidStatus.RELEASING),
        "gone": make.did("+13035550205", status=DidStatus.DISCONNECTED),
    }
    await fill(database, list(rows.values()))
    async with database.write(A) as session:
        for number in ("+13035550201", "+13035550204"):
            await operations.insert(session, make.operation(number))
        assert [row.id for row in await dids.out_of_sync(session)] == [rows["behind"].id]
        assert [row.id for row in await dids.unreleased(session)] == [rows["releasing"].id]


async def test_two_that_lock_the_same_dids_queue(database: Database) -> None:
    pair = [make.did(), make.did("+13035550201")]
    await fill(database, pair)
    ids = [row.id for row in pair]
    order: list[str] = []
    first_has_them = asyncio.Event()

    async def first() -> None:
        async with database.write(A) as session:
            assert set(await dids.locked(session, ids)) == set(ids)
            first_has_them.set()
            await dids.apply_changes(session, ids[0], {"cnam": "FIRST"})
            order.append("first")

    async def second() -> str | None:
        await first_has_them.wait()
        async with database.write(A) as session:
            found = await dids.locked(session, ids[::-1])
            order.append("second")
            return found[ids[0]].cnam

    _, seen = await asyncio.gather(first(), second())
    assert (order, seen) == (["first", "second"], "FIRST")
