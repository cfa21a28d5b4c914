"""`make bench`: the page of numbers beside its peers, page time by size, upstream calls."""

import asyncio

from gateway import logs
from gateway.settings import LogFormat
from tests.bench import pages, upstream
from tests.bench.ground import database, prepared


def main() -> None:
    """Run every benchmark on one fresh cluster and print the tables."""
    logs.configure("ERROR", LogFormat.CONSOLE)
    with database() as (cluster, folder):
        urls = asyncio.run(prepared(cluster))
        pages.run(cluster, urls, folder)
        asyncio.run(upstream.run(urls))


if __name__ == "__main__":
    main()
