"""schemathesis: a thousand made-up requests, good and bad, and not one server error."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.documents import ROOT
from tests.kit.live import LiveStack, running

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("live")]

CASES = 1_000
CASES_PER_FIELD = 48
SECONDS = 90
SETTINGS = {
    # Decisions 1: fuzzing does not wait for the outcome of what it starts.
    "MUTATION_WAIT_SECONDS": "0.2",
    "TELIPORT_RATE_LIMIT": "6000",
    # Fuzzing is after defects; that buckets run dry is tested with the gateway.
    "COST_BUCKET": "10000000",
}


@pytest.fixture(scope="module")
def fuzzed_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveStack]:
    """A platform of its own: what fuzzing leaves behind must not be in another test's way."""
    with running(tmp_path_factory.mktemp("fuzzed") / "data", SETTINGS) as stack:
        yield stack


def fuzz(stack: LiveStack, directory: Path) -> tuple[str, dict[str, Any]]:
    """What schemathesis printed, and its report."""
    report = directory / "report.json"
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", stack.dev["graphqlUrl"],
        "--header", f"Authorization: Bearer {stack.dev['tokens']['staff']}",
        "--phases", "fuzzing", "--checks", "not_a_server_error", "--continue-on-failure",
        "--max-examples", str(CASES_PER_FIELD), "--workers", "2", "--seed", "20261101",
        "--no-shrink", "--report", "json", "--report-json-path", str(report),
    ]  # fmt: skip
    hooks = {"SCHEMATHESIS_HOOKS": "tests.clients.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        command,
        cwd=directory,
        env={**os.environ, **hooks},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    said = ended.stdout + ended.stderr
    assert report.exists(), said
    return said, json.loads(report.read_text(encoding="utf-8"))


def test_a_thousand_made_up_requests_meet_no_server_error(
    fuzzed_stack: LiveStack, tmp_path: Path
) -> None:
    said, report = fuzz(fuzzed_stack, tmp_path)
    assert report["failures"] == [], said
    assert report["errors"] == [], said
    assert report["complete"], said
    assert report["test_cases"]["generated"] >= CASES, said
    assert report["warnings"]["rate_limited"] == [], said
