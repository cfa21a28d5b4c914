"""CSV files as they really come: each with what must be read from it."""

from dataclasses import dataclass, field

import pytest

from numbering.port_sheet import FaultSeverity, Sheet, read
from tests.numbering.sheets.books import csv_of

A = "3035551234"
B = "7205552345"
FULL = f"{A},Verizon,1234,3035551200,ACC-9876,4321,Main office"
OTHER = f"{B},AT&T,5678,7205552300,12345678,5678,Branch location"


@dataclass(frozen=True)
class Case:
    """A file, its counts (valid, invalid, duplicate, blank), and (row, code) of its faults."""

    content: bytes
    counts: tuple[int, int, int, int]
    faults: set[tuple[int, str]] = field(default_factory=set)
    encoding: str = "UTF-8"
    delimiter: str = ","


TWO = csv_of(FULL, OTHER)
TEXT = TWO.decode()
ONE = (1, 0, 0, 0)
BOTH = (2, 0, 0, 0)


def number(cell: str) -> bytes:
    """A file of one full row with this cell as its number."""
    return csv_of(FULL.replace(A, cell, 1))


def row(**cells: str) -> bytes:
    """A file of one full row but for these cells."""
    names = ("telephone_number", "lsp_name", "lsp_spid", "btn", "account_number", "pin", "notes")
    usual = dict(zip(names, FULL.split(","), strict=True)) | cells
    return csv_of(",".join(usual[name] for name in names))


BAD = (0, 1, 0, 0)

CORPUS: dict[str, Case] = {
    # Encodings.
    "plain": Case(TWO, BOTH),
    "utf8_mark": Case(TEXT.encode("utf-8-sig"), BOTH),
    "utf16_le_mark": Case(b"\xff\xfe" + TEXT.encode("utf-16-le"), BOTH, encoding="UTF-16 LE"),
    "utf16_be_mark": Case(b"\xfe\xff" + TEXT.encode("utf-16-be"), BOTH, encoding="UTF-16 BE"),
    "utf16_le_bare": Case(TEXT.encode("utf-16-le"), BOTH, encoding="UTF-16 LE"),
    "utf16_be_bare": Case(TEXT.encode("utf-16-be"), BOTH, encoding="UTF-16 BE"),
    "utf32_le": Case(b"\xff\xfe\0\0" + TEXT.encode("utf-32-le"), BOTH, encoding="UTF-32 LE"),
    "unicode_text_of_excel": Case(
        b"\xff\xfe" + TEXT.replace(",", "\t").encode("utf-16-le"),
        BOTH,
        encoding="UTF-16 LE",
        delimiter="\t",
    ),
    "cp1252": Case(
        TEXT.replace("Main office", "Café “Süd”").encode("cp1252"), BOTH, encoding="Windows-1252"
    ),
    "accents_in_utf8": Case(TEXT.replace("Main", "Café").encode(), BOTH),
    # Delimiters.
    "semicolons": Case(TEXT.replace(",", ";").encode(), BOTH, delimiter=";"),
    "tabs": Case(TEXT.replace(",", "\t").encode(), BOTH, delimiter="\t"),
    "pipes": Case(TEXT.replace(",", "|").encode(), BOTH, delimiter="|"),
    "hint_of_excel": Case(b"sep=;\r\n" + TEXT.replace(",", ";").encode(), BOTH, delimiter=";"),
    "commas_within_semicolons": Case(
        csv_of(FULL.replace("Main", "Floor 1, 2")).replace(b",", b";").replace(b"1; 2", b"1, 2"),
        ONE,
        delimiter=";",
    ),
    # Line ends and quotes.
    "crlf": Case(TEXT.replace("\n", "\r\n").encode(), BOTH),
    "cr": Case(TEXT.replace("\n", "\r").encode(), BOTH),
    "mixed_ends": Case(TEXT.replace("\n", "\r\n", 1).encode(), BOTH),
    "no_last_end": Case(TEXT.rstrip().encode(), BOTH),
    "all_quoted": Case(
        "\n".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) for line in TEXT.splitlines()
        ).encode(),
        BOTH,
    ),
    "quoted_newlines": Case(row(notes='"Main\noffice\r\n2nd floor"'), ONE),
    "quoted_delimiter": Case(row(lsp_name='"Acme, Inc."'), ONE),
    "doubled_quotes": Case(row(notes='"the ""old"" office"'), ONE),
    "stray_quote": Case(row(notes='5" pipe room'), ONE),
    "text_after_quote": Case(row(notes='"Bob" Smith'), ONE),
    # Headings.
    "other_order": Case(
        f"pin,btn,telephone_number\n4321,3035551200,{A}\n".encode(), ONE, {(1, "MISSING_COLUMN")}
    ),
    "aliases": Case(
        f"Phone #,Current Carrier,SPID,Billing TN,Acct. No.,Passcode,Comment\n{FULL}\n".encode(),
        ONE,
    ),
    "shouted": Case(csv_of(FULL).replace(b"telephone_number", b" TELEPHONE  NUMBER "), ONE),
    "unknown_heading": Case(
        csv_of(FULL).replace(b"notes", b"favourite colour"), ONE, {(1, "UNKNOWN_COLUMN")}
    ),
    "empty_heading": Case(csv_of(FULL).replace(b",notes", b","), ONE),
    "only_numbers": Case(f"tn\n{A}\n{B}\n".encode(), BOTH, {(1, "MISSING_COLUMN")}),
    "spid_in_place_of_name": Case(f"tn,spid,btn,account\n{A},1234,3035551200,A1\n".encode(), ONE),
    "two_numbers_columns": Case(
        f"phone,telephone_number,btn,carrier,account\nfront desk,{A},3035551200,V,A1\n".encode(),
        ONE,
        {(1, "DUPLICATE_COLUMN")},
    ),
    "twice_the_same_heading": Case(
        f"tn,carrier,carrier,btn,account\n{A},V,W,3035551200,A1\n".encode(),
        ONE,
        {(1, "DUPLICATE_COLUMN")},
    ),
    "title_above": Case(b"Numbers of Acme,,\n\n" + csv_of(FULL), ONE),
    "headings_on_each_page": Case(csv_of(FULL, csv_of().decode().strip(), OTHER), (2, 0, 0, 1)),
    # Rows.
    "blank_rows": Case(csv_of(FULL, "", ",,,,,,", "  , ,,,,,", OTHER, "", ""), (2, 0, 0, 5)),
    "total": Case(csv_of(FULL, "Total,1,,,,,"), (1, 0, 0, 1)),
    "grand_total": Case(csv_of(FULL, ",,,,Grand total: 1,,"), (1, 0, 0, 1)),
    "total_in_words": Case(csv_of(FULL, "Total numbers: 1"), (1, 0, 0, 1)),
    "a_carrier_named_total": Case(row(lsp_name="Total Telecom"), ONE),
    "short_row": Case(csv_of(f"{A},Verizon"), ONE, {(2, "BTN_MISSING"), (2, "ACCOUNT_MISSING")}),
    "slipped_row": Case(
        row(lsp_name="Acme, Inc."),
        BAD,
        {
            (2, "UNKNOWN_COLUMN"),
            (2, "SPID_INVALID"),
            (2, "BTN_INVALID"),
        },
    ),
    "spare_commas": Case(csv_of(FULL + ",,,"), ONE),
    "duplicate": Case(
        csv_of(FULL, FULL.replace(A, "(303) 555-1234")), (1, 0, 1, 0), {(3, "DUPLICATE_IN_FILE")}
    ),
    "duplicate_thrice": Case(
        csv_of(FULL, FULL, FULL), (1, 0, 2, 0), {(3, "DUPLICATE_IN_FILE"), (4, "DUPLICATE_IN_FILE")}
    ),
    "duplicate_of_a_wrong_row": Case(
        csv_of(FULL.replace("3035551200", "x"), FULL), (1, 1, 0, 0), {(2, "BTN_INVALID")}
    ),
    "toll_free_mixed": Case(
        csv_of(FULL, OTHER, FULL.replace(A, "8005551234")),
        (2, 1, 0, 0),
        {(4, "TOLL_FREE_MIXED")},
    ),
    "toll_free": Case(csv_of("8005551234,Acme,ABC12,,A1,,"), ONE),
    # Numbers as Excel and people leave them.
    "wrapped": Case(number('"=""3035551234"""'), ONE),
    "wrapped_bare": Case(number('="3035551234"'), ONE),
    "formula_of_digits": Case(number("=3035551234"), ONE),
    "other_formula": Case(number("=A1&B1"), BAD, {(2, "NOT_A_NUMBER")}),
    "apostrophe": Case(number("'3035551234"), ONE),
    "punctuation": Case(number("+1 (303) 555-1234"), ONE),
    "no_break_spaces": Case(number("303\u00a0555\u00a01234"), ONE),
    "en_dashes": Case(number("303–555–1234"), ONE),
    "lost": Case(number("3.03555E+09"), BAD, {(2, "DIGITS_LOST")}),
    "lost_with_comma": Case(number('"3,03555E+09"'), BAD, {(2, "DIGITS_LOST")}),
    "lost_without_point": Case(number("3E+09"), BAD, {(2, "DIGITS_LOST")}),
    "lost_one_digit": Case(number("3.03555123E+09"), BAD, {(2, "DIGITS_LOST")}),
    "too_narrow": Case(number("##########"), BAD, {(2, "DIGITS_LOST")}),
    "reference_error": Case(number("#REF!"), BAD, {(2, "DIGITS_LOST")}),
    "recovered_decimal": Case(number("3035551234.0"), ONE, {(2, "RECOVERED_FROM_EXCEL")}),
    "recovered_decimals": Case(number("3035551234.00"), ONE, {(2, "RECOVERED_FROM_EXCEL")}),
    "recovered_scientific": Case(number("3.035551234E9"), ONE, {(2, "RECOVERED_FROM_EXCEL")}),
    "recovered_plus": Case(number("3.035551234E+09"), ONE, {(2, "RECOVERED_FROM_EXCEL")}),
    "recovered_eleven": Case(number("1.3035551234E+10"), ONE, {(2, "RECOVERED_FROM_EXCEL")}),
    "recovered_but_wrong": Case(number("1234567890.0"), BAD, {(2, "NOT_NANP")}),
    "real_decimals": Case(number("3035551234.5"), BAD, {(2, "WRONG_LENGTH")}),
    "two_slash": Case(number(f"{A} / {B}"), BAD, {(2, "TWO_NUMBERS")}),
    "two_comma": Case(number(f'"{A}, {B}"'), BAD, {(2, "TWO_NUMBERS")}),
    "two_newline": Case(number(f'"{A}\n{B}"'), BAD, {(2, "TWO_NUMBERS")}),
    "two_words": Case(number("(303) 555-1234 and 720-555-2345"), BAD, {(2, "TWO_NUMBERS")}),
    "three": Case(number(f"{A};{B};3035551235"), BAD, {(2, "TWO_NUMBERS")}),
    "range_short": Case(number("3035551200-1299"), BAD, {(2, "RANGE")}),
    "range_dashes": Case(number("303-555-1200 – 303-555-1299"), BAD, {(2, "RANGE")}),
    "range_words": Case(number("3035551200 thru 99"), BAD, {(2, "RANGE")}),
    "range_dots": Case(number("3035551200..1299"), BAD, {(2, "RANGE")}),
    "extension": Case(number("303-555-1234 x12"), BAD, {(2, "EXTENSION")}),
    "seven_digits": Case(number("555-1234"), BAD, {(2, "WRONG_LENGTH")}),
    "words": Case(number("call Bob"), BAD, {(2, "NOT_A_NUMBER")}),
    "empty_number": Case(number(""), BAD, {(2, "NOT_A_NUMBER")}),
    "not_available": Case(number("N/A"), BAD, {(2, "NOT_A_NUMBER")}),
    "full_width": Case(number("３０３５５５１２３４"), BAD, {(2, "NOT_A_NUMBER")}),
    "zero_width": Case(number("303\u200b5551234"), BAD, {(2, "CONTROL_CHARACTER")}),
    "service_code": Case(number("303-911-1234"), BAD, {(2, "NOT_NANP")}),
    "canada": Case(number("416-555-1234"), BAD, {(2, "NOT_NANP")}),
    "britain": Case(number("+44 20 7946 0000"), BAD, {(2, "NOT_NANP")}),
    "fictional": Case(number("303-555-0123"), BAD, {(2, "FICTIONAL")}),
    "long_cell": Case(number("x" * 4000), BAD, {(2, "WRONG_LENGTH")}),
    # The other columns.
    "no_btn": Case(row(btn=""), ONE, {(2, "BTN_MISSING")}),
    "btn_in_words": Case(row(btn="see invoice"), BAD, {(2, "BTN_INVALID")}),
    "btn_lost": Case(row(btn="3.03555E+09"), BAD, {(2, "DIGITS_LOST")}),
    "btn_recovered": Case(row(btn="3035551200.0"), ONE, {(2, "RECOVERED_FROM_EXCEL")}),
    "no_account": Case(row(account_number="n/a"), ONE, {(2, "ACCOUNT_MISSING")}),
    "account_lost": Case(row(account_number="1.23457E+11"), BAD, {(2, "DIGITS_LOST")}),
    "account_recovered": Case(
        row(account_number="123456789.0"), ONE, {(2, "RECOVERED_FROM_EXCEL")}
    ),
    "account_with_an_e": Case(row(account_number="12E4"), ONE),
    "account_one_e": Case(row(account_number="1E4"), ONE),
    "account_long": Case(row(account_number="9" * 33), BAD, {(2, "TOO_LONG")}),
    "account_invisible": Case(row(account_number="12\u200b34"), BAD, {(2, "CONTROL_CHARACTER")}),
    "no_pin": Case(row(pin=""), ONE),
    "pin_short": Case(row(pin="123"), ONE, {(2, "PIN_SHORT")}),
    "pin_long": Case(row(pin="12345678901"), BAD, {(2, "TOO_LONG")}),
    "no_carrier": Case(row(lsp_name="", lsp_spid="-"), ONE, {(2, "CARRIER_MISSING")}),
    "name_without_spid": Case(row(lsp_spid=""), ONE),
    "spid_small_letters": Case(row(lsp_spid="12ab"), ONE),
    "spid_short": Case(row(lsp_spid="123"), BAD, {(2, "SPID_INVALID")}),
    "spid_words": Case(row(lsp_spid="VZW-1"), BAD, {(2, "SPID_INVALID")}),
    "bell_in_name": Case(row(lsp_name="Veri\x07zon"), BAD, {(2, "CONTROL_CHARACTER")}),
    "invisible_in_notes": Case(row(notes="Main\u200b office\ufeff"), ONE),
    "notes_long": Case(row(notes="x" * 501), BAD, {(2, "TOO_LONG")}),
}


def seen(sheet: Sheet) -> set[tuple[int, str]]:
    """Where which codes are."""
    return {(fault.row, fault.code.value) for fault in sheet.faults}


@pytest.mark.parametrize("name", CORPUS)
def test_each_file_of_the_corpus_is_read_as_meant(name: str) -> None:
    case = CORPUS[name]
    sheet = read(case.content, f"{name}.csv")
    assert (sheet.valid, sheet.invalid, sheet.duplicate, sheet.blank) == case.counts
    assert seen(sheet) == case.faults
    assert (sheet.format, sheet.encoding, sheet.delimiter) == (
        "csv",
        case.encoding,
        case.delimiter,
    )
    assert sheet.total == sum(case.counts)
    assert len(sheet.lines) == sheet.valid
    assert [fault.row for fault in sheet.faults] == sorted(fault.row for fault in sheet.faults)


@pytest.mark.parametrize("name", CORPUS)
def test_a_row_that_is_kept_out_has_an_error_and_a_valid_one_none(name: str) -> None:
    sheet = read(CORPUS[name].content, name)
    wrong = {fault.row for fault in sheet.faults if fault.severity is FaultSeverity.ERROR}
    assert len(wrong) == sheet.invalid + sheet.duplicate
    assert wrong.isdisjoint(line.row for line in sheet.lines)


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 60
