"""The launcher: database, sandbox, gateway and worker, in that order, each waited for.

Everything it starts is told to the keeper at once, so that nothing outlives the launcher
whatever ends it. A process that ends by itself ends the whole run with its own last words.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import httpx

from db import embedded, migrate, roles, seed
from gateway.local import banner
from gateway.local.house import LocalSecrets, free_port, write_dev_json, write_private
from gateway.local.plan import Plan, plan_for
from gateway.settings import Settings

READY_SECONDS = 30.0
DATABASE = "warp"


class StartFailed(Exception):
    """A part of the platform did not come up; the message says which and where its log is."""


class Keeper:
    """Our end of the keeper's standard input (see `gateway.local.keeper`)."""

    def __init__(self, process: asyncio.subprocess.Process, pipe: int) -> None:
        self._process = process
        self._pipe = pipe

    @classmethod
    async def start(cls) -> "Keeper":
        """Start the keeper in a session of its own, out of Ctrl-C's reach."""
        reading, writing = os.pipe()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway.local.keeper", stdin=reading, start_new_session=True
        )
        os.close(reading)
        return cls(process, writing)

    def mind(self, kind: str, what: object) -> None:
        """Hand something over: `process <pid>` or `postgres <data directory>`."""
        os.write(self._pipe, f"{kind} {what}\n".encode())

    async def finish(self) -> None:
        """Close the pipe and wait until the keeper has ended everything."""
        os.close(self._pipe)
        await self._process.wait()


async def run(settings: Settings) -> None:
    """Start the platform, print where it is and wait for Ctrl-C or for a part to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(each, stop.set)
    data_dir = settings.data_dir.resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    async with kept() as keeper:
        plan = plan_for(settings, LocalSecrets.kept_in(data_dir), ports(settings))
        starting = asyncio.create_task(start(plan, data_dir, keeper))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            starting.cancel()
            return
        parts = await starting
        content = plan.dev_json()
        keeper.mind("file", write_dev_json(data_dir, content))
        banner.show(content, plan)
        await first_end(parts, stopping, data_dir)
        banner.say("Stopping …")


def ports(settings: Settings) -> dict[str, int]:
    """The ports of this run. Raises PortTaken naming the setting that moves one."""
    return {
        "gateway": free_port(settings.gateway_port, "GATEWAY_PORT"),
        "sandbox": free_port(settings.sandbox_port, "SANDBOX_PORT"),
        "worker": free_port(settings.worker_metrics_port, "WORKER_METRICS_PORT"),
    }


@contextlib.asynccontextmanager
async def kept() -> AsyncIterator[Keeper]:
    """A keeper that ends everything when the block is left, in whatever way."""
    keeper = await Keeper.start()
    try:
        yield keeper
    finally:
        await asyncio.shield(keeper.finish())


async def start(
    plan: Plan, data_dir: Path, keeper: Keeper
) -> dict[str, asyncio.subprocess.Process]:
    """Bring everything up; returns the processes by name. Raises StartFailed."""
    environment = await database(plan, data_dir, keeper)
    # From here on the folder is ours alone: the database holds its lock.
    (data_dir / "dev.json").unlink(missing_ok=True)
    write_private(data_dir / "dev.env", plan.environment(environment))
    if plan.mail_dir:
        await asyncio.to_thread(Path(plan.mail_dir).mkdir, exist_ok=True)
    parts: dict[str, asyncio.subprocess.Process] = {}
    waiting = []
    for part in plan.parts(environment):
        banner.say(f"Starting the {part.name}")
        process = await spawn(part.name, part.command, part.environment, data_dir)
        keeper.mind("process", process.pid)
        parts[part.name] = process
        waiting.append(ready(part.name, part.health_url, process, data_dir))
    await asyncio.gather(*waiting)
    return parts


async def database(plan: Plan, data_dir: Path, keeper: Keeper) -> Mapping[str, str]:
    """Start (unless DATABASE_URL names one), migrate and seed; returns the URLs to use."""
    if plan.database_urls is not None:
        banner.say("Using the database of DATABASE_URL")
        urls = plan.database_urls
    else:
        banner.say("Starting PostgreSQL")
        keeper.mind("postgres", data_dir / "postgres")
        cluster = await asyncio.to_thread(embedded.start, data_dir / "postgres")
        banner.say("Creating roles")
        urls = plan.named(await roles.ensure(cluster.url, DATABASE, plan.passwords))
    banner.say("Migrating")
    await migrate.upgrade(urls["MIGRATION_DATABASE_URL"])
    if plan.sandboxed:
        await seed.demo(urls["MIGRATION_DATABASE_URL"])
    return urls


async def spawn(
    name: str, command: tuple[str, ...], environment: Mapping[str, str], data_dir: Path
) -> asyncio.subprocess.Process:
    """Start one part in a session of its own, its output in DATA_DIR/<name>.log."""
    with (data_dir / f"{name}.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, *command,
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip


async def ready(name: str, url: str, process: asyncio.subprocess.Process, data_dir: Path) -> None:
    """Wait until the part answers at its health URL. Raises StartFailed with its last line."""
    log = data_dir / f"{name}.log"
    async with httpx.AsyncClient(trust_env=False) as client:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(READY_SECONDS):
                while process.returncode is None:
                    with contextlib.suppress(httpx.TransportError):
                        if (await client.get(url)).status_code == httpx.codes.OK:
                            return
                    await asyncio.sleep(0.1)
    last = log.read_text(errors="replace").strip().rpartition("\n")[2]
    raise StartFailed(f"The {name} did not start. Its log: {log}\nLast line: {last}")


async def first_end(
    parts: Mapping[str, asyncio.subprocess.Process], stopping: asyncio.Task[bool], data_dir: Path
) -> None:
    """Wait for Ctrl-C, or for a part that ends by itself. Raises StartFailed for the latter."""
    ends = {asyncio.create_task(process.wait()): name for name, process in parts.items()}
    done, _ = await asyncio.wait({stopping, *ends}, return_when=asyncio.FIRST_COMPLETED)
    for task, name in ends.items():
        if task in done and not stopping.done():
            raise StartFailed(f"The {name} ended by itself; its log: {data_dir / name}.log")
        task.cancel()
