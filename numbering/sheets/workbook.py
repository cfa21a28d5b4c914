"""Excel workbooks (.xlsx) through calamine (docs/adr/0041).

Values come out as the text that a person sees in the cell, as far as digits go: a number format
of zeros gives back the leading zeros that the value itself has not.
"""

import io
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from numbering.port_refusals import FileRefused
from numbering.sheets import archive, headings
from numbering.sheets.grid import Cells, Grid
from numbering.sheets.survey import Place

_EXACT_BELOW = 10**15
"""Excel keeps fifteen digits; the rest of a longer number is zeros."""


def grid_of(content: bytes) -> Grid:
    """The rows of the one visible sheet that has the headings; FileRefused if it is not clear."""
    survey = archive.surveyed(content)
    with _readable():
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [book.get_sheet_by_name(name) for name in _visible(book)]
    titled = [sheet for sheet in sheets if _has_headings(sheet)]
    if not sheets:
        raise FileRefused("The workbook has no visible sheet.")
    if len(titled) > 1:
        raise FileRefused("Several sheets have a telephone_number column. Send one at a time.")
    sheet = (titled or sheets)[0]
    return Grid("xlsx", None, None, _rows(sheet, survey.zeros_of(sheet.name)))


@contextmanager
def _readable() -> Iterator[None]:
    """One refusal for whatever the reader does not understand, without its words: they may repeat
    a cell.
    """
    try:
        yield
    except (CalamineError, ValueError, OSError):
        raise FileRefused("The workbook cannot be read. Save it anew as .xlsx or CSV.") from None


def _visible(book: CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]


def _has_headings(sheet: CalamineSheet) -> bool:
    rows = islice(_rows(sheet, {}), headings.SEARCHED)
    return any(headings.known(cells) for _, cells in rows)


def _rows(sheet: CalamineSheet, zeros: Mapping[Place, int]) -> Iterator[tuple[int, Cells]]:
    """Numbered rows. The reader leaves out empty columns at the left, but no rows at the top."""
    if sheet.start is None:
        return
    left = sheet.start[1]
    margin = ("",) * left
    for place, values in enumerate(sheet.iter_rows(), 1):
        yield (
            place,
            margin
            + tuple(
                [
                    value if isinstance(value, str) else _text(value, zeros.get((place, column), 0))
                    for column, value in enumerate(values, left + 1)
                ]
            ),
        )


def _text(value: object, digits: int) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return _digits(value, digits)
    # Somebody's 1-2 or 3/4, which Excel took for a date: what was typed is gone.
    return "#DATE!"


def _digits(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return "#NUM!"
    if abs(value) >= _EXACT_BELOW:
        return f"{value:.5E}"
    if value != int(value):
        return repr(value)
    return str(int(value)).zfill(digits)
