"""Who is told of what by e-mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from db import tables
from numbering.actors import Permission
from numbering.notices import NoticeKind
from numbering.refusals import Refusal
from resolvers.access import readable
from resolvers.context import Context
from workflows import port_commands as commands
from workflows import porting


@dataclass(frozen=True)
class Preference:
    """Whether and to whom a kind of notice goes; no recipients: the customer's own address."""

    kind: NoticeKind
    enabled: bool = True
    recipients: Sequence[str] = ()


@dataclass(frozen=True)
class NoticesDone:
    """The customer after the act, read afresh, and what was refused of it."""

    customer: tables.Customer | None
    refusals: Sequence[Refusal]


async def preferences(ctx: Context, customer_id: UUID) -> Sequence[Preference]:
    """What holds for each kind, those nobody has chosen included."""
    readable(ctx, Permission.PORT_READ)
    rows = await ctx.loaders.notice_preferences_of.load(customer_id)
    chosen = {row.kind: Preference(row.kind, row.enabled, row.recipients) for row in rows}
    return [chosen.get(kind, Preference(kind)) for kind in NoticeKind]


async def update(ctx: Context, command: commands.UpdateNoticePreferences) -> NoticesDone:
    """Choose anew for some kinds."""
    readable(ctx, Permission.NOTICES_EDIT)
    accepted = await porting.set_notice_preferences(ctx.services, ctx.actor, command)
    ctx.loaders.forget()
    return NoticesDone(
        customer=await ctx.loaders.customers.load(command.customer_id),
        refusals=accepted.refusals,
    )
