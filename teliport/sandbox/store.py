"""What survives a restart and a kill -9: changed numbers, ports, webhooks, the clock, the seed.

SQLite in WAL mode, written before the answer is sent. `synchronous=NORMAL` outlives the death of
the process, which is all that is promised; a power cut may cost the last writes, never consistency.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from teliport.sandbox.numbers import Number
from teliport.sandbox.port_project import Project, Row

_SCHEMA = """
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS number (tn INTEGER PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS port (id TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS port_row
    (port TEXT, tn TEXT, state TEXT NOT NULL, PRIMARY KEY (port, tn)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS webhook (seq INTEGER PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class StoreInUse(OSError):
    """Two sandboxes over one data directory would each undo what the other wrote."""


class Store:
    """The changes to one seeded inventory; `data_dir=None` keeps them in memory only."""

    def __init__(self, data_dir: Path | None) -> None:
        place = ":memory:"
        if data_dir is not None:
            data_dir.mkdir(parents=True, exist_ok=True)
            place = str(data_dir / "sandbox.sqlite3")
        self._db = sqlite3.connect(place, timeout=1, isolation_level=None, check_same_thread=False)
        try:
            self._db.executescript(_SCHEMA)
        except sqlite3.OperationalError as locked:
            self._db.close()
            message = f"{place} cannot be opened; does another sandbox use it? ({locked})"
            raise StoreInUse(message) from locked

    def save(self, tn: int, number: Number) -> None:
        """Keep this number as it is now."""
        row = (tn, orjson.dumps(number.as_json()).decode())
        self._db.execute("INSERT OR REPLACE INTO number VALUES (?, ?)", row)

    def numbers(self) -> Iterator[tuple[int, Number]]:
        """Every number that was ever changed."""
        for tn, state in self._db.execute("SELECT tn, state FROM number"):
            yield tn, Number.from_json(orjson.loads(state))

    @contextmanager
    def whole(self) -> Iterator[None]:
        """All that is kept within it is kept together: a kill leaves all of it or nothing."""
        if self._db.in_transaction:
            yield
            return
        with self._db:
            self._db.execute("BEGIN")
            yield

    def save_port(self, project: Project) -> None:
        """Keep a project as it is now, without its rows."""
        row = (project.id, orjson.dumps(project.as_json()).decode())
        self._db.execute("INSERT OR REPLACE INTO port VALUES (?, ?)", row)

    def save_rows(self, project: Project, rows: Iterable[Row]) -> None:
        """Keep these rows of a project."""
        kept = ((project.id, row.tn, orjson.dumps(row.as_json()).decode()) for row in rows)
        self._db.executemany("INSERT OR REPLACE INTO port_row VALUES (?, ?, ?)", kept)

    def drop_rows(self, project: Project, tns: Iterable[str]) -> None:
        """Forget these rows of a project."""
        gone = ((project.id, tn) for tn in tns)
        self._db.executemany("DELETE FROM port_row WHERE port = ? AND tn = ?", gone)

    def ports(self) -> Iterator[Project]:
        """Every project, with its rows."""
        for id_, state in self._db.execute("SELECT id, state FROM port").fetchall():
            kept = self._db.execute("SELECT tn, state FROM port_row WHERE port = ?", (id_,))
            rows = {tn: Row.from_json(orjson.loads(row)) for tn, row in kept}
            yield Project.from_json(orjson.loads(state), rows)

    def webhooks(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every delivery, in order."""
        for seq, state in self._db.execute("SELECT seq, state FROM webhook ORDER BY seq"):
            yield seq, orjson.loads(state)

    def save_webhook(self, seq: int, state: Mapping[str, Any]) -> None:
        """Keep a delivery as it is now."""
        self._db.execute(
            "INSERT OR REPLACE INTO webhook VALUES (?, ?)", (seq, orjson.dumps(state).decode())
        )

    def drop_webhook(self, seq: int) -> None:
        """Forget a delivery."""
        self._db.execute("DELETE FROM webhook WHERE seq = ?", (seq,))

    def setting(self, name: str, default: float) -> float:
        """A kept value, or `default`."""
        row = self._db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return float(row[0]) if row else default

    def keep(self, name: str, value: float) -> None:
        """Keep a value."""
        self._db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, str(value)))

    def clear(self, settings: Mapping[str, float]) -> None:
        """Forget every change, and every value but these; all of it or nothing."""
        with self._db:
            self._db.execute("BEGIN")
            for table in ("number", "port", "port_row", "webhook", "setting"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608  the names above
            for name, value in settings.items():
                self.keep(name, value)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
