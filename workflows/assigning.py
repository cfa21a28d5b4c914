"""Buying held numbers: one durable operation for each, while its hold lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, dids, operations, reservations
from db.ids import new_id
from db.tables import Operation, Reservation, ReservationItem
from numbering.actors import Actor
from numbering.lanes import Lane
from numbering.lifecycle import ITEM_MOVES, ReservationItemState, ReservationState
from numbering.refusals import Conflict, HoldExpired, Invalid, PriceChanged, Refusal, WrongState
from numbering.telephone import TelephoneNumber
from workflows import accepting, configured, holds, intents, outcomes, recording, requested
from workflows.accepted import Accepted
from workflows.commands import AssignReservation
from workflows.intents import Place
from workflows.requested import Asked

if TYPE_CHECKING:
    from workflows.wiring import Services

_Item = ReservationItemState


async def assign(services: Services, actor: Actor, command: AssignReservation) -> Accepted:
    """Buy the named holds of a reservation, or all; `did_ids` are those that were born in time."""

    async def work(session: AsyncSession) -> Accepted:
        return await _Assigning(services, actor, command, session).run()

    accepted = await accepting.once(services, actor, "assignReservation", command, work)
    ended = await outcomes.settled(services, actor, accepted.operation_ids)
    paths = requested.paths_of(command.numbers or (), "numbers")
    refused = outcomes.refusals(services, ended, paths, ("reservationId",))
    return await _with_dids(services, actor, accepted.with_refusals(refused))


async def _with_dids(services: Services, actor: Actor, accepted: Accepted) -> Accepted:
    if not accepted.operation_ids:
        return accepted
    async with services.database.read(actor.scope) as reader:
        born = await dids.of_operations(reader, accepted.operation_ids)
    return accepted.with_dids(born[key].id for key in accepted.operation_ids if key in born)


@dataclass(slots=True)
class _Assigning:
    """The transaction of one assignReservation."""

    services: Services
    actor: Actor
    command: AssignReservation
    session: AsyncSession

    async def run(self) -> Accepted:
        command = self.command
        cart, chosen, asked = await holds.items_chosen(
            self.session, command.reservation_id, command.numbers, self.services.max_hold_numbers
        )
        await self._check(cart)
        if command.numbers is None:
            chosen = [item for item in chosen if item.state is _Item.HELD]
            _refuse_nothing_held(cart, chosen)
        buying = self._buyable(chosen, asked)
        self._check_price(buying)
        begun = await self._begin(buying, asked)
        if not begun:
            raise accepting.Several(asked.refusals)
        await reservations.recompute(self.session, cart.id)
        return Accepted(
            reservation_id=cart.id,
            operation_ids=tuple(operation.id for operation in begun),
            refusals=tuple(asked.refusals),
        )

    async def _check(self, cart: Reservation) -> None:
        """What concerns all numbers alike refuses the request as a whole."""
        most = self.command.max_monthly_total
        if most is not None and (not most.is_finite() or most < 0):
            raise Invalid("Send an amount of zero or more.", path=("maxMonthlyTotal",))
        configured.friendly_name(self.command.friendly_name)
        await configured.check_trunk(self.session, cart.customer_id, self.command.routing)

    def _buyable(
        self, chosen: Sequence[ReservationItem], asked: Asked[TelephoneNumber]
    ) -> list[ReservationItem]:
        buying = []
        for item in chosen:
            refusal = _not_buyable(item)
            if refusal is None:
                buying.append(item)
            else:
                asked.refuse(TelephoneNumber(item.number), refusal)
        return buying

    def _check_price(self, buying: Sequence[ReservationItem]) -> None:
        most = self.command.max_monthly_total
        total = sum((item.monthly_cost for item in buying), start=Decimal(0))
        if most is not None and total > most:
            raise PriceChanged

    async def _begin(
        self, buying: Sequence[ReservationItem], asked: Asked[TelephoneNumber]
    ) -> list[Operation]:
        few = len(buying) <= self.services.interactive_assigns
        lane = Lane.INTERACTIVE if few else Lane.BULK
        customer_id = buying[0].customer_id if buying else None
        before = await operations.live_count(self.session, customer_id, lane) if customer_id else 0
        now = await clock.now(self.session)
        wanted: dict[UUID, Operation] = {}
        # Whose hold ends first goes first (research/reliability.md 1.6).
        for turn, item in enumerate(sorted(buying, key=lambda item: str(item.expires_at))):
            try:
                operation = self._intent(item, Place(lane=lane, priority=-(before + turn)), now)
                await self._mark(item, operation)
            except Refusal as refusal:
                self._refuse(item, refusal, asked)
            else:
                wanted[item.id] = operation
        begun = await recording.begin_all(self.session, list(wanted.values()))
        for item in buying:
            if item.id in wanted and wanted[item.id].id not in begun:
                await self._give_up(item, asked)
        return [operation for operation in wanted.values() if operation.id in begun]

    def _intent(self, item: ReservationItem, place: Place, now: datetime) -> Operation:
        return intents.assign(
            item,
            self.actor,
            place,
            operation_id=new_id(),
            settings=self._settings(TelephoneNumber(item.number)),
            on_partial=self.command.on_partial,
            at=now,
        )

    async def _mark(self, item: ReservationItem, operation: Operation) -> None:
        """HELD → ASSIGNING. Raises the Refusal of a hold that does not last any more."""
        moved = await reservations.settle_item(
            self.session,
            item.id,
            (_Item.HELD,),
            _Item.ASSIGNING,
            unexpired=True,
            operation_id=operation.id,
            error=None,
        )
        if moved is None:
            raise await self._why_not(item)

    async def _give_up(self, item: ReservationItem, asked: Asked[TelephoneNumber]) -> None:
        """Something else has the number's lock: it is being given back at this moment."""
        await reservations.settle_item(self.session, item.id, (_Item.ASSIGNING,), _Item.HELD)
        self._refuse(item, Conflict(), asked)

    @staticmethod
    def _refuse(item: ReservationItem, refusal: Refusal, asked: Asked[TelephoneNumber]) -> None:
        if item.number in asked.paths:
            asked.refuse(TelephoneNumber(item.number), refusal)
        else:
            asked.refusals.append(refusal.at("reservationId"))

    async def _why_not(self, item: ReservationItem) -> Refusal:
        """The item has changed since it was read: as what does it refuse now?"""
        fresh = (await reservations.items_by_ids(self.session, [item.id]))[item.id]
        return _not_buyable(fresh) or HoldExpired()

    def _settings(self, number: TelephoneNumber) -> dict[str, Any]:
        """The columns of the did to be, as JSON."""
        routing = configured.routing_columns(self.command.routing, number)
        trunk_id = routing["trunk_id"]
        return {
            **routing,
            "trunk_id": str(trunk_id) if trunk_id else None,
            "voice_enabled": self.command.voice_enabled,
            # Recorded as asked; messaging is not ready because voice is (numbering.readiness).
            "sms_enabled": self.command.sms_enabled,
            "friendly_name": configured.friendly_name(self.command.friendly_name),
        }


def _not_buyable(item: ReservationItem) -> Refusal | None:
    if item.state is _Item.HELD:
        return None
    if item.state is _Item.EXPIRED:
        return HoldExpired()
    return WrongState(item.state, sorted(ITEM_MOVES[item.state]))


def _refuse_nothing_held(cart: Reservation, held: Sequence[ReservationItem]) -> None:
    """Raises when there is nothing that could be bought, with the reason."""
    if held:
        return
    if cart.state is ReservationState.EXPIRED:
        raise HoldExpired(path=("reservationId",))
    raise WrongState(cart.state, path=("reservationId",))
