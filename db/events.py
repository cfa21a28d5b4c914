"""Events: numbered for each stream without gaps, written in the transaction that makes them true.

The number is taken by updating the stream's row, which stays locked until the commit: so numbers
become visible in order. A global sequence would not do, its order is not the order of commits
(reliability.md 3). NOTIFY only wakes listeners up; the hub reads the rows.

Take an operation's number first, then the reservation's or the port project's (its history before
its progress), then the audit's: transactions that lock several streams in one order do not
deadlock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Boolean, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from db.hub import EventHub
from db.streams import (
    CHANNEL,
    INCIDENTS,
    Event,
    of_audit,
    of_operation,
    of_port,
    of_port_progress,
    of_reservation,
)
from db.tenancy import Reader

__all__ = [
    "CHANNEL",
    "INCIDENTS",
    "Event",
    "EventHub",
    "First",
    "append",
    "begin_all",
    "last_number",
    "of_audit",
    "of_operation",
    "of_port",
    "of_port_progress",
    "of_reservation",
    "page",
    "take_number",
]

_NEXT = """
    INSERT INTO ops.stream AS s (id, customer_id, last_seq)
    VALUES (CAST(:stream AS varchar), CAST(:customer_id AS uuid), CAST(:count AS bigint))
    ON CONFLICT (id) DO UPDATE SET last_seq = s.last_seq + excluded.last_seq
    RETURNING id, customer_id, last_seq
"""
_TAKE = text(_NEXT)
_APPEND = text(
    f"WITH taken AS ({_NEXT}), written AS (\n"  # noqa: S608  constants of this module
    """
      INSERT INTO ops.event (stream_id, customer_id, seq, kind, payload)
      SELECT id, customer_id, last_seq, CAST(:kind AS varchar),
        CASE WHEN :numbered THEN :payload || jsonb_build_object('sequence', last_seq)
          ELSE :payload END FROM taken
      RETURNING stream_id, seq)
    SELECT seq, pg_notify(:channel, stream_id || ':' || seq) FROM written
"""
).bindparams(bindparam("payload", type_=JSONB), bindparam("numbered", type_=Boolean))
_BEGIN_ALL = text("""
    WITH told AS (
      SELECT * FROM unnest(
        CAST(:streams AS varchar[]), CAST(:customers AS uuid[]),
        CAST(:kinds AS varchar[]), CAST(:payloads AS text[])
      ) AS t (id, customer_id, kind, payload)),
    begun AS (
      INSERT INTO ops.stream (id, customer_id, last_seq) SELECT id, customer_id, 1 FROM told)
    INSERT INTO ops.event (stream_id, customer_id, seq, kind, payload)
    SELECT id, customer_id, 1, kind, CAST(payload AS jsonb) FROM told
""")
_PAGE = text("""
    SELECT stream_id AS stream, seq, kind, payload, at, customer_id FROM ops.event
    WHERE stream_id = :stream AND seq > :after ORDER BY seq LIMIT :limit
""")
_LAST = text("SELECT last_seq FROM ops.stream WHERE id = :stream")


async def append(
    session: AsyncSession,
    stream: str,
    kind: str,
    payload: Mapping[str, Any],
    customer_id: UUID | None,
    *,
    numbered: bool = False,
) -> int:
    """Write the next event of a stream and wake the listeners at commit; returns its number.

    `numbered` puts the number into the payload too, as `sequence`.
    """
    values = {
        "stream": stream,
        "customer_id": customer_id,
        "count": 1,
        "kind": kind,
        "payload": dict(payload),
        "numbered": numbered,
        "channel": CHANNEL,
    }
    return int((await session.execute(_APPEND, values)).one().seq)


@dataclass(frozen=True, slots=True)
class First:
    """The first event of a stream."""

    stream: str
    kind: str
    payload: Mapping[str, Any]
    customer_id: UUID | None


async def begin_all(session: AsyncSession, firsts: Sequence[First]) -> None:
    """Begin streams that nobody can know of yet, hence without waking anybody."""
    if not firsts:
        return
    values = {
        "streams": [first.stream for first in firsts],
        "customers": [first.customer_id for first in firsts],
        "kinds": [first.kind for first in firsts],
        "payloads": [orjson.dumps(dict(first.payload), default=str).decode() for first in firsts],
    }
    await session.execute(_BEGIN_ALL, values)


async def take_number(
    session: AsyncSession, stream: str, customer_id: UUID | None, *, count: int = 1
) -> int:
    """The next number of a stream whose rows are kept elsewhere (the audit trail).

    Of `count` numbers that are taken at once, the last.
    """
    values = {"stream": stream, "customer_id": customer_id, "count": count}
    return int((await session.execute(_TAKE, values)).one().last_seq)


async def page(reader: Reader, stream: str, after: int = 0, limit: int = 500) -> Sequence[Event]:
    """The events of one stream after a number."""
    found = await reader.execute(_PAGE, {"stream": stream, "after": after, "limit": limit})
    return [Event(**row) for row in found.mappings()]


async def last_number(reader: Reader, stream: str) -> int:
    """The number of a stream's last event; 0 while it has none."""
    found = await reader.execute(_LAST, {"stream": stream})
    return int(found.scalar_one_or_none() or 0)
