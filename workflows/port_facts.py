"""Everything the port saga needs to know before its first step, read under the project's lock.

What is sent of a project is what stood at the moment `as_of`, which the operation keeps: all edits
take the project's lock too, so a row that was touched later is known by its `updated_at`, and
whoever finds an upload applied knows which rows were in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, operations, port_numbers, port_projects
from db.tables import Operation, PortNumber, PortProject
from numbering.lifecycle import OperationKind
from numbering.porting import EDITABLE, PortStatus
from numbering.telephone import TelephoneNumber
from workflows import intents, port_wanted
from workflows.port_saga_terms import CALLS, PortCall, PortState

if TYPE_CHECKING:
    from workflows.grip import Grip


@dataclass(frozen=True, slots=True, kw_only=True)
class PortFacts:
    """What does not change while an operation is carried; `version` is that of the fields sent."""

    project: PortProject
    request: Mapping[str, Any]
    version: int
    rows: Sequence[PortNumber] = ()
    removals: Sequence[PortNumber] = ()

    @property
    def carrier_id(self) -> str:
        """The carrier's id, which every call but the first needs."""
        assert self.project.carrier_id is not None  # noqa: S101  pursuit creates first
        return self.project.carrier_id

    @property
    def mark(self) -> str:
        """How the carrier's list shows that a project is ours, whatever became of our request."""
        return f"[warp:{self.project.id}/"

    @property
    def description(self) -> str:
        """Our text, the mark, and which version of the fields it came with."""
        return f"{self.project.description or ''} {self.mark}{self.version}]".strip()

    @property
    def numbers(self) -> tuple[TelephoneNumber, ...]:
        """The numbers to be activated."""
        return port_wanted.numbers(self.request)


async def gather(grip: Grip) -> tuple[PortFacts, PortState]:
    """The facts, and where the saga stands by its durable mark."""
    return await grip.write(lambda session: _gathered(session, grip.operation))


async def _gathered(session: AsyncSession, operation: Operation) -> tuple[PortFacts, PortState]:
    project = await port_projects.locked(session, intents.uuid_of(operation, "project_id"))
    assert project is not None  # noqa: S101  projects are never deleted
    request = dict(operation.request)
    if not operation.sent:
        now = await clock.now(session)
        request |= {"as_of": now.isoformat(), "version": project.version}
        await operations.amend(session, operation.id, request)
    rows: Sequence[PortNumber] = ()
    if operation.kind is OperationKind.PORT_UPLOAD:
        rows = await port_numbers.unpushed(session, project.id)
    facts = _facts(project, request, rows)
    return facts, _state(operation, facts)


def _facts(
    project: PortProject, request: Mapping[str, Any], rows: Sequence[PortNumber]
) -> PortFacts:
    as_of = datetime.fromisoformat(request["as_of"])
    known = [row for row in rows if row.updated_at <= as_of]
    return PortFacts(
        project=project,
        request=request,
        version=request["version"],
        rows=[row for row in known if row.removed_at is None],
        removals=[row for row in known if row.removed_at is not None and not row.removal_pushed],
    )


def _state(operation: Operation, facts: PortFacts) -> PortState:
    calls = CALLS[operation.kind]
    doubt_at = None
    for call, sent_at in operation.sent.items():
        # Only the call that is in doubt has a mark; those before it are done.
        calls, doubt_at = calls[calls.index(PortCall(call)) :], datetime.fromisoformat(sent_at)
    needed = (call for call in calls if (doubt_at and call is calls[0]) or _needed(call, facts))
    return PortState(
        tuple(needed), operation.deadline, attempt=operation.attempt, doubt_at=doubt_at
    )


def _needed(call: PortCall, facts: PortFacts) -> bool:
    project = facts.project
    match call:
        case PortCall.CREATE:
            return project.carrier_id is None
        case PortCall.UPDATE:
            return project.status in EDITABLE and project.version > project.pushed_version
        case PortCall.REMOVE:
            return project.status in EDITABLE and bool(facts.removals)
        case PortCall.UPLOAD:
            return project.status is PortStatus.VALIDATING and bool(facts.rows)
        case _:
            return True


def marks_of(state: PortState) -> dict[str, str]:
    """The durable mark as it is kept in the row."""
    return {} if state.doubt_at is None else {state.calls[0].value: state.doubt_at.isoformat()}
