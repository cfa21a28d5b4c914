"""What the benchmarks stand on: a database with many numbers, servers as processes, a table."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import asyncpg
import httpx

from db import embedded, migrate, roles, seed
from db.roles import Passwords, Urls
from tests.bench.load import Measured
from tests.kit.waiting import wait_until

PASSWORDS = Passwords(owner="owner", app="app", worker="worker")
FILL = """
INSERT INTO voice.dids (id, number, number_type, npa, nxx, locality, state, lata, rate_center,
  customer_id, status, friendly_name, voice_enabled, sms_enabled, routing_type, trunk_id,
  monthly_cost, setup_fee, acquired_at, meta_version, pushed_version)
SELECT gen_random_uuid(), '+1' || (2000000000 + n * 79)::text, 'LOCAL',
  substr((2000000000 + n * 79)::text, 1, 3), substr((2000000000 + n * 79)::text, 4, 3),
  'DENVER', 'CO', 656, 'DENVER', $1::uuid, 'ACTIVE', 'Line ' || n, true, n % 2 = 0,
  'TRUNK', $2::uuid, 0.75, 1, now() - n * interval '1 second', 1, 1
FROM generate_series($3::bigint, $4::bigint) AS n
"""


@contextmanager
def database() -> Iterator[tuple[embedded.Cluster, Path]]:
    """A throw-away cluster, and a folder beside it."""
    with tempfile.TemporaryDirectory(prefix="warp-bench-") as folder:
        Path(folder).chmod(0o755)
        cluster = embedded.start(Path(folder) / "postgres", settings=embedded.THROWAWAY)
        try:
            yield cluster, Path(folder)
        finally:
            cluster.stop("immediate")


async def prepared(cluster: embedded.Cluster) -> Urls:
    """Roles, migrations, demo customers."""
    urls = await roles.ensure(cluster.url, "warp", PASSWORDS)
    await migrate.upgrade(urls.owner)
    await seed.demo(urls.owner)
    return urls


async def filled(cluster: embedded.Cluster, already: int, upto: int) -> None:
    """Give customer A numbers `already + 1` to `upto`."""
    admin = await asyncpg.connect(cluster.url.replace("/postgres", "/warp", 1))
    try:
        await admin.execute("SET session_replication_role = replica")
        await admin.execute(FILL, seed.CUSTOMER_A, seed.TRUNK_A1, already + 1, upto, timeout=600)
        await admin.execute("ANALYZE voice.dids", timeout=600)
    finally:
        await admin.close()


@contextmanager
def server(command: list[str], environment: Mapping[str, str], health: str) -> Iterator[None]:
    """A server process until the block is left; `health` answers when it is up."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with ExitStack() as stack:
        stack.callback(process.wait, 30)
        stack.callback(process.terminate)
        wait_until(lambda: process.poll() is not None or answers(health), 60)
        if process.poll() is not None:
            raise RuntimeError(f"{command} ended with {process.returncode}")
        yield


def answers(url: str) -> bool:
    """Whether anything answers there."""
    try:
        httpx.get(url, trust_env=False)
    except httpx.TransportError:
        return False
    return True


def loaded(url: str, body: Path, headers: list[str], *, seconds: float = 4) -> Measured:
    """Load a URL from a process of its own."""
    out = subprocess.run(
        [sys.executable, "-m", "tests.bench.load", url, "8", str(seconds), str(body), *headers],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return Measured(**json.loads(out))


def table(title: str, head: list[str], rows: list[list[str]]) -> None:
    """Print a table as Markdown."""
    print(f"\n### {title}\n")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        cells = " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(f"| {cells} |")
