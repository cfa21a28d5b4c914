"""`dids(first: 50)` with customer and trunk: ours, plain Strawberry, written by hand."""

import asyncio
import json
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from db import embedded, seed
from db.roles import Urls
from gateway.tokens import mint
from numbering.actors import Role
from tests.bench.ground import filled, loaded, server, table
from tests.bench.load import Measured

SECRET = "a secret of the benchmark, 32 bytes or more"
QUERY = """query Page($first: Int!) { dids(first: $first) { pageInfo { hasNextPage endCursor }
  nodes { id number status friendlyName voiceEnabled smsEnabled
    customer { id name } routing { trunk { id name } } } } }"""
ROUNDS = 3
SIZES = (10_000, 100_000, 1_000_000)
COMPARED = 100_000
PORT = 18_100


def run(cluster: embedded.Cluster, urls: Urls, folder: Path) -> None:
    """Fill the table step by step; compare at 100 000 rows, measure ours at every size."""
    body = folder / "page.json"
    body.write_text(json.dumps({"query": QUERY, "variables": {"first": 50}}))
    by_size: list[list[str]] = []
    already = 0
    with ExitStack() as stack:
        peers = list(started(stack, urls))
        ours = peers[0]
        for size in SIZES:
            asyncio.run(filled(cluster, already, size))
            already = size
            if size == COMPARED:
                compare(peers, body)
            got = loaded(ours[1], body, ours[2])
            by_size.append([f"{size:,}", f"{got.per_second:.0f}", ms(got.p50), ms(got.p99)])
    head = ["rows", "requests/s", "p50 ms", "p99 ms"]
    table("Ours: a page of 50 by the size of the table", head, by_size)


def started(stack: ExitStack, urls: Urls) -> Iterator[tuple[str, str, list[str]]]:
    """Start the three servers; gives name, URL and headers of each."""
    token = mint(
        SECRET, subject="bench", roles=[Role.CUSTOMER_ADMIN], customer_ids=[seed.CUSTOMER_A]
    )
    common = {"DATABASE_URL": urls.app, "CUSTOMER": str(seed.CUSTOMER_A), "LOG_LEVEL": "WARNING"}
    gateway = common | {
        "JWT_SECRET": SECRET,
        "TELIPORT_API_URL": "http://127.0.0.1:1/api/v1",
        "TELIPORT_API_TOKEN": "rng_" + "0" * 48,
        # The buckets are for customers; a benchmark is its own customer (decisions 24).
        "COST_BUCKET": "1000000000",
        "GATEWAY_PORT": str(PORT),
    }
    commands = {
        "ours": (["gateway", "serve"], gateway, PORT),
        "plain Strawberry": (uvicorn("plain", PORT + 1), common, PORT + 1),
        "hand-written": (uvicorn("handwritten", PORT + 2), common, PORT + 2),
    }
    for name, (command, environment, port) in commands.items():
        stack.enter_context(server(command, environment, f"http://127.0.0.1:{port}/healthz"))
        headers = [f"Authorization: Bearer {token}"] if name == "ours" else []
        yield name, f"http://127.0.0.1:{port}/graphql", headers


def uvicorn(module: str, port: int) -> list[str]:
    """The command that serves a peer."""
    return ["uvicorn", f"tests.bench.{module}:app", "--port", str(port), "--log-level", "warning"]


def compare(peers: list[tuple[str, str, list[str]]], body: Path) -> None:
    """Load the servers in turn, several rounds, and print the medians."""
    seen: dict[str, list[Measured]] = {name: [] for name, _, _ in peers}
    for _ in range(ROUNDS):
        for name, url, headers in peers:
            seen[name].append(loaded(url, body, headers))
    floor = statistics.median(run.per_second for run in seen["hand-written"])
    rows = [row(name, runs, floor) for name, runs in seen.items()]
    head = ["server", "requests/s", "p50 ms", "p99 ms", "failures", "hand-written / this"]
    table(f"dids(first: 50) with customer and trunk, {COMPARED:,} rows, 8 connections", head, rows)


def row(name: str, runs: list[Measured], floor: float) -> list[str]:
    """The medians of one server's rounds."""
    rate = statistics.median(run.per_second for run in runs)
    p50 = statistics.median(run.p50 for run in runs)
    p99 = statistics.median(run.p99 for run in runs)
    failures = sum(run.failures for run in runs)
    return [name, f"{rate:.0f}", ms(p50), ms(p99), str(failures), f"{floor / rate:.1f}"]


def ms(value: float) -> str:
    """Milliseconds for a table."""
    return f"{value:.1f}"
