"""The carrier as bytes: answers for respx, and one call that must go wrong."""

import asyncio
from typing import Any

import httpx
import pytest

from numbering.lanes import Lane
from numbering.telephone import TelephoneNumber
from teliport import errors
from teliport.client import Teliport

TN = TelephoneNumber("+13035550199")
TOKEN = "rng_" + "s3cretTk" * 6
BASE = "https://carrier.test/api/v1"
RESERVE = f"{BASE}/inventory/numbers/3035550199/reserve"
NUMBER = {"telephoneNumber": "3035550199", "status": "RESERVED"}


def refusal(status: int, **extra: Any) -> httpx.Response:
    """Return a no in the carrier's own shape."""
    body = {"error": "Nope", "message": "no", "timestamp": "2026-01-01T00:00:00Z", "path": "/x"}
    return httpx.Response(status, json={**body, **extra})


def html(status: int) -> httpx.Response:
    """Return what a proxy would say."""
    return httpx.Response(status, html="<h1>proxy</h1>")


async def reserve(carrier: Teliport) -> errors.TeliportError:
    """Return the error of a reservation that cannot succeed."""
    with pytest.raises(errors.TeliportError) as caught:
        async with asyncio.timeout(5):
            await carrier.inventory.reserve(TN, "WARP-1", lane=Lane.BULK)
    return caught.value
