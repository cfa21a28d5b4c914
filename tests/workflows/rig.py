"""Workflows on a real PostgreSQL and the sandbox in memory, in a time that the test moves.

Nothing runs by itself: `rig.quiet()` carries what is due, sweeps, and when all wait moves the
clocks of database and carrier to the next due moment. Full-length timings, no sleep.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

import numbering
from db import seed
from db.engine import Database, refuse_inside_write
from db.hub import EventHub
from db.roles import Urls
from numbering import pricing
from numbering.actors import Actor, Role
from numbering.telephone import TelephoneNumber
from teliport.client import Teliport, Timeouts
from teliport.pace import NoPace
from tests.kit import invariants
from tests.kit.sandbox import Sandbox
from workflows import engine, procurement, sweeper
from workflows.accepted import Accepted
from workflows.commands import AssignReservation, ReleaseDids, ReleaseReservation, ReserveNumbers
from workflows.timings import Timings
from workflows.wiring import Services

PRICES = pricing.PriceList.load((Path(numbering.__file__).parent / pricing.CURRENT).read_bytes())
HORIZON = 2 * 3600.0
keys = (f"key-{n}" for n in itertools.count())


def person(role: Role, *customers: UUID) -> Actor:
    """Somebody with this role; active for their only customer."""
    name = role.value.lower()
    only = customers[0] if customers else None
    return Actor(
        name, name.title(), f"{name}@example.test", frozenset({role}), customers, only, "r-1"
    )


ALICE = person(Role.CUSTOMER_ADMIN, seed.CUSTOMER_A)
BOB = person(Role.CUSTOMER_ADMIN, seed.CUSTOMER_B)
STAFF = person(Role.STAFF)


@dataclass
class Rig:
    """`services` is gateway and worker in one."""

    services: Services
    sandbox: Sandbox
    owner: asyncpg.Connection
    urls: Urls
    moved: float = 0.0
    carried: list[UUID] = field(default_factory=list)

    # ── time ─────────────────────────────────────────────────────────────────────────────────
    async def advance(self, seconds: float) -> None:
        """Database and carrier together."""
        await self.owner.execute(
            "UPDATE ops.clock SET shift = shift + make_interval(secs => $1)", seconds
        )
        self.sandbox.advance(seconds)
        self.moved += seconds

    async def quiet(self, *, sweep: bool = True, horizon: float = HORIZON) -> None:
        """Until nothing is under way any more, or `horizon` seconds have passed."""
        end = self.moved + horizon
        while True:
            await self.settle_due()
            if sweep:
                await sweeper.sweep(self.services)
                await self.settle_due()
            wait = await self._next_due()
            if wait is None or self.moved + wait > end:
                return
            await self.advance(wait)

    async def settle_due(self) -> None:
        """Carry all operations that are due, until none is."""
        while due := await self.due():
            for operation_id in due:
                await engine.carry(self.services, operation_id)
                self.carried.append(operation_id)

    async def due(self) -> list[UUID]:
        """Operations that a worker could take now, the most urgent first."""
        rows = await self.owner.fetch(
            "SELECT id FROM ops.operation WHERE state NOT IN ('SUCCEEDED', 'FAILED', 'ATTENTION')"
            " AND run_at <= ops.now() AND coalesce(lease_until, '-infinity') < ops.now()"
            " ORDER BY priority DESC, id"
        )
        return [UUID(str(row["id"])) for row in rows]

    async def _next_due(self) -> float | None:
        left = await self.owner.fetchval(
            "SELECT extract(epoch FROM min(greatest(run_at, lease_until)) - ops.now())::float8"
            " FROM ops.operation WHERE state NOT IN ('SUCCEEDED', 'FAILED', 'ATTENTION')"
        )
        return None if left is None else max(float(left), 0.0) + 0.001

    def hasty(self) -> None:
        """A client that gives up soon, for calls that never end."""
        self.services.teliport._timeouts = Timeouts(total=0.3)

    def having(self, **changes: Any) -> Rig:
        """The same with other services: `rig.having(mutation_wait_seconds=20.0)`."""
        return replace(self, services=replace(self.services, **changes))

    async def check(self) -> None:
        """All invariants hold."""
        broken = await invariants.broken(self.owner, self.sandbox)
        assert broken == [], broken

    # ── people ───────────────────────────────────────────────────────────────────────────────
    def free(self, count: int = 1, npa: str = "303") -> tuple[TelephoneNumber, ...]:
        """Numbers that the carrier has for everybody."""
        return tuple(TelephoneNumber.from_national(tn) for tn in self.sandbox.available(npa, count))

    async def reserve(self, *numbers: str, actor: Actor = ALICE, **options: Any) -> Accepted:
        """Ask for holds; `quiet()` carries them."""
        command = ReserveNumbers(
            customer_id=options.pop("customer_id", actor.customer_id),
            numbers=numbers,
            idempotency_key=options.pop("key", None) or next(keys),
            **options,
        )
        return await procurement.reserve(self.services, actor, command)

    async def held(self, *numbers: str, actor: Actor = ALICE) -> UUID:
        """A cart with these numbers on hold."""
        accepted = await self.reserve(*numbers, actor=actor)
        assert accepted.refusals == ()
        assert accepted.reservation_id is not None
        await self.settle_due()
        states = {item["state"] for item in await self.items(accepted.reservation_id)}
        assert states == {"HELD"}, states
        return accepted.reservation_id

    async def assign(self, reservation_id: UUID, actor: Actor = ALICE, **options: Any) -> Accepted:
        """Ask to buy holds."""
        command = AssignReservation(
            reservation_id=reservation_id,
            idempotency_key=options.pop("key", None) or next(keys),
            **options,
        )
        return await procurement.assign(self.services, actor, command)

    async def owned(self, *numbers: str, actor: Actor = ALICE) -> list[UUID]:
        """Dids of these numbers."""
        await self.assign(await self.held(*numbers, actor=actor), actor)
        await self.settle_due()
        return [(await self.did(number))["id"] for number in numbers]

    async def release_cart(
        self, reservation_id: UUID, actor: Actor = ALICE, **options: Any
    ) -> Accepted:
        """Ask to give holds back."""
        command = ReleaseReservation(
            reservation_id=reservation_id,
            idempotency_key=options.pop("key", None) or next(keys),
            **options,
        )
        return await procurement.release_reservation(self.services, actor, command)

    async def release_dids(self, *did_ids: UUID, actor: Actor = ALICE, **options: Any) -> Accepted:
        """Ask to give dids back."""
        command = ReleaseDids(
            did_ids=did_ids,
            reason=options.pop("reason", "moved out"),
            idempotency_key=options.pop("key", None) or next(keys),
        )
        return await procurement.release_dids(self.services, actor, command)

    # ── rows ─────────────────────────────────────────────────────────────────────────────────
    async def items(self, reservation_id: UUID) -> list[asyncpg.Record]:
        """The items of a cart."""
        return await self.owner.fetch(
            "SELECT * FROM voice.reservation_items WHERE reservation_id = $1 ORDER BY position",
            reservation_id,
        )

    async def items_of(self, accepted: Accepted) -> list[asyncpg.Record]:
        """The items of the cart that was accepted."""
        assert accepted.reservation_id is not None
        return await self.items(accepted.reservation_id)

    async def item(self, reservation_id: UUID | None) -> asyncpg.Record:
        """The only item of a cart."""
        assert reservation_id is not None
        (item,) = await self.items(reservation_id)
        return item

    async def did(self, number: str) -> asyncpg.Record:
        """The newest did of a number."""
        row = await self.owner.fetchrow(
            "SELECT * FROM voice.dids WHERE number = $1 ORDER BY created_at DESC, id DESC LIMIT 1",
            number,
        )
        assert row is not None
        return row

    async def operations(self, number: str) -> list[asyncpg.Record]:
        """The operations on a number, oldest first."""
        return await self.owner.fetch(
            "SELECT * FROM ops.operation WHERE subject = $1 ORDER BY id", number
        )

    async def states(self, number: str) -> list[str]:
        """`KIND STATE` of the operations on a number."""
        return [f"{row['kind']} {row['state']}" for row in await self.operations(number)]

    async def incidents(self) -> list[asyncpg.Record]:
        """Those that are not resolved."""
        return await self.owner.fetch(
            "SELECT * FROM ops.incident WHERE state <> 'RESOLVED' ORDER BY id"
        )

    def sent(self, number: str, action: str) -> int:
        """How many calls of this kind came in for a number."""
        return sum(
            call["tn"] == number[2:] and call["path"].endswith(action)
            for call in self.sandbox.calls()
        )


async def readable(owner: asyncpg.Connection) -> None:
    """Let the connection read JSON columns as Python has them."""
    await owner.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


@asynccontextmanager
async def opened(
    urls: Urls, database: Database, worker: Database, owner: asyncpg.Connection, **changes: Any
) -> AsyncIterator[Rig]:
    """A rig on this database; `changes` are of Services."""
    sandbox = Sandbox()
    await readable(owner)
    async with (
        Teliport(
            sandbox.url,
            sandbox.token,
            "567G",
            pace=NoPace(),
            guard=refuse_inside_write,
            transport=sandbox.transport,
        ) as teliport,
        EventHub(urls.app) as hub,
    ):
        services = Services(
            database=database,
            worker_database=worker,
            teliport=teliport,
            hub=hub,
            prices=PRICES,
            timings=Timings(),
            mutation_wait_seconds=0.0,
            jitter=lambda: 1.0,
        )
        yield Rig(replace(services, **changes), sandbox, owner, urls)
    await sandbox.aclose()
