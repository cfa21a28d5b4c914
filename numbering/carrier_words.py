"""Why carriers refuse numbers and orders: one set of codes, and what to do about each.

Carriers, their wholesalers and the NPAC each have words of their own; the table reads them all
(research/domain.md 2.4). `numbering.port_codes` says what is kept of the carrier's texts.
"""

from enum import StrEnum


class PortErrorCode(StrEnum):
    """Why a number or an order was refused, whoever the carrier is."""

    BAD_FORMAT = "BAD_FORMAT"
    DUPLICATE = "DUPLICATE"
    TN_INACTIVE = "TN_INACTIVE"
    TN_NOT_PORTABLE = "TN_NOT_PORTABLE"
    WRONG_CARRIER = "WRONG_CARRIER"
    BTN_MISMATCH = "BTN_MISMATCH"
    MAIN_BTN_PORTING = "MAIN_BTN_PORTING"
    ACCOUNT_NUMBER_MISMATCH = "ACCOUNT_NUMBER_MISMATCH"
    PIN_INVALID = "PIN_INVALID"
    PIN_REQUIRED = "PIN_REQUIRED"
    NAME_MISMATCH = "NAME_MISMATCH"
    ADDRESS_MISMATCH = "ADDRESS_MISMATCH"
    AUTH_PERSON_MISMATCH = "AUTH_PERSON_MISMATCH"
    PORT_TYPE_INCORRECT = "PORT_TYPE_INCORRECT"
    SPLIT_REQUIRED = "SPLIT_REQUIRED"
    SPECIAL_FEATURE = "SPECIAL_FEATURE"
    PORT_FREEZE = "PORT_FREEZE"
    PENDING_ORDER = "PENDING_ORDER"
    DUE_DATE_UNMET = "DUE_DATE_UNMET"
    LOA_REQUIRED = "LOA_REQUIRED"
    CARRIER_UNRESPONSIVE = "CARRIER_UNRESPONSIVE"
    NPAC_CONFLICT = "NPAC_CONFLICT"
    UNKNOWN = "UNKNOWN"


def of_carrier(code: str | None, text: str | None, field: str | None) -> PortErrorCode:
    """Our code for what a carrier said: by its code, else by its words, else by the field.

    `field` is the carrier's name of it; UNKNOWN where nothing of this is known to us, never an
    error.
    """
    raise NotImplementedError


def what_to_do(code: PortErrorCode) -> str:
    """The way out, for people."""
    raise NotImplementedError
