"""The ZIP around an Excel workbook, judged before the reader sees it.

What its directory claims is checked first and cheaply; then every entry is really inflated once,
piece by piece, because a directory can lie. That also finds files that were cut off. On the way
the XML is surveyed (`numbering.sheets.survey`).
"""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from numbering.port_refusals import FileRefused
from numbering.sheets.survey import Survey

MAX_ENTRIES = 1_000
MAX_INFLATED = 32 * 1024 * 1024
MAX_RATIO = 200
"""Inflated to packed bytes. Spreadsheets reach 10 to 40, many empty rows 100, a bomb 1 000."""

_SMALL = 1024 * 1024
_PIECE = 64 * 1024
_OVERLAP = 512
# A formula that is the last of its cell, or has the empty element that libraries write in place
# of a result. An empty text as result is <v></v>.
_UNCOUNTED = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^<>]{0,200}/>)"
    rb"\s{0,9}(?:<(?:\w+:)?v\s{0,9}/>)?\s{0,9}</(?:\w+:)?c>"
)


def surveyed(content: bytes) -> Survey:
    """What the reader does not tell; FileRefused unless the bytes are a whole, unlocked workbook
    of a bearable size.
    """
    with _whole(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        _check_directory(entries)
        survey = Survey()
        total = 0
        # Cells are understood by the styles, which may come later in the file.
        for entry in sorted(entries, key=lambda entry: entry.filename.lower() != "xl/styles.xml"):
            with survey.part(entry.filename) as part:
                for piece in _pieces(archive, entry):
                    total += len(piece)
                    _bounded(total, len(content))
                    part.feed(piece)
        survey.check()
        return survey


@contextmanager
def _whole() -> Iterator[None]:
    """Turn whatever broken bytes make the ZIP and XML readers raise into one refusal."""
    try:
        yield
    except FileRefused:
        raise
    except Exception:  # noqa: BLE001  the named boundary: crafted bytes raise anything in zipfile
        raise FileRefused("The workbook is damaged or cut off. Save and send it anew.") from None


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename.lower() for entry in entries]
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise FileRefused("The file is protected by a password. Save it without one.")
    if "xl/workbook.bin" in names:
        raise FileRefused("This is a binary workbook (.xlsb). Save it as .xlsx or as CSV.")
    if not any(name.startswith("xl/") for name in names):
        raise FileRefused("This is no Excel workbook (.xlsx). Save it as one, or as CSV.")
    if len(set(names)) < len(names):
        raise FileRefused("The workbook has two parts of one name. Save it anew.")
    if len(entries) > MAX_ENTRIES:
        raise FileRefused("The workbook has too many parts. Copy the sheet into a new one.")
    _bounded(
        sum(entry.file_size for entry in entries),
        sum(entry.compress_size for entry in entries),
    )


def _bounded(inflated: int, packed: int) -> None:
    if inflated > MAX_INFLATED or inflated > max(_SMALL, packed * MAX_RATIO):
        raise FileRefused(
            "The workbook unpacks to far more than a port file needs. Copy the sheet to a new one."
        )


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    tail = b""
    with archive.open(entry) as part:
        while piece := part.read(_PIECE):
            if _UNCOUNTED.search(tail + piece):
                raise FileRefused(
                    "The workbook has formulas whose results were never saved. Open it in Excel"
                    " and save it, or send the values as CSV."
                )
            tail = piece[-_OVERLAP:]
            yield piece
