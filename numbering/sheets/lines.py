"""One row of a port file to one line, or to the faults that keep it out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from numbering.sheets.numbers import Reading, reading
from numbering.sheets.rules import Fault, FaultSeverity, PortFileCode, fault
from numbering.sheets.words import NOTHING, Unusable, exact, tidied
from numbering.telephone import NumberType, TelephoneNumber

_C = PortFileCode
_SPID = {
    NumberType.LOCAL: re.compile(r"[A-Z0-9]{4}", re.ASCII),
    NumberType.TOLL_FREE: re.compile(r"[A-Z0-9]{4,5}", re.ASCII),
}
_TOTAL = re.compile(
    r"(?:grand |sub-?)?total(?:s\b|\b)[^a-z]*+(?:numbers?|tns?|lines?|rows?|count)?[^a-z]*+"
    r"|(?:sum|count|summe|gesamt)\b[\W\d]*+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A number to port with what the losing carrier knows it by. Secrets stay out of the repr."""

    row: int
    number: TelephoneNumber
    losing_carrier: str | None = None
    losing_spid: str | None = None
    btn: TelephoneNumber | None = None
    account_number: str | None = field(default=None, repr=False)
    pin: str | None = field(default=None, repr=False)
    notes: str | None = None


def is_total(cells: Mapping[str, str], first: str) -> bool:
    """A row that sums up, such as "Total: 25", and ports nothing; `first` is its first words."""
    first = first.strip()
    if not first[0].isalpha() or not _TOTAL.fullmatch(first):
        return False
    return len(re.sub(r"[^0-9]", "", cells["telephone_number"])) < 7


class RowJudge:
    """Judges one row column by column and gathers the faults; made anew for each row."""

    def __init__(self, row: int, cells: Mapping[str, str]) -> None:
        self.row = row
        self.cells = cells
        self.faults: list[Fault] = []

    def line(self) -> Line | None:
        """The line, or None when any fault is an error."""
        number = self._number()
        kind = NumberType.LOCAL if number is None else number.type
        carrier = self._text("lsp_name")
        spid = self._spid(kind)
        if carrier is None and spid is None and self._asked("lsp_name", "lsp_spid"):
            self._missing(_C.CARRIER_MISSING, "lsp_name", "The project's losing carrier is taken.")
        line = {
            "losing_carrier": carrier,
            "losing_spid": spid,
            "account_number": self._account(),
            "pin": self._pin(),
            "notes": self._text("notes"),
        }
        btn = self._btn(kind)
        if number is None or any(f.severity is FaultSeverity.ERROR for f in self.faults):
            return None
        return Line(row=self.row, number=number, btn=btn, **line)

    def _asked(self, *columns: str) -> bool:
        """Whether an empty cell is worth a word: an absent column has had its own already."""
        return any(column in self.cells for column in columns)

    def _tell(
        self, code: PortFileCode, column: str, message: str, suggestion: str | None = None
    ) -> None:
        value = self.cells.get(column)
        self.faults.append(
            fault(self.row, column, code, message, value=value, suggestion=suggestion)
        )

    def _missing(self, code: PortFileCode, column: str, message: str) -> None:
        self.faults.append(fault(self.row, column, code, f"The cell is empty. {message}"))

    def _number(self) -> TelephoneNumber | None:
        cell = self.cells["telephone_number"]
        if cell.strip().lower() in NOTHING:
            self._missing(
                _C.NOT_A_NUMBER,
                "telephone_number",
                "Write the number, or delete the row. A formula counts by its saved result.",
            )
            return None
        seen = reading(cell)
        self._told(seen, "telephone_number", seen.code)
        return seen.number

    def _told(self, seen: Reading, column: str, code: PortFileCode | None) -> None:
        if code is not None:
            self._tell(code, column, seen.message, seen.suggestion)

    def _btn(self, kind: NumberType) -> TelephoneNumber | None:
        cell = self.cells.get("btn", "")
        if cell.strip().lower() in NOTHING:
            if kind is NumberType.LOCAL and self._asked("btn"):
                self._missing(_C.BTN_MISSING, "btn", "Most carriers ask for it.")
            return None
        seen = reading(cell)
        kept = seen.number is not None or seen.code is _C.DIGITS_LOST
        self._told(seen, "btn", seen.code if kept else _C.BTN_INVALID)
        return seen.number

    def _text(self, column: str) -> str | None:
        try:
            return tidied(column, self.cells.get(column, ""))
        except Unusable as unusable:
            self._tell(unusable.code, column, unusable.message)
            return None

    def _spid(self, kind: NumberType) -> str | None:
        text = self._text("lsp_spid")
        spid = None if text is None else text.upper()
        if spid is None or _SPID[kind].fullmatch(spid):
            return spid
        whole = spid.removesuffix(".0")
        padded = whole.zfill(4) if whole.isdigit() and len(whole) < 5 else None
        self._tell(
            _C.SPID_INVALID,
            "lsp_spid",
            "A SPID has four letters or digits. Excel drops leading zeros.",
            padded,
        )
        return None

    def _account(self) -> str | None:
        account = self._exact("account_number")
        if (
            account is None
            and self._asked("account_number")
            and not self._told_of("account_number")
        ):
            self._missing(
                _C.ACCOUNT_MISSING, "account_number", "The losing carrier may ask for it."
            )
        return account

    def _pin(self) -> str | None:
        pin = self._exact("pin")
        if pin is not None and len(pin) < 4:
            self._tell(
                _C.PIN_SHORT,
                "pin",
                "The PIN has fewer than four characters. If zeros are missing in front, format the"
                " column as text and type it again.",
            )
        return pin

    def _exact(self, column: str) -> str | None:
        try:
            text, recovered = exact(column, self.cells.get(column, ""))
        except Unusable as unusable:
            self._tell(unusable.code, column, unusable.message)
            return None
        if recovered:
            self._tell(
                _C.RECOVERED_FROM_EXCEL,
                column,
                "Excel changed the notation; the digits were read as meant. Leading zeros may be"
                " missing.",
            )
        return text

    def _told_of(self, column: str) -> bool:
        return any(fault.column == column for fault in self.faults)
