"""`make run`: starts, tells where it is, keeps its data, leaves no process, even after kill -9."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from tests.kit.live import ROOT, LiveStack, running
from tests.kit.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("live")]

VIEWER = "{ viewer { subject customer { name } } }"


def about(data_dir: Path) -> list[psutil.Process]:
    """Every process that has this data folder in its command line or environment."""
    found = []
    for process in psutil.process_iter():
        try:
            told = " ".join(process.cmdline()) + process.environ().get("DATA_DIR", "")
        except psutil.Error:
            continue
        if str(data_dir) in told and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def ask(stack: LiveStack, query: str) -> dict[str, object]:
    """A query by customer A over real HTTP."""
    answer = httpx.post(
        stack.dev["graphqlUrl"],
        json={"query": query},
        headers={"authorization": f"Bearer {stack.dev['tokens']['customerA']}"},
        trust_env=False,
    )
    body: dict[str, object] = answer.json()
    return body


def test_it_starts_tells_and_leaves_nothing(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running(data_dir) as stack:
        assert set(stack.dev) >= {
            "graphqlUrl", "wsUrl", "explorerUrl", "sandboxUrl", "metricsUrl", "tokens",
        }  # fmt: skip
        assert set(stack.dev["tokens"]) == {"customerA", "customerB", "staff"}
        assert "Aspen Outfitters" in str(ask(stack, VIEWER))
        assert httpx.get(stack.dev["metricsUrl"]).status_code == 200
        ready = httpx.get(stack.dev["graphqlUrl"].replace("/graphql", "/readyz"))
        assert {part: found["ready"] for part, found in ready.json().items()} == {
            "database": True, "worker": True, "carrier": True,
        }  # fmt: skip
        assert len(about(data_dir)) >= 5
    assert stack.process.returncode == 0
    assert about(data_dir) == []
    assert not stack.dev_json.exists()


def test_after_kill_9_nothing_is_left_and_the_next_start_knows_everything(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running(data_dir) as stack:
        token = stack.dev["tokens"]["customerA"]
        secrets = (data_dir / "secrets.json").read_text()
        stack.process.send_signal(signal.SIGKILL)
        stack.process.wait(10)
        wait_until(lambda: not about(data_dir), 30)
        assert about(data_dir) == []
    with running(data_dir) as again:
        assert (data_dir / "secrets.json").read_text() == secrets
        answer = httpx.post(
            again.dev["graphqlUrl"],
            json={"query": VIEWER},
            headers={"authorization": f"Bearer {token}"},
        )
        assert answer.json()["data"]["viewer"]["customer"]["name"] == "Aspen Outfitters"
    assert about(data_dir) == []


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with running(tmp_path / "data") as stack:
        port = stack.dev["graphqlUrl"].split(":")[2].split("/")[0]
        second = subprocess.run(
            [sys.executable, "-m", "gateway", "dev"],
            env={**os.environ, "GATEWAY_PORT": port, "DATA_DIR": str(tmp_path / "other")},
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert second.returncode == 1
        assert f"Port {port} is in use" in second.stderr
