"""How many numbers the carrier has for us, asked for at most twice a minute."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from teliport import errors
from teliport.wire import Summary

if TYPE_CHECKING:
    from workflows.wiring import Services

FRESH_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierInventory:
    """Counts of our SPID's numbers by status, and when they were true."""

    spid: str
    total: int
    available: int
    reserved: int
    in_use: int
    ported_in: int
    ported_out: int
    quarantine: int
    blocks: int
    as_of: datetime


@dataclass(slots=True)
class SummaryCache:
    """The last answer of this process; `clock` is monotonic and given by tests."""

    clock: Callable[[], float] = time.monotonic
    known: CarrierInventory | None = None
    at: float = 0.0


async def carrier_inventory(services: Services) -> CarrierInventory | None:
    """The counts, at most 30 s old; while the carrier is away older ones, or None."""
    cache = services.summaries
    if cache.known is not None and cache.clock() - cache.at <= FRESH_SECONDS:
        return cache.known
    try:
        summary = await services.teliport.inventory.summary()
    except errors.TeliportError:
        return cache.known
    cache.known, cache.at = _counted(summary), cache.clock()
    return cache.known


def _counted(summary: Summary) -> CarrierInventory:
    return CarrierInventory(
        spid=summary.spid,
        total=summary.total_numbers,
        available=summary.available_count,
        reserved=summary.reserved_count,
        in_use=summary.in_use_count,
        ported_in=summary.ported_in_count,
        ported_out=summary.ported_out_count,
        quarantine=summary.quarantine_count,
        blocks=summary.total_blocks,
        as_of=datetime.now(UTC),
    )
