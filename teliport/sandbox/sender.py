"""Sends the webhooks: signed, one after the other, again while the receiver does not say 2xx.

The signature is worked out here and not by the client's code for it, so that the one can be wrong
without the other. `deliver` does the sending: over HTTP in a server, as they like in tests.
"""

import asyncio
import hashlib
import hmac
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping

import httpx

from teliport.sandbox.outbox import Delivery, Receiver
from teliport.sandbox.world import World

Deliver = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]
"""URL, headers, body → the status of the answer; 0 when there was none."""

POLL_SECONDS = 0.25
TIMEOUT_SECONDS = 10.0


def signed(receiver: Receiver, id_: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of a delivery (Standard Webhooks), with a signature for each secret."""
    message = b"%s.%d.%s" % (id_.encode(), timestamp, body)
    digests = (hmac.new(key, message, hashlib.sha256).digest() for key in receiver.keys)
    return {
        "content-type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{b64encode(digest).decode()}" for digest in digests),
    }


class Sender:
    """Sends what is due in one world. Only one of them works at a time."""

    def __init__(self, world: World, deliver: Deliver) -> None:
        self._world = world
        self._deliver = deliver
        self._turn = asyncio.Lock()

    async def send_due(self) -> int:
        """Send everything that is due, in order; how many messages were sent."""
        sent = 0
        async with self._turn:
            while delivery := self._next():
                await self._send(delivery)
                sent += 1
        return sent

    def _next(self) -> Delivery | None:
        self._world.catch_up()
        return self._world.outbox.next_due()

    async def _send(self, delivery: Delivery) -> None:
        outbox, receiver = self._world.outbox, self._world.receiver
        body = delivery.body.encode()
        # Real time, as the receiver's tolerance is (decisions 16).
        headers = signed(receiver, delivery.id, int(self._world.clock.wall()), body)
        status = await self._deliver(f"{receiver.url}/{delivery.kind}", headers, body)
        # A reset meanwhile has another outbox, which knows nothing of this message.
        if outbox is self._world.outbox:
            outbox.answered(delivery, status)

    async def run(self) -> None:
        """Send whatever falls due, until cancelled."""
        while True:
            await self.send_due()
            await self._world.clock.sleep(POLL_SECONDS)


async def over_http(world: World) -> None:
    """Send the webhooks of a server, until cancelled."""
    async with httpx.AsyncClient(trust_env=False, timeout=TIMEOUT_SECONDS) as http:

        async def deliver(url: str, headers: Mapping[str, str], body: bytes) -> int:
            try:
                return (await http.post(url, headers=dict(headers), content=body)).status_code
            except httpx.HTTPError:
                return 0

        await Sender(world, deliver).run()
