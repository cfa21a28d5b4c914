"""Which texts are telephone numbers, and why the others are not."""

import copy
import pickle
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from numbering.area_codes import FOREIGN, RESERVED_TOLL_FREE, TOLL_FREE, state_of
from numbering.refusals import Refusal, RefusalCode
from numbering.telephone import InvalidNumber, NumberFault, NumberType, TelephoneNumber
from tests.numbering import strategies

N = "303-555-1234"
E164 = "+13035551234"

NOTATIONS = [
    "3035551234",
    "13035551234",
    "+13035551234",
    "+1 303 555 1234",
    "+1 (303) 555-1234",
    "1-303-555-1234",
    "(303) 555-1234",
    "(303)555-1234",
    "303.555.1234",
    "303 555 1234",
    "303/555-1234",
    "[303] 555-1234",
    "303\u00a0555\u00a01234",
    "303\u202f555\u20111234",
    "303–555—1234",
    "303\u2212555\u22121234",
    "  3035551234\r\n",
    "\t303-555-1234 ",
]


@pytest.mark.parametrize("text", NOTATIONS)
def test_every_usual_notation_is_read(text: str) -> None:
    assert TelephoneNumber.parse(text) == E164


REFUSED = {
    "": NumberFault.EMPTY,
    "   ": NumberFault.EMPTY,
    "+": NumberFault.EMPTY,
    "()-": NumberFault.EMPTY,
    "303-555-123": NumberFault.WRONG_LENGTH,
    "555-1234": NumberFault.WRONG_LENGTH,
    "303-555-12345": NumberFault.WRONG_LENGTH,
    "2303-555-1234": NumberFault.WRONG_LENGTH,
    "+1 303 555 123": NumberFault.WRONG_LENGTH,
    "+1 1303 555 1234": NumberFault.WRONG_LENGTH,
    "3035551234 " + "0" * 40: NumberFault.WRONG_LENGTH,
    "303-555-1234, 720-555-2345": NumberFault.EXTENSION,
    "303-555-CALL": NumberFault.LETTERS,
    "1-800-FLOWERS": NumberFault.LETTERS,
    "null": NumberFault.LETTERS,
    "tel:+13035551234": NumberFault.LETTERS,
    "1-800-FEDEX-GO": NumberFault.LETTERS,
    "(303) 555-1234 x12": NumberFault.EXTENSION,
    "303-555-1234x12": NumberFault.EXTENSION,
    "303-555-1234 ext. 12": NumberFault.EXTENSION,
    "303-555-1234 Extension 12": NumberFault.EXTENSION,
    "303-555-1234#12": NumberFault.EXTENSION,
    "303-555-1234;ext=12": NumberFault.EXTENSION,
    "303-555-1234,,12": NumberFault.EXTENSION,
    "303-555-1234*9": NumberFault.EXTENSION,
    "303\x00555-1234": NumberFault.CONTROL_CHARACTER,
    "303\n555\n1234": NumberFault.CONTROL_CHARACTER,
    "\u200f3035551234": NumberFault.CONTROL_CHARACTER,
    "303\u202e5551234": NumberFault.CONTROL_CHARACTER,
    "303\u200b5551234": NumberFault.CONTROL_CHARACTER,
    "\ufeff3035551234": NumberFault.CONTROL_CHARACTER,
    "303\ud8005551234": NumberFault.CONTROL_CHARACTER,
    "３０３５５５１２３４": NumberFault.FOREIGN_DIGITS,
    "٣٠٣٥٥٥١٢٣٤": NumberFault.FOREIGN_DIGITS,
    "303555123²": NumberFault.FOREIGN_DIGITS,
    "303+5551234": NumberFault.SYMBOL,
    "++13035551234": NumberFault.SYMBOL,
    "303_555_1234": NumberFault.SYMBOL,
    '303-555-1234"': NumberFault.SYMBOL,
    "303💥5551234": NumberFault.SYMBOL,
    "3.035551234E9": NumberFault.LETTERS,
    "+442071838750": NumberFault.FOREIGN,
    "+3035551234": NumberFault.FOREIGN,
    "416-555-1234": NumberFault.FOREIGN,
    "876-222-1234": NumberFault.FOREIGN,
    "003-555-1234": NumberFault.NOT_NANP,
    "1035551234": NumberFault.NOT_NANP,
    "295-222-1234": NumberFault.NOT_NANP,
    "371-222-1234": NumberFault.NOT_NANP,
    "960-222-1234": NumberFault.NOT_NANP,
    "222-222-1234": NumberFault.NOT_NANP,
    "303-055-1234": NumberFault.NOT_NANP,
    "303-155-1234": NumberFault.NOT_NANP,
    "911-555-1234": NumberFault.N11,
    "211-222-1234": NumberFault.N11,
    "811-222-1234": NumberFault.N11,
    "303-911-1234": NumberFault.N11,
    "303-411-1234": NumberFault.N11,
    "800-911-1234": NumberFault.N11,
    "303-555-0100": NumberFault.FICTIONAL,
    "303-555-0199": NumberFault.FICTIONAL,
    "800-555-0150": NumberFault.FICTIONAL,
    "303-555-1212": NumberFault.DIRECTORY,
    "800-555-1212": NumberFault.DIRECTORY,
    "900-222-1234": NumberFault.PREMIUM,
    "303-976-1234": NumberFault.PREMIUM,
    "500-222-1234": NumberFault.NON_GEOGRAPHIC,
    "521-222-1234": NumberFault.NON_GEOGRAPHIC,
    "700-222-1234": NumberFault.NON_GEOGRAPHIC,
    "822-222-1234": NumberFault.RESERVED,
    "881-222-1234": NumberFault.RESERVED,
    "889-222-1234": NumberFault.RESERVED,
    "888-555-1234": NumberFault.RESERVED,
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.items(), ids=map(ascii, REFUSED))
def test_each_fault_is_named(text: str, reason: NumberFault) -> None:
    with pytest.raises(InvalidNumber) as refused:
        TelephoneNumber.parse(text)
    assert refused.value.reason is reason


def test_every_fault_is_reached() -> None:
    assert set(REFUSED.values()) == set(NumberFault)


@pytest.mark.parametrize(
    "text",
    [
        N,
        "303-555-0200",  # only 555-01XX is fiction
        "303-555-0099",
        "800-555-1234",
        "800-411-1234",  # N11 exchanges are ordinary in toll-free codes, but for 911
        "888-976-1234",
        "983-222-1234",
        "907-222-1234",
        *(f"{npa}-222-1234" for npa in sorted(TOLL_FREE)),
    ],
)
def test_what_may_be_ordered_is_not_refused(text: str) -> None:
    assert TelephoneNumber.parse(text).national == text.replace("-", "")


def test_a_number_knows_its_parts() -> None:
    number = TelephoneNumber.parse(N)
    assert (number.npa, number.nxx, number.line) == ("303", "555", "1234")
    assert number.national == "3035551234"
    assert number.national_format == "(303) 555-1234"
    assert number.type is NumberType.LOCAL
    assert TelephoneNumber.parse("844-222-1234").type is NumberType.TOLL_FREE


@given(strategies.numbers)
def test_a_number_is_its_text(number: TelephoneNumber) -> None:
    assert isinstance(number, str)
    assert number == str(number) == f"+1{number.national}"
    assert {str(number): 1}[number] == 1
    assert re.fullmatch(r"\+1[2-9][0-9]{9}", number)


@given(strategies.numbers)
def test_round_trips(number: TelephoneNumber) -> None:
    for text in (number, number.national, number.national_format, f"1{number.national}"):
        assert TelephoneNumber.parse(text) == number
    for copied in (
        TelephoneNumber(number),
        TelephoneNumber.from_national(number.national),
        pickle.loads(pickle.dumps(number)),
        copy.deepcopy(number),
    ):
        assert copied == number
        assert type(copied) is TelephoneNumber


@given(strategies.nationals, st.data())
def test_punctuation_never_changes_the_number(national: str, data: st.DataObject) -> None:
    separators = st.text(st.sampled_from(" ()-./\u00a0\u2013"), max_size=2)
    text = data.draw(st.sampled_from(["", "1", "+1"]))
    for digit in national:
        text += data.draw(separators) + digit
    assert TelephoneNumber.parse(text) == f"+1{national}"


@given(strategies.any_text | strategies.messy_numbers)
@example("\x00")
@example("\ud800")
@example("+1\u200f3035551234")
def test_any_text_is_a_number_or_refused_with_a_reason(text: str) -> None:
    try:
        number = TelephoneNumber.parse(text)
    except InvalidNumber as refused:
        refusal = refused
    else:
        digits = "".join(c for c in text if c.isdigit())
        assert number.national == digits[-10:]
        assert digits.isascii()
        return
    assert refusal.reason in NumberFault
    # The message is shown to people and stored as JSON: it must not carry the junk along.
    assert refusal.message.isprintable()
    assert refusal.message.isascii()
    assert refusal.message.endswith(".")


@given(st.integers(0, 10**10 - 1))
def test_ten_digits_are_judged_alike_in_every_notation(value: int) -> None:
    national = f"{value:010}"
    verdicts = set()
    for text in (national, f"+1{national}", f"({national[:3]}) {national[3:6]}-{national[6:]}"):
        try:
            verdicts.add(TelephoneNumber.parse(text).national)
        except InvalidNumber as refusal:
            verdicts.add(refusal.reason.value)
    assert len(verdicts) == 1


@pytest.mark.parametrize(
    "text",
    [
        "3035551234",
        "13035551234",
        "+1303555123",
        "+10035551234",
        "+13035551234\n",
        "",
        "+1３０３5551234",
    ],
)
def test_the_constructor_takes_only_e164(text: str) -> None:
    with pytest.raises(InvalidNumber):
        TelephoneNumber(text)


def test_rows_and_carrier_records_are_readable_even_when_they_break_a_rule() -> None:
    assert TelephoneNumber("+13035550100").line == "0100"
    assert TelephoneNumber.from_national("4165551234").npa == "416"


@pytest.mark.parametrize("text", ["303555123", "303-555-1234", "", "+13035551234", "1035551234"])
def test_from_national_takes_only_ten_digits(text: str) -> None:
    with pytest.raises(InvalidNumber):
        TelephoneNumber.from_national(text)


def test_an_invalid_number_is_a_refusal_and_a_value_error() -> None:
    with pytest.raises(InvalidNumber) as refused:
        TelephoneNumber.parse("911")
    assert isinstance(refused.value, ValueError)
    assert isinstance(refused.value, Refusal)
    assert refused.value.code is RefusalCode.INVALID
    assert refused.value.at("numbers", "0").reason is refused.value.reason


def test_the_tables_of_codes_do_not_overlap() -> None:
    assert not TOLL_FREE & RESERVED_TOLL_FREE
    assert not TOLL_FREE & set(FOREIGN)
    assert not [npa for npa in FOREIGN if state_of(npa)]
    # Each code of a state can be ordered: no typing error hides in the table of states.
    assert {npa for npa in strategies.ALL_NPAS if state_of(npa)} <= set(strategies.LOCAL_NPAS)
