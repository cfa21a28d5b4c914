"""What one operation may do, told by the process that received it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

KEY = "warp.terms"

Spend = Callable[[int], Mapping[str, object]]
Observe = Callable[[str, str, float], None]


def unmetered(cost: int) -> Mapping[str, object]:
    """Let every operation pass, and only say what it would have cost."""
    return {"requestedQueryCost": cost}


def unobserved(kind: str, code: str, seconds: float) -> None:
    """Count nothing."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The conditions of one operation.

    `spend` takes the cost of the operation from the caller's bucket and answers what the client
    sees as `extensions.cost`; it raises Fault(THROTTLED) when the bucket is too empty.
    `unavailable` are the exception classes of lower floors, which this floor does not import,
    that mean SERVICE_UNAVAILABLE. `timeout` is in seconds, for one operation or one event.
    `observe` is told of each query and mutation that ended: its kind ("refused" if it never ran),
    the code of its first error ("OK" without one) and its seconds.
    """

    request_id: str = "-"
    introspection: bool = True
    timeout: float = 15.0
    cost_limit: int = 2_000
    spend: Spend = unmetered
    unavailable: tuple[type[Exception], ...] = ()
    observe: Observe = unobserved

    def carried(self) -> dict[str, Any]:
        """These terms as `operation_extensions`, Strawberry's only per-operation channel.

        What a client sends as `extensions` ends at the gateway (persisted queries); nothing of
        it gets here, so a client cannot write its own terms.
        """
        return {KEY: self}

    @staticmethod
    def of(operation_extensions: Mapping[str, Any] | None) -> "Terms":
        """The terms an operation came with; the defaults for a caller within the process."""
        terms = (operation_extensions or {}).get(KEY)
        return terms if isinstance(terms, Terms) else Terms()
