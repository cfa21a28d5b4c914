"""Files that cannot be read as a whole: each refused with words that say what to do."""

import io
import random

import openpyxl
import pytest

from numbering.port_refusals import FileRefused
from numbering.port_sheet import MAX_BYTES, MAX_ROWS, read
from numbering.refusals import RefusalCode
from numbering.sheets import archive
from tests.numbering.sheets.books import (
    HEADINGS,
    ROW,
    SHEET,
    csv_of,
    packed,
    parts,
    text_cell,
    with_claimed_size,
    with_flag,
    with_sheet,
    xlsx,
)

GOOD = xlsx([HEADINGS, ROW])
FULL = ",".join(ROW)
HEAD_CELLS = "".join(text_cell(f"{c}1", n) for c, n in zip("ABCDEFG", HEADINGS, strict=True))
BILLION = (
    '<!DOCTYPE a [<!ENTITY b "lol"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">'
    '<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)


def sheet_with(cells: str) -> bytes:
    return with_sheet(f'<row r="1">{HEAD_CELLS}</row><row r="2">{cells}</row>')


def without(name: str) -> bytes:
    return packed({part: content for part, content in parts(GOOD).items() if part != name})


def hidden(book: openpyxl.Workbook) -> None:
    book.create_chartsheet("Chart")
    book.worksheets[0].sheet_state = "hidden"


def second(book: openpyxl.Workbook) -> None:
    book.create_sheet("More").append(HEADINGS)


def twice(content: bytes) -> bytes:
    """The same part again under another case, as a reader and a checker could differ on it."""
    return packed(parts(content) | {SHEET.upper(): b"<a/>"})


def sheet_elsewhere() -> bytes:
    """The sheet in a part whose name says that it is no XML."""
    entries = parts(GOOD)
    relations = "xl/_rels/workbook.xml.rels"
    entries["xl/worksheets/sheet1.dat"] = entries.pop(SHEET)
    entries[relations] = entries[relations].replace(b"sheet1.xml", b"sheet1.dat")
    return packed(entries)


def named_twice() -> bytes:
    """Two sheets of one name."""
    entries = parts(GOOD)
    index = entries["xl/workbook.xml"].decode()
    sheet = index[index.index("<sheet ") : index.index("</sheets>")]
    entries["xl/workbook.xml"] = index.replace(sheet, sheet * 2).encode()
    return packed(entries)


def ole(text: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + text.encode("utf-16-le") + bytes(600)


REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "blanks": (b" \n\r\n,,\n", "empty"),
    "only_a_mark": (b"\xef\xbb\xbf", "empty"),
    "no_headings": (FULL.encode(), "No column telephone_number"),
    "headings_too_late": (b"title\n" * 30 + csv_of(FULL), "No column telephone_number"),
    "too_large": (b"tn\n" + b" " * MAX_BYTES, "larger than 10 MB"),
    "too_many_rows": (csv_of(*[FULL] * (MAX_ROWS + 1)), "more than 10,000 rows"),
    "too_many_blank_rows": (csv_of(*[""] * 60_000), "more than 10,000 rows"),
    "too_wide": (csv_of("," * 300), "columns"),
    "one_long_line": (csv_of("x" * 100_000), "too long"),
    "long_quoted_cell": (csv_of('"' + "x\n" * 100_000 + '"'), "not CSV"),
    "open_quote": (csv_of(FULL, '3035551235,"Veri', FULL), "quotation mark"),
    "open_quote_at_the_end": (csv_of(FULL).rstrip() + b'\n"', "quotation mark"),
    "unreadable_head": (b"tn\n" + b'"' + b"x" * 60_000 + b"\n" * 140_000, "not CSV"),
    "binary": (b"tn\0\1\2\xff\xfe\0\0\x81", "encoding|No column"),
    "late_zero_byte": (csv_of(*[FULL] * 100) + b"\0", "encoding"),
    "cut_utf16": (b"\xff\xfe" + "tn\n".encode("utf-16-le") + b"3", "encoding"),
    "cut_utf8": (b"\xef\xbb\xbftn\n\xc3", "encoding"),
    "undefined_in_cp1252": (b"tn,notes\n3035551234,\x81", "encoding"),
    "pdf": (b"%PDF-1.7\n", "a PDF"),
    "png": (b"\x89PNG\r\n", "a picture"),
    "jpeg": (b"\xff\xd8\xff\xe0", "a picture"),
    "gzip": (b"\x1f\x8b\x08", "compressed"),
    "html_named_xls": (b"  <html><table><tr><td>tn</td></tr></table>", "web page"),
    "marked_xml": (b"\xef\xbb\xbf<?xml version='1.0'?>", "web page"),
    "rtf": (b"{\\rtf1", "a letter"),
    "old_excel": (ole("Workbook"), "old Excel"),
    "password": (ole("EncryptedPackage"), "password"),
    "zip_password": (with_flag(GOOD, 1), "password"),
    "zip_cut": (GOOD[: len(GOOD) // 2], "cut off"),
    "zip_cut_at_the_end": (GOOD[:-10], "cut off"),
    "zip_bits": (GOOD[:300] + bytes(90) + GOOD[390:], "damaged"),
    "zip_empty": (packed({}), "no Excel workbook"),
    "zip_of_csv": (packed({"numbers.csv": csv_of(FULL)}), "no Excel workbook"),
    "word": (packed({"word/document.xml": b"<a/>"}), "no Excel workbook"),
    "binary_workbook": (packed({"xl/workbook.bin": b"\0"}), "xlsb"),
    "no_workbook": (packed({"xl/other.xml": b"<a/>"}), "cannot be read"),
    "no_sheet_part": (without(SHEET), "cannot be read"),
    "same_part_twice": (twice(GOOD), "two parts"),
    "sheet_elsewhere": (sheet_elsewhere(), "not where it should be"),
    "named_twice": (named_twice(), "names two parts alike"),
    "many_parts": (
        packed(parts(GOOD) | {f"xl/p{n}.bin": b"" for n in range(1_001)}),
        "too many parts",
    ),
    "bomb": (packed(parts(GOOD) | {"xl/media/a.bin": bytes(40_000_000)}), "unpacks"),
    "bomb_by_ratio": (packed(parts(GOOD) | {"xl/media/a.bin": bytes(5_000_000)}), "unpacks"),
    "claims_more": (with_claimed_size(GOOD, 2**31), "unpacks"),
    "lies_about_size": (
        with_claimed_size(packed(parts(GOOD) | {"xl/media/a.bin": bytes(40_000_000)}), 1_000),
        "damaged",
    ),
    "billion_laughs": (with_sheet("", before=BILLION), "document type"),
    "not_xml": (packed(parts(GOOD) | {SHEET: b"<worksheet>"}), "damaged"),
    "wrong_xml": (packed(parts(GOOD) | {SHEET: b"<a/>"}), "No column|empty|cannot be read"),
    "far_column": (sheet_with(text_cell("XFD2", "x")), "200 columns"),
    "far_row": (sheet_with(text_cell("A1048576", "x")), "reaches to"),
    "far_corner": (sheet_with(text_cell("ZZ9999", "x")), "reaches to"),
    "no_place": (sheet_with(text_cell("?", "x")), "at no place"),
    "uncounted_formula": (sheet_with('<c r="A2"><f>1+1</f></c>'), "formulas"),
    "uncounted_by_library": (xlsx([HEADINGS, ["=A1"]]), "formulas"),
    "uncounted_shared": (sheet_with('<c r="A2"><f t="shared" si="0"/></c>'), "formulas"),
    "wrong_shared_string": (sheet_with('<c r="A2" t="s"><v>99</v></c>'), "cannot be read"),
    "hidden_only": (xlsx([HEADINGS, ROW], change=hidden), "no visible sheet"),
    "two_lists": (xlsx([HEADINGS, ROW], change=second), "Several sheets"),
    "empty_sheet": (xlsx([]), "empty"),
    "no_headings_in_sheet": (xlsx([ROW]), "No column telephone_number"),
    "rows_in_sheet": (xlsx([HEADINGS, *[["3035551234"]] * (MAX_ROWS + 1)]), "more than 10,000"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_each_is_refused_with_words(name: str) -> None:
    content, words = REFUSED[name]
    with pytest.raises(FileRefused, match=words) as refused:
        read(content, name)
    assert refused.value.code is RefusalCode.FILE_REFUSED
    assert refused.value.path == ("file",)
    assert refused.value.message.endswith(".")


def test_as_many_rows_as_allowed_are_taken() -> None:
    sheet = read(csv_of(*[FULL] * MAX_ROWS), "full.csv")
    assert (sheet.total, sheet.valid, sheet.duplicate) == (MAX_ROWS, 1, MAX_ROWS - 1)


def test_a_damaged_workbook_is_refused_and_nothing_worse() -> None:
    """Bits turned inside the parts: the ZIP is whole, the XML is not."""
    dice = random.Random(4711)
    entries = parts(xlsx([HEADINGS, ROW, ROW], formats={"F2": "0000"}))
    for _ in range(300):
        name = dice.choice(sorted(entries))
        changed = bytearray(entries[name])
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(changed))
            changed[at : at + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 3))
        try:
            sheet = read(packed(entries | {name: bytes(changed)}), "damaged.xlsx")
        except FileRefused:
            continue
        assert sheet.total == sheet.valid + sheet.invalid + sheet.duplicate + sheet.blank


def test_no_more_is_inflated_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory is honest here; the limit is what is lowered."""
    monkeypatch.setattr(archive, "_check_directory", lambda _: None)
    monkeypatch.setattr(archive, "MAX_INFLATED", 5_000)
    with pytest.raises(FileRefused, match="unpacks"):
        archive.surveyed(GOOD)
    assert io.BytesIO(GOOD).read(2) == b"PK"
