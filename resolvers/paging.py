"""Keyset pages: how many, from where, and cursors that only fit the list they came from."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson

from resolvers.rejections import Rejection, bad_input

Row = TypeVar("Row")
Key = str | int | UUID | datetime
Keys = tuple[Any, ...]
Readers = Sequence[Callable[[Any], Key]]

MAX_PAGE = 100
CURSOR_VERSION = 1
MAX_CURSOR = 512


@dataclass(frozen=True)
class Window:
    """What a client asked of a list, checked: `limit` rows after or before a key."""

    limit: int
    after: Keys | None = None
    before: Keys | None = None
    backwards: bool = False


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A stretch of a list with a cursor for each row, in the list's order."""

    rows: Sequence[Row]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool
    resume: str | None = None
    """Where the next page starts, if not right behind the last row."""

    @property
    def end_cursor(self) -> str | None:
        """The `after` of the next page."""
        return self.resume or (self.cursors[-1] if self.cursors else None)


def fingerprint(*parts: object) -> str:
    """Short name of a list (its kind, order and filter), so that cursors of others are refused."""
    text = orjson.dumps(parts, default=str, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(text, digest_size=6).hexdigest()


def cursor(tag: str, *keys: Key) -> str:
    """An opaque, versioned cursor: base64url of `[1, tag, key …]`."""
    # The driver has a UUID class of its own, which orjson knows only as "something else".
    body = orjson.dumps([CURSOR_VERSION, tag, *keys], default=str)
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def keys_of(tag: str, text: str, argument: str, readers: Readers) -> Keys:
    """The keys in a cursor of this very list, each read by its reader.

    Raises BAD_USER_INPUT for anything that is no cursor, and for a cursor of another list.
    """
    body = _decoded(text, argument)
    if body[1] != tag:
        raise bad_input(
            argument,
            "this cursor belongs to another list (other filter, search or order). "
            "Start again without a cursor.",
        )
    try:
        return tuple(read(key) for read, key in zip(readers, body[2:], strict=True))
    except (ValueError, TypeError, OverflowError):
        raise _no_cursor(argument) from None


def text_key(key: object) -> str:
    """Reads a short text out of a cursor; ValueError for anything else."""
    if not isinstance(key, str) or "\0" in key:
        raise ValueError("not text that the database could have given")
    return key


def count_key(key: object) -> int:
    """Reads a page or an offset out of a cursor; ValueError for anything else."""
    if not isinstance(key, int) or not 0 <= key <= 1_000_000:
        raise ValueError("not a count")
    return key


def uuid_key(key: object) -> UUID:
    """Reads the id of a row out of a cursor; ValueError for anything else."""
    return UUID(text_key(key))


def moment_key(key: object) -> datetime:
    """Reads a moment out of a cursor; ValueError for anything else."""
    return datetime.fromisoformat(text_key(key)).astimezone(UTC)


def limited(first: int | None, argument: str = "first", *, default: int = 20) -> int:
    """How many rows to give: `default` when absent or null, else 1 to 100."""
    if first is None:
        return default
    if not 1 <= first <= MAX_PAGE:
        raise bad_input(argument, f"must be between 1 and {MAX_PAGE}, not {first}.")
    return first


def window(
    tag: str,
    *,
    first: int | None,
    after: str | None,
    last: int | None = None,
    before: str | None = None,
    readers: Readers,
    default: int = 20,
) -> Window:
    """Checks the four arguments of a list that can be read both ways.

    `last` asks for the end of what lies before `before`; a client says either `last` or leaves
    `first` at its default, which then does not count.
    """
    limit = limited(last, "last") if last is not None else limited(first, default=default)
    return Window(
        limit=limit,
        after=None if after is None else keys_of(tag, after, "after", readers),
        before=None if before is None else keys_of(tag, before, "before", readers),
        backwards=last is not None,
    )


def cut(
    rows: Sequence[Row],
    asked: Window,
    cursors: Sequence[str],
) -> Page[Row]:
    """A page of at most `asked.limit` rows out of the `limit + 1` that were fetched.

    The rows are in list order; the extra row is the last one, or the first one when read backwards.
    """
    more = len(rows) > asked.limit
    kept = slice(1, None) if more and asked.backwards else slice(0, asked.limit)
    return Page(
        rows=rows[kept],
        cursors=cursors[kept],
        has_next=asked.before is not None if asked.backwards else more,
        has_previous=more if asked.backwards else asked.after is not None,
    )


def _decoded(text: str, argument: str) -> list[object]:
    if len(text) > MAX_CURSOR:
        raise _no_cursor(argument)
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        body = orjson.loads(raw)
    except (binascii.Error, ValueError):
        raise _no_cursor(argument) from None
    if not isinstance(body, list) or len(body) < 2 or body[0] != CURSOR_VERSION:
        raise _no_cursor(argument)
    return body


def _no_cursor(argument: str) -> Rejection:
    return bad_input(argument, "is not a cursor of this API. Use `pageInfo.endCursor` as it came.")
