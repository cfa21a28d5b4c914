"""Any object by its global id: one loader for each kind, rows filtered in the database.

An id of another customer, an unknown one and one that the role may not see are all the same: the
same statement finds no row, or the answer is null without one.
"""

from asyncio import gather
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiodataloader import DataLoader

from numbering.actors import Permission
from resolvers.access import readable
from resolvers.context import Context
from resolvers.ids import NodeKind, decode
from resolvers.loaders import Loaders
from resolvers.rejections import Rejection, bad_input

MAX_IDS = 100


@dataclass(frozen=True)
class _Kind:
    permission: Permission
    loader: Callable[[Loaders], DataLoader[UUID, Any]]


_KINDS = {
    NodeKind.CUSTOMER: _Kind(Permission.DIDS_READ, lambda loaders: loaders.customers),
    NodeKind.TRUNK: _Kind(Permission.DIDS_READ, lambda loaders: loaders.trunks),
    NodeKind.E911_ADDRESS: _Kind(Permission.DIDS_READ, lambda loaders: loaders.addresses),
    NodeKind.DID: _Kind(Permission.DIDS_READ, lambda loaders: loaders.dids),
    NodeKind.RESERVATION: _Kind(Permission.DIDS_READ, lambda loaders: loaders.reservations),
    NodeKind.OPERATION: _Kind(Permission.DIDS_READ, lambda loaders: loaders.operations),
    NodeKind.INCIDENT: _Kind(Permission.STAFF, lambda loaders: loaders.incidents),
    NodeKind.AUDIT_EVENT: _Kind(Permission.AUDIT_READ, lambda loaders: loaders.audit_events),
    NodeKind.PORT_PROJECT: _Kind(Permission.PORT_READ, lambda loaders: loaders.port_projects),
    NodeKind.PORT_NUMBER: _Kind(Permission.PORT_READ, lambda loaders: loaders.port_numbers),
    NodeKind.PORT_DOCUMENT: _Kind(Permission.PORT_READ, lambda loaders: loaders.port_documents),
    NodeKind.PORT_EVENT: _Kind(Permission.PORT_READ, lambda loaders: loaders.port_events),
    NodeKind.PORT_COMMENT: _Kind(Permission.PORT_READ, lambda loaders: loaders.port_comments),
}


@dataclass(frozen=True)
class Found:
    """A row and the kind of object that it is."""

    kind: NodeKind
    row: Any


async def by_id(ctx: Context, text: str) -> Found | None:
    """The object of an id, None where there is none; BAD_USER_INPUT for text that is no id."""
    readable(ctx)
    return await _found(ctx, text, "id")


async def by_ids(ctx: Context, texts: Sequence[str]) -> list[Found | Rejection | None]:
    """Up to 100 objects in the order of their ids; a rejection in place of text that is no id."""
    readable(ctx)
    if len(texts) > MAX_IDS:
        raise bad_input("ids", f"at most {MAX_IDS} ids at once, not {len(texts)}.")
    return list(await gather(*(_attempt(ctx, text, f"ids.{n}") for n, text in enumerate(texts))))


async def _attempt(ctx: Context, text: str, argument: str) -> Found | Rejection | None:
    try:
        return await _found(ctx, text, argument)
    except Rejection as rejection:
        return rejection


async def _found(ctx: Context, text: str, argument: str) -> Found | None:
    decoded = decode(text)
    if decoded is None:
        raise bad_input(argument, "is not an id of this API. Use an `id` as it came.")
    kind, value = decoded
    known = _KINDS.get(kind)
    if known is None or not ctx.actor.may(known.permission):
        return None
    row = await known.loader(ctx.loaders).load(value)
    return None if row is None else Found(kind, row)
