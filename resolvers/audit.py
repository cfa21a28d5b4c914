"""The audit log: for administrators of a customer about their own numbers, for staff about all."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from db import audit, tables
from db.audit import AuditFilter
from numbering.actors import STAFF_NAME, Permission
from numbering.lifecycle import AuditAction
from resolvers.access import readable
from resolvers.context import Context
from resolvers.ids import NodeKind, asked_for
from resolvers.numbers import number_asked
from resolvers.paging import Page, cursor, cut, fingerprint, moment_key, uuid_key, window

_OF_INCIDENTS = frozenset({AuditAction.INCIDENT_RETRY, AuditAction.INCIDENT_RESOLVE})


@dataclass(frozen=True)
class AuditQuestion:
    """Which entries, newest first, and which stretch of them (`default` when `first` is null)."""

    where: AuditFilter = field(default_factory=AuditFilter)
    first: int | None = None
    after: str | None = None
    default: int = 20


async def page(ctx: Context, asked: AuditQuestion) -> Page[tables.AuditRow]:
    """A page of the log."""
    scope = readable(ctx, Permission.AUDIT_READ)
    tag = fingerprint("audit", asdict(asked.where))
    stretch = window(
        tag,
        first=asked.first,
        after=asked.after,
        readers=(moment_key, uuid_key),
        default=asked.default,
    )
    async with ctx.services.database.read(scope) as conn:
        rows = await audit.page(conn, asked.where, after=stretch.after, limit=stretch.limit + 1)
    return cut(rows, stretch, [cursor(tag, row.at, row.id) for row in rows])


async def count(ctx: Context, where: AuditFilter) -> int:
    """How many entries `page` goes through."""
    async with ctx.services.database.read(readable(ctx, Permission.AUDIT_READ)) as conn:
        return await audit.count(conn, where)


def actor_shown(ctx: Context, event: tables.AuditRow) -> str:
    """Who did it; customers do not learn which of the platform's people it was."""
    return STAFF_NAME if event.actor_is_staff and not ctx.actor.is_staff else event.actor


def reason_shown(ctx: Context, event: tables.AuditRow) -> str | None:
    """Why; notes on incidents stay among staff, because they may name another customer."""
    return None if event.action in _OF_INCIDENTS and not ctx.actor.is_staff else event.reason


def chosen(
    *,
    number: str | None,
    actions: Sequence[AuditAction] | None,
    customer_id: str | None,
    since: datetime | None,
    until: datetime | None,
) -> AuditFilter:
    """The filter of a query; raises BAD_USER_INPUT for a number or an id that is none."""
    return AuditFilter(
        number=None if number is None else number_asked(number, "number"),
        actions=None if actions is None else tuple(actions),
        customer_id=(
            None if customer_id is None else asked_for(customer_id, NodeKind.CUSTOMER, "customerId")
        ),
        since=since,
        until=until,
    )
