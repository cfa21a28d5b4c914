"""Requests about ports as the tests make them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tests.workflows.port_rig import PortRig
from tests.workflows.rig import ALICE, STAFF, keys
from workflows import porting
from workflows.accepted import Accepted
from workflows.port_commands import (
    ActivatePortNumbers,
    ApplySuggestedFixes,
    NumberChange,
    RemovePortNumbers,
    RevalidatePortNumbers,
    UpdatePortNumbers,
    UpdatePortProject,
)

NOBODY = UUID(int=0)


async def update(ports: PortRig, project_id: UUID, actor: Any = ALICE, **changes: Any) -> Accepted:
    command = UpdatePortProject(
        project_id=project_id,
        changes=changes,  # type: ignore[typeddict-item]
        idempotency_key=next(keys),
    )
    return await porting.update(ports.rig.services, actor, command)


async def change(
    ports: PortRig, project_id: UUID, number_id: UUID, *, check: bool = True, **changes: Any
) -> Accepted:
    command = UpdatePortNumbers(
        project_id=project_id,
        changes=(NumberChange(port_number_id=number_id, changes=changes),),  # type: ignore[arg-type]
        revalidate=check,
        idempotency_key=next(keys),
    )
    return await porting.change_numbers(ports.rig.services, ALICE, command)


async def fix(ports: PortRig, project_id: UUID, **options: Any) -> porting.FixAnswer:
    command = ApplySuggestedFixes(project_id=project_id, idempotency_key=next(keys), **options)
    return await porting.apply_fixes(ports.rig.services, ALICE, command)


async def remove(ports: PortRig, project_id: UUID, *ids: UUID, reason: str = "") -> Accepted:
    command = RemovePortNumbers(
        project_id=project_id, port_number_ids=ids, reason=reason, idempotency_key=next(keys)
    )
    return await porting.remove_numbers(ports.rig.services, ALICE, command)


async def revalidate(ports: PortRig, project_id: UUID, *ids: UUID) -> Accepted:
    command = RevalidatePortNumbers(
        project_id=project_id, port_number_ids=ids or None, idempotency_key=next(keys)
    )
    return await porting.revalidate(ports.rig.services, ALICE, command)


async def activate(ports: PortRig, project_id: UUID, *ids: UUID) -> Accepted:
    command = ActivatePortNumbers(
        project_id=project_id, port_number_ids=ids or None, idempotency_key=next(keys)
    )
    return await porting.activate(ports.rig.services, STAFF, command)
