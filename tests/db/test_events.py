"""Events: numbered without gaps, delivered once and in order, whatever happens to connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from db import events, roles, seed
from db.engine import Database
from db.events import Event, EventHub
from db.hub import Subscription
from numbering.actors import Scope

A, STAFF = Scope.customer(seed.CUSTOMER_A), Scope.staff()
S = "reservation:one"


@pytest.fixture
async def hub(database_urls: roles.Urls) -> AsyncIterator[EventHub]:
    """A hub that looks once in five minutes: what arrives was notified, or comes from a connect."""
    async with EventHub(database_urls.app, tick=300) as opened:
        await opened.up()
        yield opened


async def write(database: Database, stream: str, *kinds: str) -> None:
    """Append events, one transaction each."""
    for kind in kinds:
        async with database.write(A) as session:
            await events.append(session, stream, kind, {"k": kind}, seed.CUSTOMER_A)


async def take(hub: EventHub, stream: str, count: int, after: int = 0) -> list[Event]:
    """The next events of a stream; fails when they do not come."""
    taken: list[Event] = []
    async with asyncio.timeout(60), aclosing(hub.subscribe(stream, after)) as live:
        async for event in live:
            taken.append(event)
            if len(taken) == count:
                break
    return taken


async def test_numbers_follow_commits_without_gaps(database: Database) -> None:
    async def one(number: int) -> None:
        async def work(session: AsyncSession) -> None:
            await events.append(session, S, "X", {"n": number}, seed.CUSTOMER_A)
            if number % 3 == 0:
                raise ZeroDivisionError

        with suppress(ZeroDivisionError):
            await database.transact(A, work)

    await asyncio.gather(*(one(number) for number in range(30)))
    async with database.read(A) as conn:
        found = await events.page(conn, S)
        assert [event.seq for event in found] == list(range(1, 21))
        assert all(event.customer_id == seed.CUSTOMER_A for event in found)
        assert [e.seq for e in await events.page(conn, S, after=3, limit=2)] == [4, 5]


async def test_the_last_number_of_a_stream(database: Database) -> None:
    async with database.read(A) as conn:
        assert await events.last_number(conn, S) == 0
    await write(database, S, "A", "B")
    async with database.read(A) as conn:
        assert await events.last_number(conn, S) == 2


async def test_a_number_can_be_taken_for_rows_kept_elsewhere(database: Database) -> None:
    async with database.write(A) as session:
        stream = events.of_audit(seed.CUSTOMER_A)
        taken = [await events.take_number(session, stream, seed.CUSTOMER_A) for _ in range(3)]
    assert taken == [1, 2, 3]
    assert events.of_audit(None) == "audit:staff"


async def test_old_events_first_then_live_ones(database: Database, hub: EventHub) -> None:
    await write(database, S, "A", "B")
    async with aclosing(hub.subscribe(S)) as live:
        assert [(await anext(live)).kind for _ in range(2)] == ["A", "B"]
        await write(database, S, "C")
        event = await anext(live)
    assert (event.seq, event.kind, dict(event.payload)) == (3, "C", {"k": "C"})
    assert event.at.tzinfo is not None


async def test_a_cursor_is_where_it_goes_on(database: Database, hub: EventHub) -> None:
    await write(database, S, "A", "B", "C")
    assert [event.seq for event in await take(hub, S, 1, after=2)] == [3]


async def test_what_was_rolled_back_never_arrives(database: Database, hub: EventHub) -> None:
    with pytest.raises(ZeroDivisionError):
        await doomed(database)
    await write(database, S, "KEPT")
    assert [event.kind for event in await take(hub, S, 1)] == ["KEPT"]


async def doomed(database: Database) -> None:
    """A transaction that writes an event and fails."""
    async with database.write(A) as session:
        await events.append(session, S, "DOOMED", {}, seed.CUSTOMER_A)
        raise ZeroDivisionError


async def test_other_streams_do_not_interfere(database: Database, hub: EventHub) -> None:
    both = asyncio.gather(take(hub, "a", 2), take(hub, "b", 2), take(hub, "a", 2))
    await write(database, "a", "1", "2")
    await write(database, "c", "X")
    await write(database, "b", "3", "4")
    assert [[e.kind for e in each] for each in await both] == [["1", "2"], ["3", "4"], ["1", "2"]]


async def test_nothing_is_lost_or_repeated_while_the_listener_is_killed(
    database_urls: roles.Urls, superuser: asyncpg.Connection
) -> None:
    streams, each, kills = [f"stream:{n}" for n in range(4)], 40, 8
    database = Database.connect(database_urls.app)
    one_at_a_time = asyncio.Lock()
    written = killed = 0

    async def kill() -> None:
        """End the listener's backend; if it has none, it will have one in a moment."""
        nonlocal killed
        async with one_at_a_time:
            while not await superuser.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'warp-hub' AND datname = current_database()"
            ):
                await listener.up()
            killed += 1

    async def produce(stream: str) -> None:
        nonlocal written
        for _ in range(each):
            await write(database, stream, "X")
            written += 1
            if written % (each * len(streams) // kills) == 0:
                await kill()

    listener = EventHub(database_urls.app)
    async with listener:
        await listener.up()
        readers = [asyncio.create_task(take(listener, stream, each)) for stream in streams * 2]
        await asyncio.gather(*(produce(stream) for stream in streams))
        for reader in readers:
            assert [event.seq for event in await reader] == list(range(1, each + 1))
    await database.close()
    assert killed == kills


async def test_a_lost_notification_costs_a_tick(
    database_urls: roles.Urls, database: Database, owner: asyncpg.Connection
) -> None:
    async with EventHub(database_urls.app, tick=0.01) as hub, aclosing(hub.subscribe(S)) as live:
        await write(database, S, "A")
        await anext(live)
        await owner.execute(
            "INSERT INTO ops.event (stream_id, seq, customer_id, kind) VALUES ($1, 2, $2, 'B')",
            S,
            seed.CUSTOMER_A,
        )
        async with asyncio.timeout(10):
            assert (await anext(live)).kind == "B"


async def test_a_hub_waits_for_a_server_that_is_away(
    database_urls: roles.Urls, database: Database, superuser: asyncpg.Connection
) -> None:
    await superuser.execute("ALTER ROLE warp_app CONNECTION LIMIT 0")
    try:
        async with EventHub(database_urls.app, patience=0.01) as hub:
            reader = asyncio.create_task(take(hub, S, 1))
            for _ in range(3):
                await asyncio.sleep(0)
            assert not hub.connected
            await superuser.execute("ALTER ROLE warp_app CONNECTION LIMIT -1")
            await write(database, S, "A")
            assert [event.kind for event in await reader] == ["A"]
            assert hub.connected
    finally:
        await superuser.execute("ALTER ROLE warp_app CONNECTION LIMIT -1")


async def test_what_happened_while_the_listener_was_away_is_caught_up(
    database: Database, hub: EventHub, superuser: asyncpg.Connection
) -> None:
    async with aclosing(hub.subscribe(S)) as live:
        await write(database, S, "A")
        await anext(live)
        await superuser.execute("ALTER ROLE warp_app CONNECTION LIMIT 0")
        try:
            await superuser.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'warp-hub' AND datname = current_database()"
            )
            await write(database, S, "B")
            while hub.connected:  # noqa: ASYNC110  it is no event when it ends
                await asyncio.sleep(0)
        finally:
            await superuser.execute("ALTER ROLE warp_app CONNECTION LIMIT -1")
        async with asyncio.timeout(60):
            assert (await anext(live)).kind == "B"


async def test_many_old_events_come_in_several_looks(
    database: Database, hub: EventHub, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "INSERT INTO ops.event (stream_id, seq, kind)"
        " SELECT $1, g, 'X' FROM generate_series(1, 950) AS g",
        S,
    )
    assert [event.seq for event in await take(hub, S, 950)] == list(range(1, 951))


async def test_a_subscriber_that_leaves_is_forgotten(database: Database, hub: EventHub) -> None:
    await write(database, S, "A")
    await take(hub, S, 1)
    assert not hub._live


async def test_waiting_for_the_first_event_that_fits(database: Database, hub: EventHub) -> None:
    await write(database, "a", "QUEUED", "SUCCEEDED", "SUCCEEDED")
    await write(database, "b", "QUEUED")
    waiting = asyncio.create_task(
        hub.wait_for(["a", "b", "b"], lambda event: event.kind == "SUCCEEDED", timeout=60)
    )
    await write(database, "b", "SUCCEEDED")
    assert {stream: event.seq for stream, event in (await waiting).items()} == {"a": 2, "b": 2}


async def test_waiting_ends_with_what_came_in_time(database: Database, hub: EventHub) -> None:
    await write(database, "a", "DONE")
    found = await hub.wait_for(["a", "never"], lambda event: event.kind == "DONE", timeout=0.3)
    assert list(found) == ["a"]
    assert await hub.wait_for([], lambda _event: True, timeout=1) == {}
    assert not hub._live


async def test_a_broken_condition_is_not_swallowed(database: Database, hub: EventHub) -> None:
    await write(database, S, "A")
    with pytest.raises(ExceptionGroup) as raised:
        await hub.wait_for([S], lambda event: event.seq / 0 > 1, timeout=60)
    assert raised.group_contains(ZeroDivisionError)


def event(seq: int, kind: str = "X") -> Event:
    """An event that was never in a database."""
    return Event(S, seq, kind, {}, None, None)  # type: ignore[arg-type]


def drained(subscription: Subscription) -> list[int]:
    """The numbers in the buffer."""
    return [each.seq for each in subscription._buffer]


def test_a_full_buffer_stops_the_cursor_and_drops_nothing() -> None:
    slow = Subscription(0, 2, frozenset({"PROGRESS"}))
    slow.offer([event(1), event(2), event(3), event(4)])
    assert (slow.after, slow.full, drained(slow)) == (2, True, [1, 2])
    slow._buffer.popleft()
    slow.offer([event(2), event(3), event(4)])
    assert (slow.after, drained(slow)) == (3, [2, 3])


def test_of_progress_the_latest_is_enough_and_the_end_is_kept() -> None:
    slow = Subscription(0, 2, frozenset({"PROGRESS"}))
    steps = [event(n, "PROGRESS") for n in range(2, 9)]
    slow.offer([event(1), *steps, event(9, "DONE"), event(10, "PROGRESS")])
    assert (slow.after, drained(slow)) == (8, [1, 8])
    slow._buffer.popleft()
    slow.offer([event(9, "DONE"), event(10, "PROGRESS")])
    assert drained(slow) == [8, 9]


async def test_a_slow_subscriber_gets_everything_in_the_end(
    database_urls: roles.Urls, owner: asyncpg.Connection
) -> None:
    await owner.execute(
        "INSERT INTO ops.event (stream_id, seq, kind)"
        " SELECT $1, g, 'X' FROM generate_series(1, 50) AS g",
        S,
    )
    async with EventHub(database_urls.app, tick=300, buffer=3) as hub:
        assert [each.seq for each in await take(hub, S, 50)] == list(range(1, 51))
