"""Every rule of port files: what is found wrong with a row, how bad it is, what it looks like.

The table is published (`portFileRules`, docs/port-files.md) and is where severities come from.
"""

from dataclasses import dataclass, field
from enum import StrEnum

MAX_VALUE = 60
"""Characters of a cell that a fault repeats."""

SECRET_COLUMNS = frozenset({"account_number", "pin"})
"""What stands in these is never repeated: not in faults, messages or reprs."""


class PortFileCode(StrEnum):
    """Exactly the `PortFileCode` of the public schema."""

    NOT_A_NUMBER = "NOT_A_NUMBER"
    DIGITS_LOST = "DIGITS_LOST"
    RECOVERED_FROM_EXCEL = "RECOVERED_FROM_EXCEL"
    WRONG_LENGTH = "WRONG_LENGTH"
    EXTENSION = "EXTENSION"
    NOT_NANP = "NOT_NANP"
    FICTIONAL = "FICTIONAL"
    TOLL_FREE_MIXED = "TOLL_FREE_MIXED"
    DUPLICATE_IN_FILE = "DUPLICATE_IN_FILE"
    IN_OPEN_PROJECT = "IN_OPEN_PROJECT"
    ALREADY_OURS = "ALREADY_OURS"
    BTN_MISSING = "BTN_MISSING"
    BTN_INVALID = "BTN_INVALID"
    ACCOUNT_MISSING = "ACCOUNT_MISSING"
    PIN_SHORT = "PIN_SHORT"
    CARRIER_MISSING = "CARRIER_MISSING"
    SPID_INVALID = "SPID_INVALID"
    TWO_NUMBERS = "TWO_NUMBERS"
    RANGE = "RANGE"
    UNKNOWN_COLUMN = "UNKNOWN_COLUMN"
    MISSING_COLUMN = "MISSING_COLUMN"
    DUPLICATE_COLUMN = "DUPLICATE_COLUMN"
    TOO_LONG = "TOO_LONG"
    CONTROL_CHARACTER = "CONTROL_CHARACTER"


class FaultSeverity(StrEnum):
    """An error keeps the row out of the project; a warning lets it in and says what to look at."""

    ERROR = "ERROR"
    WARNING = "WARNING"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the published table; without a column it holds for several, or for the file."""

    code: PortFileCode
    column: str | None
    severity: FaultSeverity
    description: str
    example: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place. `row` is the row of the sheet, the heading's included, from 1.

    `value` is what stands there, shortened; None for secrets. `suggestion` is what could stand
    there instead.
    """

    row: int
    column: str | None
    code: PortFileCode
    severity: FaultSeverity
    message: str
    value: str | None = field(default=None, repr=False)
    suggestion: str | None = None


_C = PortFileCode
_ERROR = FaultSeverity.ERROR
_WARNING = FaultSeverity.WARNING
_TN = "telephone_number"

RULES: tuple[Rule, ...] = (
    Rule(_C.NOT_A_NUMBER, _TN, _ERROR, "The cell holds no telephone number.", "call Bob"),
    Rule(
        _C.DIGITS_LOST,
        None,
        _ERROR,
        "Excel kept only some of the digits. Nothing is guessed: format the column as text and"
        " type or paste the original again. Holds for telephone_number, btn, account_number, pin.",
        "3.03555E+09",
    ),
    Rule(
        _C.RECOVERED_FROM_EXCEL,
        None,
        _WARNING,
        "Excel changed the notation, but every digit is still there: read as meant. Holds for"
        " telephone_number, btn, account_number, pin.",
        "3035551234.0",
    ),
    Rule(_C.WRONG_LENGTH, _TN, _ERROR, "Not ten digits, nor 1 and ten.", "555-1234"),
    Rule(_C.EXTENSION, _TN, _ERROR, "An extension cannot be ported.", "303-555-1234 x12"),
    Rule(
        _C.NOT_NANP,
        _TN,
        _ERROR,
        "Ten digits that are no US number which can be ported: an area code or exchange not in"
        " use, a service code, 900, 555-1212, another country.",
        "303-911-1234",
    ),
    Rule(_C.FICTIONAL, _TN, _ERROR, "555-0100 to 555-0199 are for films.", "303-555-0123"),
    Rule(
        _C.TOLL_FREE_MIXED,
        _TN,
        _ERROR,
        "Toll-free and local numbers cannot travel in one order. The rarer kind of the file is"
        " refused; put it into a project of its own.",
        "800-555-1234",
    ),
    Rule(
        _C.DUPLICATE_IN_FILE,
        _TN,
        _ERROR,
        "The number stands in an earlier row, in whatever notation. Counted as duplicate.",
        "(303) 555-1234 after 3035551234",
    ),
    Rule(
        _C.IN_OPEN_PROJECT,
        _TN,
        _ERROR,
        "The number is in another open port project. Counted as duplicate.",
        "303-555-1234",
    ),
    Rule(_C.ALREADY_OURS, _TN, _ERROR, "The number is on WARP already.", "303-555-1234"),
    Rule(
        _C.BTN_MISSING,
        "btn",
        _WARNING,
        "No billing telephone number. Most carriers ask for it with local numbers.",
        "(empty)",
    ),
    Rule(
        _C.BTN_INVALID,
        "btn",
        _ERROR,
        "The billing telephone number is not a telephone number.",
        "see invoice",
    ),
    Rule(
        _C.ACCOUNT_MISSING,
        "account_number",
        _WARNING,
        "No account number. The losing carrier decides whether it needs one.",
        "(empty)",
    ),
    Rule(
        _C.PIN_SHORT,
        "pin",
        _WARNING,
        "Fewer than four characters: Excel may have dropped leading zeros. An empty PIN is fine.",
        "(three digits)",
    ),
    Rule(
        _C.CARRIER_MISSING,
        "lsp_name",
        _WARNING,
        "Neither lsp_name nor lsp_spid. The losing carrier of the project is taken.",
        "(empty)",
    ),
    Rule(
        _C.SPID_INVALID,
        "lsp_spid",
        _ERROR,
        "Not four letters or digits (toll-free: five, the RespOrg).",
        "123",
    ),
    Rule(
        _C.TWO_NUMBERS,
        _TN,
        _ERROR,
        "More than one number in the cell. Write one in each row.",
        "3035551234 / 7205552345",
    ),
    Rule(
        _C.RANGE,
        _TN,
        _ERROR,
        "A range. Write each of its numbers in a row of its own.",
        "3035551200-1299",
    ),
    Rule(
        _C.UNKNOWN_COLUMN,
        None,
        _WARNING,
        "A heading that means nothing here; its column is not read.",
        "favourite colour",
    ),
    Rule(
        _C.UNKNOWN_COLUMN,
        None,
        _ERROR,
        "The row is longer than the headings, so its cells may have slipped to the right. Put"
        ' quotes around a value that contains the delimiter, as in "Acme, Inc.".',
        "3035551234,Acme, Inc.,1234,3035551200,A-1,4321,Main",
    ),
    Rule(
        _C.MISSING_COLUMN,
        None,
        _WARNING,
        "A usual column is absent: lsp_name (without lsp_spid), btn or account_number. Without"
        " telephone_number the whole file is refused.",
        "telephone_number,notes",
    ),
    Rule(
        _C.DUPLICATE_COLUMN,
        None,
        _WARNING,
        "Two headings mean the same column. The one with the exact name is read, else the first.",
        "telephone_number,phone",
    ),
    Rule(
        _C.TOO_LONG,
        None,
        _ERROR,
        "Longer than carriers take: lsp_name 100, lsp_spid 10, account_number 32, pin 10, notes"
        " 500 characters.",
        "(notes of 501 characters)",
    ),
    Rule(
        _C.CONTROL_CHARACTER,
        None,
        _ERROR,
        "An invisible character in a value that must be exact. Type the value anew.",
        "303\\u200b5551234",
    ),
)
"""In the order of the enum. UNKNOWN_COLUMN stands twice: headings warn, slipped rows are wrong."""

SEVERITIES = {rule.code: rule.severity for rule in reversed(RULES)}


def fault(
    row: int,
    column: str | None,
    code: PortFileCode,
    message: str,
    *,
    value: str | None = None,
    suggestion: str | None = None,
    severity: FaultSeverity | None = None,
) -> Fault:
    """A fault with the severity of its rule; values and suggestions of secrets are dropped."""
    if column in SECRET_COLUMNS:
        value = suggestion = None
    return Fault(
        row=row,
        column=column,
        code=code,
        severity=severity or SEVERITIES[code],
        message=message,
        value=None if value is None else shown(value),
        suggestion=suggestion,
    )


def shown(value: str) -> str:
    """A cell for people: invisible characters spelled out, long text cut."""
    cut = value if len(value) <= MAX_VALUE else f"{value[: MAX_VALUE - 1]}…"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut)
