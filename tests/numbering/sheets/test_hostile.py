"""Files made to cost: a few kilobytes that would fill the memory, or hold a processor for minutes.

The reader lays sheets out whole and a failed allocation ends the process, so nothing of this may
get as far as the reader; and no pattern may try each way of dividing a long cell, because a search
holds the interpreter from all other requests.
"""

import time

import pytest

from numbering.port_refusals import FileRefused
from numbering.port_sheet import read
from numbering.sheets import survey
from tests.numbering.sheets.books import HEADINGS, SHEET, packed, parts, text_cell, xlsx

SPACES = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEADS = "".join(text_cell(f"{c}1", n) for c, n in zip("ABCDEFG", HEADINGS, strict=True))
FIRST = f'<row r="1">{HEADS}</row>'
LONG = 60_000
SHARED = '<c t="s"><v>0</v></c>'


def book(data: str, *, sheets: int = 1, shared: str = "", styles: str = "") -> bytes:
    """A workbook whose sheets are all one part with this data."""
    entries = parts(xlsx([HEADINGS]))
    entries[SHEET] = (
        f'<worksheet xmlns="{SPACES}"><sheetData>{data}</sheetData></worksheet>'.encode()
    )
    names = "".join(f'<sheet name="s{n}" sheetId="{n + 1}" r:id="rId{n}"/>' for n in range(sheets))
    entries["xl/workbook.xml"] = (
        f'<workbook xmlns="{SPACES}" xmlns:r="{OFFICE}"><sheets>{names}</sheets></workbook>'
    ).encode()
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        for n in range(sheets)
    )
    entries["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE}">{related}</Relationships>'
    ).encode()
    texts = f'<sst xmlns="{SPACES}">{shared}</sst>'
    entries["xl/sharedStrings.xml"] = texts.encode()
    if styles:
        entries["xl/styles.xml"] = f'<styleSheet xmlns="{SPACES}">{styles}</styleSheet>'.encode()
    return packed(entries)


def test_one_part_under_many_names_is_laid_out_once_for_each() -> None:
    wide = f'{FIRST}<row r="9000"><c r="CV9000"><v>1</v></c></row>'
    with pytest.raises(FileRefused, match="too large together"):
        read(book(wide, sheets=3), "x.xlsx")
    with pytest.raises(FileRefused, match="Several sheets"):
        read(book(wide, sheets=2), "x.xlsx")


def shared_text(cells: int, text: str) -> bytes:
    rows = "".join(f'<row r="{row}">{SHARED}</row>' for row in range(2, cells + 2))
    return book(FIRST + rows, shared=text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"<si><t>{'ab' * LONG}</t></si>", id="plain"),
        pytest.param("<si>" + f"<r><t>{'ab' * 1000}</t></r>" * 60 + "</si>", id="in_pieces"),
    ],
)
def test_a_shared_text_is_copied_into_every_cell(text: str) -> None:
    with pytest.raises(FileRefused, match="too long"):
        read(shared_text(5_000, text), "x.xlsx")


def test_a_long_text_that_few_cells_share_is_read() -> None:
    sheet = read(shared_text(2, f"<si><t>{'ab' * 5_000}</t></si><si><t>x</t></si>"), "x.xlsx")
    assert (sheet.total, sheet.invalid) == (2, 2)


def test_formats_of_zeros_are_not_kept_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "MAX_ZEROS", 50)
    styles = '<numFmts><numFmt numFmtId="200" formatCode="0000"/></numFmts>' + (
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="200"/></cellXfs>'
    )
    row = '<row r="{}">' + '<c s="1"/>' * 5 + "</row>"

    def of(rows: int) -> bytes:
        filled = "".join(row.format(at) for at in range(2, rows + 2))
        return book(FIRST + filled, styles=styles)

    assert read(of(10), "x.xlsx").total == 0
    with pytest.raises(FileRefused, match="format of zeros"):
        read(of(11), "x.xlsx")


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("=" + " " * LONG + "“,", id="formula"),
        pytest.param("3035551234,a" + " " * LONG + "b", id="spaces"),
        pytest.param("3035551234,a" + " " * LONG + "\tb", id="spaces_and_a_tab"),
        pytest.param("total " + "1" * LONG + "x,", id="total"),
        pytest.param("total " + "1" * LONG + "rows" + "1" * 100 + "x,", id="total_of_rows"),
        pytest.param("sum " + "1" * LONG + "x,", id="sum"),
        pytest.param("3035551234," + "1" * LONG + ".0x", id="decimal"),
        pytest.param("3035551234 " + "x" * LONG + ",", id="extension"),
        pytest.param("(" * LONG + ",", id="brackets"),
    ],
)
def test_a_long_cell_costs_as_much_as_it_is_long(row: str) -> None:
    content = f"telephone_number,notes\n{row}\n".encode()
    began = time.process_time()
    sheet = read(content, "x.csv")
    # Twenty seconds with a pattern that goes back; the rest is room for a busy machine.
    assert time.process_time() - began < 2
    assert sheet.total == 1
