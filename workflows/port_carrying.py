"""Carries what is told to the carrier about a port: create, upload, submit, cancel, activate."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from db.tables import Operation
    from workflows.wiring import Services


async def carry(services: Services, operation: Operation) -> float | None:
    """Carry a claimed operation as far as it goes now; seconds until its next look, or None."""
    raise NotImplementedError
