"""What time does to a project: the LSR moves on, is rejected, and its numbers arrive.

Nothing runs: each step has its moment in the project's life, and whoever looks makes those happen
that are past. Such a life begins at the submission and goes at the speed of the port clock.
"""

from collections.abc import Iterable
from typing import Any

from teliport.sandbox.clock import Clock
from teliport.sandbox.numbers import instant
from teliport.sandbox.outbox import Kind
from teliport.sandbox.port_checks import activation_error, rejection_of
from teliport.sandbox.port_project import PortStatus, Project, Row, RowStatus
from teliport.sandbox.port_validation import state_of
from teliport.sandbox.ports import Ports
from teliport.sandbox.record import LOSER

HOUR = 3600.0
ACTIVATION_SECONDS = 300.0
APPLICATION = "WARP"

# After the submission, but not later than this share of the time until the activation.
_STEPS = {
    PortStatus.SUBMITTED: (PortStatus.PENDING, HOUR, 0.25),
    PortStatus.PENDING: (PortStatus.CONFIRMED, 24 * HOUR, 0.5),
    PortStatus.CONFIRMED: (PortStatus.FOC_ASSIGNED, 48 * HOUR, 0.75),
}


def life_now(project: Project, clock: Clock, now: float) -> float:
    """Where a project's life is when the sandbox's time is `now`."""
    return now + clock.lead() - project.lead + project.skipped


def next_step(project: Project) -> tuple[PortStatus, float] | None:
    """What becomes of a project next by time alone, and when in its life."""
    start, noon = project.submitted_at, project.activates_at
    if start is None or noon is None:
        return None
    if project.status in _STEPS:
        status, seconds, share = _STEPS[project.status]
        return status, start + min(seconds, (noon - start) * share)
    if project.status is PortStatus.FOC_ASSIGNED:
        return PortStatus.ACTIVATING, noon
    undecided = any(row.fate is None for row in project.rows.values())
    if project.status is PortStatus.ACTIVATING and undecided:
        return PortStatus.COMPLETE, noon + ACTIVATION_SECONDS
    return None


def catch_up(ports: Ports, now: float) -> None:
    """Do what has fallen due by `now` in every project, in the order of its time."""
    while ready := sorted(_ready(ports, now)):
        due, _, id_, status = ready[0]
        take(ports, ports.projects[id_], status, min(due, now))


def hurry(ports: Ports, project: Project) -> bool:
    """Let what comes next come now: the end of the validation, or the next step of the order.

    The clocks stay where they are. False when nothing comes by time alone.
    """
    job, step = project.job, next_step(project)
    if job is not None and state_of(job, ports.clock) == "VALIDATING":
        with ports.changing(project):
            job.began -= job.ends[-1]
        return True
    if step is None:
        return False
    now = ports.clock.now()
    with ports.changing(project):
        # A millisecond more, so that rounding does not leave it just short.
        project.skipped += max(0.0, step[1] - life_now(project, ports.clock, now)) + 0.001
    catch_up(ports, now)
    return True


def _ready(ports: Ports, now: float) -> Iterable[tuple[float, int, str, PortStatus]]:
    for project in ports.projects.values():
        step = next_step(project)
        if step is not None and step[1] <= life_now(project, ports.clock, now):
            yield step[1], project.number, project.id, step[0]


def take(ports: Ports, project: Project, status: PortStatus, at: float) -> None:
    """Take one step."""
    with ports.changing(project, at):
        rejection = (
            rejection_of(project) if status is PortStatus.CONFIRMED and ports.config.magic else None
        )
        if rejection is not None:
            reject(ports, project, rejection, at)
        elif status is PortStatus.COMPLETE:
            rows = [row for row in project.rows.values() if row.fate is None]
            activate(ports, project, rows, at)
        else:
            project.status = status
            ports.tell(Kind.STATUS, project, at, {"focDate": project.foc_date})


def reject(ports: Ports, project: Project, why: dict[str, Any], at: float) -> None:
    """The losing carrier says no, within `changing`: the project can be edited again."""
    project.status = PortStatus.REJECTED
    project.rejection = {**why, "at": instant(at)}
    ports.tell(Kind.STATUS, project, at, {"rejection": project.rejection})


def activate(
    ports: Ports, project: Project, rows: Iterable[Row], at: float
) -> tuple[list[str], list[dict[str, str]]]:
    """Take numbers over, within `changing`: those that are ours now, and those that failed."""
    done, failed, tried = [], [], list(rows)
    for row in tried:
        error = activation_error(row) if ports.config.magic else None
        spid = row.lsp_spid or LOSER
        if error is None and not ports.inventory.port_in(row.tn, spid, APPLICATION, at):
            error = "The telephone number is already in service"
        row.tries += 1
        row.fate = RowStatus.FAILED if error else RowStatus.ACTIVE
        if error:
            failed.append({"tn": row.tn, "error": error})
        else:
            row.activated_at = at
            done.append(row.tn)
    ports.keep_rows(project, tried)
    _settle(project, at)
    ports.tell(Kind.ACTIVATED, project, at, {"activatedTns": done, "failedTns": failed})
    return done, failed


def _settle(project: Project, at: float) -> None:
    """COMPLETE when every number is ours; with a failed one it stays ACTIVATING."""
    complete = all(row.fate is RowStatus.ACTIVE for row in project.rows.values())
    project.status = PortStatus.COMPLETE if complete else PortStatus.ACTIVATING
    project.activated_at = at
