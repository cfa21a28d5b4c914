"""Buying, configuring and giving back: the right is checked here, the act is a workflow's."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from aiodataloader import DataLoader

from db import tables
from numbering.actors import Actor, Permission
from numbering.refusals import Refusal
from resolvers.access import readable
from resolvers.context import Context
from resolvers.ids import NodeKind, Reading
from workflows import commands, incidents, procurement
from workflows.accepted import Accepted
from workflows.wiring import Services

Command = TypeVar(
    "Command",
    commands.ReserveNumbers,
    commands.ReleaseReservation,
    commands.AssignReservation,
    commands.UpdateDids,
    commands.ReleaseDids,
    commands.RetryIncident,
    commands.ResolveIncident,
)
Row = TypeVar("Row")
Act = Callable[[Services, Actor, Command], Awaitable[Accepted]]


@dataclass(frozen=True)
class Done:
    """What stands after an act, read afresh, and what was refused of it."""

    reservation: tables.Reservation | None = None
    dids: Sequence[tables.Did] = ()
    incident: tables.Incident | None = None
    refusals: Sequence[Refusal] = ()


def customer_for(ctx: Context, ids: Reading, named: str | None) -> UUID:
    """For whom to buy: the customer named in the input, else the one they act for.

    Staff act for nobody in particular and have to name one. Whether the customer is theirs to
    name, the database decides.
    """
    if named is not None:
        return ids.one(named, NodeKind.CUSTOMER, "customerId")
    if ctx.actor.customer_id is None:
        return ids.fault("Say for which customer: you act for more than one.", "customerId")
    return ctx.actor.customer_id


async def reserve(ctx: Context, command: commands.ReserveNumbers) -> Done:
    """Hold numbers."""
    return await _carried_out(ctx, Permission.PROCURE, procurement.reserve, command)


async def release_reservation(ctx: Context, command: commands.ReleaseReservation) -> Done:
    """Give holds back."""
    return await _carried_out(ctx, Permission.PROCURE, procurement.release_reservation, command)


async def assign(ctx: Context, command: commands.AssignReservation) -> Done:
    """Buy held numbers."""
    return await _carried_out(ctx, Permission.PROCURE, procurement.assign, command)


async def update_dids(ctx: Context, command: commands.UpdateDids) -> Done:
    """Configure numbers."""
    return await _carried_out(ctx, Permission.DIDS_UPDATE, procurement.update_dids, command)


async def release_dids(ctx: Context, command: commands.ReleaseDids) -> Done:
    """Give numbers back."""
    return await _carried_out(ctx, Permission.PROCURE, procurement.release_dids, command)


async def retry_incident(ctx: Context, command: commands.RetryIncident) -> Done:
    """Have a failed operation tried again."""
    return await _carried_out(ctx, Permission.STAFF, incidents.retry, command)


async def resolve_incident(ctx: Context, command: commands.ResolveIncident) -> Done:
    """Close an incident that was settled by hand."""
    return await _carried_out(ctx, Permission.STAFF, incidents.resolve, command)


async def _carried_out(
    ctx: Context, permission: Permission, act: Act[Command], command: Command
) -> Done:
    readable(ctx, permission)
    accepted = await act(ctx.services, ctx.actor, command)
    ctx.loaders.forget()
    return Done(
        reservation=await _loaded(ctx.loaders.reservations, accepted.reservation_id),
        dids=[did for did in await ctx.loaders.dids.load_many(accepted.did_ids) if did],
        incident=await _loaded(ctx.loaders.incidents, accepted.incident_id),
        refusals=accepted.refusals,
    )


async def _loaded(loader: DataLoader[UUID, Row | None], key: UUID | None) -> Row | None:
    return None if key is None else await loader.load(key)
