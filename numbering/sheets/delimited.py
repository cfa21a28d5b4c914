"""CSV as spreadsheets and people write it: any usual delimiter, line end and quoting."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain, islice

from numbering.port_refusals import FileRefused
from numbering.sheets import headings
from numbering.sheets.decoding import text_of
from numbering.sheets.grid import Cells, Grid

DELIMITERS = (",", ";", "\t", "|")
MAX_LINE = 65_536
_HEAD = 65_536
_HINT = re.compile(r"""["']?sep=(?P<delimiter>[,;\t|])["']?[ ]*(?:\r\n|\r|\n)""", re.IGNORECASE)
_END = "\x1eend"


def grid_of(content: bytes) -> Grid:
    """The rows of CSV bytes; FileRefused if they are no text."""
    text, encoding = text_of(content)
    hint = _HINT.match(text)
    if hint is not None:
        # Excel's own line; it does not show it as a row, and so it has no number.
        text, delimiter = text[hint.end() :], hint["delimiter"]
    else:
        delimiter = _sniffed(text[:_HEAD])
    return Grid("csv", encoding, delimiter, _rows(text, delimiter))


def _sniffed(head: str) -> str:
    """The delimiter under which the most headings are known; the comma when it does not matter."""
    return max(DELIMITERS, key=lambda delimiter: _known_headings(head, delimiter))


def _known_headings(head: str, delimiter: str) -> int:
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    rows = islice(reader, headings.SEARCHED)
    return max((len(headings.known(row)) for row in rows), default=0)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, Cells]]:
    """Numbered rows. A quotation mark that is never closed would swallow the rest of the file, so
    a last row is added, which must come out as it went in.
    """
    lines = chain(_lines(text), ("\n", _END))
    rows = csv.reader(lines, delimiter=delimiter)
    held: list[list[str]] = []
    place = 0
    try:
        for row in rows:
            held.append(row)
            if len(held) > 2:
                place += 1
                yield place, tuple(held.pop(0))
    except csv.Error as error:
        raise FileRefused(f"Row {place + len(held) + 1} is not CSV: {error}.") from None
    if held != [[], [_END]]:
        raise FileRefused(
            "A quotation mark is opened and never closed, or the file is cut off. Save it anew."
        )


def _lines(text: str) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > MAX_LINE:
            raise FileRefused(f"Line {number} is too long to be a row of a port file.")
        yield line
