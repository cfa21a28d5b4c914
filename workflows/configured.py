"""Routing and texts of a did, judged and brought to the columns that they become."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import addresses, trunks
from numbering.lifecycle import RoutingType
from numbering.refusals import Invalid, NotFound
from numbering.routing import Routing
from numbering.telephone import TelephoneNumber
from workflows import requested
from workflows.commands import RoutingRequest

LONGEST_NAME = 100

_UNROUTED = RoutingRequest(type=RoutingType.NONE)


def routing_columns(request: RoutingRequest | None, number: TelephoneNumber) -> dict[str, Any]:
    """Columns of a did. Raises Invalid, with its path, if the parts do not fit together."""
    wanted = request or _UNROUTED
    routing = Routing(
        wanted.type,
        trunk_id=wanted.trunk_id,
        destination=wanted.destination,
        failover=wanted.failover_destination,
    ).check(number)
    return {
        "routing_type": routing.type,
        "trunk_id": routing.trunk_id,
        "routing_destination": routing.destination,
        "failover_destination": routing.failover,
    }


def friendly_name(value: str | None) -> str | None:
    """The name as it is kept; an empty one is none."""
    if value is None:
        return None
    return requested.text(value, LONGEST_NAME, "friendlyName") or None


async def check_trunk(
    session: AsyncSession, customer_id: UUID, request: RoutingRequest | None
) -> None:
    """NotFound unless the trunk is this customer's; staff see those of all, and may not mix."""
    if request is None or request.trunk_id is None:
        return
    trunk = (await trunks.by_ids(session, [request.trunk_id])).get(request.trunk_id)
    if trunk is None or trunk.customer_id != customer_id:
        raise NotFound("trunk", path=("routing", "trunkId"))


async def check_address(session: AsyncSession, customer_id: UUID, address_id: UUID | None) -> None:
    """NotFound unless the emergency address is this customer's, Invalid unless it was validated."""
    if address_id is None:
        return
    address = (await addresses.by_ids(session, [address_id])).get(address_id)
    if address is None or address.customer_id != customer_id:
        raise NotFound("emergency address", path=("e911AddressId",))
    if not address.validated:
        message = "This address has not been validated yet: nobody could be sent there."
        raise Invalid(message, path=("e911AddressId",))
