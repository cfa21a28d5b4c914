"""Why carriers refuse numbers and orders: one set of codes, and what to do about each.

Carriers, their wholesalers and the NPAC each have words of their own; the tables read them all
(research/domain.md 2.4). `numbering.port_codes` says what is kept of the carrier's texts.
"""

import re
from collections.abc import Mapping
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
    found = _by_code(code or "") or _by_text(text or "") or _BY_FIELD.get(plain(field or ""))
    return _refined(found or PortErrorCode.UNKNOWN, f"{code or ''} {text or ''}")


def what_to_do(code: PortErrorCode) -> str:
    """The way out, for people."""
    return _WAYS[code]


def plain(word: str) -> str:
    """The word without case and punctuation, so that every spelling of a field is one."""
    return re.sub(r"[^a-z0-9]", "", word.lower())


_C = PortErrorCode

_CODES: Mapping[PortErrorCode, str] = {
    _C.BAD_FORMAT: "7201 7207 7217 INVALID_FORMAT INVALID_TN",
    _C.DUPLICATE: "7360 7502 5093 DUPLICATE_TN",
    _C.TN_INACTIVE: (
        "7409 7426 7427 7518 7378 7202 E27 E30 INACTIVE DISCONNECTED TN_NOT_FOUND"
        " PHONE_NUMBER_MISMATCH PHONE_NUMBER_INACTIVE_OR_DISCONNECTED"
    ),
    _C.TN_NOT_PORTABLE: (
        "7403 7470 6152 6153 6154 6155 6156 6157 6158 7206 6K NOT_PORTABLE RATE_CENTER_NOT_PORTABLE"
    ),
    _C.WRONG_CARRIER: "CARRIER_MISMATCH SPID_MISMATCH LSP_MISMATCH WRONG_LSP WRONG_SPID",
    _C.BTN_MISMATCH: "7445 7203 7204 E14 BTN_ATN_MISMATCH INVALID_BTN",
    # 7434 is two things; the words beside it or its own sub-code say which.
    _C.MAIN_BTN_PORTING: "7494 7496 7497 E6H",
    _C.ACCOUNT_NUMBER_MISMATCH: (
        "7401 7510 7511 E17A E17B 8A ACCOUNT_MISMATCH INVALID_ACCOUNT_NUMBER ACCOUNT_NUMBER_INVALID"
    ),
    _C.PIN_INVALID: (
        "7435 7512 7513 8C E42PWA E42PWB PASSCODE_PIN_INVALID INVALID_PIN PIN_MISMATCH"
    ),
    _C.PIN_REQUIRED: "PIN_MISSING PASSCODE_REQUIRED PASSCODE_PIN_REQUIRED",
    _C.NAME_MISMATCH: "7404 7429 8G E10 ENTITY_NAME_MISMATCH INVALID_END_USER_NAME",
    _C.ADDRESS_MISMATCH: (
        "7402 7514 7515 E1 8D LOCATION_MISMATCH POSTAL_CODE_MISMATCH INVALID_ADDRESS"
    ),
    _C.AUTH_PERSON_MISMATCH: "7473 E10A",
    _C.PORT_TYPE_INCORRECT: "7434 E24",
    _C.SPLIT_REQUIRED: "7405 7485 7652 7386 6R E9999 PORTING_ORDER_SPLIT_REQUIRED",
    _C.SPECIAL_FEATURE: (
        "7406 7410 7411 7419 7421 7437 PHONE_NUMBER_HAS_SPECIAL_FEATURE FEATURE_CONFLICT"
    ),
    _C.PORT_FREEZE: (
        "7416 7425 7520 E6D 6P PHONE_NUMBER_WITH_CARRIER_RESTRICTION PORT_LOCKED POI_LOCKED"
    ),
    _C.PENDING_ORDER: "7407 7205 22137 6M 6N E19 ORDER_PENDING",
    _C.DUE_DATE_UNMET: (
        "7412 7438 7439 7208 7209 7317 7210 7315 1N 6E 6F 1L E35 FOC_REJECTED FOC_EXPIRED"
    ),
    _C.LOA_REQUIRED: "7424 E8 LOA_ILLEGIBLE LOA_MISSING LOA_EXPIRED",
    _C.CARRIER_UNRESPONSIVE: (
        "7323 7444 7418 6H 6J OSP_IRRESPONSIVE LSR_PENDING CONTACT_SUPPORT_REQUIRED"
    ),
    _C.NPAC_CONFLICT: "SV_CONFLICT SV_UNKNOWN_FAILURE SOA_CONFLICT CONFLICT",
}
_BY_CODE = {code.value: code for code in PortErrorCode} | {
    word: code for code, words in _CODES.items() for word in words.split()
}

# The first that fits counts, so the particular stands before the general.
_TEXTS: tuple[tuple[PortErrorCode, str], ...] = (
    (_C.LOA_REQUIRED, r"\bloa\b|letter of auth"),
    (_C.AUTH_PERSON_MISMATCH, r"authori[sz]ed (person|contact)|authori[sz]er"),
    (_C.PIN_INVALID, r"\bpin\b|passcode"),
    (_C.MAIN_BTN_PORTING, r"main (btn|billing)|new btn"),
    (_C.BTN_MISMATCH, r"\bbtn\b|billing telephone"),
    (_C.ACCOUNT_NUMBER_MISMATCH, r"\bacc(oun)?t( (number|no))?\b.*(match|invalid|incorrect|wrong)"),
    (_C.ADDRESS_MISMATCH, r"address|zip code|postal"),
    (_C.PORT_FREEZE, r"freeze|frozen|\block(ed)?\b"),
    (_C.PENDING_ORDER, r"(pending|open|existing|another) (service )?order|already porting"),
    (_C.DUPLICATE, r"duplicate|twice"),
    (_C.TN_INACTIVE, r"not active|inactive|disconnected|not (found|in service)"),
    (_C.TN_NOT_PORTABLE, r"not portable|cannot be ported|rate cent(er|re)"),
    (_C.SPLIT_REQUIRED, r"\bsplit\b|separate orders?"),
    (_C.PORT_TYPE_INCORRECT, r"port type|partial port|full port"),
    (_C.SPECIAL_FEATURE, r"centrex|hunt group|distinctive ring|\bdsl\b|\bisdn\b|special feature"),
    (_C.DUE_DATE_UNMET, r"due date|foc date|\bfoc\b|interval"),
    (_C.WRONG_CARRIER, r"\bspid\b|\blsp\b|(wrong|not with|different|losing) carrier"),
    (_C.NAME_MISMATCH, r"\bname\b.*match|name mismatch"),
    (_C.CARRIER_UNRESPONSIVE, r"no (response|answer)|unresponsive|not responded"),
    (_C.NPAC_CONFLICT, r"conflict"),
    (_C.BAD_FORMAT, r"format|malformed|10 digits|ten digits"),
)
_PATTERNS = tuple((code, re.compile(pattern, re.IGNORECASE)) for code, pattern in _TEXTS)

_BY_FIELD = {
    "telephonenumber": _C.BAD_FORMAT,
    "tn": _C.BAD_FORMAT,
    "lspname": _C.WRONG_CARRIER,
    "lspspid": _C.WRONG_CARRIER,
    "losingcarrier": _C.WRONG_CARRIER,
    "spid": _C.WRONG_CARRIER,
    "btn": _C.BTN_MISMATCH,
    "accountnumber": _C.ACCOUNT_NUMBER_MISMATCH,
    "pin": _C.PIN_INVALID,
    "passcode": _C.PIN_INVALID,
}

_MISSING = re.compile(r"required|missing|needed|must be (given|provided|supplied)", re.IGNORECASE)
_MAIN = re.compile(r"\be6h\b|main|new btn", re.IGNORECASE)


def _by_code(code: str) -> PortErrorCode | None:
    """The whole code first, then its parts: "7401 (E17A)" and "ERR-8A" are read too."""
    whole = re.sub(r"[^A-Z0-9]+", "_", code.upper()).strip("_")
    found = (_BY_CODE.get(word) for word in (whole, *whole.split("_")))
    return next((each for each in found if each is not None), None)


def _by_text(text: str) -> PortErrorCode | None:
    return next((code for code, pattern in _PATTERNS if pattern.search(text)), None)


def _refined(code: PortErrorCode, said: str) -> PortErrorCode:
    """Where carriers have one code for two things, their words tell them apart."""
    if code is _C.PIN_INVALID and _MISSING.search(said):
        return _C.PIN_REQUIRED
    if code is _C.PORT_TYPE_INCORRECT and _MAIN.search(said):
        return _C.MAIN_BTN_PORTING
    return code


_WAYS: Mapping[PortErrorCode, str] = {
    _C.BAD_FORMAT: "Write the number with its ten digits, then have it checked again.",
    _C.DUPLICATE: "Keep one line for the number and remove the others.",
    _C.TN_INACTIVE: "Ask the losing carrier to reactivate the number, or remove it.",
    _C.TN_NOT_PORTABLE: "Remove the number: it cannot be moved to this platform.",
    _C.WRONG_CARRIER: "Set losingCarrier and losingSpid to the carrier that has the number now.",
    _C.BTN_MISMATCH: "Set btn to the billing number on the losing carrier's bill.",
    _C.MAIN_BTN_PORTING: "The account's main number is among these. Agree on a new billing "
    "number with the losing carrier, or port the whole account.",
    _C.ACCOUNT_NUMBER_MISMATCH: "Copy accountNumber from the losing carrier's latest bill.",
    _C.PIN_INVALID: "Ask the losing carrier for the current port-out PIN and set pin.",
    _C.PIN_REQUIRED: "The losing carrier wants its port-out PIN: ask for it and set pin.",
    _C.NAME_MISMATCH: "Use the account holder's name as on the losing carrier's bill; upload the "
    "bill as a document.",
    _C.ADDRESS_MISMATCH: "Use the service address that the losing carrier has on file; upload its "
    "bill as a document.",
    _C.AUTH_PERSON_MISMATCH: "Set authorizedPerson to somebody whom the losing carrier knows, and "
    "upload a letter of authorization signed by that person.",
    _C.PORT_TYPE_INCORRECT: "Say in a comment whether all numbers of the account move or only "
    "some; support will correct the order.",
    _C.SPLIT_REQUIRED: "Move these numbers into a project of their own.",
    _C.SPECIAL_FEATURE: "Have the losing carrier take the special feature off the number first.",
    _C.PORT_FREEZE: "Have the account holder lift the port freeze at the losing carrier.",
    _C.PENDING_ORDER: "Another order is open at the losing carrier: have it closed first.",
    _C.DUE_DATE_UNMET: "Choose a later date from focCalendar and submit again.",
    _C.LOA_REQUIRED: "Upload a letter of authorization signed within the last 30 days.",
    _C.CARRIER_UNRESPONSIVE: "Wait; the losing carrier has not answered. Support follows it up.",
    _C.NPAC_CONFLICT: "Nothing to do on your side: support clears the conflict with the carrier.",
    _C.UNKNOWN: "Read the carrier's message; if it does not help, ask support in a comment.",
}
