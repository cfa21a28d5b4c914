"""Waiting for what a worker makes of an accepted mutation, and what to tell of it (decisions 1).

Nothing depends on the wait: when it ends early, the answer is what stands by then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from db import events, operations
from db.tables import Operation
from numbering.actors import Actor
from numbering.lifecycle import TERMINAL_OPERATION_STATES, OperationState
from numbering.refusals import Alternative, NumberUnavailable, Refusal
from numbering.telephone import TelephoneNumber
from workflows import alternatives

if TYPE_CHECKING:
    from workflows.wiring import Services

OVER = frozenset(s.value for s in TERMINAL_OPERATION_STATES | {OperationState.ATTENTION})
"""Kinds of the events at which an operation's carrying ends."""


async def settled(
    services: Services,
    actor: Actor,
    operation_ids: Collection[UUID],
    *,
    patience: float | None = None,
) -> Sequence[Operation]:
    """The operations once all are over, or as they stand when patience (seconds) is."""
    if not operation_ids:
        return ()
    await services.hub.wait_for(
        [events.of_operation(operation_id) for operation_id in operation_ids],
        lambda event: event.kind in OVER,
        timeout=services.mutation_wait_seconds if patience is None else patience,
    )
    async with services.database.read(actor.scope) as reader:
        found = await operations.by_ids(reader, operation_ids)
    return [found[operation_id] for operation_id in operation_ids if operation_id in found]


def refusals(
    services: Services,
    ended: Sequence[Operation],
    paths: Mapping[str, tuple[str, ...]],
    default: tuple[str, ...] = (),
) -> list[Refusal]:
    """Why operations failed, each at the entry of its number (or at `default`)."""
    return [
        _with_alternatives(services, Refusal.from_json(operation.error)).at(
            *paths.get(operation.subject, default)
        )
        for operation in ended
        if operation.error is not None
    ]


def _with_alternatives(services: Services, refusal: Refusal) -> Refusal:
    """A number that cannot be had comes with others that can, as far as a cached page knows."""
    if not isinstance(refusal, NumberUnavailable) or refusal.alternatives:
        return refusal
    near = alternatives.near(services, TelephoneNumber(refusal.number))
    others = [Alternative(str(number), place) for number, place in near]
    return NumberUnavailable(refusal.number, others, message=refusal.message, path=refusal.path)
