"""A load generator that costs less than what it measures: raw HTTP/1.1 over kept-open sockets.

Run as a process of its own, so that it does not share the server's interpreter:
`python -m tests.bench.load <url> <connections> <seconds> <body file> [header …]`, prints JSON.
"""

import asyncio
import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Measured:
    """What a run of load saw. Times in milliseconds."""

    per_second: float
    p50: float
    p99: float
    failures: int


def request(url: str, body: bytes, headers: list[str]) -> bytes:
    """One POST, ready to be sent again and again."""
    parts = urlsplit(url)
    head = [
        f"POST {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Content-Type: application/json",
        "Accept: application/json",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


async def connection(url: str, sent: bytes, until: float, times: list[float]) -> int:
    """Ask over one connection until the time is up; returns how many answers were no success."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    failures = 0
    while (began := time.perf_counter()) < until:
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        fields = head.lower().split(b"\r\n")
        length = next(int(f[15:]) for f in fields if f.startswith(b"content-length:"))
        body = await reader.readexactly(length)
        times.append(time.perf_counter() - began)
        failures += not (head.startswith(b"HTTP/1.1 200") and b'"errors"' not in body)
    writer.close()
    return failures


async def run(url: str, connections: int, seconds: float, sent: bytes) -> Measured:
    """Load `url` for some seconds over some connections."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    work = [connection(url, sent, until, times) for _ in range(connections)]
    failures = sum(await asyncio.gather(*work))
    cuts = statistics.quantiles(times, n=100)
    return Measured(len(times) / seconds, cuts[49] * 1000, cuts[98] * 1000, failures)


if __name__ == "__main__":
    where, count, length, file, *more = sys.argv[1:]
    wire = request(where, Path(file).read_bytes(), more)
    print(json.dumps(asdict(asyncio.run(run(where, int(count), float(length), wire)))))
