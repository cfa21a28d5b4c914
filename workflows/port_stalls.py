"""Projects that need somebody to look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.wiring import Services


async def judge_due(services: Services) -> int:
    """The sweeper's duty."""
    return 0
