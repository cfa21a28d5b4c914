"""How far a port project is, as people watch it: one value for snapshots and events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import port_counts, port_history
from db.tables import PortProject
from numbering.porting import PortStatus

if TYPE_CHECKING:
    from db.port_counts import PortCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`rate_per_second` and `eta_seconds` are known only while the carrier is checking."""

    project_id: UUID
    sequence: int
    status: PortStatus
    total_count: int
    validated_count: int
    valid_count: int
    invalid_count: int
    rate_per_second: float | None
    eta_seconds: int | None
    updated_at: datetime
    stale: bool


def standing(project: PortProject, counts: PortCounts) -> Progress:
    """Our rows, and for those under way what the carrier last said of its count.

    A check that only covers the touched rows moves on from what was already judged.
    """
    judged = counts.total - counts.pending - counts.validating
    under_way = counts.validating
    checked = errors = 0
    rate: float | None = None
    eta: int | None = None
    if project.status is PortStatus.VALIDATING and under_way:
        checked = min(project.checked_count, under_way)
        errors = min(project.checked_errors, checked)
        rate = project.checked_rate
        left = under_way - checked + counts.pending
        eta = round(left / rate) if rate else None
    return Progress(
        project_id=project.id,
        sequence=project.progress_sequence,
        status=project.status,
        total_count=counts.total,
        validated_count=judged + checked,
        valid_count=judged - counts.invalid - counts.rejected + checked - errors,
        invalid_count=counts.invalid + counts.rejected + errors,
        rate_per_second=rate,
        eta_seconds=eta,
        updated_at=max(project.updated_at, project.checked_at or project.updated_at),
        stale=project.stale,
    )


def payload(project: PortProject, counts: PortCounts) -> dict[str, Any]:
    """The same as an event says it; the sequence is that of the event."""
    now = standing(project, counts)
    return {
        "projectId": str(now.project_id),
        "status": now.status.value,
        "totalCount": now.total_count,
        "validatedCount": now.validated_count,
        "validCount": now.valid_count,
        "invalidCount": now.invalid_count,
        "ratePerSecond": now.rate_per_second,
        "etaSeconds": now.eta_seconds,
        "updatedAt": now.updated_at.isoformat(),
        "stale": now.stale,
    }


async def tell(session: AsyncSession, project: PortProject) -> PortProject:
    """Count the rows and tell those who watch."""
    counts = await port_counts.counts_of(session, [project.id])
    return await port_history.progress(session, project, payload(project, counts[project.id]))
