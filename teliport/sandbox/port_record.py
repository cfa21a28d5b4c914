"""The records of the portability API as the wire has them (contract, Portability API)."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from teliport.sandbox.clock import Clock
from teliport.sandbox.numbers import instant
from teliport.sandbox.port_project import Job, Project, Row, RowStatus
from teliport.sandbox.port_validation import judged, state_of, status_of, unjudged

T = TypeVar("T")


def project_record(project: Project, clock: Clock) -> dict[str, Any]:
    """A project; `rejection` is that of the last attempt while it is REJECTED."""
    return {
        "id": project.id,
        "name": project.name,
        "spid": project.spid,
        "description": project.description,
        "requestedFocDate": project.requested_foc_date,
        "losingCarrier": project.losing_carrier,
        "authorizedPerson": project.authorized_person,
        "authorizedTitle": project.authorized_title,
        "status": project.status.value,
        "lsrId": project.lsr_id,
        "focDate": project.foc_date,
        "rejection": project.rejection,
        "cancelReason": project.cancel_reason,
        "stats": _stats(project, clock),
        "createdAt": instant(project.created_at),
        "updatedAt": instant(project.updated_at),
        "submittedAt": instant(project.submitted_at),
        "activatedAt": instant(project.activated_at),
    }


def _stats(project: Project, clock: Clock) -> dict[str, int]:
    waiting = unjudged(project, clock)
    counts = Counter(status_of(row, project, waiting) for row in project.rows.values())
    kinds = (status for status in RowStatus if status is not RowStatus.CANCELLED)
    return {"total": len(project.rows)} | {kind.value.lower(): counts[kind] for kind in kinds}


def progress_record(project: Project, clock: Clock, rate: float) -> dict[str, Any]:
    """How far the last validation is; counts are those of its own rows. Without one: no job."""
    job = project.job or Job("", 0, project.created_at, project.created_at, [], [])
    done = judged(job, clock)
    rows = (project.rows.get(tn) for tn in job.tns[:done])
    seconds = min(clock.port_now() - job.began, job.ends[-1] if job.ends else 0.0)
    return {
        "jobId": job.id or None,
        "status": state_of(job, clock),
        "totalTns": len(job.tns),
        "validated": done,
        "errors": sum(1 for row in rows if row is not None and row.errors),
        "validationRate": rate,
        "updatedAt": instant(min(job.at + seconds, clock.now())),
    }


def row_records(project: Project, clock: Clock) -> Callable[[Row], dict[str, Any]]:
    """How to show the rows of a project as they are now."""
    waiting = unjudged(project, clock)
    return lambda row: _row_record(row, status_of(row, project, waiting))


def _row_record(row: Row, status: RowStatus) -> dict[str, Any]:
    return {
        "telephoneNumber": row.tn,
        "lspName": row.lsp_name,
        "lspSpid": row.lsp_spid,
        "btn": row.btn,
        "accountNumber": row.account_number,
        "pinSet": row.pin_set,
        "notes": row.notes,
        "status": status.value,
        "errors": row.errors if status is RowStatus.INVALID else [],
        "activatedAt": instant(row.activated_at),
    }


def page_of(
    entries: Sequence[T], page: int, size: int, show: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """A page like the inventory's; only its own entries are shown."""
    pages = -(-len(entries) // size)
    return {
        "content": [show(entry) for entry in entries[page * size : (page + 1) * size]],
        "totalElements": len(entries),
        "totalPages": pages,
        "page": page,
        "size": size,
        "first": page == 0,
        "last": page >= pages - 1,
    }
