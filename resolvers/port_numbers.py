"""The numbers of port projects, and what the carrier found wrong with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from db import port_numbers, tables
from numbering import port_codes
from numbering.actors import Permission
from numbering.port_codes import NumberError, PortErrorCode
from numbering.porting import PortNumberState
from resolvers.access import readable
from resolvers.context import Context
from resolvers.paging import Page, cursor, cut, fingerprint, limited, text_key, uuid_key, window

FIRST = 50
SAMPLE = 5


@dataclass(frozen=True)
class NumberQuestion:
    """Which numbers of which project, and which stretch of them."""

    project_id: UUID
    states: Sequence[PortNumberState] | None = None
    first: int | None = None
    after: str | None = None


@dataclass(frozen=True)
class Group:
    """Numbers of a project with the same fault."""

    project_id: UUID
    code: PortErrorCode
    count: int
    fixable: bool
    what_to_do: str


async def page(ctx: Context, asked: NumberQuestion) -> Page[tables.PortNumber]:
    """A project's numbers, by number."""
    scope = readable(ctx, Permission.PORT_READ)
    tag = fingerprint("port-numbers", asked.project_id, asked.states)
    stretch = window(
        tag,
        first=asked.first,
        after=asked.after,
        readers=(text_key, uuid_key),
        default=FIRST,
    )
    async with ctx.services.database.read(scope) as conn:
        rows = await port_numbers.page(
            conn,
            asked.project_id,
            states=asked.states,
            after=stretch.after,
            limit=stretch.limit + 1,
        )
    return cut(rows, stretch, [cursor(tag, row.number, row.id) for row in rows])


async def count(ctx: Context, asked: NumberQuestion) -> int:
    """How many numbers `page` goes through."""
    async with ctx.services.database.read(readable(ctx, Permission.PORT_READ)) as conn:
        return await port_numbers.count(conn, asked.project_id, states=asked.states)


def findings(number: tables.PortNumber) -> Sequence[NumberError]:
    """What the carrier found wrong with it."""
    return [NumberError.from_json(stored) for stored in number.errors]


async def did(ctx: Context, number: tables.PortNumber) -> tables.Did | None:
    """What became of it once it was activated."""
    return None if number.did_id is None else await ctx.loaders.dids.load(number.did_id)


async def groups(ctx: Context, project: tables.PortProject) -> Sequence[Group]:
    """What is wrong in a project, the most frequent first."""
    return [
        Group(
            project_id=project.id,
            code=PortErrorCode(group.code),
            count=group.count,
            fixable=group.fixable,
            what_to_do=port_codes.what_to_do(PortErrorCode(group.code)),
        )
        for group in await ctx.loaders.port_error_groups.load(project.id)
    ]


async def sample(ctx: Context, group: Group, first: int | None) -> Sequence[tables.PortNumber]:
    """Some numbers with this fault."""
    limit = limited(first, default=SAMPLE)
    return await ctx.loaders.port_samples.load((group.project_id, group.code, limit))
