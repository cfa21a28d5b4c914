"""The carrier's double for tests: in process (`Sandbox`), or on a port (`spawn_sandbox`)."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from teliport.sandbox.app import create_app
from teliport.sandbox.config import DEFAULT_TOKEN, SandboxConfig
from teliport.sandbox.port_control import whole
from teliport.sandbox.port_record import project_record
from teliport.sandbox.sender import Deliver, Sender
from teliport.sandbox.world import World
from tests.kit.transport import SandboxTransport

ROOT = Path(__file__).parents[2]
STOP_SECONDS = 10.0
UNLIMITED = 1_000_000
"""A rate limit that no test reaches, for tests that are not about it."""


WEBHOOK_URL = "http://127.0.0.1:8000/webhooks/teliport"
"""Where webhooks go in process; `deliver` may send them anywhere."""


@dataclass(frozen=True)
class Delivered:
    """A webhook as its receiver got it."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    status: int

    @property
    def kind(self) -> str:
        """`port-activated`, `port-cancelled` or `port-status`."""
        return self.url.rpartition("/")[2]

    @property
    def json(self) -> dict[str, Any]:
        """Its envelope."""
        return dict(json.loads(self.body))


class Sandbox:
    """A sandbox in this process. `transport`, `url` and `token` are what a Teliport client takes.

    Its world can be looked into without calls: nothing here counts against the rate limit or shows
    in `calls()`. Close it, or use `sandbox()`. With `deliver` it has webhooks: they are sent by
    `deliver_webhooks()` and at no other time, and those sent are in `webhooks`.
    """

    def __init__(
        self,
        config: SandboxConfig | None = None,
        *,
        deliver: Deliver | None = None,
        **world: Any,
    ) -> None:
        self.config = config or SandboxConfig(rate_limit=UNLIMITED)
        if deliver is not None and self.config.webhook_url is None:
            self.config = replace(self.config, webhook_url=WEBHOOK_URL)
        self.webhooks: list[Delivered] = []
        self._deliver = deliver
        self.world = World(self.config, **world)
        self._sender = Sender(self.world, self._send)
        self.transport = SandboxTransport(create_app(world=self.world))
        self.root = "http://127.0.0.1:8001"
        self.url = f"{self.root}/api/v1"
        self.token = self.config.token

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        """A bare HTTP client of the carrier's API; paths are relative to `url`."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return httpx.AsyncClient(
            base_url=self.url, headers=headers, transport=self.transport, trust_env=False
        )

    async def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        """A call of the control plane: `control("POST", "/clock", {"advance": "P1D"})`."""
        async with httpx.AsyncClient(transport=self.transport, trust_env=False) as http:
            return await http.request(method, f"{self.root}/_sandbox{path}", json=body)

    async def fault(self, action: str, **switch: Any) -> str:
        """Set a fault and return its id: `fault("reset_after", path="*/assign", nth=1)`.

        `method`, `path` and `tn` are the match; the rest goes into the body as it is.
        """
        match = {name: switch.pop(name) for name in ("method", "path", "tn") if name in switch}
        answer = await self.control("POST", "/faults", {"action": action, "match": match, **switch})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    async def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        await self.control("DELETE", "/faults")

    async def _send(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert self._deliver is not None, "give the sandbox a `deliver`"
        status = await self._deliver(url, headers, body)
        self.webhooks.append(Delivered(url, headers, body, status))
        return status

    async def deliver_webhooks(self) -> int:
        """Send the webhooks that are due by now, in order, and return how many there were."""
        return await self._sender.send_due()

    def ports(self) -> list[dict[str, Any]]:
        """The port projects as they are now, at the carrier, the newest first."""
        self.world.catch_up()
        return [project_record(each, self.world.clock) for each in self.world.ports.newest_first()]

    def port(self, project_id: str) -> dict[str, Any]:
        """One project with `rows`, `progress`, `lsrIds` and `next`."""
        self.world.catch_up()
        return whole(self.world, self.world.ports.find(project_id))

    def state(self, tn: str) -> dict[str, Any]:
        """The number's record as it is now, at the carrier. `tn`: ten digits or E.164."""
        self.world.catch_up()
        return self.world.inventory.record(self.position(tn))

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """The arrivals after number `since`."""
        return [call.as_json() for call in self.world.calls.since(since)]

    def advance(self, seconds: float) -> None:
        """Let time pass: holds expire, late calls take effect, slow answers arrive, ports go on."""
        self.world.advance(seconds)

    def available(self, npa: str, count: int) -> list[str]:
        """`count` AVAILABLE numbers of this area code, ten digits each, in ascending order."""
        inventory, found = self.world.inventory, []
        for block in inventory.seeded.blocks:
            if block.npa == npa:
                span = range(block.start, block.start + block.count)
                found += [at for at in span if inventory.number(at).status == "AVAILABLE"]
        assert len(found) >= count, f"NPA {npa} has {len(found)} available numbers only"
        return [str(inventory.seeded.tn(at)) for at in found[:count]]

    def position(self, tn: str) -> int:
        """Where the inventory has this number."""
        position = self.world.inventory.find(tn[-10:])
        assert position is not None, f"{tn} is not in the inventory"
        return position

    async def aclose(self) -> None:
        """End what still runs and close the store."""
        await self.transport.aclose()
        self.world.close()


@asynccontextmanager
async def sandbox(
    config: SandboxConfig | None = None, *, deliver: Deliver | None = None, **world: Any
) -> AsyncIterator[Sandbox]:
    """A Sandbox that is closed at the end: `async with sandbox() as carrier:`."""
    opened = Sandbox(config, deliver=deliver, **world)
    try:
        yield opened
    finally:
        await opened.aclose()


@dataclass(frozen=True)
class SandboxProcess:
    """A sandbox as a process of its own, on a free port."""

    root: str
    token: str
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        """The base URL of the carrier's API."""
        return f"{self.root}/api/v1"

    def client(self) -> httpx.AsyncClient:
        """A bare HTTP client over real sockets."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False)

    def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        """A call of the control plane."""
        return httpx.request(method, f"{self.root}/_sandbox{path}", json=body, trust_env=False)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)


@contextmanager
def spawn_sandbox(*options: str, data_dir: Path | None = None) -> Iterator[SandboxProcess]:
    """Start `python -m teliport.sandbox` on a free port, and stop it.

    `options` are its command line: `spawn_sandbox("--rate-limit", "20")`.
    """
    kept = ["--data-dir", str(data_dir)] if data_dir else []
    command = [sys.executable, "-m", "teliport.sandbox", "--port", "0", *kept, *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as output:
        try:
            line = output.readline()
            assert line.startswith("sandbox ready on "), f"the sandbox did not start: {line!r}"
            yield SandboxProcess(line.split()[-1], DEFAULT_TOKEN, process)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
