"""Validation at so many numbers a second. Nothing runs: how far it is follows from the clock."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from uuid import uuid4

from teliport.sandbox import port_magic as magic
from teliport.sandbox.clock import Clock
from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.port_project import (
    BEFORE_ACTIVATION,
    Job,
    PortStatus,
    Project,
    Row,
    RowStatus,
)

SLOW_SECONDS = 60.0


def begin(project: Project, tns: Iterable[str], clock: Clock, config: SandboxConfig) -> Job:
    """Begin to validate these rows, and those that an unfinished validation leaves behind."""
    chosen = unjudged(project, clock) | set(tns)
    order = [tn for tn in project.rows if tn in chosen]
    slow, breaks = (magic.SLOW, magic.JOB_FAILS) if config.magic else ("none", "none")
    fresh = {tn for tn in order if project.rows[tn].first_job == project.jobs}
    usual = 1 / config.validation_rate
    seconds = (SLOW_SECONDS if tn.endswith(slow) else usual for tn in order)
    broken = (i for i, tn in enumerate(order) if tn in fresh and tn.endswith(breaks))
    job = Job(
        id=f"job-{uuid4()}",
        number=project.jobs,
        began=clock.port_now(),
        at=clock.now(),
        tns=order,
        ends=list(accumulate(seconds)),
        fails_at=next(broken, None),
    )
    project.job = job
    return job


def _elapsed(job: Job, clock: Clock) -> float:
    # Unix time as a float is good for a quarter of a microsecond: what is due by then is due.
    return clock.port_now() - job.began + 1e-6


def judged(job: Job, clock: Clock) -> int:
    """How many rows of it are judged by now."""
    done = bisect_right(job.ends, _elapsed(job, clock))
    return done if job.fails_at is None else min(done, job.fails_at)


def state_of(job: Job, clock: Clock) -> str:
    """VALIDATING, VALIDATED or FAILED."""
    done = judged(job, clock)
    if done == len(job.tns):
        return "VALIDATED"
    broken = job.fails_at == done and _elapsed(job, clock) >= job.ends[done]
    return "FAILED" if broken else "VALIDATING"


def unjudged(project: Project, clock: Clock) -> frozenset[str]:
    """The numbers that no validation has reached yet."""
    job = project.job
    if job is None or judged(job, clock) == len(job.tns):
        return frozenset()
    return frozenset(job.tns[judged(job, clock) :])


def status_of(row: Row, project: Project, waiting: frozenset[str]) -> RowStatus:
    """What a row's status is; `waiting` is `unjudged` of its project."""
    if row.fate is not None:
        return row.fate
    if project.status in BEFORE_ACTIVATION or project.status is PortStatus.ACTIVATING:
        return RowStatus.SUBMITTED
    if row.tn in waiting:
        return RowStatus.PENDING
    return RowStatus.INVALID if row.errors else RowStatus.VALID
