"""Histories, comments, progress and documents of port projects."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from db import errors, events, port_documents, port_history, port_projects, seed
from db.engine import Database
from db.tables import PortProject
from numbering.actors import Scope
from numbering.porting import PortDocumentKind, PortStatus
from tests.db import make

A, B = Scope.customer(seed.CUSTOMER_A), Scope.customer(seed.CUSTOMER_B)
P = PortStatus
Shift = Callable[[float], Awaitable[None]]


@pytest.fixture
async def project(database: Database) -> PortProject:
    """A project of customer A."""
    async with database.write(A) as session:
        return await port_projects.insert(session, make.port_project())


async def test_each_line_of_a_history_is_an_event(database: Database, project: PortProject) -> None:
    async with database.write(A) as session:
        first = await port_history.tell(
            session, project, actor="ada", actor_is_staff=False, summary="Uploaded shops.csv"
        )
        second = await port_history.tell(
            session,
            project,
            actor="carrier",
            actor_is_staff=True,
            summary="Rejected",
            status=P.REJECTED,
            number="+13035550201",
            carrier_code="8A",
        )
    assert (first.seq, second.seq) == (1, 2)
    assert (first.status, second.status) == (None, P.REJECTED)
    assert (second.number, second.carrier_code) == ("+13035550201", "8A")
    async with database.read(A) as conn:
        told = await events.page(conn, events.of_port(project.id))
        assert [(e.seq, e.kind, e.payload) for e in told] == [
            (1, "DRAFT", {"id": str(first.id)}),
            (2, "REJECTED", {"id": str(second.id)}),
        ]
        assert {event.customer_id for event in told} == {project.customer_id}
        assert (await port_projects.by_ids(conn, [project.id]))[project.id].sequence == 2
        assert await port_history.events_by_ids(conn, [second.id]) == {second.id: second}
        assert await port_history.by_seq(conn, project.id, 0, limit=1) == [first]
        assert await port_history.by_seq(conn, project.id, 1) == [second]
        newest = await port_history.events_page(conn, project.id, limit=1)
        assert newest == [second]
        after = (newest[0].seq, newest[0].id)
        assert await port_history.events_page(conn, project.id, after=after) == [first]
        assert await port_history.events_count(conn, project.id) == 2
    async with database.read(B) as conn:
        assert await port_history.events_page(conn, project.id) == []
        assert await port_history.events_count(conn, project.id) == 0
        assert await events.page(conn, events.of_port(project.id)) == []


async def test_lines_written_at_once_are_numbered_without_gaps(
    database: Database, project: PortProject
) -> None:
    async def tell() -> None:
        async with database.write(A) as session:
            locked = await port_projects.locked(session, project.id)
            assert locked is not None
            await port_history.tell(
                session, locked, actor="ada", actor_is_staff=False, summary="Said"
            )

    await asyncio.gather(*(tell() for _ in range(8)))
    async with database.read(A) as conn:
        found = await port_history.by_seq(conn, project.id, 0)
        assert [row.seq for row in found] == list(range(1, 9))
        assert (await port_projects.by_ids(conn, [project.id]))[project.id].sequence == 8


async def test_progress_carries_its_number(database: Database, project: PortProject) -> None:
    async with database.write(A) as session:
        moving = await port_projects.move(session, project, P.VALIDATING)
        first = await port_history.progress(session, moving, {"validatedCount": 1})
        second = await port_history.progress(session, moving, {"validatedCount": 2})
    assert (first.progress_sequence, second.progress_sequence) == (1, 2)
    assert second.sequence == 0
    async with database.read(A) as conn:
        told = await events.page(conn, events.of_port_progress(project.id))
    assert [(event.kind, event.payload) for event in told] == [
        ("VALIDATING", {"validatedCount": 1, "sequence": 1}),
        ("VALIDATING", {"validatedCount": 2, "sequence": 2}),
    ]


async def test_comments_are_listed_newest_first(
    database: Database, project: PortProject, shift_clock: Shift
) -> None:
    made = []
    for author, staff in (("ada", False), ("sam", True)):
        async with database.write(A) as session:
            said = await port_history.comment(
                session, project, author=author, author_is_staff=staff, text=f"by {author}"
            )
        made.append(said)
        await shift_clock(1)
    async with database.read(A) as conn:
        assert await port_history.comments_count(conn, project.id) == 2
        first = await port_history.comments_page(conn, project.id, limit=1)
        assert [(c.author, c.author_is_staff, c.text) for c in first] == [("sam", True, "by sam")]
        after = (first[0].at, first[0].id)
        assert await port_history.comments_page(conn, project.id, after=after) == [made[0]]
        found = await port_history.comments_by_ids(conn, [made[0].id, make.stranger()])
        assert found == {made[0].id: made[0]}
    async with database.read(B) as conn:
        assert await port_history.comments_page(conn, project.id) == []


async def test_documents_are_read_without_their_content(
    database: Database, project: PortProject, shift_clock: Shift
) -> None:
    kinds = (PortDocumentKind.LOA, PortDocumentKind.LOA, PortDocumentKind.BILL)
    made = []
    for kind in kinds:
        async with database.write(A) as session:
            document = make.port_document(project, kind=kind, content_sealed=kind.encode())
            made.append(await port_documents.insert(session, document))
        await shift_clock(1)
    assert all("content_sealed" not in row._fields for row in made)  # type: ignore[attr-defined]
    ids = [row.id for row in made]
    async with database.read(A) as conn:
        assert await port_documents.by_ids(conn, ids[:1]) == {ids[0]: made[0]}
        of_both = await port_documents.of_projects(conn, [project.id, make.stranger()])
        assert of_both == {project.id: made}
        assert await port_documents.latest_loa(conn, [project.id]) == {project.id: made[1]}
        assert await port_documents.content(conn, ids[2]) == b"BILL"
        assert await port_documents.content(conn, make.stranger()) is None
    async with database.read(B) as conn:
        assert await port_documents.content(conn, ids[0]) is None
        assert await port_documents.latest_loa(conn, [project.id]) == {}


async def test_nobody_writes_into_the_history_of_another(
    database: Database, project: PortProject
) -> None:
    with pytest.raises(errors.TenancyViolated):
        async with database.write(B) as session:
            await port_history.comment(
                session, project, author="eve", author_is_staff=False, text="Hello"
            )
