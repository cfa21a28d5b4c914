"""The purchase confirmation: one letter for what was bought together, once all of it is settled.

What was bought together is what one assign mutation asked for; its operations share the moment in
their requests. They settle under the cart's lock, so the last one sees all the others.
"""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from db import operations, reservations
from db.tables import Operation, Reservation
from numbering.lifecycle import TERMINAL_OPERATION_STATES, OperationKind, OperationState
from numbering.notices import NoticeKind
from workflows import notices

# What went to staff keeps nobody waiting for the news of the rest.
_SETTLED = TERMINAL_OPERATION_STATES | {OperationState.ATTENTION}


async def announce(session: AsyncSession, operation: Operation, cart: Reservation) -> None:
    """Tell the customer what was bought, if this was the last to be settled.

    The cart is locked, and the operation's row is settled already.
    """
    at = operation.request["assigned_at"]
    batch = [
        each
        for each in await operations.of_parent(session, cart.id)
        if each.kind is OperationKind.NUMBER_ASSIGN and each.request["assigned_at"] == at
    ]
    if any(each.state not in _SETTLED for each in batch):
        return
    bought = {each.subject for each in batch if each.state is OperationState.SUCCEEDED}
    if not bought:
        return
    items = (await reservations.items_of(session, [cart.id]))[cart.id]
    monthly = sum((item.monthly_cost for item in items if item.number in bought), Decimal(0))
    facts = {
        "numbers": sorted(bought),
        "failed": sorted(each.subject for each in batch if each.subject not in bought),
        "monthly": f"{monthly:.2f}",
        "currency": items[0].currency,
    }
    occasion = f"purchase:{cart.id}:{at}"
    await notices.announce(session, NoticeKind.NUMBERS_PURCHASED, cart.customer_id, occasion, facts)
