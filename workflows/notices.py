"""Notices: rows in the transaction of their occasion, sent by operations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from numbering.notices import NoticeKind

if TYPE_CHECKING:
    from db.tables import Operation
    from workflows.wiring import Services


async def announce(
    session: AsyncSession,
    kind: NoticeKind,
    customer_id: UUID,
    occasion: str,
    facts: Mapping[str, Any],
    now: datetime,
) -> None:
    """Tell a customer by e-mail what happened."""


async def carry(services: Services, operation: Operation) -> float | None:
    """Send one."""
    return None


async def send_due(services: Services) -> int:
    """The sweeper's duty."""
    return 0
