"""What survives a restart and a kill -9: the changed numbers, the clock's offset, the seed.

SQLite in WAL mode, written before the answer is sent. `synchronous=NORMAL` outlives the death of
the process, which is all that is promised; a power cut may cost the last writes, never consistency.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from teliport.sandbox.numbers import Number

_SCHEMA = """
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS number (tn INTEGER PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
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
        row = (tn, json.dumps(number.as_json()))
        self._db.execute("INSERT OR REPLACE INTO number VALUES (?, ?)", row)

    def numbers(self) -> Iterator[tuple[int, Number]]:
        """Every number that was ever changed."""
        for tn, state in self._db.execute("SELECT tn, state FROM number"):
            yield tn, Number.from_json(json.loads(state))

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
            self._db.execute("DELETE FROM number")
            self._db.execute("DELETE FROM setting")
            for name, value in settings.items():
                self.keep(name, value)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
