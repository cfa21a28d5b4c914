"""The carrier's deliveries: kept by their id, processed by an operation that reads back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.tables import Operation
    from workflows.wiring import Services


async def receive(services: Services, delivery: Any, raw: Mapping[str, Any]) -> bool:
    """Keep a delivery and see to it; False for one that is known."""
    return True


async def carry(services: Services, operation: Operation) -> float | None:
    """Read the carrier back."""
    return None
