"""A fresh sandbox and a client of it, in process."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.kit.sandbox import Sandbox, sandbox


@pytest.fixture
async def carrier() -> AsyncIterator[Sandbox]:
    """A sandbox whose rate limit is out of reach."""
    async with sandbox() as opened:
        yield opened


@pytest.fixture
async def http(carrier: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """The carrier's API, as a bare client sees it."""
    async with carrier.client() as client:
        yield client
