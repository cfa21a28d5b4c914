"""Files in hand: how many at once, how long a body may take, what a file costs."""

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest
from graphql import parse

from gateway.calls import GraphSettings
from gateway.throttle import Hands
from schema.cost import FILE, MUTATION, Pricing
from schema.documents import operation_of
from schema.faults import Code, Fault
from schema.published import build
from tests.gateway.test_uploads import CSRF
from tests.kit import toy

FORM = "multipart/form-data; boundary=x"


async def held(hands: Hands, stack: AsyncExitStack, *keys: str) -> None:
    for key in keys:
        await stack.enter_async_context(hands.hold(key))


async def test_one_customer_holds_so_many_and_leaves_room_for_others() -> None:
    hands = Hands(each=2, together=3, patience=0.01)
    async with AsyncExitStack() as stack:
        await held(hands, stack, "a", "a", "b")
        for key in ("a", "b"):
            with pytest.raises(Fault) as refused:
                await held(hands, stack, key)
            assert refused.value.code is Code.THROTTLED
            assert refused.value.retry_after == 1
    async with AsyncExitStack() as stack:
        await held(hands, stack, "c", "c", "a")


async def test_who_waits_comes_next() -> None:
    hands = Hands(each=1, together=1, patience=10)
    async with AsyncExitStack() as stack:
        await held(hands, stack, "a")
        waiting = asyncio.create_task(held(hands, AsyncExitStack(), "b"))
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting


async def test_files_wait_before_a_byte_of_them_is_read(world) -> None:
    """While one request holds the only place, the next is refused with its body unread."""
    app = toy.toy_app(world, GraphSettings(uploads=True, uploads_together=1, uploads_patience=0.01))
    reached, release = asyncio.Event(), asyncio.Event()

    async def dripping():
        reached.set()
        yield b"--x\r\n"
        await release.wait()
        yield b"--x--\r\n"

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://test",
        headers={**toy.bearer(), **CSRF, "content-type": FORM},
    ) as client:
        first = asyncio.create_task(client.post("/graphql", content=dripping()))
        await reached.wait()
        second = await client.post("/graphql", content=b"--x--\r\n")
        assert second.status_code == 429
        assert second.json()["errors"][0]["extensions"]["code"] == "THROTTLED"
        plain = await client.post(
            "/graphql", json={"query": "{hello}"}, headers={"content-type": "application/json"}
        )
        assert plain.json()["data"] == {"hello": "hello world"}
        release.set()
        assert (await first).status_code == 400
        assert (await client.post("/graphql", content=b"--x--\r\n")).status_code == 400


@pytest.mark.parametrize("kind", [FORM, "application/json"])
async def test_a_body_that_drips_is_not_waited_for(world, kind: str) -> None:
    app = toy.toy_app(world, GraphSettings(uploads=True, body_timeout=0.05))
    never = asyncio.Event()

    async def dripping():
        yield b"{"
        await never.wait()

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        answer = await client.post(
            "/graphql",
            content=dripping(),
            headers={**toy.bearer(), **CSRF, "content-type": kind},
        )
    assert answer.status_code == 408
    assert answer.headers["connection"] == "close"


async def test_a_length_of_five_thousand_digits_is_too_long(world) -> None:
    app = toy.toy_app(world, GraphSettings(uploads=True))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        headers = {**toy.bearer(), "content-type": "application/json"}
        answer = await client.post(
            "/graphql", content=b"{}", headers={**headers, "content-length": "9" * 5_000}
        )
    assert answer.status_code == 413


@pytest.mark.parametrize("name", ["lintPortFile", "uploadPortFile", "uploadPortDocument"])
def test_a_file_costs_as_much_as_a_page(name: str) -> None:
    document = parse(f"mutation {{ {name}(input: {{}}) {{ errors {{ code }} }} }}")
    price = Pricing(build()._schema, document, operation_of(document, None), {}).total()
    assert price >= FILE + MUTATION
