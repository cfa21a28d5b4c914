"""Audit rows and jobs, written in the transaction of the change that they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import audit, jobs, operations
from db.audit import Change
from db.jobs import Job
from db.tables import Operation
from numbering.actors import Actor
from numbering.lifecycle import AuditAction
from workflows import intents


async def note(
    session: AsyncSession,
    actor: Actor,
    action: AuditAction,
    *,
    customer_id: UUID | None,
    number: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
    operation_id: UUID | None = None,
) -> None:
    """One audit row: who changed what, from what to what (invariant I15)."""
    await audit.append(
        session,
        customer_id=customer_id,
        actor=actor.display,
        actor_is_staff=actor.is_staff,
        action=action,
        number=number,
        before=before,
        after=after,
        reason=reason,
        request_id=actor.request_id or None,
        operation_id=operation_id,
    )


async def note_all(
    session: AsyncSession,
    actor: Actor,
    action: AuditAction,
    changes: Sequence[Change],
    *,
    customer_id: UUID | None,
) -> None:
    """An audit row for each of many numbers that one act has changed, however many they are."""
    await audit.append_all(
        session,
        changes,
        customer_id=customer_id,
        actor=actor.display,
        actor_is_staff=actor.is_staff,
        action=action,
        request_id=actor.request_id or None,
    )


async def note_of(
    session: AsyncSession,
    operation: Operation,
    action: AuditAction,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> None:
    """The audit row of what an operation has done, in the name of whoever asked for it."""
    await note(
        session,
        intents.actor_of(operation),
        action,
        customer_id=operation.customer_id,
        number=operation.subject if operation.kind_group == operations.NUMBER else None,
        before=before,
        after=after,
        reason=reason,
        operation_id=operation.id,
    )


async def begin_all(session: AsyncSession, wanted: Sequence[Operation]) -> Mapping[UUID, Operation]:
    """Insert operations with their jobs; those whose number has something else live are left out.

    A cart of fifty costs as many statements as one number: carts of one customer queue behind
    each other's locks, so their transactions have to be short.
    """
    made = await operations.insert_all(session, wanted)
    await enqueue(session, [op for op in wanted if op.id in made])
    return made


async def begin(session: AsyncSession, operation: Operation) -> Operation | None:
    """Insert an operation with its job; None when something else is live on the number."""
    return (await begin_all(session, [operation])).get(operation.id)


async def enqueue(
    session: AsyncSession, wanted: Iterable[Operation], delay: timedelta = timedelta(0)
) -> None:
    """A job for each operation, or the one it has brought forward."""
    await jobs.enqueue_all(session, [Job(op.id, op.lane, op.priority, delay) for op in wanted])
