"""A small schema with one of everything a guard must handle, and the endpoint around it.

It stands in for the real types, so that limits, masking and transports are tested without a
database. SECRET is raised, logged and hidden in every place a defect could raise it.
"""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Self
from uuid import UUID

import strawberry
from aiodataloader import DataLoader
from starlette.types import ASGIApp
from strawberry.file_uploads import Upload
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig

from gateway.auth import Authenticator, AuthSettings, Credentials
from gateway.calls import GraphSettings
from gateway.graph import create_graphql_app
from gateway.tokens import mint
from numbering.actors import Actor, Role
from schema.faults import Code, Fault
from schema.guard import GuardedSchema, build_schema

SECRET = "hunter2-postgres-password"
KEY = "a secret of at least thirty-two bytes, for tests"
CUSTOMER_A = UUID("00000000-0000-7000-8000-00000000000a")
CUSTOMER_B = UUID("00000000-0000-7000-8000-00000000000b")


class Busy(Exception):
    """Stands for the database's DatabaseBusy."""


class Ledger(DataLoader[int, int]):
    """A loader over a value that changes; remembers as every loader does."""

    def __init__(self, world: "World") -> None:
        super().__init__()
        self._world = world

    async def batch_load_fn(self, keys: list[int]) -> list[int]:
        self._world.loads += 1
        if -1 in keys:
            raise RuntimeError(SECRET)
        return [self._world.level for _ in keys]


@dataclass
class World:
    """What outlives an operation, for tests to look at and to change."""

    level: int = 0
    loads: int = 0
    live: int = 0
    started: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    events: "asyncio.Queue[int]" = field(default_factory=asyncio.Queue)


@dataclass
class ToyContext:
    """The context of one operation."""

    world: World
    actor: Actor
    request_id: str
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.world)

    def fresh(self) -> Self:
        """The same with an empty loader."""
        return replace(self)


Info = strawberry.Info[ToyContext, None]


@strawberry.enum
class Tone(Enum):
    """An enum, for suggestions and bad values."""

    HIGH = "high"
    LOW = "low"


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Customer(Node):
    name: str


@strawberry.type
class Did(Node):
    number: str

    @strawberry.field
    def customer(self) -> Customer:
        return Customer(id=strawberry.ID("c1"), name="Acme")

    @strawberry.field
    async def carrier(self) -> str:
        return "Teliport"

    @strawberry.field
    def myself(self) -> "Did":
        return self


@strawberry.type
class DidEdge:
    cursor: str
    node: Did


@strawberry.type
class DidConnection:
    edges: list[DidEdge]
    nodes: list[Did]
    total_count: int


@strawberry.input(one_of=True)
class DidBy:
    id: strawberry.Maybe[strawberry.ID]
    number: strawberry.Maybe[str]


@strawberry.input
class Filter:
    tone: Tone | None = None
    words: list[str] | None = None


def _connection(count: int) -> DidConnection:
    nodes = [Did(id=strawberry.ID(str(n)), number="+13035551234") for n in range(count)]
    edges = [DidEdge(cursor=node.id, node=node) for node in nodes]
    return DidConnection(edges=edges, nodes=nodes, total_count=count)


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world", tone: Tone | None = None) -> str:
        return f"hello {name}"

    @strawberry.field
    def whoami(self, info: Info) -> str:
        return f"{info.context.actor.subject}:{info.context.actor.customer_id}"

    @strawberry.field
    def strict(self, number: int, where: Filter | None = None) -> int:
        return number

    @strawberry.field
    def dids(self, first: int = 20, last: int | None = None) -> DidConnection:
        return _connection(min(first, 2))

    @strawberry.field
    def did(self, by: DidBy) -> Did | None:
        return None

    @strawberry.field
    def nodes(self, ids: list[strawberry.ID]) -> list[Node | None]:
        return [None for _ in ids]

    @strawberry.field
    def search_inventory(self, first: int = 50) -> DidConnection:
        return _connection(1)

    @strawberry.field
    async def boom(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    async def loaded(self, info: Info, key: int) -> int | None:
        return await info.context.ledger.load(key)

    @strawberry.field
    def hole(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    def bad_answer(self) -> int | None:
        return SECRET  # type: ignore[return-value]

    @strawberry.field
    async def busy(self) -> str | None:
        raise Busy(SECRET)

    @strawberry.field
    def forbidden(self) -> str | None:
        raise Fault(Code.FORBIDDEN, "Not for you.")

    @strawberry.field
    async def slow(self, info: Info) -> str | None:
        world = info.context.world
        world.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            world.cancelled.set()
            raise
        return None


@strawberry.type
class Mutation:
    @strawberry.mutation
    def raise_level(self, info: Info) -> int:
        info.context.world.level += 1
        return info.context.world.level

    @strawberry.mutation
    async def upload(self, file: Upload) -> str:
        content = await file.read()  # type: ignore[attr-defined]
        return base64.b64encode(content).decode()


@strawberry.type
class Tick:
    number: int

    @strawberry.field
    async def level(self, info: Info) -> int:
        return await info.context.ledger.load(1)

    @strawberry.field
    async def stuck(self, info: Info) -> str | None:
        await asyncio.Event().wait()
        return None


class Never(BasePermission):
    """Denies before the stream of events is made, where the error has a path already."""

    message = "Not for you."
    error_extensions = {"code": "FORBIDDEN"}  # noqa: RUF012 - as the base class declares it

    def has_permission(self, source: Any, info: Any, **_: Any) -> bool:
        return False


@strawberry.type
class Subscription:
    @strawberry.subscription(permission_classes=[Never])  # type: ignore[untyped-decorator]
    async def denied(self) -> AsyncIterator[int]:
        yield 1

    @strawberry.subscription
    async def ticks(self, info: Info) -> AsyncIterator[Tick]:
        """Every number put into the world's queue, until 0."""
        world = info.context.world
        world.live += 1
        world.started.set()
        try:
            while number := await world.events.get():
                yield Tick(number=number)
        finally:
            world.live -= 1
            world.closed.set()

    @strawberry.subscription
    async def count(self, to: int = 3) -> AsyncIterator[int]:
        for number in range(1, to + 1):
            yield number

    @strawberry.subscription
    async def boom_after(self, events: int = 1) -> AsyncIterator[int]:
        for number in range(events):
            yield number
        raise RuntimeError(SECRET)


def toy_schema() -> GuardedSchema:
    """The toy behind the real guard."""
    return build_schema(Query, Mutation, Subscription, types=[Customer], config=StrawberryConfig())


def token(*roles: Role, customers: tuple[UUID, ...] = (CUSTOMER_A,), **options: Any) -> str:
    """A good token; VIEWER of customer A unless told otherwise."""
    return mint(
        options.pop("secret", KEY),
        subject=options.pop("subject", "user-1"),
        roles=roles or (Role.VIEWER,),
        customer_ids=customers,
        **options,
    )


def bearer(*roles: Role, **options: Any) -> dict[str, str]:
    """The header with such a token."""
    return {"authorization": f"Bearer {token(*roles, **options)}"}


def authenticator() -> Authenticator:
    """Verifies what `token` signs."""
    return Authenticator(AuthSettings(issuer="warp", audience="warp-numbers", secret=KEY))


class Expiring(Authenticator):
    """Lets everybody in whom the real one does, for a moment only."""

    def __init__(self) -> None:
        super().__init__(AuthSettings(issuer="warp", audience="warp-numbers", secret=KEY))

    async def credentials(
        self, token: str, customer: str | None = None, request_id: str = ""
    ) -> Credentials:
        let_in = await super().credentials(token, customer, request_id)
        return replace(let_in, expires_at=time.time() + 0.05)


def endpoint(
    schema: GuardedSchema, context_factory: Any, settings: GraphSettings, **options: Any
) -> ASGIApp:
    """The real endpoint around a schema; `authenticator` may be another."""
    return create_graphql_app(
        schema,
        context_factory=context_factory,
        authenticator=options.get("authenticator") or authenticator(),
        settings=settings,
    )


def toy_app(world: World, settings: GraphSettings | None = None, **options: Any) -> ASGIApp:
    """The real endpoint around the toy schema."""
    return endpoint(
        toy_schema(),
        lambda actor, request_id: ToyContext(world, actor, request_id),
        settings or GraphSettings(unavailable=(Busy,)),
        **options,
    )
