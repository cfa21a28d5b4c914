"""A PostgreSQL of our own for `make run` and the tests.

We call `initdb` and `pg_ctl` ourselves, because the wheel's own shutdown leaves the server running
after a crash (decisions 31). Everything here blocks for a second or two: call it from a thread.

A lock file beside the data directory belongs to the living process that started the server. One
that runs without such an owner was left by a crash: it is stopped and started anew, data and all.
"""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from db import programs
from db.programs import EmbeddedFault, Programs

SUPERUSER = "postgres"
DURABLE: Mapping[str, str] = {"shared_buffers": "128MB"}
"""Settings for data that people want to keep."""
THROWAWAY: Mapping[str, str] = {
    "shared_buffers": "64MB",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""Settings for tests: nothing survives a power cut, everything committed survives a kill."""

_TRIES = 3


class AlreadyRunning(EmbeddedFault):
    """Another living process of ours runs this data directory."""


@dataclass(slots=True)
class Cluster:
    """A running server. `url` is the superuser's; see `db.roles` for everybody else's."""

    data_dir: Path
    port: int
    password: str = field(repr=False)
    programs: Programs
    lock: IO[str] = field(repr=False)

    @property
    def url(self) -> str:
        """The superuser's URL of the database `postgres`."""
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, None when it does not run."""
        return programs.postmaster(self.data_dir)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server and give the directory up; `immediate` is a crash. Twice is once."""
        try:
            _stop(self.programs, self.data_dir, mode)
        finally:
            self.lock.close()


def start(
    data_dir: Path,
    version: int = 18,
    *,
    settings: Mapping[str, str] = DURABLE,
    port: int | None = None,
) -> Cluster:
    """Start the server of `data_dir`, making it first if need be; data of earlier starts is kept.

    It listens on 127.0.0.1, on `port` or that of last time, unless somebody else has it by now.
    Raises AlreadyRunning, or EmbeddedFault with the end of the server's log.
    """
    data_dir = data_dir.absolute()
    found = programs.find(version)
    lock = _own(data_dir)
    try:
        password = _initialised(data_dir, found, version)
        _stop(found, data_dir, "fast")
        _clear(data_dir)
        chosen = _run(data_dir, found, settings, port or _last_port(data_dir))
        return Cluster(data_dir, chosen, password, found, lock)
    # Whatever ended the start, Ctrl-C included, the next one must be able to take the lock.
    except BaseException:
        lock.close()
        raise


def stop(data_dir: Path) -> None:
    """Stop the server of a directory, if one runs, without owning it: for a dead owner's keeper."""
    data_dir = data_dir.absolute()
    if programs.postmaster(data_dir) is not None:
        version = int((data_dir / "PG_VERSION").read_text(encoding="ascii"))
        _stop(programs.find(version), data_dir, "fast")


def _own(data_dir: Path) -> IO[str]:
    """Take the lock file; the kernel gives it back when this process dies, however it dies."""
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    lock = data_dir.with_name(data_dir.name + ".lock").open("a", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise AlreadyRunning(f"Another process is running the database in {data_dir}.") from error
    return lock


def _initialised(data_dir: Path, found: Programs, version: int) -> str:
    """Make the data directory unless it is there; returns the superuser's password."""
    secret = data_dir / "superuser.secret"
    if secret.exists():
        made_by = (data_dir / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by != str(version):
            raise EmbeddedFault(f"{data_dir} holds PostgreSQL {made_by}, not {version}.")
        return secret.read_text(encoding="ascii").strip()
    if (data_dir / "PG_VERSION").exists():
        # The secret is written last: without it initdb was cut off, and there is nothing to lose.
        shutil.rmtree(data_dir)
    data_dir.mkdir(mode=0o700, exist_ok=True)
    found.adopt(data_dir)
    password = secrets.token_hex(16)
    _initdb(data_dir, found, password)
    secret.write_text(password, encoding="ascii")
    secret.chmod(0o600)
    return password


def _initdb(data_dir: Path, found: Programs, password: str) -> None:
    handed = data_dir.with_name(data_dir.name + ".password")
    handed.touch(mode=0o600)
    try:
        handed.write_text(password + "\n", encoding="ascii")
        found.adopt(handed)
        said = found.call(
            "initdb",
            *("--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"),
            *("-U", SUPERUSER, f"--pwfile={handed}", "-D", str(data_dir)),
        )
    finally:
        handed.unlink(missing_ok=True)
    if said is not None:
        raise EmbeddedFault(f"initdb failed: {said[-2000:]}")


def _run(data_dir: Path, found: Programs, settings: Mapping[str, str], port: int | None) -> int:
    """Start the server on the wanted port, or on a free one when somebody else has it by now."""
    log = data_dir / "server.log"
    for _ in range(_TRIES):
        chosen = port if port and _free(port) else _free_port()
        listen = {"port": chosen, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        options = " ".join(f"-c {name}='{value}'" for name, value in {**settings, **listen}.items())
        words = ("-w", "-t", "60", "-D", str(data_dir), "-l", str(log), "-o", options, "start")
        if found.call("pg_ctl", *words) is None:
            (data_dir / "last.port").write_text(str(chosen), encoding="ascii")
            return chosen
        port = None
    tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise EmbeddedFault(f"PostgreSQL did not start. The end of {log}:\n{tail}")


def _stop(found: Programs, data_dir: Path, mode: str) -> None:
    pid = programs.postmaster(data_dir)
    if pid is None:
        return
    said = found.call("pg_ctl", "-w", "-t", "30", "-m", mode, "-D", str(data_dir), "stop")
    if said is not None and programs.postmaster(data_dir) == pid:
        # Not down within 30 s: a recovery at the next start is the lesser evil.
        os.kill(pid, signal.SIGQUIT)


def _clear(data_dir: Path) -> None:
    """Remove the pid file of a postmaster that was killed, once its last backend is gone as well.

    PostgreSQL would do so itself, but for a number that lives on: as a zombie that nobody reaps, as
    in many containers, or as somebody else's process.
    """
    pid_file = data_dir / "postmaster.pid"
    for _ in range(100):
        if not pid_file.exists() or not programs.at_work(data_dir):
            pid_file.unlink(missing_ok=True)
            return
        time.sleep(0.05)
    raise EmbeddedFault(f"Processes of a killed PostgreSQL still work in {data_dir}; end them.")


def _last_port(data_dir: Path) -> int | None:
    try:
        return int((data_dir / "last.port").read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
