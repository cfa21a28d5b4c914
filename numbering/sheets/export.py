"""The file that goes to the carrier: exactly what was given, in the carrier's seven columns."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field

from numbering.sheets.headings import COLUMNS


@dataclass(frozen=True, slots=True)
class CarrierRow:
    """One row upstream; numbers in ten digits, None is an empty cell. Secrets not in the repr."""

    telephone_number: str
    lsp_name: str | None = None
    lsp_spid: str | None = None
    btn: str | None = None
    account_number: str | None = field(default=None, repr=False)
    pin: str | None = field(default=None, repr=False)
    notes: str | None = None


def write_csv(rows: Iterable[CarrierRow]) -> bytes:
    """UTF-8 without a mark, CRLF, quotes where needed (RFC 4180).

    Nothing is escaped against formulas: a machine reads it, and every value must arrive unchanged.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(row, column) or "" for column in COLUMNS] for row in rows)
    return out.getvalue().encode()
