"""An uploaded file: out of its multipart body, and its lines as rows.

CSV only. The carrier takes XLSX too, which nobody sends here: a second reader would be a second
opinion on what a sheet says.
"""

import csv
import io
import re
from http import HTTPStatus
from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from teliport.sandbox.answers import Refused
from teliport.sandbox.port_magic import RIGHT_PIN
from teliport.sandbox.port_project import Row

LARGEST_FILE = 10_000
_TN = re.compile(r"(?:\+?1)?([2-9][0-9]{9})", re.ASCII)
_ZIP = b"PK\x03\x04"


def _bad(message: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, message)


class _Parts:
    """Collects the parts of a body: name → content."""

    def __init__(self) -> None:
        self.found = {b"": bytearray()}
        self._header = [b"", b""]
        self._name = b""

    def calls(self) -> Any:
        """What the parser calls on its way."""
        return {
            "on_header_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._value,
            "on_header_end": self._end,
            "on_part_data": self._data,
        }

    def _begin(self) -> None:
        self._header = [b"", b""]

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _end(self) -> None:
        if self._header[0].lower() == b"content-disposition":
            self._name = parse_options_header(self._header[1])[1].get(b"name", b"")
            self.found[self._name] = bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        self.found[self._name] += data[start:end]


def uploaded(content_type: str, body: bytes) -> bytes:
    """The part `file` of a multipart body. Raises Refused."""
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send the file as multipart/form-data, part file"
        )
    parts = _Parts()
    try:
        parser = MultipartParser(options[b"boundary"], parts.calls())
        parser.write(body)
        parser.finalize()
    except MultipartParseError as fault:
        raise _bad(f"The multipart body cannot be read: {fault}") from fault
    if b"file" not in parts.found:
        raise _bad("file: is missing")
    return bytes(parts.found[b"file"])


def rows_of(content: bytes, job: int) -> dict[str, Row]:
    """The rows of a CSV file by number; of two with one number the later. Raises Refused."""
    if content.startswith(_ZIP):
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The sandbox reads CSV only, not XLSX")
    try:
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        table = [line for line in lines if any(cell.strip() for cell in line)]
    except (UnicodeDecodeError, csv.Error) as fault:
        raise _bad(f"The file is no CSV in UTF-8: {fault}") from fault
    header = [name.strip().lower() for name in table[0]] if table else []
    if "telephone_number" not in header:
        raise _bad("The file has no column telephone_number")
    if not 0 < len(table) - 1 <= LARGEST_FILE:
        raise _bad(f"A file has 1 to {LARGEST_FILE} rows")
    rows = [_row(dict(zip(header, line, strict=False)), job) for line in table[1:]]
    return {row.tn: row for row in rows}


def digits_of(text: str) -> str | None:
    """The ten digits of a number however it is written, or None."""
    found = _TN.fullmatch(re.sub(r"[\s().-]", "", text))
    return found[1] if found else None


def _row(cells: dict[str, str], job: int) -> Row:
    def cell(name: str) -> str | None:
        return cells.get(name, "").strip() or None

    tn = digits_of(cells["telephone_number"])
    if tn is None:
        raise _bad("telephone_number: every row needs a number of ten digits")
    btn, pin = cell("btn"), cell("pin")
    return Row(
        tn=tn,
        lsp_name=cell("lsp_name"),
        lsp_spid=cell("lsp_spid"),
        btn=btn and (digits_of(btn) or btn),
        account_number=cell("account_number"),
        pin_set=pin is not None,
        pin_right=pin == RIGHT_PIN,
        notes=cell("notes"),
        first_job=job,
    )
