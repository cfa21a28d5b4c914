"""Rows of text cells with their place, whatever the file was; and the limits of a file."""

from collections.abc import Iterator
from dataclasses import dataclass

from numbering.port_refusals import FileRefused

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 10_000
"""Filled rows below the headings."""
MAX_PHYSICAL_ROWS = 50_000
"""Rows in all: a spreadsheet may carry many formatted but empty ones."""
MAX_COLUMNS = 200

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """What a file holds. `rows` gives (row of the sheet from 1, cells) once, lazily.

    Iterating may raise FileRefused: a file can turn out broken at its end.
    """

    format: str
    encoding: str | None
    delimiter: str | None
    rows: Iterator[tuple[int, Cells]]


def bounded(rows: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
    """The same rows; FileRefused for too many of them or too wide ones."""
    filled = 0
    for place, cells in rows:
        if len(cells) > MAX_COLUMNS:
            raise FileRefused(f"Row {place} has more than {MAX_COLUMNS} columns. Delete the spare.")
        filled += any(cells)
        # One more than the rows: the headings.
        if filled > MAX_ROWS + 1 or place > MAX_PHYSICAL_ROWS:
            raise FileRefused(
                f"The file has more than {MAX_ROWS:,} rows. Divide it, or delete empty rows."
            )
        yield place, cells
