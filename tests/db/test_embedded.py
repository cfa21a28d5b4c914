"""The local PostgreSQL: fresh, again, after crashes, and with somebody else in the way."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from db import embedded, programs
from tests.kit.postgres import VERSION
from tests.kit.waiting import wait_until

Start = Callable[..., embedded.Cluster]
pytestmark = pytest.mark.processes


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a space in it. Not pytest's: other sessions take its permissions away."""
    root = Path(tempfile.mkdtemp(prefix="warp-embedded-"))
    yield root / "a b" / "pg"
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Start a cluster in this test's folder; everything is stopped at the end."""
    started: list[embedded.Cluster] = []

    def begin(**options: int) -> embedded.Cluster:
        cluster = embedded.start(folder, VERSION, settings=embedded.THROWAWAY, **options)
        started.append(cluster)
        return cluster

    yield begin
    for cluster in started:
        cluster.stop("immediate")


def ask(cluster: embedded.Cluster, statement: str) -> object:
    """One statement as the superuser, over a connection of its own."""

    async def connected() -> object:
        connection = await asyncpg.connect(cluster.url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(connected())


def process_is_gone(pid: int) -> bool:
    """Whether a process ends within moments; a zombie has ended, though nobody reaps it."""

    def ended() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    wait_until(ended, 10)
    return ended()


def test_data_and_port_outlive_a_restart(start: Start) -> None:
    first = start()
    ask(first, "CREATE TABLE kept AS SELECT 7 AS n")
    pid = first.pid
    assert pid is not None
    first.stop()
    assert process_is_gone(pid)
    second = start()
    assert ask(second, "SELECT n FROM kept") == 7
    assert (second.port, second.url) == (first.port, first.url)


def test_stopping_twice_is_once(start: Start) -> None:
    cluster = start()
    cluster.stop()
    cluster.stop()


def test_only_one_living_owner(start: Start) -> None:
    start()
    with pytest.raises(embedded.AlreadyRunning, match="Another process"):
        start()


def test_a_server_left_by_a_crash_is_taken_over(start: Start) -> None:
    crashed = start()
    ask(crashed, "CREATE TABLE kept AS SELECT 7 AS n")
    left = crashed.pid
    crashed.lock.close()
    again = start()
    assert again.pid not in {None, left}
    assert left is not None
    assert process_is_gone(left)
    assert ask(again, "SELECT n FROM kept") == 7


def test_an_owner_that_was_killed_gives_the_directory_up(start: Start, folder: Path) -> None:
    program = (
        "import sys, pathlib, db.embedded as e;"
        "c = e.start(pathlib.Path(sys.argv[1]), int(sys.argv[2]), settings=e.THROWAWAY);"
        "print(c.pid, flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", program, str(folder), str(VERSION)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        left = int(owner.stdout.readline())
        owner.kill()
    again = start()
    assert process_is_gone(left)
    assert ask(again, "SELECT 1") == 1


def test_a_killed_postmaster_leaves_a_pid_file_that_does_not_matter(start: Start) -> None:
    cluster = start()
    ask(cluster, "CREATE TABLE kept AS SELECT 7 AS n")
    pid = cluster.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert process_is_gone(pid)
    assert (cluster.data_dir / "postmaster.pid").exists()
    cluster.stop()
    again = start()
    assert ask(again, "SELECT n FROM kept") == 7


def test_a_pid_file_that_names_somebody_else_is_not_believed(start: Start) -> None:
    cluster = start()
    cluster.stop()
    pid_file = cluster.data_dir / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{cluster.data_dir}\n", encoding="ascii")
    assert cluster.pid is None
    pid_file.write_text("nonsense", encoding="ascii")
    assert cluster.pid is None
    pid_file.write_text("4194999\n", encoding="ascii")
    assert cluster.pid is None


def test_a_port_that_somebody_took_is_left_to_them(start: Start) -> None:
    first = start()
    first.stop()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first.port))
        taken.listen()
        second = start()
        assert second.port != first.port
    second.stop()
    third = start(port=first.port)
    assert third.port == first.port


def test_a_directory_of_another_version_is_refused(start: Start) -> None:
    cluster = start()
    cluster.stop()
    (cluster.data_dir / "PG_VERSION").write_text("9\n", encoding="ascii")
    with pytest.raises(programs.EmbeddedFault, match="holds PostgreSQL 9, not"):
        start()


def test_an_initdb_that_was_cut_off_is_begun_again(start: Start) -> None:
    cluster = start()
    cluster.stop()
    (cluster.data_dir / "superuser.secret").unlink()
    assert ask(start(), "SELECT 1") == 1


def test_what_is_not_ours_is_not_removed(start: Start, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(programs.EmbeddedFault, match="initdb failed"):
        start()
    assert (folder / "thesis.txt").exists()


def test_a_server_that_does_not_start_shows_its_log(start: Start) -> None:
    cluster = start()
    cluster.stop()
    (cluster.data_dir / "postgresql.conf").write_text("nonsense = 1\n", encoding="ascii")
    with pytest.raises(programs.EmbeddedFault, match="nonsense"):
        start()
    (cluster.data_dir / "postgresql.conf").write_text("", encoding="ascii")
    assert ask(start(), "SELECT 1") == 1


def test_whoever_cleans_up_can_stop_it(start: Start) -> None:
    cluster = start()
    pid = cluster.pid
    embedded.stop(cluster.data_dir)
    assert pid is not None
    assert process_is_gone(pid)
    embedded.stop(cluster.data_dir)


def test_strangers_need_the_password(start: Start) -> None:
    cluster = start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(asyncpg.connect(cluster.url.replace(cluster.password, "guess")))
    secret = cluster.data_dir / "superuser.secret"
    assert secret.stat().st_mode & 0o077 == 0
    assert cluster.password not in repr(cluster)


def test_it_says_what_to_install_when_the_wheel_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda _name: None)
    with pytest.raises(programs.EmbeddedFault, match=r"warp-numbers\[local\]"):
        programs.find(18)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_it_says_when_the_system_user_cannot_be_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refusing = tmp_path / "useradd"
    refusing.write_text("#!/bin/sh\necho no room >&2; exit 1\n", encoding="ascii")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "SYSTEM_USER", "nobody-made-this-one")
    with pytest.raises(programs.EmbeddedFault, match=r"Cannot make the user .*: no room"):
        programs.find(VERSION)


def test_whoever_is_not_root_runs_it_as_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    found = programs.find(VERSION)
    assert found.account is None
    assert found.call("postgres", "--version") is None


def test_a_closed_parent_is_opened_for_passing_only(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)
    programs.open_way(closed / "data")
    assert closed.stat().st_mode & 0o777 == 0o701
