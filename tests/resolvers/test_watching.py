"""Following reservations, operations and incidents."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from db import incidents, operations, reservations, seed
from db.tables import Incident, Operation, Reservation
from numbering.actors import Actor, Role, Scope
from numbering.lifecycle import OperationState, ReservationItemState
from resolvers.ids import NodeKind, encode
from tests.db import make
from tests.kit.desk import ALICE, BOB, PEOPLE, STAFF, Answer, Desk, person

RESERVATION = """subscription($id: ID!, $after: Int) {
  reservationUpdated(id: $id, after: $after) { state sequence items { state } } }"""
OPERATION = """subscription($id: ID!, $after: Int) {
  operationUpdated(id: $id, after: $after) { state sequence } }"""
INCIDENT = "subscription { incidentOpened { id state } }"


async def first(answers: Any) -> Answer:
    async with asyncio.timeout(10):
        answer: Answer = await anext(answers)
    return answer


async def cart(desk: Desk) -> tuple[Reservation, UUID]:
    made = make.cart()
    item = make.item(made)
    await desk.keep(made, item)
    async with desk.worker.write(Scope.worker()) as session:
        await reservations.recompute(session, made.id)
    return made, item.id


async def settle(desk: Desk, made: Reservation, item: UUID, state: ReservationItemState) -> None:
    async with desk.worker.write(Scope.worker()) as session:
        await reservations.settle_item(session, item, list(ReservationItemState), state)
        await reservations.recompute(session, made.id)


async def test_a_reservation_is_followed_to_its_end(desk: Desk) -> None:
    made, item = await cart(desk)
    asked = {"id": encode(NodeKind.RESERVATION, made.id)}
    async with desk.follow(RESERVATION, asked) as answers:
        snapshot = await first(answers)
        assert snapshot.data == {
            "reservationUpdated": {
                "state": "PENDING",
                "sequence": 1,
                "items": [{"state": "PENDING"}],
            }
        }
        await settle(desk, made, item, ReservationItemState.HELD)
        update = await first(answers)
        assert update.data is not None
        assert update.data["reservationUpdated"]["items"] == [{"state": "HELD"}]
        await settle(desk, made, item, ReservationItemState.RELEASED)
        last = await first(answers)
        assert last.data is not None
        assert last.data["reservationUpdated"]["state"] == "RELEASED"
        assert last.data["reservationUpdated"]["sequence"] == 3
        with pytest.raises(StopAsyncIteration):
            await first(answers)


async def test_after_a_break_what_is_known_is_not_sent_again(desk: Desk) -> None:
    made, item = await cart(desk)
    asked = {"id": encode(NodeKind.RESERVATION, made.id), "after": 1}
    async with desk.follow(RESERVATION, asked) as answers:
        waiting = asyncio.create_task(first(answers))
        await settle(desk, made, item, ReservationItemState.EXPIRED)
        update = await waiting
        assert update.data is not None
        assert update.data["reservationUpdated"]["sequence"] == 2
    done = {**asked, "after": 2}
    async with desk.follow(RESERVATION, done) as answers:
        with pytest.raises(StopAsyncIteration):
            await first(answers)


async def test_changes_in_quick_succession_come_as_one(desk: Desk) -> None:
    made, item = await cart(desk)
    asked = {"id": encode(NodeKind.RESERVATION, made.id)}
    async with desk.follow(RESERVATION, asked) as answers:
        await first(answers)
        async with desk.worker.write(Scope.worker()) as session:
            await reservations.recompute(session, made.id)
            await reservations.recompute(session, made.id)
        assert (await first(answers)).data["reservationUpdated"]["sequence"] == 3  # type: ignore[index]
        await settle(desk, made, item, ReservationItemState.FAILED)
        assert (await first(answers)).data["reservationUpdated"]["sequence"] == 4  # type: ignore[index]


async def moved(desk: Desk, made: Operation) -> None:
    async with desk.worker.write(Scope.worker()) as session:
        claimed = await operations.claim(session, made.id, timedelta(seconds=30))
        assert claimed is not None


async def begun(desk: Desk) -> Operation:
    async with desk.worker.write(Scope.worker()) as session:
        made = await operations.insert(session, make.operation())
        assert made is not None
        return made


async def test_an_operation_is_followed_to_its_end(desk: Desk) -> None:
    made = await begun(desk)
    asked = {"id": encode(NodeKind.OPERATION, made.id)}
    async with desk.follow(OPERATION, asked) as answers:
        states = [(await first(answers)).data]
        await moved(desk, made)
        states.append((await first(answers)).data)
        async with desk.worker.write(Scope.worker()) as session:
            await operations.settle(session, made.id, 1, OperationState.FAILED)
        states.append((await first(answers)).data)
        with pytest.raises(StopAsyncIteration):
            await first(answers)
    assert [state and state["operationUpdated"]["state"] for state in states] == [
        "QUEUED",
        "RUNNING",
        "FAILED",
    ]


@pytest.mark.parametrize(
    ("query", "kind"),
    [(RESERVATION, NodeKind.RESERVATION), (OPERATION, NodeKind.OPERATION)],
)
async def test_what_is_not_yours_cannot_be_followed(desk: Desk, query: str, kind: NodeKind) -> None:
    made, _ = await cart(desk)
    operation = await begun(desk)
    theirs = encode(kind, made.id if kind is NodeKind.RESERVATION else operation.id)
    unknown = encode(kind, UUID(int=7))
    said = []
    for text in (theirs, unknown):
        async with desk.follow(query, {"id": text}, BOB) as answers:
            answer = await first(answers)
            assert answer.codes == ["BAD_USER_INPUT"]
            said.append(answer.errors[0]["message"])
    assert said[0] == said[1]
    async with desk.follow(query, {"id": "garbage"}) as answers:
        assert (await first(answers)).codes == ["BAD_USER_INPUT"]


async def test_somebody_who_named_no_customer_cannot_follow(desk: Desk) -> None:
    made, _ = await cart(desk)
    undecided = person(Role.VIEWER, seed.CUSTOMER_A, seed.CUSTOMER_B)
    asked = {"id": encode(NodeKind.RESERVATION, made.id)}
    async with desk.follow(RESERVATION, asked, undecided) as answers:
        assert (await first(answers)).codes == ["BAD_USER_INPUT"]


async def test_staff_see_open_incidents_and_then_each_that_is_opened(desk: Desk) -> None:
    async def open_one(summary: str) -> Incident:
        async with desk.worker.write(Scope.worker()) as session:
            return await incidents.open_one(session, Incident(summary=summary))

    before = await open_one("before")
    closed = await open_one("closed")
    async with desk.worker.write(Scope.worker()) as session:
        await incidents.resolve(session, closed.id, by="sam", resolution="done")
    async with desk.follow(INCIDENT, actor=STAFF) as answers:
        snapshot = await first(answers)
        assert snapshot.data == {
            "incidentOpened": {"id": encode(NodeKind.INCIDENT, before.id), "state": "OPEN"}
        }
        waiting = asyncio.create_task(first(answers))
        async with desk.worker.write(Scope.worker()) as session:
            await incidents.retrying(session, before.id)
        after = await open_one("after")
        update = await waiting
        assert update.data is not None
        assert update.data["incidentOpened"]["id"] == encode(NodeKind.INCIDENT, after.id)


@pytest.mark.parametrize("actor", [ALICE, PEOPLE[Role.BILLING]])
async def test_only_staff_watch_incidents(desk: Desk, actor: Actor) -> None:
    async with desk.follow(INCIDENT, actor=actor) as answers:
        assert (await first(answers)).codes == ["FORBIDDEN"]
