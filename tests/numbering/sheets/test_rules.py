"""The published rules, what faults repeat, and what the database says."""

import pickle
import re
from pathlib import Path

import pytest

from numbering.port_sheet import (
    COLUMNS,
    RULES,
    FaultSeverity,
    Known,
    PortFileCode,
    judge,
    parse,
    read,
)
from numbering.sheets import headings
from numbering.sheets.rules import fault, shown
from numbering.telephone import NumberType
from tests.numbering.sheets.books import ROW, csv_of
from tests.numbering.sheets.test_corpus import CORPUS

PAGE = Path(__file__).parents[3] / "docs" / "port-files.md"
FULL = ",".join(ROW)
A, B, TOLL_FREE = "+13035551234", "+17205552345", "+18005551234"
THREE = csv_of(*(FULL.replace("3035551234", number[2:]) for number in (A, B, TOLL_FREE)))


def test_every_code_has_its_rule_in_the_order_of_the_enum() -> None:
    assert list(dict.fromkeys(rule.code for rule in RULES)) == list(PortFileCode)
    assert [rule.code for rule in RULES if rule.severity is FaultSeverity.WARNING] == [
        PortFileCode.RECOVERED_FROM_EXCEL,
        PortFileCode.BTN_MISSING,
        PortFileCode.ACCOUNT_MISSING,
        PortFileCode.PIN_SHORT,
        PortFileCode.CARRIER_MISSING,
        PortFileCode.UNKNOWN_COLUMN,
        PortFileCode.MISSING_COLUMN,
        PortFileCode.DUPLICATE_COLUMN,
    ]


def test_every_rule_is_met_in_the_corpus_or_by_what_is_known() -> None:
    met = {f.code for case in CORPUS.values() for f in read(case.content, "x").faults}
    known = {PortFileCode.IN_OPEN_PROJECT, PortFileCode.ALREADY_OURS}
    assert set(PortFileCode) - met == known


def test_the_page_is_the_table() -> None:
    told = [
        f"| `{rule.code}` | {rule.column or 'several'} | {rule.severity.lower()} |"
        f" {rule.description} | `{rule.example}` |"
        for rule in RULES
    ]
    page = PAGE.read_text()
    assert [line for line in page.splitlines() if re.match(r"\| `[A-Z_]+` \|", line)] == told


@pytest.mark.parametrize("column", COLUMNS)
def test_the_page_names_every_heading(column: str) -> None:
    names = ", ".join(headings.ALIASES[column])
    assert re.search(rf"^\| `{column}` \| .* \| {re.escape(names)} \|$", PAGE.read_text(), re.M)


def test_no_alias_means_two_columns() -> None:
    plain = [headings.plain(name) for names in headings.ALIASES.values() for name in names]
    plain += [headings.plain(column) for column in COLUMNS]
    assert len(plain) == len(set(plain))


def test_numbers_of_other_projects_are_duplicates_and_ours_are_invalid() -> None:
    parsed = parse(THREE, "three.csv")
    assert parsed.numbers == {A, B, TOLL_FREE}
    sheet = judge(parsed, Known(in_open_project=frozenset({A}), already_ours=frozenset({B})))
    assert [(f.row, f.code, f.value) for f in sheet.faults] == [
        (2, PortFileCode.IN_OPEN_PROJECT, A[2:]),
        (3, PortFileCode.ALREADY_OURS, B[2:]),
    ]
    assert (sheet.total, sheet.valid, sheet.invalid, sheet.duplicate) == (3, 1, 1, 1)


def test_the_kind_of_the_project_decides_which_numbers_may_join() -> None:
    sheet = read(THREE, "three.csv", known=Known(type=NumberType.TOLL_FREE))
    assert [line.number for line in sheet.lines] == [TOLL_FREE]
    assert {f.code for f in sheet.faults} == {PortFileCode.TOLL_FREE_MIXED}


def test_a_spid_that_lost_its_zero_gets_a_suggestion() -> None:
    for written, suggestion in (("123", "0123"), ("12.0", "0012"), ("V-1", None)):
        sheet = read(csv_of(FULL.replace("1234,30", f"{written},30")), "spid.csv")
        assert [f.suggestion for f in sheet.faults] == [suggestion]


def test_a_range_and_a_pair_are_spelled_out() -> None:
    for written, suggestion in (
        ("3035551200-1299", "rows 3035551200 to 3035551299"),
        ("3035551234/7205552345", "rows 3035551234, 7205552345"),
    ):
        (found,) = read(csv_of(FULL.replace("3035551234", written)), "x").faults
        assert found.suggestion == suggestion


SECRETS = ("S3CRETACCT", "98765", "12\u200b34", "1.23457E+11", "x" * 40, "77")


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
@pytest.mark.parametrize("column", ["account_number", "pin"])
def test_secrets_are_nowhere_but_in_the_line(column: str, secret: str) -> None:
    cells = dict(zip(COLUMNS, ROW, strict=True)) | {column: secret, "btn": "x"}
    good = dict(zip(COLUMNS, ROW, strict=True)) | {column: secret}
    sheet = read(csv_of(",".join(good.values()), ",".join(cells.values())), "secret.csv")
    assert all(f.value is None and f.suggestion is None for f in sheet.faults if f.column == column)
    assert secret not in repr(sheet)
    assert secret.encode() not in pickle.dumps(sheet.faults)


def test_faults_of_secrets_drop_what_they_are_given() -> None:
    told = fault(2, "pin", PortFileCode.PIN_SHORT, "Short.", value="123", suggestion="0123")
    assert (told.value, told.suggestion) == (None, None)


def test_a_long_or_invisible_value_is_shown_bounded_and_spelled_out() -> None:
    assert shown("303\u200b555") == "303\\u200b555"
    assert len(shown("x" * 100)) == 60
