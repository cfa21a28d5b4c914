"""The whole platform in one process: gateway over ASGI, a worker as a task, the sandbox in memory.

Real PostgreSQL, real SQL roles, the real saga; only sockets are missing. `stack.ask(…)` is what a
portal does over HTTP.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from db import seed
from db.roles import Urls
from gateway.asgi import create_app
from gateway.settings import Environment, Settings
from gateway.tokens import mint
from gateway.wiring import Platform, platform
from numbering.actors import Role
from teliport.sandbox.config import SandboxConfig
from tests.kit.sandbox import UNLIMITED, Sandbox
from workflows.worker import Worker

SECRET = "the signing secret of the tests, 32 bytes or more"
SECRETS_KEY = "c2VjcmV0cyBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVzIQA="
WEBHOOK_SECRET = "the webhook secret of the tests"
keys = (f"key-{n}" for n in itertools.count())


def token(role: Role, *customers: UUID, subject: str | None = None) -> str:
    """A token of somebody with this role for these customers."""
    who = subject or f"{role.value.lower()}@example.test"
    return mint(SECRET, subject=who, name=who, email=who, roles=[role], customer_ids=customers)


CUSTOMER_A = token(Role.CUSTOMER_ADMIN, seed.CUSTOMER_A, subject="alice@aspen.example")
CUSTOMER_B = token(Role.CUSTOMER_ADMIN, seed.CUSTOMER_B, subject="bob@boulder.example")
STAFF = token(Role.STAFF, subject="sam@warp.example")


@dataclass
class Stack:
    """A running platform: `data` asserts that there were no errors, `ask` gives all."""

    app: Starlette
    sandbox: Sandbox
    client: httpx.AsyncClient
    urls: Urls
    settings: Settings
    worker_platform: Platform | None = None
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    @property
    def platform(self) -> Platform:
        """The gateway's platform."""
        opened: Platform = self.app.state.platform
        return opened

    async def ask(
        self, query: str, variables: dict[str, Any] | None = None, *, as_: str = CUSTOMER_A
    ) -> dict[str, Any]:
        """The whole GraphQL answer, errors included."""
        answer = await self.client.post(
            "/graphql",
            json={"query": query, "variables": variables or {}},
            headers={"authorization": f"Bearer {as_}"},
        )
        body: dict[str, Any] = answer.json()
        return body

    async def data(
        self, query: str, variables: dict[str, Any] | None = None, *, as_: str = CUSTOMER_A
    ) -> dict[str, Any]:
        """The `data` of an answer without errors."""
        body = await self.ask(query, variables, as_=as_)
        assert "errors" not in body, body["errors"]
        data: dict[str, Any] = body["data"]
        return data


def settings_for(urls: Urls, sandbox: Sandbox, **changes: Any) -> Settings:
    """Settings of a gateway and worker against this database and sandbox."""
    given: dict[str, Any] = {
        "environment": Environment.DEVELOPMENT,
        "database_url": SecretStr(urls.app),
        "worker_database_url": SecretStr(urls.worker),
        "migration_database_url": SecretStr(urls.owner),
        "teliport_api_url": sandbox.url,
        "teliport_api_token": SecretStr(sandbox.token),
        "teliport_rate_limit": 6000,
        "jwt_secret": SecretStr(SECRET),
        "secrets_key": SecretStr(SECRETS_KEY),
        "teliport_webhook_secrets": SecretStr(WEBHOOK_SECRET),
        "cost_bucket": 1_000_000,
        "timings_scale": 0.02,
    }
    return Settings(**(given | changes))


@asynccontextmanager
async def running(urls: Urls, *, worker: bool = True, **changes: Any) -> AsyncIterator[Stack]:
    """A platform on this database; `changes` are settings."""
    sandbox = Sandbox(SandboxConfig(rate_limit=UNLIMITED))
    settings = settings_for(urls, sandbox, **changes)
    app = create_app(settings, transport=sandbox.transport)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            await app.state.platform.hub.up()
            stack = Stack(app, sandbox, client, urls, settings)
            if not worker:
                yield stack
            else:
                async with working(stack):
                    yield stack
    await sandbox.aclose()


@asynccontextmanager
async def working(stack: Stack) -> AsyncIterator[None]:
    """A worker of this platform until the block is left."""
    stop = asyncio.Event()
    async with platform(
        stack.settings,
        url=stack.settings.worker_database_url,
        application_name="test-worker",
        transport=stack.sandbox.transport,
    ) as opened:
        stack.worker_platform = opened
        task = asyncio.create_task(Worker(opened.services, stack.urls.worker).run(stop))
        try:
            yield
        finally:
            stop.set()
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(task, 10)
            stack.worker_platform = None


@pytest.fixture
async def stack(database_urls: Urls) -> AsyncIterator[Stack]:
    """A platform with a worker, on a database of its own."""
    async with running(database_urls) as opened:
        yield opened
