"""The one exception of lost leases, and the one place that raises it for a fenced write."""

from __future__ import annotations

from db.tables import Operation


class LeaseLost(Exception):
    """Somebody else has the operation in hand, or it is over: roll back and stop silently."""


def held(row: Operation | None) -> Operation:
    """The row that a fenced write returned; LeaseLost when it changed none."""
    if row is None:
        raise LeaseLost
    return row
