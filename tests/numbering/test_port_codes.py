"""What carriers say about numbers and orders, in one set of codes and without secrets."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering import port_codes
from numbering.port_codes import (
    FIELDS,
    SECRET_FIELDS,
    NumberError,
    PortErrorCode,
    Rejection,
    Suggestion,
    number_error,
    of_carrier,
    rejection,
    what_to_do,
)
from tests.numbering import strategies

C = PortErrorCode
AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)

# research/domain.md 2.4: our code, then words of Telnyx, Bandwidth, Twilio and of the LSR itself.
SAID = """
ACCOUNT_NUMBER_MISMATCH: ACCOUNT_NUMBER_MISMATCH 7401 E17A E17B 8A 7510 7511 INVALID_ACCOUNT_NUMBER
PIN_INVALID: PASSCODE_PIN_INVALID 7435 8C E42PWA E42PWB 7512 7513 INVALID_PIN
ADDRESS_MISMATCH: LOCATION_MISMATCH POSTAL_CODE_MISMATCH 7402 E1 8D 7514 7515 INVALID_ADDRESS
NAME_MISMATCH: ENTITY_NAME_MISMATCH 7404 8G 7429 E10 INVALID_END_USER_NAME
AUTH_PERSON_MISMATCH: AUTH_PERSON_MISMATCH 7473 E10a
BTN_MISMATCH: BTN_ATN_MISMATCH 7445 E14 7203 7204
MAIN_BTN_PORTING: MAIN_BTN_PORTING E6h 7494 7496 7497
PORT_TYPE_INCORRECT: PORT_TYPE_INCORRECT 7434 E24
SPLIT_REQUIRED: PORTING_ORDER_SPLIT_REQUIRED 7405 6R 7485 E9999 7652 7386
TN_INACTIVE: PHONE_NUMBER_MISMATCH 7409 E27 E30 7426 7427 7518 7378 \
    PHONE_NUMBER_INACTIVE_OR_DISCONNECTED
TN_NOT_PORTABLE: TN_NOT_PORTABLE RATE_CENTER_NOT_PORTABLE 7403 6K 7470 6152 6158 7206
SPECIAL_FEATURE: PHONE_NUMBER_HAS_SPECIAL_FEATURE 7406 7410 7411 7419 7421 7437
PORT_FREEZE: 7416 E6d 7425 6P 7520 PHONE_NUMBER_WITH_CARRIER_RESTRICTION
PENDING_ORDER: 7407 6M 6N E19 7205 22137
DUE_DATE_UNMET: FOC_REJECTED FOC_EXPIRED 7412 1N 6E 6F E35 1L 7438 7439
LOA_REQUIRED: 7424 E8 LOA_ILLEGIBLE
CARRIER_UNRESPONSIVE: OSP_IRRESPONSIVE LSR_PENDING 7323 7444 6H 7418 6J
NPAC_CONFLICT: SV_CONFLICT SV_UNKNOWN_FAILURE SOA_CONFLICT
WRONG_CARRIER: LSP_MISMATCH SPID_MISMATCH
BAD_FORMAT: 7201
DUPLICATE: 7360 7502
"""
WORDS = [
    (word, C(line.split(":")[0]))
    for line in SAID.strip().splitlines()
    for word in line.split(":")[1].split()
]


@pytest.mark.parametrize(("word", "code"), WORDS + [(code.value, code) for code in C])
def test_codes_of_carriers(word: str, code: PortErrorCode) -> None:
    assert of_carrier(word, None, None) is code
    assert of_carrier(f" {word.lower().replace('_', '-')} ", "", "") is code
    # The carrier's code is sure, its words are not.
    assert of_carrier(word, "Something about an address", "btn") is code or code is C.UNKNOWN


@pytest.mark.parametrize(
    ("code", "text", "field", "ours"),
    [
        ("7401 (E17A)", None, None, C.ACCOUNT_NUMBER_MISMATCH),
        ("ERR-8A", None, None, C.ACCOUNT_NUMBER_MISMATCH),
        ("7434", "Main BTN cannot be ported alone", None, C.MAIN_BTN_PORTING),
        ("7434 (E6h)", None, None, C.MAIN_BTN_PORTING),
        ("7434", "Not a partial port", None, C.PORT_TYPE_INCORRECT),
        ("7435", "The losing carrier requires a PIN: it is missing", None, C.PIN_REQUIRED),
        (None, "PIN required", None, C.PIN_REQUIRED),
        (None, "Passcode does not match", None, C.PIN_INVALID),
        (None, "BTN mismatch. Expected: 3035551200, Got: 3035551100", None, C.BTN_MISMATCH),
        (None, "Account number does not match", None, C.ACCOUNT_NUMBER_MISMATCH),
        (None, "Service address is another one", None, C.ADDRESS_MISMATCH),
        (None, "TN is not active", None, C.TN_INACTIVE),
        (None, "Number cannot be ported", None, C.TN_NOT_PORTABLE),
        (None, "The number has a port freeze", None, C.PORT_FREEZE),
        (None, "Pending order on the line", None, C.PENDING_ORDER),
        (None, "Due date cannot be met", None, C.DUE_DATE_UNMET),
        (None, "No response from the carrier", None, C.CARRIER_UNRESPONSIVE),
        (None, "Letter of Authorization is illegible", None, C.LOA_REQUIRED),
        (None, "Authorized person unknown", None, C.AUTH_PERSON_MISMATCH),
        (None, "The number is with a different carrier", None, C.WRONG_CARRIER),
        (None, "End user name does not match", None, C.NAME_MISMATCH),
        (None, "Hunt group on the line", None, C.SPECIAL_FEATURE),
        (None, "Conflict at the NPAC", None, C.NPAC_CONFLICT),
        (None, "Duplicate TN", None, C.DUPLICATE),
        (None, "Wrong format", None, C.BAD_FORMAT),
        (None, "Please split the order", None, C.SPLIT_REQUIRED),
        (None, "Only a full port is possible", None, C.PORT_TYPE_INCORRECT),
        ("XK-77", "No good", "accountNumber", C.ACCOUNT_NUMBER_MISMATCH),
        (None, None, "pin", C.PIN_INVALID),
        (None, None, "lsp_spid", C.WRONG_CARRIER),
        (None, None, "BTN", C.BTN_MISMATCH),
        (None, None, "telephoneNumber", C.BAD_FORMAT),
        ("XK-77", "No good", "color", C.UNKNOWN),
        (None, None, None, C.UNKNOWN),
    ],
)
def test_words_of_carriers(
    code: str | None, text: str | None, field: str | None, ours: PortErrorCode
) -> None:
    assert of_carrier(code, text, field) is ours


@pytest.mark.parametrize("code", PortErrorCode)
def test_every_code_says_what_to_do(code: PortErrorCode) -> None:
    assert what_to_do(code).endswith(".")
    assert len({what_to_do(each) for each in PortErrorCode}) == len(PortErrorCode)


def test_the_plans_example_becomes_a_fix() -> None:
    error = number_error(
        code=None,
        message="BTN mismatch. Expected: 3035551200, Got: 3035551100",
        fixable=True,
        suggested_fix="Update BTN to 3035551200",
    )
    assert error == NumberError(
        code=C.BTN_MISMATCH,
        carrier_code=None,
        field="btn",
        message="BTN mismatch. Expected: 3035551200, Got: 3035551100",
        expected=None,
        got=None,
        fixable=True,
        suggested=Suggestion("btn", "+13035551200", "Set btn to +13035551200."),
    )


@pytest.mark.parametrize(
    ("field", "expected", "fix", "suggested"),
    [
        ("btn", "3035551200", None, ("btn", "+13035551200")),
        ("btn", None, "Update BTN to (303) 555-1200.", ("btn", "+13035551200")),
        ("btn", None, "Update BTN to the right one", None),
        ("btn", "a billing number", "Ask", None),
        ("lspName", "Lumen", None, ("losingCarrier", "Lumen")),
        ("lspName", None, 'Change to "AT&T Mobility"', ("losingCarrier", "AT&T Mobility")),
        ("lspName", "x" * 101, None, None),
        ("lspName", "PIN 4321", None, None),
        ("lspSpid", "882a", None, ("losingSpid", "882A")),
        ("lspSpid", None, "Update lspSpid to 8824", ("losingSpid", "8824")),
        ("lspSpid", "88245", None, None),
        ("telephoneNumber", "3035551200", "Update TN to 3035551200", None),
        ("pin", "4321", "Update pin to 4321", None),
        ("accountNumber", "ACCT-9105", "Update accountNumber to ACCT-9105", None),
        ("btn", None, "  ", None),
    ],
)
def test_fixes_are_values_for_three_fields(
    field: str, expected: str | None, fix: str | None, suggested: tuple[str, str] | None
) -> None:
    error = number_error(
        code="XK", message="No", field=field, expected=expected, fixable=True, suggested_fix=fix
    )
    assert error.fixable == (suggested is not None)
    found = error.suggested and (error.suggested.field, error.suggested.value)
    assert found == suggested
    unfixable = number_error(
        code="XK", message="No", field=field, expected=expected, suggested_fix=fix
    )
    assert (unfixable.fixable, unfixable.suggested) == (False, None)


def test_what_was_written_and_what_was_expected_are_kept_for_open_fields() -> None:
    error = number_error(
        code="LSP_MISMATCH", message="Wrong", field="lspSpid", expected="8824", got="6529"
    )
    assert (error.field, error.expected, error.got) == ("losingSpid", "8824", "6529")
    named = number_error(code="LSP_MISMATCH", message="Wrong", expected="Lumen", got="Verizon")
    assert (named.field, named.expected, named.got) == ("losingCarrier", "Lumen", "Verizon")
    btn = number_error(code="7445", message="", field="btn", expected="3035551200", got="n/a")
    assert (btn.expected, btn.got) == ("+13035551200", None)
    assert btn.message == what_to_do(C.BTN_MISMATCH)


def test_texts_are_cut_and_cleaned() -> None:
    error = number_error(code="7409", message=f" Gone\n\0{'x' * 900}", field=None)
    assert error.message == ("Gone x" + "x" * 900)[: port_codes.MAX_TEXT]


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("The end user's account has a port freeze", True),
        ("The account is 77 days old", False),
        ("Acct # unknown", False),
        ("The pins differ", False),
        ("Spinning up the order", True),
        ("Wrong password", False),
    ],
)
def test_texts_that_may_quote_a_secret_give_way_to_our_words(message: str, kept: bool) -> None:
    error = number_error(code="6P", message=message)
    assert error.message == (message if kept else what_to_do(C.PORT_FREEZE))


def test_of_what_is_not_understood_only_words_are_kept() -> None:
    error = number_error(
        code="XK-77", message="Value 4321 is bad for A-77", expected="1", got="4321"
    )
    assert error.message == "Value … is bad for …"
    assert (error.code, error.carrier_code, error.field) == (C.UNKNOWN, "XK-77", None)
    assert (error.expected, error.got) == (None, None)


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("7401 (E17A)", "7401 (E17A)"),
        ("8A", "8A"),
        ("PIN 4321", None),
        ("x" * 41, None),
        ("", None),
    ],
)
def test_a_carriers_code_is_a_short_word(code: str, kept: str | None) -> None:
    assert number_error(code=code, message=None).carrier_code == kept


SECRET = "K7-SECRET-90210"
spelled = st.sampled_from(
    ["pin", "PIN", "Pin", "passcode", "accountNumber", "account_number", "ACCOUNT NUMBER"]
)
carrier_codes = st.none() | st.sampled_from([word for word, _ in WORDS] + ["XK-77"])
sentences = st.sampled_from(
    [
        "{field} {secret} is wrong",
        "Got: {secret}",
        "Expected {secret} for {field}",
        "{field}: {secret}",
        "BTN mismatch, {field} {secret}",
        "{secret}",
    ]
)


@given(spelled, carrier_codes, sentences, st.booleans())
def test_no_secret_passes(field: str, code: str | None, sentence: str, fixable: bool) -> None:
    said = sentence.format(field=field, secret=SECRET)
    error = number_error(
        code=code,
        message=said,
        field=field,
        expected=SECRET,
        got=SECRET,
        fixable=fixable,
        suggested_fix=f"Update {field} to {SECRET}",
    )
    refused = rejection(at=AT, code=code, message=said, field=field)
    for told in (error, refused):
        assert SECRET not in f"{told!r} {json.dumps(told.as_json())}"
    assert error.suggested is None


@given(
    st.sampled_from(["PIN {}", "passcode={}", "Account number {}", "account_number: {}"]),
    carrier_codes,
    st.none() | st.sampled_from(["btn", "lspName", "telephoneNumber", "color"]),
)
def test_no_secret_passes_in_the_text_of_another_error(
    sentence: str, code: str | None, field: str | None
) -> None:
    said = sentence.format(SECRET)
    error = number_error(code=code, message=said, field=field, expected=said, got=said)
    assert SECRET not in f"{error!r}"


def test_a_rejection() -> None:
    refused = rejection(
        at=AT,
        code="8A",
        message="The account number 77 does not match",
        field="accountNumber",
        numbers=["+13035551235", "+13035551234", "+13035551235"],
    )
    assert refused == Rejection(
        at=AT,
        code=C.ACCOUNT_NUMBER_MISMATCH,
        carrier_code="8A",
        field="accountNumber",
        message=what_to_do(C.ACCOUNT_NUMBER_MISMATCH),
        numbers=("+13035551234", "+13035551235"),
    )
    late = rejection(at=AT, code="1N", message="The due date cannot be met", field="focDate")
    assert (late.code, late.field, late.message) == (
        C.DUE_DATE_UNMET,
        None,
        "The due date cannot be met",
    )


raw = st.none() | strategies.any_text | st.sampled_from(["3035551200", "8824", "Lumen", "7445"])
fields = st.none() | st.sampled_from([*FIELDS, *SECRET_FIELDS, "color"]) | st.text(max_size=8)


said = st.fixed_dictionaries(
    {
        "code": raw,
        "message": raw,
        "field": fields,
        "expected": raw,
        "got": raw,
        "fixable": st.booleans(),
        "suggested_fix": raw,
    }
)


@given(said)
def test_whatever_a_carrier_says_is_read_and_stored(words: dict[str, Any]) -> None:
    error = number_error(**words)
    stored = json.loads(json.dumps(error.as_json()).encode())
    assert NumberError.from_json(stored) == error
    assert error.message.strip()
    assert error.fixable == (error.suggested is not None)
    assert error.field is None or error.field in FIELDS.values()
    if error.field in SECRET_FIELDS:
        assert error.message == what_to_do(error.code)
        assert (error.expected, error.got, error.suggested) == (None, None, None)


def test_a_suggestion_is_stored_with_its_error() -> None:
    error = number_error(code="7445", message=None, expected="3035551200", fixable=True)
    stored = json.loads(json.dumps(error.as_json()))
    assert stored["suggested"]["value"] == "+13035551200"
    assert NumberError.from_json(stored) == error


@given(raw, raw, fields, st.lists(strategies.numbers, max_size=3))
def test_rejections_are_stored(
    code: str | None, message: str | None, field: str | None, numbers: list[str]
) -> None:
    refused = rejection(at=AT, code=code, message=message, field=field, numbers=numbers)
    assert Rejection.from_json(json.loads(json.dumps(refused.as_json()))) == refused


def test_a_code_of_another_release_is_unknown() -> None:
    stored = number_error(code="7409", message="Gone").as_json() | {"code": "TEAPOT"}
    assert NumberError.from_json(stored).code is C.UNKNOWN
