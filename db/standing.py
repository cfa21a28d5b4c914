"""How things stand, for metrics and readiness: what is not ended, how old it is, who waits."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import text

from db.tenancy import Reader
from numbering.lanes import Lane
from numbering.lifecycle import OperationKind, OperationState

_OPERATIONS = text("""
    SELECT kind, state, count(*) AS number,
      extract(epoch FROM ops.now() - min(created_at))::float8 AS oldest_seconds
    FROM ops.operation WHERE state NOT IN ('SUCCEEDED', 'FAILED')
    GROUP BY kind, state
""")
_INCIDENTS = text("SELECT count(*) FROM ops.incident WHERE state <> 'RESOLVED'")
_WAITING = text("""
    SELECT lane, count(*) AS number FROM ops.operation WHERE state IN ('QUEUED', 'WAITING')
    GROUP BY lane
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """Operations of one kind in one state, and the age of the oldest in seconds."""

    kind: OperationKind
    state: OperationState
    count: int
    oldest_seconds: float


async def operations(reader: Reader) -> list[Standing]:
    """Operations that are not ended, by kind and state."""
    return [
        Standing(OperationKind(row.kind), OperationState(row.state), row.number, row.oldest_seconds)
        for row in await reader.execute(_OPERATIONS)
    ]


async def open_incidents(reader: Reader) -> int:
    """Incidents that nobody has resolved."""
    found: int = (await reader.execute(_INCIDENTS)).scalar_one()
    return found


async def waiting(reader: Reader) -> Mapping[Lane, int]:
    """Operations that nobody has in hand yet, by lane; a lane without any is not there."""
    return {Lane(row.lane): row.number for row in await reader.execute(_WAITING)}
