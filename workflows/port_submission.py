"""Sending a project off: everything is judged before the carrier hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, port_documents, port_numbers, port_projects
from db.tables import PortNumber, PortProject
from numbering import foc, port_loa
from numbering.actors import Actor
from numbering.port_loa import LoaState
from numbering.porting import SUBMITTABLE, PortNumberState, PortStatus
from numbering.refusals import Invalid, LoaRequired, NotPortable, WrongState
from workflows import (
    accepting,
    outcomes,
    port_access,
    port_days,
    port_history_lines,
    port_pursuit,
    port_wanted,
)
from workflows.accepted import Accepted
from workflows.port_commands import SubmitPortProject
from workflows.port_projects import spids_of

if TYPE_CHECKING:
    from workflows.wiring import Services

_N = PortNumberState


async def submit(services: Services, actor: Actor, command: SubmitPortProject) -> Accepted:
    """Submit a project for a day; wait a while for what the carrier says to it."""
    submitting = _Submitting(services, actor, command)
    accepted = await accepting.once(services, actor, "submitPortProject", command, submitting.work)
    ended = await outcomes.settled(services, actor, accepted.operation_ids)
    return accepted.with_refusals(outcomes.refusals(services, ended, {}))


@dataclass(frozen=True, slots=True)
class _Submitting:
    """The transaction of one submitPortProject."""

    services: Services
    actor: Actor
    command: SubmitPortProject

    async def work(self, session: AsyncSession) -> Accepted:
        project = await port_access.found(session, self.command.project_id)
        port_access.check_state(project, SUBMITTABLE)
        now = await clock.now(session)
        rows = await port_numbers.of_project(session, project.id)
        _check_rows(project, rows)
        await _check_letter(session, project, rows, now)
        _check_person(project)
        rush = self._check_day(rows, now)
        await _check_others(session, rows)
        wanted = await self._want(session, project, rush=rush)
        begun = await port_pursuit.pursue(session, wanted, self.actor, now, self.services.timings)
        return port_access.accepted(project, begun)

    def _check_day(self, rows: Sequence[PortNumber], now: datetime) -> bool:
        """Whether the day is a rush; FocDateNotAllowed when it is not possible."""
        day = foc.check(
            self.command.foc_date,
            now=now,
            zones=port_days.zones(row.number for row in rows),
            spids=spids_of(rows),
            rules=self.services.foc_rules,
        )
        return day.rush

    async def _want(
        self, session: AsyncSession, project: PortProject, *, rush: bool
    ) -> PortProject:
        """Its numbers are taken and its prices frozen here, before the carrier hears of it."""
        await port_numbers.claim(session, project.id)
        foc_date: date = self.command.foc_date
        prices = self.services.prices.porting
        wanted = await port_projects.change(
            session,
            project.id,
            wanted=port_wanted.submission(foc_date),
            requested_foc_date=foc_date,
            rush=rush,
            fee=prices.fee.amount,
            rush_fee=prices.rush.amount,
            currency=prices.fee.currency,
        )
        assert wanted is not None  # noqa: S101  it is locked
        summary = f"To be submitted for {foc_date}{' (rush)' if rush else ''}"
        await port_history_lines.tell(session, project, self.actor, summary)
        return wanted


def _check_rows(project: PortProject, rows: Sequence[PortNumber]) -> None:
    """All VALID; what a rejection named may go again as it is (the carrier may have erred)."""
    good = {_N.VALID}
    if project.status is PortStatus.REJECTED:
        good.add(_N.REJECTED)
    bad = sum(row.state not in good for row in rows)
    if bad or not rows:
        message = (
            f"{bad} of {len(rows)} numbers are not valid. Fix, check or remove them first."
            if rows
            else "The project has no numbers. Upload a file first."
        )
        ways = (PortStatus.VALIDATING,)
        raise WrongState(project.status, ways, message=message, path=port_access.PATH)


async def _check_letter(
    session: AsyncSession, project: PortProject, rows: Sequence[PortNumber], now: datetime
) -> None:
    letter = (await port_documents.latest_loa(session, [project.id])).get(project.id)
    numbers = [row.number for row in rows]
    state, reason = port_loa.judge(
        signed_on=None if letter is None else letter.signed_on,
        list_hash=None if letter is None else letter.list_hash,
        current_hash=port_loa.list_hash(numbers),
        today=port_days.today(now, numbers),
        has_document=letter is not None,
    )
    if state is not LoaState.CURRENT:
        assert reason is not None  # noqa: S101  whatever is not CURRENT has a reason
        raise LoaRequired(reason, path=port_access.PATH)


def _check_person(project: PortProject) -> None:
    if project.authorized_person is None:
        raise Invalid(
            "The losing carrier wants to know who has authorized the port. "
            "Set authorizedPerson with updatePortProject.",
            path=("authorizedPerson",),
        )


async def _check_others(session: AsyncSession, rows: Sequence[PortNumber]) -> None:
    """Somebody else may have submitted a number meanwhile: never said who."""
    taken = await port_numbers.live_ports(session, [row.number for row in rows])
    if taken:
        listed = ", ".join(sorted(taken)[:5])
        more = "" if len(taken) <= 5 else f" and {len(taken) - 5} more"
        raise NotPortable(
            f"Already being ported: {listed}{more}. Remove them from the project.",
            path=port_access.PATH,
        )
