"""What is under way at the carrier."""

from datetime import datetime
from uuid import UUID

from db import tables
from numbering.lifecycle import OperationKind, OperationState
from resolvers.access import readable
from resolvers.context import Context

_ABOUT_A_NUMBER = frozenset(
    {
        OperationKind.NUMBER_HOLD,
        OperationKind.NUMBER_ASSIGN,
        OperationKind.NUMBER_RELEASE,
        OperationKind.METADATA_PUSH,
    }
)
_GOES_ON = frozenset({OperationState.QUEUED, OperationState.WAITING, OperationState.UNKNOWN})


async def by_id(ctx: Context, operation_id: UUID) -> tables.Operation | None:
    """One operation; None for an unknown one and for somebody else's."""
    readable(ctx)
    return await ctx.loaders.operations.load(operation_id)


def number_of(operation: tables.Operation) -> str | None:
    """The number an operation has to itself, if its subject is one."""
    return operation.subject if operation.kind in _ABOUT_A_NUMBER else None


def next_attempt_at(operation: tables.Operation) -> datetime | None:
    """When it goes on; None while it runs, once it has ended and while people decide."""
    return operation.run_at if operation.state in _GOES_ON else None
