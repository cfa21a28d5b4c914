"""The carrier's check of the numbers: how far it is, its verdicts, and its end.

Only what it was asked last counts: news of an older job are passed over, and a row that was edited
since it was told is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, operations, port_counts, port_numbers, port_projects
from db.port_counts import PortCounts
from db.tables import PortNumber, PortProject
from numbering import port_codes
from numbering.notices import NoticeKind
from numbering.porting import PortNumberState, PortStatus
from teliport.wire_ports import PortRow, PortRowError, ProgressRecord
from workflows import notices
from workflows.news_terms import Case

_P, _N = PortStatus, PortNumberState
_UNDER_CHECK = frozenset({_N.PENDING, _N.VALIDATING, _N.VALID, _N.INVALID})
_NOT_JUDGED = "The carrier did not finish the check of this number. Have it checked again."

Verdicts = Mapping[str, tuple[PortNumberState, Sequence[Mapping[str, Any]]]]


async def judge(case: Case, project: PortProject) -> tuple[PortProject, bool]:
    """Take in how far the check is; and whether a row or the project's status changed by it."""
    progress = case.news.progress
    if project.status is not _P.VALIDATING or progress is None:
        return project, False
    if progress.job_id != project.job_id:
        return project, False
    project = await _counted(case.session, project, progress)
    if case.news.rows is None or progress.running:
        return project, False
    ours = await port_numbers.of_project(case.session, project.id, states=_UNDER_CHECK)
    # Something is on its way to the carrier: what it has not judged yet it may still be going to.
    busy = await operations.live_in(case.session, operations.PORT, [str(project.id)])
    found = verdicts(ours, case.news.rows, final=not busy)
    changed = await port_numbers.judge_all(case.session, project.id, found)
    if busy:
        return project, bool(changed)
    ended = await _ended(case, project)
    return ended, bool(changed) or ended.status is not project.status


async def _counted(
    session: AsyncSession, project: PortProject, progress: ProgressRecord
) -> PortProject:
    """Counts and rate as the carrier says; without a rate of its own, as we see it move."""
    now = await clock.now(session)
    checked, rate = progress.validated or 0, progress.rate
    if rate is None and project.checked_at is not None and now > project.checked_at:
        since = (now - project.checked_at).total_seconds()
        rate = max(0, checked - project.checked_count) / since or project.checked_rate
    changed = await port_projects.change(
        session,
        project.id,
        checked_total=progress.total or project.checked_total,
        checked_count=checked,
        checked_errors=progress.errors or 0,
        checked_rate=rate,
        checked_at=now,
    )
    assert changed is not None  # noqa: S101  locked
    return changed


def verdicts(ours: Iterable[PortNumber], theirs: Iterable[PortRow], *, final: bool) -> Verdicts:
    """What the carrier says of each of our rows that it was told of.

    `final`: its check has ended, so what it has not judged it is not going to.
    """
    rows = {row.number: row for row in theirs}
    found: dict[str, tuple[PortNumberState, Sequence[Mapping[str, Any]]]] = {}
    for number in ours:
        row = rows.get(number.number)  # type: ignore[call-overload]
        state = _verdict(row)
        if row is not None and state is not None:
            found[number.number] = state, errors_of(row.errors if state is _N.INVALID else ())
        elif final and number.state is _N.VALIDATING:
            found[number.number] = _N.INVALID, [plain_error(_NOT_JUDGED)]
    return found


def _verdict(row: PortRow | None) -> PortNumberState | None:
    """None for a number that the carrier does not have, or has not judged."""
    if row is not None and row.valid:
        return _N.VALID
    return _N.INVALID if row is not None and row.invalid else None


def errors_of(errors: Iterable[PortRowError]) -> list[Mapping[str, Any]]:
    """The carrier's errors as we keep them: with our code, and without anything secret."""
    return [
        port_codes.number_error(
            code=error.code,
            message=error.error,
            field=error.field,
            expected=error.expected,
            got=error.got,
            fixable=bool(error.fixable),
            suggested_fix=error.suggested_fix,
        ).as_json()
        for error in errors
    ]


def plain_error(message: str) -> Mapping[str, Any]:
    """An error in our own words."""
    return port_codes.number_error(code=None, message=message).as_json()


async def _ended(case: Case, project: PortProject) -> PortProject:
    """The project's next status, once every number is judged and nothing is left to tell."""
    counts = (await port_counts.counts_of(case.session, [project.id]))[project.id]
    under_way = counts.pending + counts.validating + counts.unpushed
    if under_way or project.version != project.pushed_version:
        return project
    status = _status(counts)
    moved = await port_projects.move(case.session, project, status)
    bad = counts.invalid + counts.rejected
    summary = f"{counts.total} numbers checked: {counts.total - bad} valid, {bad} to be fixed"
    await case.tell(moved, summary)
    if counts.total:
        facts = {"project": project.name, "projectId": str(project.id), "total": counts.total}
        await notices.announce(
            case.session,
            NoticeKind.PORT_VALIDATED,
            project.customer_id,
            f"port:{project.id}:validated:{project.job_id}",
            {**facts, "invalid": bad},
        )
    return moved


def _status(counts: PortCounts) -> PortStatus:
    if not counts.total:
        return _P.DRAFT
    return _P.NEEDS_FIXES if counts.invalid or counts.rejected else _P.VALIDATED
