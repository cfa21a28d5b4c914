"""The pipeline over real sockets: what a mock transport cannot prove about httpx itself."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from numbering.lanes import Lane
from numbering.telephone import TelephoneNumber
from teliport import errors
from teliport.client import Teliport, Timeouts
from teliport.pace import NoPace

TN = TelephoneNumber("+13035550199")
BODY = b'{"telephoneNumber": "3035550199", "status": "RESERVED"}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
GOOD = HEAD % len(BODY) + BODY

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def carrier(
    answer: Answer, *, total: float = 30, token: str = "rng_token"
) -> AsyncIterator[Teliport]:
    """A client of a server that reads a request's head and does as it is told."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        async with Teliport(
            f"http://127.0.0.1:{port}/api/v1",
            token,
            "567G",
            pace=NoPace(),
            guard=lambda: None,
            timeouts=Timeouts(total=total),
        ) as client:
            yield client
    finally:
        server.close()
        await server.wait_closed()


async def request(reader: asyncio.StreamReader) -> None:
    await reader.readuntil(b"\r\n\r\n")


async def reserve(client: Teliport) -> type[errors.TeliportError]:
    with pytest.raises(errors.TeliportError) as caught:
        async with asyncio.timeout(5):
            await client.inventory.reserve(TN, "W", lane=Lane.BULK)
    return type(caught.value)


async def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with Teliport(url, "t", "567G", pace=NoPace(), guard=lambda: None) as client:
            assert await reserve(client) is errors.ConnectFailed


async def test_a_stale_keep_alive_is_no_proof_that_nothing_was_done() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(GOOD)
        # The next request of this connection is read, and then the connection is gone.
        await request(reader)

    async with carrier(once) as client:
        await client.inventory.reserve(TN, "W", lane=Lane.BULK)
        assert await reserve(client) is errors.ConnectionLost


async def test_an_answer_cut_short() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(GOOD[:-10])

    async with carrier(cut) as client:
        assert await reserve(client) is errors.ConnectionLost


async def test_an_answer_that_is_no_http() -> None:
    async def noise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")

    async with carrier(noise) as client:
        assert await reserve(client) is errors.ConnectionLost


async def test_a_body_that_cannot_be_unpacked() -> None:
    async def packed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(GOOD.replace(b"content-length", b"content-encoding: gzip\r\ncontent-length"))

    async with carrier(packed) as client:
        assert await reserve(client) is errors.Malformed


async def test_a_server_that_trickles_does_not_hold_us() -> None:
    gone = asyncio.Event()

    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(HEAD % 1_000_000)
        # One byte at a time, for as long as anybody reads: each would satisfy a read timeout.
        try:
            while not reader.at_eof():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0)
        except ConnectionError:
            pass
        finally:
            gone.set()

    async with carrier(trickle, total=0.1) as client:
        assert await reserve(client) is errors.TimedOut
        await gone.wait()


async def test_what_cannot_be_written_is_not_sent() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.read() == b""

    async with carrier(silent, token="rng\ntoken") as client:
        assert await reserve(client) is errors.NotSent
