"""Following the checking and the history of a port: every event once, in order, to the end."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from db import events, port_counts, port_history, port_projects
from db.tables import PortProject
from numbering.actors import Role, Scope
from numbering.porting import PortStatus
from resolvers.ids import NodeKind, encode
from tests.db import make
from tests.kit.desk import ALICE, BOB, PEOPLE, STAFF, Desk
from workflows import port_progress

PROGRESS = """subscription($id: ID!, $after: Int) {
  portValidationProgress(projectId: $id, after: $after) {
    sequence status validatedCount ratePerSecond etaSeconds updatedAt stale } }"""
EVENTS = """subscription($id: ID!, $after: Int) {
  portProjectEvents(projectId: $id, after: $after) { sequence status summary actor } }"""
DRAFT, VALIDATING = PortStatus.DRAFT, PortStatus.VALIDATING
NEEDS_FIXES, VALIDATED = PortStatus.NEEDS_FIXES, PortStatus.VALIDATED


async def project(desk: Desk, **values: Any) -> PortProject:
    made = make.port_project(**values)
    await desk.keep(made)
    return made


async def moved(desk: Desk, made: PortProject, *statuses: PortStatus, **values: Any) -> None:
    """Move a project on, telling of each step in a transaction of its own."""
    for status in statuses:
        async with desk.worker.write(Scope.worker()) as session:
            row = await port_projects.locked(session, made.id)
            assert row is not None
            row = await port_projects.move(session, row, status, **values)
            await port_progress.tell(session, row)
            await port_history.tell(
                session,
                row,
                actor="WARP",
                actor_is_staff=False,
                summary=f"{status}.",
                status=status,
            )


async def following(
    desk: Desk, query: str, made: PortProject, *, after: int | None = None, actor: Any = ALICE
) -> Any:
    asked = {"id": encode(NodeKind.PORT_PROJECT, made.id), "after": after}
    return desk.follow(query, asked, actor)


async def next_of(answers: Any) -> dict[str, Any]:
    async with asyncio.timeout(10):
        answer = await anext(answers)
    assert answer.errors == []
    (value,) = answer.data.values()
    found: dict[str, Any] = value
    return found


async def ended(answers: Any) -> bool:
    async with asyncio.timeout(10):
        return await anext(answers, None) is None


async def steps(answers: Any, count: int) -> list[tuple[int, str]]:
    found = [await next_of(answers) for _ in range(count)]
    return [(each["sequence"], each["status"]) for each in found]


async def test_progress_comes_as_it_was_stored_to_the_end(desk: Desk) -> None:
    made = await project(desk)
    async with await following(desk, PROGRESS, made) as answers:
        assert await steps(answers, 1) == [(0, "DRAFT")]
        await moved(desk, made, VALIDATING)
        await moved(desk, made, VALIDATING, checked_rate=5.0)
        await moved(desk, made, VALIDATED)
        assert await steps(answers, 3) == [(1, "VALIDATING"), (2, "VALIDATING"), (3, "VALIDATED")]
        assert await ended(answers)


async def test_what_an_event_says_is_not_read_again(desk: Desk) -> None:
    made = await project(desk)
    async with await following(desk, PROGRESS, made) as answers:
        await next_of(answers)
        async with desk.worker.write(Scope.worker()) as session:
            row = await port_projects.locked(session, made.id)
            assert row is not None
            counts = port_counts.PortCounts(total=10, valid=4, validating=6)
            said = port_progress.payload(row, counts)
            said |= {"ratePerSecond": 5.0, "etaSeconds": 1, "stale": True}
            await port_history.progress(session, row, said)
        found = await next_of(answers)
    assert (found["sequence"], found["validatedCount"], found["stale"]) == (1, 4, True)
    assert (found["ratePerSecond"], found["etaSeconds"]) == (5.0, 1)


async def test_a_finished_check_is_told_once_and_completes(desk: Desk) -> None:
    made = await project(desk)
    await moved(desk, made, VALIDATING, NEEDS_FIXES)
    async with await following(desk, PROGRESS, made) as answers:
        assert await steps(answers, 1) == [(2, "NEEDS_FIXES")]
        assert await ended(answers)
    async with await following(desk, PROGRESS, made, after=2) as answers:
        assert await ended(answers)
    async with await following(desk, PROGRESS, made, after=99) as answers:
        assert await ended(answers)


async def test_an_end_in_the_past_of_a_replay_is_none(desk: Desk) -> None:
    made = await project(desk)
    await moved(desk, made, VALIDATING, NEEDS_FIXES, VALIDATING, VALIDATED)
    async with await following(desk, PROGRESS, made, after=0) as answers:
        assert await steps(answers, 4) == [
            (1, "VALIDATING"),
            (2, "NEEDS_FIXES"),
            (3, "VALIDATING"),
            (4, "VALIDATED"),
        ]
        assert await ended(answers)


async def test_a_replay_goes_over_into_what_is_new(desk: Desk) -> None:
    made = await project(desk)
    await moved(desk, made, VALIDATING, NEEDS_FIXES, VALIDATING)
    async with await following(desk, PROGRESS, made, after=1) as answers:
        assert await steps(answers, 2) == [(2, "NEEDS_FIXES"), (3, "VALIDATING")]
        await moved(desk, made, VALIDATED)
        assert await steps(answers, 1) == [(4, "VALIDATED")]
        assert await ended(answers)


async def test_many_events_that_a_slow_watcher_left_come_all(desk: Desk) -> None:
    made = await project(desk)
    await moved(desk, made, *[VALIDATING] * 250, VALIDATED)
    async with await following(desk, PROGRESS, made, after=0) as answers:
        found = await steps(answers, 251)
        assert [sequence for sequence, _ in found] == list(range(1, 252))
        assert await ended(answers)


async def test_history_begins_with_the_latest_line(desk: Desk) -> None:
    made = await project(desk)
    await moved(desk, made, VALIDATING, NEEDS_FIXES)
    async with await following(desk, EVENTS, made) as answers:
        assert await steps(answers, 1) == [(2, "NEEDS_FIXES")]
        await moved(desk, made, VALIDATED)
        assert await steps(answers, 1) == [(3, "VALIDATED")]
        await moved(desk, made, PortStatus.CANCELLED)
        assert (await next_of(answers))["summary"] == "CANCELLED."
        assert await ended(answers)


async def test_history_is_replayed_after_a_line_and_ends_with_the_project(desk: Desk) -> None:
    made = await project(desk)
    await moved(desk, made, VALIDATING, VALIDATED, PortStatus.CANCELLED)
    async with await following(desk, EVENTS, made, after=0, actor=STAFF) as answers:
        assert [sequence for sequence, _ in await steps(answers, 3)] == [1, 2, 3]
        assert await ended(answers)
    async with await following(desk, EVENTS, made) as answers:
        assert await steps(answers, 1) == [(3, "CANCELLED")]
        assert await ended(answers)
    for after in (3, 99):
        async with await following(desk, EVENTS, made, after=after) as answers:
            assert await ended(answers)


async def test_a_project_without_history_waits_for_its_first_line(desk: Desk) -> None:
    made = await project(desk)
    async with await following(desk, EVENTS, made) as answers:
        waiting = asyncio.create_task(next_of(answers))
        await moved(desk, made, VALIDATING)
        assert (await waiting)["sequence"] == 1


@pytest.mark.parametrize("query", [PROGRESS, EVENTS])
async def test_what_is_not_yours_cannot_be_followed(desk: Desk, query: str) -> None:
    made = await project(desk)
    said = []
    for known in (made.id, UUID(int=7)):
        asked = {"id": encode(NodeKind.PORT_PROJECT, known)}
        async with desk.follow(query, asked, BOB) as answers:
            answer = await anext(answers)
            assert answer.codes == ["BAD_USER_INPUT"]
            said.append(answer.errors[0]["message"])
    assert said[0] == said[1]
    async with desk.follow(query, {"id": encode(NodeKind.DID, made.id)}) as answers:
        assert (await anext(answers)).codes == ["BAD_USER_INPUT"]


STREAMS = {PROGRESS: events.of_port_progress, EVENTS: events.of_port}


@pytest.mark.parametrize("query", STREAMS)
async def test_an_event_of_somebody_elses_ends_the_stream(desk: Desk, query: str) -> None:
    """Never so by what we write; held against the asker's scope all the same."""
    made = await project(desk)
    async with desk.worker.write(Scope.worker()) as session:
        await events.append(session, STREAMS[query](made.id), "VALIDATING", {}, None)
    async with await following(desk, query, made, after=0) as answers:
        async with asyncio.timeout(10):
            assert (await anext(answers)).codes == ["BAD_USER_INPUT"]
        assert await ended(answers)


async def test_viewers_follow_too(desk: Desk) -> None:
    made = await project(desk)
    await moved(desk, made, VALIDATING, VALIDATED)
    async with await following(desk, PROGRESS, made, actor=PEOPLE[Role.VIEWER]) as answers:
        assert (await next_of(answers))["status"] == "VALIDATED"
