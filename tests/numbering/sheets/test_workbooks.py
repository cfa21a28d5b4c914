"""Excel workbooks as they really come."""

import datetime
from typing import Any

import openpyxl
import pytest

from numbering.port_sheet import Sheet, read
from tests.numbering.sheets.books import (
    HEADINGS,
    ROW,
    SHEET,
    packed,
    parts,
    text_cell,
    with_sheet,
    xlsx,
)


def codes(sheet: Sheet) -> set[tuple[int, str]]:
    return {(fault.row, fault.code.value) for fault in sheet.faults}


def row(**cells: Any) -> list[Any]:
    return list((dict(zip(HEADINGS, ROW, strict=True)) | cells).values())


def one(**cells: Any) -> Sheet:
    return read(xlsx([HEADINGS, row(**cells)]), "one.xlsx")


def test_a_workbook_says_what_it_is() -> None:
    sheet = one()
    assert (sheet.format, sheet.encoding, sheet.delimiter) == ("xlsx", None, None)
    assert sheet.columns == HEADINGS
    assert (sheet.total, sheet.valid, sheet.faults) == (1, 1, ())


@pytest.mark.parametrize(
    "cells",
    [
        {"telephone_number": 3035551234},
        {"telephone_number": 3035551234.0},
        {"telephone_number": 13035551234},
        {"btn": 3035551200, "account_number": 123456789012345, "pin": 4321, "lsp_spid": 1234},
        {"notes": None, "pin": None},
        {"notes": True},
    ],
    ids=["integer", "float", "eleven", "all_numbers", "empty", "truth"],
)
def test_values_are_read_as_they_are(cells: dict[str, Any]) -> None:
    sheet = one(**cells)
    assert (sheet.valid, sheet.faults) == (1, ())
    assert sheet.lines[0].number == "+13035551234"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"account_number": 1234567890123456}, "DIGITS_LOST"),
        ({"account_number": datetime.date(2026, 1, 2)}, "DIGITS_LOST"),
        ({"pin": datetime.timedelta(hours=30)}, "DIGITS_LOST"),
        ({"pin": datetime.time(3, 4)}, "DIGITS_LOST"),
        ({"telephone_number": "3.03555E+09"}, "DIGITS_LOST"),
        ({"telephone_number": 3035551234.5}, "WRONG_LENGTH"),
        ({"telephone_number": 3.03555e50}, "DIGITS_LOST"),
        ({"pin": 123}, "PIN_SHORT"),
        ({"lsp_spid": 123}, "SPID_INVALID"),
        ({"telephone_number": None}, "NOT_A_NUMBER"),
    ],
    ids=str,
)
def test_what_excel_spoiled_is_told(cells: dict[str, Any], code: str) -> None:
    assert codes(one(**cells)) == {(2, code)}


@pytest.mark.parametrize(
    ("value", "number_format", "read_as"),
    [
        (123, "0000", "0123"),
        (123, '"PIN "0000', "0123"),
        (123, "0000;-0000", "0123"),
        (7, "00000", "00007"),
        (123456789, "000-00-0000", "123456789"),
        (12345, "0000", "12345"),
        (1234, "General", "1234"),
        (1234, "#,##0", "1234"),
        (1234, "0", "1234"),
        ("0123", "@", "0123"),
        (None, "0000", None),
    ],
    ids=str,
)
def test_leading_zeros_come_back_by_the_format(
    value: object, number_format: str, read_as: str | None
) -> None:
    content = xlsx([HEADINGS, row(pin=value)], formats={"F2": number_format, "F9": "0000"})
    assert read(content, "zeros.xlsx").lines[0].pin == read_as


def test_zeros_of_the_account_and_of_the_second_sheet() -> None:
    def second(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("Numbers")
        sheet.append(HEADINGS)
        sheet.append(row(account_number=99))
        sheet["E2"].number_format = "000000"

    sheet = read(xlsx([["About this file"]], change=second), "second.xlsx")
    assert sheet.lines[0].account_number == "000099"


def test_the_table_may_start_anywhere() -> None:
    shifted = [[], ["", "", "Numbers of Acme"], [], ["", "", *HEADINGS], ["", "", *row(pin=77)]]
    sheet = read(xlsx(shifted, formats={"H5": "0000"}), "shifted.xlsx")
    assert (sheet.lines[0].row, sheet.lines[0].pin) == (5, "0077")


def test_blank_rows_and_totals_count_as_blank() -> None:
    rows = [HEADINGS, ROW, [], [None] * 7, row(telephone_number="Total"), ["", "", ""], ROW]
    sheet = read(xlsx(rows), "blank.xlsx")
    assert (sheet.total, sheet.valid, sheet.duplicate, sheet.blank) == (6, 1, 1, 4)


def test_hidden_sheets_are_not_read() -> None:
    def hide(book: openpyxl.Workbook) -> None:
        for state in ("hidden", "veryHidden"):
            sheet = book.create_sheet(state)
            sheet.append(HEADINGS)
            sheet.sheet_state = state

    assert read(xlsx([HEADINGS, ROW], change=hide), "hidden.xlsx").valid == 1


def test_cells_without_places_and_prefixed_names_are_read() -> None:
    heads = "".join(text_cell("", name) for name in HEADINGS)
    cells = "".join(text_cell("", value) for value in ROW)
    assert read(with_sheet(f"<row>{heads}</row><row>{cells}</row>"), "bare.xlsx").valid == 1
    entries = parts(xlsx([HEADINGS, ROW]))
    plain = entries[SHEET].decode()
    assert "<sheetData>" in plain
    for name in ("worksheet", "sheetData", "row", "c", "v", "is", "t"):
        for mark in ("<", "</"):
            for end in (" ", ">"):
                plain = plain.replace(f"{mark}{name}{end}", f"{mark}x:{name}{end}")
    plain = plain.replace("xmlns=", "xmlns:x=").replace("<sheetPr", "<x:sheetPr")
    for name in ("sheetPr", "outlinePr", "pageSetUpPr", "dimension", "sheetViews", "sheetView"):
        plain = plain.replace(f"<{name}", f"<x:{name}").replace(f"</{name}", f"</x:{name}")
    for name in ("selection", "sheetFormatPr", "pageMargins"):
        plain = plain.replace(f"<{name}", f"<x:{name}").replace(f"</{name}", f"</x:{name}")
    plain = plain.replace("<x:x:", "<x:").replace("</x:x:", "</x:")
    assert read(packed(entries | {SHEET: plain.encode()}), "prefixed.xlsx").valid == 1


def test_pictures_and_other_parts_pass_unread() -> None:
    entries = parts(xlsx([HEADINGS, ROW])) | {"xl/media/image1.png": b"\x89PNG\0\1"}
    assert read(packed(entries), "picture.xlsx").valid == 1


def test_an_empty_result_of_a_formula_is_an_empty_cell() -> None:
    heads = "".join(text_cell(f"{c}1", n) for c, n in zip("ABCDEFG", HEADINGS, strict=True))
    empty = '<c r="F2" t="str"><f>IF(A2="","",A2)</f><v></v></c>'
    number = '<c r="A2" t="str"><f>"303"&amp;5551234</f><v>3035551234</v></c>'
    content = with_sheet(f'<row r="1">{heads}</row><row r="2">{number}{empty}</row>')
    assert read(content, "formulas.xlsx").valid == 1


@pytest.mark.parametrize("value", ["1E999", "-1E999"])
def test_a_value_beyond_all_numbers_is_lost(value: str) -> None:
    heads = "".join(text_cell(f"{c}1", n) for c, n in zip("ABCDEFG", HEADINGS, strict=True))
    content = with_sheet(f'<row r="1">{heads}</row><row r="2"><c r="A2"><v>{value}</v></c></row>')
    assert (2, "DIGITS_LOST") in codes(read(content, "infinite.xlsx"))


def test_strange_titles_and_missing_ids_do_no_harm() -> None:
    entries = parts(xlsx([HEADINGS, row(pin=12)], formats={"F2": "0000"}))
    relations = "xl/_rels/workbook.xml.rels"
    away = entries[relations].replace(b'Target="/xl/worksheets', b'Target="worksheets')
    assert read(packed(entries | {relations: away}), "relative.xlsx").lines[0].pin == "0012"
