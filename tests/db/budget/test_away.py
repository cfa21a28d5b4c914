"""Without the database nothing goes out, and nothing that came back is lost."""

import asyncpg
import pytest

from db.budget import SlotPace
from numbering.pace import BudgetUnavailable, Verdict
from tests.kit.paces import MakePace, VirtualTime, refusal, take


async def test_no_call_goes_out_when_it_is_away() -> None:
    async with asyncpg.create_pool("postgresql://nobody@127.0.0.1:1/none", min_size=0) as pool:
        pace = SlotPace(pool, token_name="prod", limit=5)
        error = await refusal(pace, wait=5)
        assert isinstance(error, BudgetUnavailable)
        assert error.retry_after == 1
        with pytest.raises(BudgetUnavailable):
            await pace.snapshot()


async def test_a_stuck_one_is_not_waited_for(
    make: MakePace, budget_owner: asyncpg.Connection
) -> None:
    await make().ensure()
    async with budget_owner.transaction():
        await budget_owner.execute("SELECT FROM ops.token FOR UPDATE")
        assert isinstance(await refusal(make(store_timeout=0.01)), BudgetUnavailable)


async def test_losing_it_does_not_lose_the_answer(
    make: MakePace, budget_owner: asyncpg.Connection, clock: VirtualTime
) -> None:
    pace = make(limit=1)
    (ticket,) = await take(pace, 1)
    await budget_owner.execute("ALTER FUNCTION ops.settle_slot RENAME TO away")
    try:
        await ticket.settle(Verdict.OK)
    finally:
        await budget_owner.execute("ALTER FUNCTION ops.away RENAME TO settle_slot")
    await clock.advance(95)
    await take(pace, 1)
