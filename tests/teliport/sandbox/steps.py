"""What these tests do over and over: the calls of the contract, spelled once."""

from typing import Any

import httpx

HOLDER = "WARP-A-1"


async def query(http: httpx.AsyncClient, text: str, **body: Any) -> dict[str, Any]:
    """The page that a query answers."""
    answer = await http.post("/inventory/query", json={"query": text, **body})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def total(http: httpx.AsyncClient, text: str) -> int:
    """How many numbers match."""
    return int((await query(http, text, size=1))["totalElements"])


async def reserve(http: httpx.AsyncClient, tn: str, holder: str = HOLDER) -> httpx.Response:
    """Hold a number."""
    return await http.post(f"/inventory/numbers/{tn}/reserve", json={"reservedBy": holder})


async def assign(http: httpx.AsyncClient, tn: str, **metadata: Any) -> httpx.Response:
    """Take a number into use."""
    body = {"applicationId": "WARP", "metadata": metadata}
    return await http.post(f"/inventory/numbers/{tn}/assign", json=body)


async def put_metadata(http: httpx.AsyncClient, tn: str, **metadata: Any) -> httpx.Response:
    """Merge into a number's metadata."""
    return await http.put(f"/inventory/numbers/{tn}/metadata", json={"metadata": metadata})


async def release(http: httpx.AsyncClient, tn: str) -> httpx.Response:
    """Give a number back."""
    return await http.post(f"/inventory/numbers/{tn}/release")


async def get(http: httpx.AsyncClient, tn: str) -> httpx.Response:
    """Read a number."""
    return await http.get(f"/inventory/numbers/{tn}")
