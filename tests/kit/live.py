"""The whole platform as processes, as `make run` starts it: for clients, faults and the tour."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.local.house import free_port
from tests.kit.waiting import wait_until

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0


@dataclass(frozen=True)
class LiveStack:
    """A running platform: `dev` is the content of its dev.json."""

    dev_json: Path
    dev: dict[str, Any]
    process: subprocess.Popen[bytes]

    @property
    def data_dir(self) -> Path:
        """The folder with its databases and logs."""
        return self.dev_json.parent


@contextmanager
def running(data_dir: Path, settings: Mapping[str, str] | None = None) -> Iterator[LiveStack]:
    """Start `gateway dev` with free ports and its data in `data_dir`; stop it by Ctrl-C."""
    ports = {"GATEWAY_PORT": "0", "SANDBOX_PORT": "0", "WORKER_METRICS_PORT": "0"}
    environment = {**os.environ, **ports, "DATA_DIR": str(data_dir), **(settings or {})}
    output = data_dir.with_name(data_dir.name + ".out")
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "dev"],
            cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    dev_json = data_dir / "dev.json"
    try:
        wait_until(lambda: dev_json.exists() or process.poll() is not None, START_SECONDS)
        assert dev_json.exists(), output.read_text()
        yield LiveStack(dev_json, json.loads(dev_json.read_text()), process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(START_SECONDS)


@contextmanager
def second_gateway(stack: LiveStack) -> Iterator[str]:
    """Another gateway of the same platform on a port of its own; its base URL."""
    lines = (stack.data_dir / "dev.env").read_text().splitlines()
    given = dict(shlex.split(line)[0].split("=", 1) for line in lines)
    port = free_port(0, "GATEWAY_PORT")
    environment = {**os.environ, **given, "GATEWAY_PORT": str(port)}
    url = f"http://127.0.0.1:{port}"
    output = stack.data_dir / f"gateway-{port}.log"
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "serve"],
            cwd=ROOT, env=environment, stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
    try:
        wait_until(lambda: answers(url) or process.poll() is not None, START_SECONDS)
        assert process.poll() is None, output.read_text()
        yield url
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def answers(url: str) -> bool:
    """Whether a gateway is ready there."""
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def live_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStack]:
    """One platform for a whole session. Mark its tests `xdist_group("live")`."""
    data_dir = tmp_path_factory.mktemp("live") / "data"
    with running(data_dir, {"TELIPORT_RATE_LIMIT": "6000"}) as stack:
        yield stack
