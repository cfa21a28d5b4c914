"""The same faults over real sockets: what goes over the wire, byte by byte; and the process."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from teliport.sandbox import __main__ as command_line
from teliport.sandbox.config import DEFAULT_TOKEN, ReleaseTo, SandboxConfig
from teliport.sandbox.loopback import NotLoopback
from teliport.sandbox.serve import listen, serve, url_of
from tests.kit.sandbox import ROOT, spawn_sandbox
from tests.kit.waiting import wait_until
from tests.teliport.sandbox import port_steps as ports
from tests.teliport.sandbox import steps

TN = "3035551234"
RESERVE = f"/api/v1/inventory/numbers/{TN}/reserve"


class Served:
    """A sandbox served by this process's event loop, so that its server code is measured too."""

    def __init__(self, url: str) -> None:
        self.root = url
        self.port = int(url.rpartition(":")[2])

    async def control(self, method: str, path: str, body: object = None) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.request(method, f"{self.root}/_sandbox{path}", json=body)

    async def raw(self, request: bytes) -> tuple[bytes, BaseException | None]:
        """Everything that comes back until the connection ends, and how it ended."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        received = b""
        try:
            writer.write(request)
            while chunk := await reader.read(65_536):
                received += chunk
        except ConnectionError as error:
            return received, error
        finally:
            writer.close()
        return received, None


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """`serve` itself, stopped by SIGTERM as a process would be."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    config = SandboxConfig(rate_limit=1000)
    # uvicorn takes the signal while it serves and raises it again for whoever had it before: us.
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    task = asyncio.ensure_future(serve(config, "127.0.0.1", 0, ready=ready.set_result))
    try:
        yield Served(await ready)
        signal.raise_signal(signal.SIGTERM)
        await task
    finally:
        signal.signal(signal.SIGTERM, before)


def call(body: bytes = b'{"reservedBy": "RAW"}', *, missing: int = 0) -> bytes:
    """A raw reserve that closes the connection after it; `missing` bytes are held back."""
    lines = [
        f"POST {RESERVE} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: Bearer {DEFAULT_TOKEN}",
        f"Content-Length: {len(body) + missing}",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def status_of(served: Served) -> str:
    return str((await served.control("GET", f"/state?tn={TN}")).json()["status"])


async def test_a_plain_call_over_a_socket(served: Served) -> None:
    received, error = await served.raw(call())
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert f"content-length: {len(body)}".encode() in head
    assert error is None


@pytest.mark.parametrize(
    ("action", "status"), [("reset_before", "AVAILABLE"), ("reset_after", "RESERVED")]
)
async def test_a_reset_is_a_reset_and_not_one_byte_is_answered(
    served: Served, action: str, status: str
) -> None:
    await served.control("POST", "/faults", {"action": action, "times": 1})
    received, error = await served.raw(call())
    assert received == b""
    assert isinstance(error, ConnectionResetError)
    assert await status_of(served) == status


async def test_a_refused_connection_ends_before_its_body_is_read(served: Served) -> None:
    await served.control("POST", "/faults", {"action": "refuse", "times": 1})
    # The body never comes in full: only a server that does not wait for it can answer at all.
    received, _ = await served.raw(call(b"{", missing=100))
    assert received == b""
    assert await status_of(served) == "AVAILABLE"


async def test_a_truncated_answer_is_shorter_than_it_says(served: Served) -> None:
    await served.control("POST", "/faults", {"action": "truncated", "times": 1})
    received, error = await served.raw(call())
    head, _, body = received.partition(b"\r\n\r\n")
    (length,) = [
        int(line.split(b":")[1])
        for line in head.lower().split(b"\r\n")
        if line.startswith(b"content-length")
    ]
    assert head.startswith(b"HTTP/1.1 200")
    assert len(body) == length // 2 > 0
    assert error is None
    assert await status_of(served) == "RESERVED"


async def test_the_client_sees_the_same_errors_as_in_process(served: Served) -> None:
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
    url = f"{served.root}/api/v1"
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as http:
        for action, seen in {
            "reset_before": httpx.ReadError,
            "reset_after": httpx.ReadError,
            "truncated": httpx.RemoteProtocolError,
        }.items():
            await served.control("POST", "/reset")
            await served.control("POST", "/faults", {"action": action})
            with pytest.raises(seen):
                await steps.reserve(http, TN)


async def test_answers_are_not_held_back_for_an_acknowledgement(served: Served) -> None:
    """Nagle's algorithm is off: 20 calls on one connection take far less than 20 times 40 ms."""
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
    url = f"{served.root}/api/v1"
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as http:
        spent = []
        for _ in range(20):
            answer = await steps.get(http, TN)
            spent.append(answer.elapsed.total_seconds())
    assert sorted(spent)[10] < 0.035


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com"])
async def test_other_machines_are_never_served(host: str) -> None:
    with pytest.raises(NotLoopback, match="loopback"):
        await serve(SandboxConfig(), host, 0)


def test_a_taken_port_is_an_error_that_names_it() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listen("127.0.0.1", port)


def test_ipv6_loopback_has_a_url_too() -> None:
    try:
        sock = listen("::1", 0)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with sock:
        assert url_of(sock) == f"http://[::1]:{sock.getsockname()[1]}"


def test_the_command_line_becomes_a_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TELIPORT_API_TOKEN", raising=False)
    monkeypatch.setenv("TELIPORT_WEBHOOK_SECRETS", "")
    chosen = command_line.config_of(command_line.arguments([]))
    assert chosen == SandboxConfig()
    options = (
        f"--data-dir {tmp_path} --token rng_x --seed 3 --rate-limit 5 --no-retry-after --lenient "
        "--count-refused --lata-as-text --no-magic --release-to QUARANTINE --clock-rate 60 "
        "--validation-rate 50 --webhook-url http://127.0.0.1:1/hooks"
    )
    assert command_line.config_of(command_line.arguments(options.split())) == SandboxConfig(
        token="rng_x",
        rate_limit=5,
        seed=3,
        data_dir=tmp_path,
        clock_rate=60.0,
        release_to=ReleaseTo.QUARANTINE,
        retry_after=False,
        count_refused=True,
        strict=False,
        lata_as_text=True,
        magic=False,
        validation_rate=50.0,
        webhook_url="http://127.0.0.1:1/hooks",
    )


def test_the_webhook_secrets_come_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELIPORT_WEBHOOK_SECRETS", "newest, older,")
    chosen = command_line.config_of(command_line.arguments([]))
    assert chosen.webhook_secrets == ("newest", "older")


def test_the_token_may_come_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELIPORT_API_TOKEN", "rng_from_the_environment")
    assert command_line.arguments([]).token == "rng_from_the_environment"


def test_a_start_that_is_refused_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["--host", "0.0.0.0"]) == 1
    assert "loopback" in capsys.readouterr().err


def test_webhooks_to_another_machine_are_refused_at_the_start(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command_line.main(["--port", "0", "--webhook-url", "http://example.com/"]) == 1
    assert "this machine only" in capsys.readouterr().err


async def test_a_server_sends_its_webhooks_again_until_they_are_taken(served: Served) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    statuses = iter([b"503 Busy", b"204 Taken"])

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % next(statuses))
        heard.put_nowait(head)
        writer.close()

    # A taken port first: nobody listens on it once it is closed, so the first try finds nobody.
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/webhooks/teliport"
    await served.control("POST", "/webhooks", {"url": url})
    headers = {"Authorization": f"Bearer {DEFAULT_TOKEN}"}
    async with httpx.AsyncClient(
        base_url=f"{served.root}/api/v1", headers=headers, trust_env=False
    ) as http:
        project = await ports.create(http)
        await ports.post(http, project, "cancel", reason="x")

    async def tries(count: int) -> list[int | None]:
        while True:
            (sent,) = (await served.control("GET", "/webhooks")).json()["deliveries"]
            if len(sent["attempts"]) >= count:
                return [attempt["status"] for attempt in sent["attempts"]]

    assert await tries(1) == [None]
    server = await asyncio.start_server(receive, "127.0.0.1", port)
    async with server:
        for _ in range(2):
            await served.control("POST", "/clock", {"advance": "PT1M"})
            head = await heard.get()
            assert head.startswith(b"POST /webhooks/teliport/port-cancelled HTTP/1.1\r\n")
        assert await tries(3) == [None, 503, 204]


def test_the_program_serves_until_it_is_told_to_stop(capsys: pytest.CaptureFixture[str]) -> None:
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]

    def stop_when_up() -> None:
        url = f"http://127.0.0.1:{port}/_sandbox/health"
        wait_until(lambda: _answers(url), 20)
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, lambda *_: None)
    stopper = threading.Thread(target=stop_when_up)
    stopper.start()
    try:
        assert command_line.main(["--port", str(port)]) == 0
    finally:
        stopper.join()
        signal.signal(signal.SIGTERM, before)
    assert capsys.readouterr().out == f"sandbox ready on http://127.0.0.1:{port}\n"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.processes
def test_kill_9_right_after_an_answer_loses_nothing(tmp_path: Path) -> None:
    with spawn_sandbox(data_dir=tmp_path) as first:
        headers = {"Authorization": f"Bearer {first.token}"}
        url = f"{first.url}/inventory/numbers/{TN}/assign"
        body = {"applicationId": "WARP", "metadata": {"a": 1}}
        answer = httpx.post(url, json=body, headers=headers, trust_env=False)
        assert answer.status_code == 200
        first.kill()
    with spawn_sandbox(data_dir=tmp_path) as second:
        state = second.control("GET", f"/state?tn={TN}").json()
        assert (state["status"], state["applicationMetadata"]) == ("IN_USE", {"a": 1})


@pytest.mark.processes
def test_a_signal_stops_it_cleanly_and_frees_its_directory(tmp_path: Path) -> None:
    with spawn_sandbox(data_dir=tmp_path) as first:
        first.process.send_signal(signal.SIGINT)
        assert first.process.wait(10) == 0
    with spawn_sandbox("--seed", "9", data_dir=tmp_path) as second:
        # The seed that was stored goes before the one of the command line.
        assert second.control("GET", "/health").json()["seed"] == 7
        command = [sys.executable, "-m", "teliport.sandbox", "--port", "0"]
        third = subprocess.run(
            [*command, "--data-dir", str(tmp_path)],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        assert third.returncode == 1
        assert "another sandbox" in third.stderr


@pytest.mark.processes
async def test_it_handles_300_requests_a_second() -> None:
    """Counted in the server's own CPU time, so that a busy machine does not decide."""
    with spawn_sandbox("--rate-limit", "1000000") as carrier:
        server = psutil.Process(carrier.process.pid)
        async with carrier.client() as http:
            await steps.get(http, TN)
            before = sum(server.cpu_times()[:2])
            for _ in range(300):
                await steps.get(http, TN)
            assert sum(server.cpu_times()[:2]) - before < 0.8
