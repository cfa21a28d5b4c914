"""Port projects: pages of them, and what follows from a row."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from db import port_projects, tables
from db.port_projects import PortFilter
from numbering import lifecycle, port_costs, port_stalls
from numbering.actors import Permission
from numbering.port_codes import Rejection
from numbering.port_costs import PortCost, PortPrices
from numbering.porting import PortStatus, StallKind
from numbering.pricing import Money
from resolvers.access import readable, sees_prices
from resolvers.batches import present
from resolvers.context import Context
from resolvers.ids import NodeKind, asked_for
from resolvers.paging import Page, cursor, cut, fingerprint, moment_key, uuid_key, window
from workflows import port_progress
from workflows.port_progress import Progress


@dataclass(frozen=True)
class ProjectQuestion:
    """Which projects, and which stretch of them."""

    where: PortFilter
    first: int | None = None
    after: str | None = None


@dataclass(frozen=True)
class Stall:
    """What is stuck, since when, and what would move it."""

    kind: StallKind
    since: datetime
    what_to_do: str


def chosen(
    *,
    statuses: Sequence[PortStatus] | None,
    customer_id: str | None = None,
    stalled: bool | None = None,
) -> PortFilter:
    """The filter of a query; raises BAD_USER_INPUT for an id that is none."""
    return PortFilter(
        customer_id=(
            None if customer_id is None else asked_for(customer_id, NodeKind.CUSTOMER, "customerId")
        ),
        statuses=None if statuses is None else tuple(statuses),
        stalled=stalled,
    )


def of_customer(
    customer_id: UUID, statuses: Sequence[PortStatus] | None, first: int | None, after: str | None
) -> ProjectQuestion:
    """A question about one customer's."""
    where = replace(chosen(statuses=statuses), customer_id=customer_id)
    return ProjectQuestion(where, first, after)


async def by_id(ctx: Context, project_id: UUID) -> tables.PortProject | None:
    """One project; None for an unknown one and for somebody else's."""
    readable(ctx, Permission.PORT_READ)
    return await ctx.loaders.port_projects.load(project_id)


async def of_did(ctx: Context, did: tables.Did) -> tables.PortProject | None:
    """The project that a number came with."""
    if did.port_project_id is None:
        return None
    return await ctx.loaders.port_projects.load(did.port_project_id)


async def page(ctx: Context, asked: ProjectQuestion) -> Page[tables.PortProject]:
    """Projects, the newest first; stalled ones by how long they are, the longest first."""
    scope = readable(ctx, Permission.PORT_READ)
    tag = fingerprint("port-projects", asdict(asked.where))
    stretch = window(tag, first=asked.first, after=asked.after, readers=(moment_key, uuid_key))
    async with ctx.services.database.read(scope) as conn:
        rows = await port_projects.page(
            conn, asked.where, after=stretch.after, limit=stretch.limit + 1
        )
    keys = [port_projects.key_of(row, asked.where) for row in rows]
    return cut(rows, stretch, [cursor(tag, *key) for key in keys])


async def count(ctx: Context, asked: ProjectQuestion) -> int:
    """How many projects `page` goes through."""
    async with ctx.services.database.read(readable(ctx, Permission.PORT_READ)) as conn:
        return await port_projects.count(conn, asked.where)


def allowed_next(project: tables.PortProject) -> list[PortStatus]:
    """Where it may go from where it stands, in the order of its life."""
    following = lifecycle.allowed_next(project.status)
    return [status for status in PortStatus if status in following]


async def progress(ctx: Context, project: tables.PortProject) -> Progress:
    """How far the checking is."""
    counts = present(await ctx.loaders.port_counts.load(project.id))
    return port_progress.standing(project, counts)


def rejection(project: tables.PortProject) -> Rejection | None:
    """Why the latest order was turned down."""
    return None if project.rejection is None else Rejection.from_json(project.rejection)


def stall(project: tables.PortProject) -> Stall | None:
    """What the watchdog said of it."""
    if project.stall_kind is None or project.stall_since is None:
        return None
    kind = project.stall_kind
    return Stall(kind, project.stall_since, port_stalls.what_to_do(kind))


async def cost(ctx: Context, project: tables.PortProject) -> PortCost | None:
    """What it costs, for those who may see prices; fixed once it is submitted."""
    if not sees_prices(ctx):
        return None
    counts = present(await ctx.loaders.port_counts.load(project.id))
    return port_costs.cost(
        _prices(ctx, project), total=counts.total, active=counts.active, rush=project.rush
    )


def _prices(ctx: Context, project: tables.PortProject) -> PortPrices:
    if project.fee is None or project.rush_fee is None:
        return ctx.services.prices.porting
    return PortPrices(
        fee=Money(project.fee, project.currency), rush=Money(project.rush_fee, project.currency)
    )
