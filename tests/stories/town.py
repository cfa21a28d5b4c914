"""A deployment in small: a carrier, two gateways and a worker that can be killed, as processes."""

from __future__ import annotations

import asyncio
import itertools
import os
import secrets
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
from cryptography.fernet import Fernet
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from db.roles import Urls
from tests.kit.live import ROOT
from tests.kit.sandbox import SandboxProcess, spawn_sandbox
from tests.kit.stack import CUSTOMER_A, SECRET
from tests.kit.waiting import wait_until
from workflows.crashpoints import VARIABLE

START_SECONDS = 30.0
PATIENCE = 60.0
PROTOCOL = Subprotocol("graphql-transport-ws")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


@dataclass
class Town:
    """What the story talks to. Requests go to the gateways in turn."""

    folder: Path
    urls: Urls
    sandbox: SandboxProcess
    gateways: tuple[str, ...]
    environment: Mapping[str, str]
    owner: asyncpg.Connection
    worker: subprocess.Popen[bytes] | None = None
    kills: int = 0
    said: list[str] = field(default_factory=list)
    turn: Iterator[int] = field(default_factory=itertools.count)

    def hire(self, crashpoint: str = "") -> subprocess.Popen[bytes]:
        """Start a worker; with a crash point it will kill itself there."""
        self.worker = _spawn(
            self.folder / "worker.log", "worker", {**self.environment, VARIABLE: crashpoint}
        )
        return self.worker

    async def replaced(self, *, at: str = "") -> None:
        """kill -9 of the worker, now or once it has come to a crash point; then another one."""
        assert self.worker is not None
        if at:
            await asyncio.to_thread(self.worker.wait, PATIENCE)
        else:
            self.worker.kill()
            self.worker.wait()
        assert self.worker.returncode == -signal.SIGKILL
        self.kills += 1
        self.hire()

    def doom(self, crashpoint: str) -> None:
        """From now on the only worker is one that dies at this place."""
        assert self.worker is not None
        self.worker.kill()
        self.worker.wait()
        self.kills += 1
        self.hire(crashpoint)

    async def ask(
        self, query: str, variables: dict[str, Any] | None = None, *, as_: str = CUSTOMER_A
    ) -> dict[str, Any]:
        """The data of an answer, from one gateway or the other."""
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            answer = await http.post(
                f"{self._next()}/graphql",
                json={"query": query, "variables": variables or {}},
                headers={"authorization": f"Bearer {as_}"},
            )
        return self._heard(answer)

    async def upload(
        self, query: str, name: str, content: bytes, input_: dict[str, Any]
    ) -> dict[str, Any]:
        """A mutation with a file at `input.file`."""
        operations = {"query": query, "variables": {"input": {**input_, "file": None}}}
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            answer = await http.post(
                f"{self._next()}/graphql",
                data={
                    "operations": orjson.dumps(operations).decode(),
                    "map": '{"0": ["variables.input.file"]}',
                },
                files={"0": (name, content)},
                headers={"authorization": f"Bearer {CUSTOMER_A}", "x-csrf": "1"},
            )
        return self._heard(answer)

    def _heard(self, answer: httpx.Response) -> dict[str, Any]:
        """The data of an answer; its text is kept for whoever looks for secrets."""
        self.said.append(answer.text)
        return _data(answer)

    def _next(self) -> str:
        return self.gateways[next(self.turn) % len(self.gateways)]

    async def events(
        self, gateway: int, subscription: str, variables: dict[str, Any]
    ) -> AsyncIterator[dict[str, Any]]:
        """What a subscription says, to its end. Close it to leave early."""
        url = self.gateways[gateway].replace("http", "ws", 1) + "/graphql"
        async with connect(url, subprotocols=[PROTOCOL]) as ws:
            await ws.send(_frame("connection_init", {"authorization": f"Bearer {CUSTOMER_A}"}))
            assert orjson.loads(await ws.recv())["type"] == "connection_ack"
            body = {"query": subscription, "variables": variables}
            await ws.send(_frame("subscribe", body, id="1"))
            async for text in ws:
                said = orjson.loads(text)
                if said["type"] == "complete":
                    return
                self.said.append(str(said))
                if said["type"] == "next":
                    assert "errors" not in said["payload"], said
                    yield next(iter(said["payload"]["data"].values()))
                assert said["type"] != "error", said

    async def advance(self, period: timedelta) -> None:
        """Let time pass at the carrier and, as much, in our database."""
        await self.owner.execute("UPDATE ops.clock SET shift = shift + $1", period)
        seconds = int(period.total_seconds())
        answer = self.sandbox.control("POST", "/clock", {"advance": f"PT{seconds}S"})
        assert answer.status_code == 200, answer.text

    async def until(self, look: Callable[[], Any], what: str) -> Any:
        """Ask again until the answer is something; fails with `what` when patience ends."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while loop.time() < end:
            found = await look()
            if found:
                return found
            await asyncio.to_thread(wait_until, lambda: False, 0.1)
        raise AssertionError(f"{what}: not within {PATIENCE} s\n{await self.under_way()}")

    async def under_way(self) -> str:
        """Every operation that is not over, and the jobs there are, for whoever looks why."""
        rows = await self.owner.fetch(
            """SELECT kind, subject, state, attempt, step, last_error, run_at - ops.now() AS due,
                 lease_until - ops.now() AS leased, sent FROM ops.operation
               WHERE state NOT IN ('SUCCEEDED', 'FAILED') ORDER BY created_at"""
        )
        jobs = await self.owner.fetch(
            "SELECT status, heartbeat - now() AS beat, execute_after - now() AS after"
            " FROM queue.pgqueuer"
        )
        return "\n".join(str(dict(row)) for row in [*rows, *jobs])

    def logs(self) -> str:
        """Everything that any process of ours has written."""
        return "\n".join(file.read_text() for file in sorted(self.folder.glob("*.log")))

    async def metrics(self) -> str:
        """What every gateway shows to whoever measures it."""
        async with httpx.AsyncClient(trust_env=False) as http:
            return "".join([(await http.get(f"{each}/metrics")).text for each in self.gateways])

    def letters(self) -> list[Path]:
        """The e-mails sent so far."""
        return sorted((self.folder / "mail").glob("*.eml"))


def key() -> str:
    """A fresh idempotency key."""
    return str(uuid.uuid4())


def _frame(kind: str, payload: object, **more: str) -> str:
    return orjson.dumps({"type": kind, "payload": payload, **more}).decode()


def _data(answer: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert "errors" not in body, body
    found: dict[str, Any] = body["data"]
    return found


def _spawn(log: Path, command: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "gateway", command],
            cwd=ROOT, env={**os.environ, **environment}, stdout=out, stderr=out,
        )  # fmt: skip


@contextmanager
def _serving(folder: Path, environment: Mapping[str, str], ports: list[int]) -> Iterator[None]:
    """Gateways on these ports, ready to be asked."""
    served = [
        _spawn(folder / f"gateway-{at}.log", "serve", {**environment, "GATEWAY_PORT": str(port)})
        for at, port in enumerate(ports)
    ]
    try:
        for port in ports:
            wait_until(lambda port=port: _answers(port), START_SECONDS)  # type: ignore[misc]
            assert _answers(port), (folder / "gateway-0.log").read_text()[-2000:]
        yield
    finally:
        for process in served:
            process.kill()
            process.wait()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False


@asynccontextmanager
async def founded(folder: Path, urls: Urls, **settings: str) -> AsyncIterator[Town]:
    """A town on this database; its processes end with the block."""
    ports, webhook_secret = free_ports(2), secrets.token_urlsafe(24)
    hook = f"http://127.0.0.1:{ports[0]}/webhooks/teliport"
    with ExitStack() as opened:
        os.environ["TELIPORT_WEBHOOK_SECRETS"] = webhook_secret
        opened.callback(os.environ.pop, "TELIPORT_WEBHOOK_SECRETS")
        sandbox = opened.enter_context(
            spawn_sandbox("--rate-limit", "100000", "--webhook-url", hook)
        )
        environment = {
            "ENVIRONMENT": "development",
            "DATABASE_URL": urls.app,
            "WORKER_DATABASE_URL": urls.worker,
            "TELIPORT_API_URL": sandbox.url,
            "TELIPORT_API_TOKEN": sandbox.token,
            "TELIPORT_RATE_LIMIT": "6000",
            "TELIPORT_WEBHOOK_SECRETS": webhook_secret,
            "SECRETS_KEY": Fernet.generate_key().decode(),
            "JWT_SECRET": SECRET,
            "MAIL_SINK": f"file:{folder / 'mail'}",
            "MAIL_FROM": "numbers@warp.example",
            "WORKER_METRICS_PORT": "0",
            "TIMINGS_SCALE": "0.05",
            "COST_BUCKET": "1000000",
            **settings,
        }
        opened.enter_context(_serving(folder, environment, ports))
        owner = await asyncpg.connect(urls.owner, server_settings={"app.scope": "STAFF"})
        gateways = tuple(f"http://127.0.0.1:{port}" for port in ports)
        town = Town(folder, urls, sandbox, gateways, environment, owner)
        town.hire()
        try:
            yield town
        finally:
            await owner.close()
            if town.worker is not None:
                town.worker.kill()
                town.worker.wait()
