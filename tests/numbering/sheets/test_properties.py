"""What holds for every file: rows are conserved, writing and reading agree, nothing else raises."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numbering.port_refusals import FileRefused
from numbering.port_sheet import COLUMNS, CarrierRow, Known, judge, parse, read, write_csv
from numbering.telephone import TelephoneNumber
from tests.numbering import strategies
from tests.numbering.sheets.books import HEADINGS, packed, parts, xlsx

CELLS = st.one_of(
    st.sampled_from(
        (
            *("", " ", "Total", "3035551234", "(303) 555-1234", "3.03555E+09", "3035551234.0"),
            *("8005551234", "3035551200-1299", "Acme, Inc.", 'a"b', "line\nline", "12", "=1+1"),
            *COLUMNS,
        )
    ),
    st.text(max_size=12),
)
ROWS = st.lists(st.lists(CELLS, max_size=9), max_size=12)
KNOWN = st.builds(
    Known,
    in_open_project=st.sampled_from([frozenset(), frozenset({"+13035551234"})]),
    already_ours=st.sampled_from([frozenset(), frozenset({"+18005551234"})]),
)


def quoted(row: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in row)


@given(ROWS, KNOWN)
def test_any_mix_of_rows_conserves_the_total(rows: list[list[str]], known: Known) -> None:
    content = "\r\n".join([",".join(COLUMNS), *map(quoted, rows), ""]).encode("utf-8", "replace")
    try:
        sheet = judge(parse(content, "mix.csv"), known)
    except FileRefused:
        assert b"\0" in content
        return
    assert sheet.total == len(rows)
    assert sheet.total == sheet.valid + sheet.invalid + sheet.duplicate + sheet.blank
    assert sheet.valid == len(sheet.lines) == len({line.number for line in sheet.lines})
    assert len({line.number.type for line in sheet.lines}) <= 1


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.text("ab1 ,;\n", max_size=8), max_size=6), max_size=6))
def test_a_workbook_and_a_csv_of_the_same_rows_are_judged_alike(rows: list[list[str]]) -> None:
    book = read(xlsx([HEADINGS, *[["x", *row] for row in rows]]), "rows.xlsx")
    text = read("\n".join([",".join(COLUMNS), *[quoted(["x", *r]) for r in rows]]).encode(), "c")
    assert (book.total, book.lines, book.faults) == (text.total, text.lines, text.faults)


WORDS = st.from_regex(r"[A-Za-z0-9](?:[ A-Za-z0-9,;\"&éß.-]{0,18}[A-Za-z])?", fullmatch=True)
CODES = st.from_regex(r"[A-Z0-9]{4}", fullmatch=True).filter(lambda code: "E" not in code)
NOTHING = {"na", "none", "null", "nil", "nan"}


def maybe(some: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.none() | some.filter(lambda text: text.lower() not in NOTHING)


CARRIER_ROWS = st.builds(
    CarrierRow,
    telephone_number=strategies.numbers.map(lambda number: TelephoneNumber(number).national),
    lsp_name=maybe(WORDS),
    lsp_spid=maybe(CODES),
    btn=st.none() | strategies.numbers.map(lambda number: TelephoneNumber(number).national),
    account_number=maybe(WORDS),
    pin=maybe(CODES),
    notes=maybe(WORDS),
)


@given(
    st.lists(CARRIER_ROWS, max_size=20, unique_by=lambda row: row.telephone_number).filter(
        lambda rows: len({TelephoneNumber(f"+1{r.telephone_number}").type for r in rows}) <= 1
    )
)
def test_what_is_written_for_the_carrier_is_read_back(rows: list[CarrierRow]) -> None:
    sheet = read(write_csv(rows), "numbers.csv")
    assert [
        CarrierRow(
            telephone_number=line.number.national,
            lsp_name=line.losing_carrier,
            lsp_spid=line.losing_spid,
            btn=line.btn.national if line.btn else None,
            account_number=line.account_number,
            pin=line.pin,
            notes=line.notes,
        )
        for line in sheet.lines
    ] == rows


def test_the_file_for_the_carrier_is_exact() -> None:
    row = CarrierRow("3035551234", "Acme, Inc.", pin="0012", account_number="=1+1", notes='a"b')
    assert write_csv([row]) == (
        b"telephone_number,lsp_name,lsp_spid,btn,account_number,pin,notes\r\n"
        b'3035551234,"Acme, Inc.",,,=1+1,0012,"a""b"\r\n'
    )
    assert "0012" not in repr(row)
    assert "=1+1" not in repr(row)


@given(st.binary(max_size=400))
def test_random_bytes_are_read_or_refused(content: bytes) -> None:
    for file in (content, b"tn,pin\n" + content, b"PK\x03\x04" + content):
        try:
            read(file, "random")
        except FileRefused:
            continue


BOOK = xlsx([HEADINGS, ["3035551234", 1, 2, 3, 4, 5]], formats={"F2": "0000"})


@settings(max_examples=150)
@given(st.integers(0, len(BOOK) - 1), st.binary(min_size=1, max_size=6))
def test_a_workbook_with_strange_bytes_is_read_or_refused(at: int, change: bytes) -> None:
    try:
        read(BOOK[:at] + change + BOOK[at + len(change) :], "strange.xlsx")
    except FileRefused:
        return


@settings(max_examples=100)
@given(st.sampled_from(sorted(parts(BOOK))), st.binary(max_size=200))
def test_a_part_of_strange_bytes_is_read_or_refused(name: str, content: bytes) -> None:
    try:
        read(packed(parts(BOOK) | {name: content}), "strange.xlsx")
    except FileRefused:
        return


@pytest.mark.parametrize("text", ["\u0661" * 10, "1E5", "²", "="])
def test_cells_that_trip_naive_readers_are_judged(text: str) -> None:
    sheet = read(f"tn,pin\n{text},{text}\n".encode(), "naive.csv")
    assert (sheet.total, sheet.valid) == (1, 0)
