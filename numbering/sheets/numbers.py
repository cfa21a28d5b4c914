"""Cells that hold a telephone number: one number, or the reason why not."""

import re
from dataclasses import dataclass

from numbering.notation import InvalidNumber, NumberFault
from numbering.sheets.excel import repaired, unwrapped
from numbering.sheets.rules import PortFileCode
from numbering.telephone import TelephoneNumber

_C = PortFileCode
_CODES = {
    NumberFault.EXTENSION: _C.EXTENSION,
    NumberFault.WRONG_LENGTH: _C.WRONG_LENGTH,
    NumberFault.CONTROL_CHARACTER: _C.CONTROL_CHARACTER,
    NumberFault.FICTIONAL: _C.FICTIONAL,
    NumberFault.EMPTY: _C.NOT_A_NUMBER,
    NumberFault.LETTERS: _C.NOT_A_NUMBER,
    NumberFault.FOREIGN_DIGITS: _C.NOT_A_NUMBER,
    NumberFault.SYMBOL: _C.NOT_A_NUMBER,
}
"""Every other fault is NOT_NANP."""

_ONE = r"(?:\+?1[ .-]{0,2})?[(\[]?[0-9]{3}[)\]]?[ ./-]{0,2}[0-9]{3}[ .-]{0,2}[0-9]{4}"
_ANY_ONE = re.compile(rf"(?<![0-9]){_ONE}(?![0-9])")
_TO = r"(?:-{1,2}|–|—|\.{2,3}|…|to|thru|through|until)"
_RANGE = re.compile(rf"({_ONE})\s*{_TO}\s*({_ONE}|[0-9]{{2,4}})", re.IGNORECASE)
_BETWEEN = re.compile(r"(?:[\s,;/|&+]|and|or)*", re.IGNORECASE)
_SHORT = 200
"""Only so much of a cell is searched for several numbers."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A number with its warning, or without a number the code and the words of the fault."""

    number: TelephoneNumber | None
    code: PortFileCode | None = None
    message: str = ""
    suggestion: str | None = None


def reading(cell: str) -> Reading:
    """What a cell says; never raises."""
    text = unwrapped(cell)
    excel = repaired(text)
    if excel.lost:
        return Reading(
            None,
            _C.DIGITS_LOST,
            "Excel did not keep every digit. Format the column as text and paste it again.",
        )
    try:
        number = TelephoneNumber.parse(excel.text)
    except InvalidNumber as fault:
        # Ten digits and four more could be read as too long a number: say what it is first.
        return _several(text[:_SHORT]) or _refused(fault)
    if excel.recovered:
        return Reading(
            number,
            _C.RECOVERED_FROM_EXCEL,
            f"Read as {number.national}. Format the column as text to keep it so.",
            number.national,
        )
    return Reading(number)


def _refused(fault: InvalidNumber) -> Reading:
    return Reading(None, _CODES.get(fault.reason, _C.NOT_NANP), fault.message)


def _several(text: str) -> Reading | None:
    if (span := _RANGE.fullmatch(text)) is not None:
        first = _digits(span[1])
        last = _digits(span[2])
        return Reading(
            None,
            _C.RANGE,
            "This is a range. Write each number in a row of its own.",
            f"rows {first} to {first[: -len(last)]}{last}",
        )
    numbers = _ANY_ONE.findall(text)
    if len(numbers) > 1 and _BETWEEN.fullmatch(_ANY_ONE.sub("", text)):
        return Reading(
            None,
            _C.TWO_NUMBERS,
            f"{len(numbers)} numbers are in this cell. Write each in a row of its own.",
            "rows " + ", ".join(_digits(number) for number in numbers[:3]),
        )
    return None


def _digits(text: str) -> str:
    digits = re.sub(r"[^0-9]", "", text)
    return digits[-10:]
