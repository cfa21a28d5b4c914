"""Putting numbers on hold, and giving holds back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from db import clock, customers, dids, operations, reservations
from db.ids import new_id
from db.tables import Operation, Reservation, ReservationItem
from numbering.actors import Actor
from numbering.area_codes import state_of
from numbering.lanes import Lane
from numbering.lifecycle import (
    ITEM_MOVES,
    OnPartialHold,
    OperationKind,
    ReservationItemState,
)
from numbering.refusals import (
    Conflict,
    HeldByOther,
    NotFound,
    NumberUnavailable,
    RateLimited,
    Refusal,
    WrongState,
)
from numbering.telephone import TelephoneNumber
from workflows import accepting, expiry, intents, outcomes, recording, requested
from workflows.accepted import Accepted
from workflows.commands import ReleaseReservation, ReserveNumbers
from workflows.intents import Place
from workflows.requested import Asked

if TYPE_CHECKING:
    from workflows.wiring import Services

_Item = ReservationItemState


# ── reserve ──────────────────────────────────────────────────────────────────────────────────────
async def reserve(services: Services, actor: Actor, command: ReserveNumbers) -> Accepted:
    """Hold numbers for a customer; items settle while we wait, or later."""

    async def work(session: AsyncSession) -> Accepted:
        asked = requested.numbers(command.numbers, services.max_hold_numbers)
        return await _Reserving(services, actor, command, session, asked).run()

    accepted = await accepting.once(
        services, actor, "reserveNumbers", command, work, customer_id=command.customer_id
    )
    ended = await outcomes.settled(services, actor, accepted.operation_ids)
    paths = requested.paths_of(command.numbers, "numbers")
    return accepted.with_refusals(outcomes.refusals(services, ended, paths))


@dataclass(slots=True)
class _Reserving:
    """The transaction of one reserveNumbers."""

    services: Services
    actor: Actor
    command: ReserveNumbers
    session: AsyncSession
    asked: Asked[TelephoneNumber]

    async def run(self) -> Accepted:
        customer_id = self.command.customer_id
        if customer_id not in await customers.by_ids(self.session, [customer_id]):
            raise NotFound("customer", path=("customerId",))
        await self._refuse_taken()
        await self._refuse_if_endless()
        if not self._goes_on():
            raise accepting.Several(self.asked.refusals)
        cart = Reservation(
            id=new_id(),
            customer_id=customer_id,
            created_by=self.actor.public_name,
            on_partial=self.command.on_partial,
        )
        items = await reservations.insert(self.session, cart, self._items(cart.id))
        await self._refuse_losers(items)
        if not self._goes_on():
            raise accepting.Several(self.asked.refusals)
        begun = await self._begin(items)
        await reservations.recompute(self.session, cart.id)
        return Accepted(
            reservation_id=cart.id,
            operation_ids=tuple(operation.id for operation in begun),
            refusals=tuple(self.asked.refusals),
        )

    def _goes_on(self) -> bool:
        """ROLLBACK wants all or none: what is refused already spares the others the trip."""
        whole = self.command.on_partial is OnPartialHold.KEEP or not self.asked.refusals
        return bool(self.asked.paths) and whole

    async def _refuse_taken(self) -> None:
        """Numbers that this platform knows to be taken, by whomever (decisions 7)."""
        numbers = list(self.asked.paths)
        await expiry.expire_due(self.session, numbers)
        held = await reservations.live_holders(self.session, numbers)
        owned = await dids.live_numbers(self.session, numbers)
        busy = await operations.live_subjects(self.session, numbers)
        for number in numbers:
            claims = _Claims(held.get(number), owned.get(number), busy.get(number))
            refusal = claims.refusal(number)
            if refusal is not None:
                self.asked.refuse(number, refusal)

    async def _refuse_if_endless(self) -> None:
        """A cart whose last hold would come too late is refused now instead of then."""
        count = len(self.asked.paths)
        if self._lane is Lane.INTERACTIVE or not count:
            return
        waiting = await operations.live_count(self.session, self.command.customer_id, Lane.BULK)
        seconds = 60.0 * (waiting + count) / self.services.bulk_rate
        if seconds > self.services.timings.hold_patience:
            raise RateLimited(seconds - self.services.timings.hold_patience, path=("numbers",))

    @property
    def _lane(self) -> Lane:
        few = len(self.asked.paths) <= self.services.interactive_holds
        return Lane.INTERACTIVE if few else Lane.BULK

    def _items(self, reservation_id: UUID) -> list[ReservationItem]:
        return [
            self._item(reservation_id, number, int(path[-1]))
            for number, path in self.asked.paths.items()
        ]

    def _item(
        self, reservation_id: UUID, number: TelephoneNumber, position: int
    ) -> ReservationItem:
        state = state_of(number.npa)
        # Frozen here: a later price list does not change what this cart was offered (decisions 5).
        quote = self.services.prices.quote(number.type, number.npa, state)
        return ReservationItem(
            reservation_id=reservation_id,
            customer_id=self.command.customer_id,
            number=str(number),
            position=position,
            number_type=number.type,
            npa=number.npa,
            nxx=number.nxx,
            state_code=state,
            monthly_cost=quote.monthly.amount,
            setup_fee=quote.setup.amount,
            currency=quote.monthly.currency,
            operation_id=new_id(),
        )

    async def _refuse_losers(self, won: Sequence[ReservationItem]) -> None:
        """Those whose number somebody else held a moment earlier: the index has decided."""
        for number in self.asked.paths.keys() - {item.number for item in won}:
            self.asked.refuse(TelephoneNumber(number), HeldByOther(number))

    async def _begin(self, items: Sequence[ReservationItem]) -> list[Operation]:
        now = await clock.now(self.session)
        until = now + timedelta(seconds=self.services.timings.hold_patience)
        lane = self._lane
        before = await operations.live_count(self.session, self.command.customer_id, lane)
        by_position = sorted(items, key=lambda item: item.position)
        wanted = [
            intents.hold(item, self.actor, Place(lane=lane, priority=-(before + turn)), until=until)
            for turn, item in enumerate(by_position)
        ]
        begun = await recording.begin_all(self.session, wanted)
        for item in by_position:
            if item.operation_id not in begun:
                await self._refuse_locked(item)
        return [hold for hold in wanted if hold.id in begun]

    async def _refuse_locked(self, item: ReservationItem) -> None:
        """Another operation came to the number between our look and our insert."""
        refusal = Conflict()
        self.asked.refuse(TelephoneNumber(item.number), refusal)
        await reservations.settle_item(
            self.session, item.id, (_Item.PENDING,), _Item.FAILED, error=refusal.as_json()
        )


@dataclass(frozen=True, slots=True)
class _Claims:
    """Who has the number: True for this customer, False for another, None for nobody."""

    held: bool | None
    owned: bool | None
    busy: bool | None

    def refusal(self, number: TelephoneNumber) -> Refusal | None:
        """Why it cannot be held, if so."""
        if self.held:
            return Conflict(f"You hold {number} already. Assign or release that hold.")
        if self.owned:
            return Conflict(f"{number} is yours already.")
        if self.held is False:
            return HeldByOther(number)
        if self.owned is False:
            return NumberUnavailable(number)
        if self.busy is not None:
            # Being released, or undecided: nobody holds the number, and nobody can have it now.
            return Conflict() if self.busy else NumberUnavailable(number)
        return None


# ── release ──────────────────────────────────────────────────────────────────────────────────────
async def release(services: Services, actor: Actor, command: ReleaseReservation) -> Accepted:
    """Give holds back: the named ones, or all that are still held or on their way."""

    async def work(session: AsyncSession) -> Accepted:
        return await _Releasing(services, actor, command, session).run()

    accepted = await accepting.once(services, actor, "releaseReservation", command, work)
    await outcomes.settled(services, actor, accepted.operation_ids)
    return accepted


@dataclass(slots=True)
class _Releasing:
    """The transaction of one releaseReservation."""

    services: Services
    actor: Actor
    command: ReleaseReservation
    session: AsyncSession

    async def run(self) -> Accepted:
        cart, chosen, asked = await items_chosen(
            self.session,
            self.command.reservation_id,
            self.command.numbers,
            self.services.max_hold_numbers,
        )
        now = await clock.now(self.session)
        begun = []
        for item in chosen:
            try:
                begun += await self._give_back(item, now)
            except Refusal as refusal:
                if item.number in asked.paths:
                    asked.refuse(TelephoneNumber(item.number), refusal)
        if asked.refusals and not asked.paths:
            raise accepting.Several(asked.refusals)
        return Accepted(
            reservation_id=cart.id, operation_ids=tuple(begun), refusals=tuple(asked.refusals)
        )

    async def _give_back(self, item: ReservationItem, now: datetime) -> list[UUID]:
        """The operation that will do it; none when the item is given back already."""
        match item.state:
            case _Item.RELEASED:
                return []
            case _Item.HELD:
                return await self._release(item, now)
            case _Item.PENDING | _Item.PENDING_CONFIRMATION:
                return await self._withdraw(item)
            case _:
                raise WrongState(item.state, sorted(ITEM_MOVES[item.state]))

    async def _release(self, item: ReservationItem, now: datetime) -> list[UUID]:
        deadline = now + timedelta(seconds=self.services.timings.patience)
        operation = intents.release_hold(
            item, self.actor, Place(lane=Lane.INTERACTIVE), deadline=deadline
        )
        begun = await recording.begin(self.session, operation)
        if begun is None:  # it is being given back already, or assigned at this moment
            live = (await operations.live_for(self.session, [item.number])).get(item.number)
            return [live.id] if live is not None else []
        return [begun.id]

    async def _withdraw(self, item: ReservationItem) -> list[UUID]:
        """Not held yet: the hold is told that nobody wants it, and gives itself back."""
        live = (await operations.live_for(self.session, [item.number])).get(item.number)
        if live is None or live.kind is not OperationKind.NUMBER_HOLD:
            raise WrongState(item.state, sorted(ITEM_MOVES[item.state]))
        if await operations.amend(self.session, live.id, {"unwanted": True}) is None:
            raise Conflict  # it was placed at this moment: asked again, it is given back
        return [live.id]


async def items_chosen(
    session: AsyncSession, reservation_id: UUID, numbers: Sequence[str] | None, most: int
) -> tuple[Reservation, list[ReservationItem], Asked[TelephoneNumber]]:
    """A cart, and those of its items that were named (all, if none were); NotFound, Invalid."""
    cart = (await reservations.by_ids(session, [reservation_id])).get(reservation_id)
    if cart is None:
        raise NotFound("reservation", path=("reservationId",))
    items = (await reservations.items_of(session, [cart.id])).get(cart.id, ())
    if numbers is None:
        return cart, list(items), Asked()
    asked = requested.numbers(numbers, most)
    known = {item.number: item for item in items}
    for number in list(asked.paths):
        if number not in known:
            asked.refuse(number, NotFound("number in this reservation"))
    return cart, [known[number] for number in asked.paths], asked
