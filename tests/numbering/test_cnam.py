"""Caller names."""

import pytest
from hypothesis import given

from numbering.cnam import InvalidCnam, check_cnam
from numbering.telephone import NumberType
from tests.numbering import strategies


@pytest.mark.parametrize(
    "text",
    ["ACME CORP", "A", "SMITH & SONS", "O'NEIL, J. R.", "7-ELEVEN 12345", "X" * 15, "3M", "Ada "],
)
def test_names_that_carriers_store(text: str) -> None:
    check_cnam(text, NumberType.LOCAL)


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("X" * 16, "at most 15"),
        (" ACME", "does not begin with a blank"),
        ("", "at least one letter"),
        ("123456", "at least one letter"),
        ("- . &", "at least one letter"),
        ("A3035551", "cannot be a telephone number"),
        ("303-555-1234 US", "cannot be a telephone number"),
        ("ACME\n", "plain letters"),
        ("ACME\0", "plain letters"),
        ("CAFÉ", "plain letters"),
        ("ACME\u202e", "plain letters"),
        ("<b>ACME</b>", "plain letters"),
        ("ACME@HOME", "plain letters"),
    ],
)
def test_names_that_they_refuse(text: str, way_out: str) -> None:
    with pytest.raises(InvalidCnam, match=way_out) as refused:
        check_cnam(text, NumberType.LOCAL)
    assert refused.value.path == ("cnam",)


def test_toll_free_numbers_carry_none() -> None:
    with pytest.raises(InvalidCnam, match="Toll-free"):
        check_cnam("ACME CORP", NumberType.TOLL_FREE)


@given(strategies.any_text)
def test_whatever_passes_fits_the_column(text: str) -> None:
    try:
        check_cnam(text, NumberType.LOCAL)
    except InvalidCnam:
        return
    assert len(text.encode("ascii")) <= 15
    assert text.isprintable()
