"""The codes of faults in ports: of the carriers, and of the files that people upload."""

from numbering.port_codes import PortErrorCode
from numbering.port_sheet import FaultSeverity, PortFileCode
from schema.words import publish

__all__ = ["FaultSeverity", "PortErrorCode", "PortFileCode"]

publish(
    PortErrorCode,
    "What a carrier finds wrong. Tolerate values you do not know; `whatToDo` is for people.",
    {
        "BAD_FORMAT": "A field is not written as it should be.",
        "DUPLICATE": "The number is there twice, or in another order of ours.",
        "TN_INACTIVE": "The number is not in service at the losing carrier.",
        "TN_NOT_PORTABLE": "The number cannot be ported.",
        "WRONG_CARRIER": "The number is at another carrier than the one named.",
        "BTN_MISMATCH": "The billing number is not the one on the account.",
        "MAIN_BTN_PORTING": "The account's main number goes, and a new one has to be named.",
        "ACCOUNT_NUMBER_MISMATCH": "The account number is not the losing carrier's.",
        "PIN_INVALID": "The PIN is wrong.",
        "PIN_REQUIRED": "The losing carrier asks for a PIN.",
        "NAME_MISMATCH": "The account's name is another.",
        "ADDRESS_MISMATCH": "The address of service is another.",
        "AUTH_PERSON_MISMATCH": "The one who signed may not decide on the account.",
        "PORT_TYPE_INCORRECT": "Another kind of order is needed for these numbers.",
        "SPLIT_REQUIRED": "These numbers cannot go in one order.",
        "SPECIAL_FEATURE": "A feature on the line has to be taken off first.",
        "PORT_FREEZE": "The owner has frozen the number against porting.",
        "PENDING_ORDER": "Another order is open on the number.",
        "DUE_DATE_UNMET": "The losing carrier cannot keep the day.",
        "LOA_REQUIRED": "The letter of authorization is missing or not good.",
        "CARRIER_UNRESPONSIVE": "The losing carrier does not answer.",
        "NPAC_CONFLICT": "The number is in dispute at the porting database.",
        "UNKNOWN": "Something else: see `message` and `carrierCode`.",
    },
)
publish(
    FaultSeverity,
    "Whether a fault keeps a row out.",
    {
        "ERROR": "The row is left out.",
        "WARNING": "The row is taken; look at it.",
    },
)
publish(
    PortFileCode,
    "What is wrong in a file of numbers to port. Tolerate values you do not know.",
    {
        "NOT_A_NUMBER": "There is no telephone number in the cell.",
        "DIGITS_LOST": "A spreadsheet has rounded the number; its last digits are gone.",
        "RECOVERED_FROM_EXCEL": "Written as 3.03555E+09 or 3035551234.0, and recovered.",
        "WRONG_LENGTH": "It does not have ten digits.",
        "EXTENSION": "It has an extension; only the number can be ported.",
        "NOT_NANP": "It is no number of the North American plan.",
        "FICTIONAL": "It is one of the numbers for films and books (555-0100 to 555-0199).",
        "TOLL_FREE_MIXED": "Toll-free and local numbers cannot go in one order.",
        "DUPLICATE_IN_FILE": "The number is in an earlier row.",
        "IN_OPEN_PROJECT": "The number is in an open project of yours.",
        "ALREADY_OURS": "The number is in service here already.",
        "BTN_MISSING": "No billing number: the number itself is taken.",
        "BTN_INVALID": "The billing number is not a number.",
        "ACCOUNT_MISSING": "No account number: many carriers ask for it.",
        "PIN_SHORT": "The PIN has fewer than four characters.",
        "CARRIER_MISSING": "No losing carrier, in the file or on the project.",
        "SPID_INVALID": "A service provider id has four letters or digits.",
        "TWO_NUMBERS": "There are two numbers in one cell.",
        "RANGE": "There is a range of numbers in one cell; write one a row.",
        "UNKNOWN_COLUMN": "The column is not known and is left out.",
        "MISSING_COLUMN": "A column that would help is missing.",
        "DUPLICATE_COLUMN": "Two columns mean the same; the first counts.",
        "TOO_LONG": "The text is longer than what is kept.",
        "CONTROL_CHARACTER": "There are control characters in the cell.",
    },
)
