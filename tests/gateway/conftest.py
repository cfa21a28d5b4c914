"""The toy endpoint and an HTTP client that is signed in to it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import ASGIApp

from tests.kit import toy
from tests.kit.quiet import logged

__all__ = ["app", "client", "logged", "world"]


@pytest.fixture
def world() -> toy.World:
    """What the toy's resolvers share."""
    return toy.World()


@pytest.fixture
def app(world: toy.World) -> ASGIApp:
    """The endpoint with default settings."""
    return toy.toy_app(world)


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """Signed in as a viewer of customer A, asking for the new media type."""
    headers = {**toy.bearer(), "accept": "application/graphql-response+json"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as signed_in:
        yield signed_in
