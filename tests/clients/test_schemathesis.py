"""schemathesis: a thousand made-up requests, good and bad, and not one server error."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gql import GraphQLRequest

from tests.clients.documents import ROOT
from tests.clients.gql_story import buy, hold, over_http, over_socket, reached
from tests.kit.live import LiveStack, running

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("live")]

CASES = 1_000
# 40 root fields.
CASES_PER_FIELD = 44
# Files come by multipart requests, which schemathesis does not make: only their refusals are met.
WITH_FILES = {"Mutation.lintPortFile", "Mutation.uploadPortFile", "Mutation.uploadPortDocument"}
# Half a minute alone; this is where a hanging run ends.
SECONDS = 240
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


KNOWN = GraphQLRequest("""
  query Known($id: ID!) {
    viewer { customer { id } }
    reservation(id: $id) { items { did { id number } } }
    auditLog { nodes { id operationId } }
  }
""")


PORT = GraphQLRequest("""
  mutation Port {
    createPortProject(input: { name: "Fuzzed", idempotencyKey: "fuzzed" }) { project { id } }
  }
""")


async def known(stack: LiveStack) -> dict[str, str]:
    """Literals of things that exist, so that the made-up requests find something."""
    token = stack.dev["tokens"]["customerA"]
    async with over_http(stack, token) as alice, over_socket(stack, token) as events:
        cart = await hold(alice, "303", 2)
        await asyncio.wait_for(reached(events, cart["id"], "HELD"), SECONDS)
        await buy(alice, cart["id"])
        await asyncio.wait_for(reached(events, cart["id"], "DONE"), SECONDS)
        held = await hold(alice, "720", 2)
        await asyncio.wait_for(reached(events, held["id"], "HELD"), SECONDS)
        KNOWN.variable_values = {"id": cart["id"]}
        port = (await alice.execute(PORT))["createPortProject"]["project"]["id"]
        return literals(await alice.execute(KNOWN), held, port)


def literals(seen: dict[str, Any], held: dict[str, Any], port: str) -> dict[str, str]:
    """Argument → GraphQL literal, in the way that `schemathesis_hooks` reads it."""
    dids = [item["did"] for item in seen["reservation"]["items"]]
    customer = seen["viewer"]["customer"]["id"]
    events = seen["auditLog"]["nodes"]
    operation = next(event["operationId"] for event in events if event["operationId"])
    found = {
        "node.id": events[0]["id"],
        "nodes.ids": [customer, held["id"], dids[0]["id"], events[0]["id"], operation],
        "customer.id": customer,
        "reservation.id": held["id"],
        "operation.id": operation,
        "portProject.id": port,
        "projectId": port,
        "customerId": customer,
        "reservationId": held["id"],
        "didIds": [did["id"] for did in dids],
        "numbers": [item["number"] for item in held["items"]],
        "number": dids[0]["number"],
    }
    return {name: json.dumps(value) for name, value in found.items()}


def fuzz(
    stack: LiveStack, known_literals: dict[str, str], directory: Path
) -> tuple[str, dict[str, Any]]:
    """What schemathesis printed, and its report."""
    report = directory / "report.json"
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "run", stack.dev["graphqlUrl"],
        "--header", f"Authorization: Bearer {stack.dev['tokens']['staff']}",
        "--phases", "fuzzing", "--checks", "not_a_server_error", "--continue-on-failure",
        "--max-examples", str(CASES_PER_FIELD), "--workers", "1", "--seed", "20261101",
        "--no-shrink", "--report", "json", "--report-json-path", str(report),
    ]  # fmt: skip
    hooks = {
        "SCHEMATHESIS_HOOKS": "tests.clients.schemathesis_hooks",
        "PYTHONPATH": str(ROOT),
        "FUZZ_KNOWN": json.dumps(known_literals),
    }
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


async def test_a_thousand_made_up_requests_meet_no_server_error(
    fuzzed_stack: LiveStack, tmp_path: Path
) -> None:
    existing = await known(fuzzed_stack)
    said, report = await asyncio.to_thread(fuzz, fuzzed_stack, existing, tmp_path)
    assert report["failures"] == [], said
    assert report["errors"] == [], said
    assert report["complete"], said
    assert report["test_cases"]["generated"] >= CASES, said
    assert report["warnings"]["rate_limited"] == [], said
    # Not only refusals: the made-up requests reached the data behind every field.
    assert set(report["warnings"]["missing_test_data"]) <= WITH_FILES, said
