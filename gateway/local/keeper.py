"""The keeper: ends everything that `make run` started, however the launcher ended.

The launcher holds the write end of this process's standard input. Each line there is something
to look after; end of file means that the launcher is gone, by Ctrl-C or by `kill -9`, and the
keeper ends what is left: the processes first, the database last.

    process <pid>
    postgres <data directory>
    file <path>

A file is one that must not outlive the processes it tells of: `dev.json`.
"""

import contextlib
import signal
import sys
import time
from pathlib import Path

import psutil

from db import embedded

GRACE_SECONDS = 10.0
TICK_SECONDS = 0.05


def main() -> None:
    """Read what to look after until end of file, then end it."""
    # Ctrl-C reaches the whole foreground group; only the launcher's end may stop the keeper.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    processes: list[psutil.Process] = []
    clusters: list[Path] = []
    files: list[Path] = []
    for line in sys.stdin:
        kind, _, what = line.strip().partition(" ")
        if kind == "process":
            with contextlib.suppress(psutil.NoSuchProcess):
                processes.append(psutil.Process(int(what)))
        elif kind == "postgres":
            clusters.append(Path(what))
        elif kind == "file":
            files.append(Path(what))
    for file in files:
        file.unlink(missing_ok=True)
    end(processes)
    for data_dir in clusters:
        embedded.stop(data_dir)


def end(processes: list[psutil.Process], grace: float = GRACE_SECONDS) -> None:
    """Ask each process to stop, wait up to `grace` seconds for all, then kill the rest."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    deadline = time.monotonic() + grace
    while not all(map(ended, processes)) and time.monotonic() < deadline:
        time.sleep(TICK_SECONDS)
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def ended(process: psutil.Process) -> bool:
    """Whether it is gone, or only waits for its parent to take note."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


if __name__ == "__main__":
    main()
