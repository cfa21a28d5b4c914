"""Cursors and windows: what fits, and what is refused with a way out."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from resolvers import paging
from resolvers.paging import Window, count_key, cursor, moment_key, text_key, uuid_key
from resolvers.rejections import Rejection

SOMEBODY = UUID("018f2b5c-0000-7000-8000-000000000001")
TAG = "list"
BOTH = (text_key, uuid_key)


def refused(text: str, tag: str = TAG, readers: paging.Readers = BOTH) -> str:
    with pytest.raises(Rejection) as caught:
        paging.keys_of(tag, text, "after", readers)
    assert caught.value.extensions == {"code": "BAD_USER_INPUT", "argument": "after"}
    return caught.value.message


def test_a_cursor_comes_back_as_it_was() -> None:
    row, moment = SOMEBODY, datetime(2026, 11, 22, 15, 30, 0, 123456, tzinfo=UTC)
    assert paging.keys_of(TAG, cursor(TAG, "a", row), "after", BOTH) == ("a", row)
    readers = (moment_key, uuid_key)
    assert paging.keys_of(TAG, cursor(TAG, moment, row), "after", readers) == (moment, row)
    assert paging.keys_of(TAG, cursor(TAG, 3, 0), "after", (count_key, count_key)) == (3, 0)


def test_a_cursor_takes_the_drivers_own_uuids() -> None:
    class DriverUuid(UUID):
        """As asyncpg has it."""

    row = SOMEBODY
    made = cursor(TAG, "a", DriverUuid(str(row)))
    assert paging.keys_of(TAG, made, "after", BOTH) == ("a", row)


def test_a_cursor_of_another_list_is_named_as_such() -> None:
    assert "another list" in refused(cursor("other", "a", SOMEBODY))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "ä",
        "AAAA",
        "W10",  # []
        "WzFd",  # [1]
        "e30",  # {}
        "x" * 600,
        cursor(TAG),
        cursor(TAG, "a"),
        cursor(TAG, "a", "no uuid"),
        cursor(TAG, 1, SOMEBODY),
        cursor(TAG, "a", SOMEBODY, 1),
        cursor(TAG, "a\0", SOMEBODY),
    ],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    assert "is not a cursor" in refused(text)


@pytest.mark.parametrize("keys", [("a", 1), (-1, 1), (1, 10**9), (1.5, 1)])
def test_counts_in_cursors_have_bounds(keys: tuple[int, int]) -> None:
    assert "is not a cursor" in refused(cursor(TAG, *keys), readers=(count_key, count_key))


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "x"])
def test_moments_in_cursors_exist(text: str) -> None:
    made = cursor(TAG, text, SOMEBODY)
    assert "is not a cursor" in refused(made, readers=(moment_key, uuid_key))


def test_an_old_version_of_a_cursor_is_refused() -> None:
    assert "is not a cursor" in refused("WzAsImxpc3QiLCJhIl0")  # [0,"list","a"]


@pytest.mark.parametrize("first", [0, -1, 101, 2_147_483_647])
def test_a_page_has_1_to_100_rows(first: int) -> None:
    with pytest.raises(Rejection, match="between 1 and 100"):
        paging.limited(first)


def test_null_means_the_default() -> None:
    assert (paging.limited(None), paging.limited(1), paging.limited(100)) == (20, 1, 100)


def test_last_reads_backwards_and_wins() -> None:
    row = SOMEBODY
    asked = paging.window(
        TAG, first=20, after=None, last=5, before=cursor(TAG, "a", row), readers=BOTH
    )
    assert asked == Window(limit=5, before=("a", row), backwards=True)
    with pytest.raises(Rejection, match="last: must be between"):
        paging.window(TAG, first=20, after=None, last=0, readers=BOTH)


@pytest.mark.parametrize(
    ("asked", "rows", "kept", "following", "preceding"),
    [
        (Window(2), [1, 2, 3], [1, 2], True, False),
        (Window(2), [1, 2], [1, 2], False, False),
        (Window(2, after=("a",)), [1], [1], False, True),
        (Window(2, backwards=True), [1, 2, 3], [2, 3], False, True),
        (Window(2, before=("a",), backwards=True), [1, 2], [1, 2], True, False),
    ],
)
def test_a_page_knows_its_neighbours(
    asked: Window, rows: list[int], kept: list[int], following: bool, preceding: bool
) -> None:
    page = paging.cut(rows, asked, [str(row) for row in rows])
    assert (page.rows, page.cursors) == (kept, [str(row) for row in kept])
    assert (page.has_next, page.has_previous) == (following, preceding)
