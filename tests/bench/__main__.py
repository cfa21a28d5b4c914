"""`make bench`: port files, a large port, the page beside its peers and by size, upstream calls."""

import asyncio

from gateway import logs
from gateway.settings import LogFormat
from tests.bench import files, pages, ports, upstream
from tests.bench.ground import database, prepared


def main() -> None:
    """Run every benchmark, those of the database on one fresh cluster, and print the tables."""
    files.run()
    logs.configure("ERROR", LogFormat.CONSOLE)
    with database() as (cluster, folder):
        urls = asyncio.run(prepared(cluster))
        asyncio.run(ports.run(urls))
        pages.run(cluster, urls, folder)
        asyncio.run(upstream.run(urls))


if __name__ == "__main__":
    main()
