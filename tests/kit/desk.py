"""The schema asked directly, without a gateway: real PostgreSQL, the sandbox in memory, no worker.

`desk.ask(query, variables, actor)` is one operation with its own context. `desk.keep(row …)` puts
rows into the database; `desk.statements()` counts what a question costs.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from cryptography.fernet import Fernet
from sqlalchemy import event
from sqlmodel import SQLModel

import numbering
from db import seed
from db.budget import SlotPace
from db.engine import Database
from db.hub import EventHub
from db.roles import Urls
from db.rows import table_of, values_of
from db.tables import Did
from db.vault import Vault
from numbering import pricing
from numbering.actors import Actor, Role, Scope
from numbering.lanes import Lane
from numbering.telephone import TelephoneNumber
from resolvers.context import Context
from schema.guard import GuardedSchema
from schema.published import build
from teliport.client import Teliport
from tests.kit.sandbox import Sandbox
from workflows.wiring import Services

PRICES = pricing.PriceList.load((Path(numbering.__file__).parent / pricing.CURRENT).read_bytes())


def person(role: Role, *customers: UUID, active: UUID | None = None) -> Actor:
    """Somebody with this role; active for their only customer."""
    only = customers[0] if len(customers) == 1 else active
    name = role.value.lower()
    return Actor(
        subject=name,
        name=name.title(),
        email=f"{name}@example.test",
        roles=frozenset({role}),
        customer_ids=customers,
        customer_id=only,
    )


ALICE = person(Role.CUSTOMER_ADMIN, seed.CUSTOMER_A)
BOB = person(Role.CUSTOMER_ADMIN, seed.CUSTOMER_B)
STAFF = person(Role.STAFF)
PEOPLE: dict[Role, Actor] = {
    Role.STAFF: STAFF,
    **{role: person(role, seed.CUSTOMER_A) for role in Role if role is not Role.STAFF},
}
"""One of each role; all but staff belong to customer A."""


@dataclass
class Answer:
    """What a client reads."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error["extensions"]["code"] for error in self.errors]


@dataclass
class Desk:
    """A schema with what it stands on."""

    schema: GuardedSchema
    services: Services
    worker: Database
    sandbox: Sandbox

    def context(self, actor: Actor) -> Context:
        """A context for one operation."""
        return Context(self.services, "req-test", actor)

    async def ask(
        self, query: str, variables: dict[str, Any] | None = None, actor: Actor = ALICE
    ) -> Answer:
        """One operation."""
        done = await self.schema.execute(
            query, variable_values=variables, context_value=self.context(actor)
        )
        return Answer(done.data, [error.formatted for error in done.errors or ()])  # type: ignore[misc]

    async def data(
        self, query: str, variables: dict[str, Any] | None = None, actor: Actor = ALICE
    ) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = await self.ask(query, variables, actor)
        assert answer.errors == []
        assert answer.data is not None
        return answer.data

    @asynccontextmanager
    async def follow(
        self, query: str, variables: dict[str, Any] | None = None, actor: Actor = ALICE
    ) -> AsyncIterator[AsyncIterator[Answer]]:
        """A subscription; leave the block to unsubscribe."""
        results = await self.schema.stream(
            query, variable_values=variables, context_value=self.context(actor)
        )

        async def answers() -> AsyncGenerator[Answer, None]:
            async for done in results:
                yield Answer(done.data, [error.formatted for error in done.errors or ()])

        async with aclosing(results), aclosing(answers()) as stream:
            yield stream

    async def keep(self, *rows: SQLModel) -> None:
        """Put rows into the database, as a worker would."""
        async with self.worker.write(Scope.worker()) as session:
            for row in rows:
                await session.execute(table_of(type(row)).insert().values(values_of(row)))

    async def use(self, *dids: Did) -> None:
        """Let the carrier have these numbers IN_USE for the dids."""
        for did in dids:
            metadata = {"warp_did_id": str(did.id), "ban": "secret"}
            await self.services.teliport.inventory.assign(
                TelephoneNumber(did.number), metadata, lane=Lane.INTERACTIVE
            )

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SELECTs that run meanwhile, tenancy settings left out."""
        seen: list[str] = []

        def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                seen.append(statement)
            if "set_config" in statement:
                seen.remove(statement)

        engine = self.services.database._engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)


@asynccontextmanager
async def opened(urls: Urls, database: Database, worker: Database) -> AsyncIterator[Desk]:
    """A desk on this database."""
    sandbox = Sandbox()
    pool = await asyncpg.create_pool(urls.app, min_size=0, max_size=2)
    pace = SlotPace(pool, token_name="desk", limit=6000)
    await pace.ensure()
    async with (
        Teliport(
            sandbox.url,
            sandbox.token,
            "567G",
            pace=pace,
            guard=lambda: None,
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
            budget=pace,
            mutation_wait_seconds=0.0,
            vault=Vault([Fernet.generate_key().decode()]),
        )
        yield Desk(build(), services, worker, sandbox)
    await sandbox.aclose()
    await pool.close()


def without_budget(desk: Desk) -> Desk:
    """The same desk in a process that shares no budget."""
    return replace(desk, services=replace(desk.services, budget=None))
