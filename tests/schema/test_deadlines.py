"""Slow operations are stopped, resolvers included; events start with fresh loaders."""

import asyncio

import pytest

from schema.guard import within
from schema.terms import Terms
from tests.kit import toy

NOW = Terms(timeout=0.01, request_id="req-1").carried()


def context(world: toy.World) -> toy.ToyContext:
    return toy.ToyContext(world, None, "req-1")  # type: ignore[arg-type]


async def test_a_slow_operation_is_stopped_and_its_resolver_cancelled():
    world = toy.World()
    result = await toy.toy_schema().execute(
        "{slow}", context_value=context(world), operation_extensions=NOW
    )
    assert [error.extensions["code"] for error in result.errors or ()] == ["TIMEOUT"]
    assert world.cancelled.is_set()


async def test_the_same_holds_on_streaming_transports():
    world = toy.World()
    stream = await toy.toy_schema().stream(
        "{slow}", context_value=context(world), operation_extensions=NOW
    )
    results = [result async for result in stream]
    assert [error.extensions["code"] for error in results[0].errors] == ["TIMEOUT"]
    assert world.cancelled.is_set()


async def test_a_subscription_may_wait_but_each_event_has_the_deadline():
    world = toy.World()
    stream = await toy.toy_schema().stream(
        "subscription{ticks{number stuck}}",
        context_value=context(world),
        operation_extensions=NOW,
    )
    first = asyncio.ensure_future(anext(stream))
    await world.started.wait()
    assert not first.done()
    world.events.put_nowait(1)
    result = await first
    assert [error.extensions["code"] for error in result.errors] == ["TIMEOUT"]
    assert [each async for each in stream] == []
    assert world.closed.is_set()


async def test_a_timeout_of_something_else_is_a_defect_and_not_a_deadline():
    async def times_out() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await within(60, times_out())


async def test_cancelling_an_operation_is_not_a_timeout():
    world = toy.World()
    task = asyncio.ensure_future(toy.toy_schema().execute("{slow}", context_value=context(world)))
    await world.started.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert world.cancelled.is_set()


async def test_every_event_reads_anew():
    world = toy.World(level=1)
    stream = await toy.toy_schema().stream(
        "subscription{ticks{level}}", context_value=context(world)
    )
    seen = []
    for level in (1, 2, 3):
        world.level = level
        world.events.put_nowait(level)
        seen.append((await anext(stream)).data)
    await stream.aclose()
    assert seen == [{"ticks": {"level": level}} for level in (1, 2, 3)]


async def test_within_one_operation_a_loader_loads_once():
    world = toy.World()
    await toy.toy_schema().execute(
        "{a:loaded(key:1) b:loaded(key:1) c:loaded(key:2)}", context_value=context(world)
    )
    assert world.loads == 1
