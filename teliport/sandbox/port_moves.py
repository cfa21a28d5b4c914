"""What can be done to a port project: the contract's calls, each refused from other states."""

from collections.abc import Callable, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any

from teliport.sandbox import port_dates, port_life, port_validation
from teliport.sandbox.answers import Refused
from teliport.sandbox.numbers import NumberStatus
from teliport.sandbox.outbox import Kind
from teliport.sandbox.port_checks import errors_of
from teliport.sandbox.port_project import (
    BEFORE_ACTIVATION,
    EDITABLE,
    Job,
    PortStatus,
    Project,
    Row,
    RowStatus,
)
from teliport.sandbox.ports import Ports

ACTIVATABLE = frozenset({PortStatus.FOC_ASSIGNED, PortStatus.ACTIVATING})


def require(project: Project, done: str, states: frozenset[PortStatus]) -> None:
    """Refuse (409) what this status does not allow."""
    if project.status not in states:
        allowed = ", ".join(sorted(states))
        message = f"The project is {project.status}; only {allowed} can be {done}"
        raise Refused(HTTPStatus.CONFLICT, message)


def edit(ports: Ports, project: Project, fields: dict[str, Any]) -> None:
    """Set the fields of a project."""
    require(project, "edited", EDITABLE)
    with ports.changing(project):
        for name, value in fields.items():
            setattr(project, name, value)


def upload(ports: Ports, project: Project, read: Callable[[int], dict[str, Row]]) -> Job:
    """Add rows, replace those of the same numbers, and validate them."""
    require(project, "given rows", EDITABLE)
    rows = read(project.jobs + 1)
    with ports.changing(project):
        # Added at the end, so that a validation takes them in the order of the file.
        for tn in rows:
            project.rows.pop(tn, None)
        project.rows |= rows
        return _judge(ports, project, list(rows))


def validate(ports: Ports, project: Project, tns: Sequence[str] | None) -> Job:
    """Judge these rows again, or all; unknown numbers are refused (404)."""
    require(project, "validated", EDITABLE)
    chosen = list(project.rows) if tns is None else list(tns)
    if not chosen:
        raise Refused(HTTPStatus.CONFLICT, "The project has no numbers")
    unknown = [tn for tn in chosen if tn not in project.rows]
    if unknown:
        raise Refused(HTTPStatus.NOT_FOUND, f"Number {unknown[0]} is not in the project")
    with ports.changing(project):
        return _judge(ports, project, chosen)


def _judge(ports: Ports, project: Project, tns: Sequence[str]) -> Job:
    project.jobs += 1
    job = port_validation.begin(project, tns, ports.clock, ports.config)
    rows = [project.rows[tn] for tn in job.tns]
    for row in rows:
        row.errors = errors_of(
            row, project.jobs, ours=_ours(ports, row), magic_on=ports.config.magic
        )
    ports.keep_rows(project, rows)
    return job


def _ours(ports: Ports, row: Row) -> bool:
    position = ports.inventory.find(row.tn)
    if position is None:
        return False
    return ports.inventory.number(position).status is NumberStatus.IN_USE


def submit(ports: Ports, project: Project, foc_date: date) -> None:
    """Send the LSR: every row must be valid, and the date one on which the carrier ports."""
    again = project.status in BEFORE_ACTIVATION and project.foc_date == foc_date.isoformat()
    if again and not ports.config.strict:
        return
    require(project, "submitted", EDITABLE)
    _require_valid(ports, project)
    wrong = port_dates.wrong(foc_date, project.rows, ports.clock.now())
    if wrong:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"focDate: {foc_date} {wrong}")
    with ports.changing(project):
        project.attempt += 1
        project.lsr_id = f"LSR-{project.id[:8].upper()}-{project.attempt}"
        project.lsr_ids.append(project.lsr_id)
        project.status, project.rejection = PortStatus.SUBMITTED, None
        project.foc_date = foc_date.isoformat()
        project.submitted_at = ports.clock.now()
        project.lead, project.skipped = ports.clock.lead(), 0.0
        project.activates_at = port_dates.noon(foc_date, project.rows)


def _require_valid(ports: Ports, project: Project) -> None:
    waiting = port_validation.unjudged(project, ports.clock)
    rows = project.rows.values()
    states = [port_validation.status_of(row, project, waiting) for row in rows]
    if not states:
        raise Refused(HTTPStatus.CONFLICT, "The project has no numbers")
    wrong = sum(state is not RowStatus.VALID for state in states)
    if wrong:
        message = f"Only valid numbers can be submitted; {wrong} of {len(states)} are not"
        raise Refused(HTTPStatus.CONFLICT, message)


def activate(
    ports: Ports, project: Project, tns: Sequence[str]
) -> tuple[list[str], list[dict[str, str]]]:
    """Take numbers over at once; those that are ours already count as done."""
    require(project, "activated", ACTIVATABLE)
    rows = [project.rows[tn] for tn in dict.fromkeys(tns) if tn in project.rows]
    open_ = [row for row in rows if row.fate is not RowStatus.ACTIVE]
    unknown = [
        {"tn": tn, "error": "The number is not in the project"}
        for tn in tns
        if tn not in project.rows
    ]
    done: list[str] = []
    failed: list[dict[str, str]] = []
    if open_:
        with ports.changing(project):
            done, failed = port_life.activate(ports, project, open_, ports.clock.now())
    already = [row.tn for row in rows if row.fate is RowStatus.ACTIVE and row.tn not in done]
    return already + done, failed + unknown


def cancel(ports: Ports, project: Project, reason: str) -> None:
    """Call it off; a lenient carrier lets it be done twice."""
    if project.status is PortStatus.CANCELLED and not ports.config.strict:
        return
    require(project, "cancelled", EDITABLE | BEFORE_ACTIVATION)
    with ports.changing(project):
        project.status, project.cancel_reason = PortStatus.CANCELLED, reason
        for row in project.rows.values():
            row.fate = RowStatus.CANCELLED
        ports.keep_rows(project, project.rows.values())
        ports.tell(Kind.CANCELLED, project, ports.clock.now(), {"reason": reason})


def remove(ports: Ports, project: Project, tns: Sequence[str]) -> list[str]:
    """Take numbers out; those that there were."""
    require(project, "shortened", EDITABLE)
    with ports.changing(project):
        return ports.drop_rows(project, tns)
