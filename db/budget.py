"""The rate slots of a carrier token, shared by every process: lanes, 429 penalties and the breaker.

A call takes a slot before it is sent and keeps it for one window after its answer, so no sliding
window at the carrier ever holds more arrivals than there are slots, whatever the jitter between us
(research/reliability.md 2.2). All of it is decided by the two functions in
`migrations/sql/budget.sql` under the token's row lock and by the database's own clock; this module
asks, waits and reports. It commits its own short transactions, the named exception of decisions 33:
a slot must be visible to the other processes before the call goes out.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import asyncpg
import structlog

from db.errors import DRIVER_FAULTS
from numbering.lanes import Lane
from numbering.lifecycle import BreakerState
from numbering.pace import (
    BreakerOpen,
    BudgetExhausted,
    BudgetUnavailable,
    PaceRefusal,
    Verdict,
)

log = structlog.get_logger(__name__)

_SEED = "SELECT ops.seed_slots($1, $2)"
_ACQUIRE = "SELECT outcome, n, lease, wait FROM ops.acquire_slot($1, $2, $3, $4, $5)"
_SETTLE = "SELECT ops.settle_slot($1, $2, $3, $4, $5, $6, $7, $8)"
_SNAPSHOT = """
SELECT t.limit_per_minute, t.slots_in_use,
  (SELECT count(*) FROM ops.slot s WHERE s.token = t.name AND s.free_at > clock_timestamp())
    AS used_last_minute,
  CASE WHEN t.blocked_until > clock_timestamp() THEN t.blocked_until END AS blocked_until,
  CASE WHEN t.breaker = 'OPEN' AND t.open_until <= clock_timestamp() THEN 'HALF_OPEN'
    ELSE t.breaker END AS breaker
FROM ops.token t WHERE t.name = $1
"""


class _Outcome(StrEnum):
    """What `ops.acquire_slot` says."""

    GRANTED = "GRANTED"
    BUSY = "BUSY"
    BLOCKED = "BLOCKED"
    OPEN = "OPEN"


@dataclass(frozen=True, slots=True)
class BudgetSnapshot:
    """The token's state as all processes see it.

    `used_last_minute` counts the slots that are taken, calls under way included; `slots_in_use` is
    less than the limit while a 429 is being recovered from; `blocked_until` is never in the past.
    """

    limit_per_minute: int
    slots_in_use: int
    used_last_minute: int
    blocked_until: datetime | None
    breaker: BreakerState


class SlotTicket:
    """One granted slot. Settle it once; later settlements do nothing."""

    def __init__(self, pace: "SlotPace", n: int, lease: int) -> None:
        self._pace = pace
        self._slot: tuple[int, int] | None = (n, lease)

    async def settle(self, verdict: Verdict, retry_after: float | None = None) -> None:
        """Start the slot's way back and tell the breaker; a lost database is only logged.

        The carrier's answer is worth more than the bookkeeping, and an unsettled slot frees itself
        when its hold and one window have passed.
        """
        slot, self._slot = self._slot, None
        if slot is not None:
            await self._pace.settle(*slot, verdict, retry_after)


class SlotPace:
    """`numbering.pace.Pace` over PostgreSQL; every process of the platform has one on one token.

    `hold_seconds` is how long a call may stay without a settlement (longer than the client's total
    timeout); `window_seconds`, `open_seconds` (breaker) and `backoff_seconds` (the unit of
    back-off after a 429, and of jitter) exist to be scaled down by tests.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[Any]",
        *,
        token_name: str,
        limit: int,
        interactive_reserve: int = 10,
        hold_seconds: float = 35.0,
        window_seconds: float = 60.0,
        open_seconds: float = 30.0,
        backoff_seconds: float = 1.0,
        store_timeout: float = 2.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._pool = pool
        self._token = token_name
        self._limit = limit
        self._reserve = interactive_reserve
        self._hold = hold_seconds
        self._window = window_seconds
        self._open = open_seconds
        self._backoff = backoff_seconds
        self._store_timeout = store_timeout
        self._sleep = sleep
        self._jitter = jitter
        # One sleeper a lane and process: the others queue behind it in order instead of all waking
        # for the same slot. Lanes never share a queue, so nobody interactive waits behind bulk.
        self._gate = asyncio.Semaphore(pool.get_max_size())
        self._turns = {lane: asyncio.Lock() for lane in Lane}

    async def ensure(self) -> None:
        """Seed the token's slots, or raise or lower them to the limit, live for all processes."""
        await self._query(_SEED, self._token, self._limit)

    async def acquire(self, lane: Lane, *, wait: float = 0.0) -> SlotTicket:
        """Take a slot, waiting at most `wait` seconds for one.

        Raises BudgetExhausted when none can come back in time, BreakerOpen at once while the
        breaker is open, BudgetUnavailable when the database does not answer.
        """
        deadline = asyncio.get_running_loop().time() + wait
        answer = await self._ask(lane)
        if isinstance(answer, SlotTicket):
            return answer
        self._give_up(answer, deadline)
        await self._take_turn(lane, deadline, answer)
        try:
            return await self._wait(lane, deadline)
        finally:
            self._turns[lane].release()

    async def snapshot(self) -> BudgetSnapshot:
        """Return the token's state now; raises BudgetUnavailable."""
        row = await self._seeded(_SNAPSHOT, self._token)
        return BudgetSnapshot(
            limit_per_minute=row["limit_per_minute"],
            slots_in_use=row["slots_in_use"],
            used_last_minute=row["used_last_minute"],
            blocked_until=row["blocked_until"],
            breaker=BreakerState(row["breaker"]),
        )

    async def settle(self, n: int, lease: int, verdict: Verdict, retry_after: float | None) -> None:
        """Record what became of the call that held slot `n` under `lease` (see SlotTicket)."""
        if retry_after is not None:
            retry_after += self._jitter() * self._backoff
        times = (retry_after, self._window, self._open, self._backoff)
        try:
            await self._query(_SETTLE, self._token, n, lease, verdict.value, *times)
        except BudgetUnavailable as error:
            log.warning("budget.unsettled", slot=n, verdict=verdict.value, error=str(error))

    async def _take_turn(self, lane: Lane, deadline: float, answer: PaceRefusal) -> None:
        try:
            async with asyncio.timeout_at(deadline):
                await self._turns[lane].acquire()
        except TimeoutError:
            raise answer from None

    async def _wait(self, lane: Lane, deadline: float) -> SlotTicket:
        while True:
            answer = await self._ask(lane)
            if isinstance(answer, SlotTicket):
                return answer
            self._give_up(answer, deadline)
            # Looking again now and then notices a raised limit, a tripped breaker or a block.
            pause = min(answer.retry_after, self._window / 20)
            await self._sleep(pause + self._jitter() * self._window / 2000)

    def _give_up(self, answer: PaceRefusal, deadline: float) -> None:
        left = deadline - asyncio.get_running_loop().time()
        if isinstance(answer, BreakerOpen) or answer.retry_after > left:
            raise answer

    async def _ask(self, lane: Lane) -> SlotTicket | PaceRefusal:
        row = await self._seeded(
            _ACQUIRE, self._token, lane.value, self._reserve, self._hold, self._window
        )
        outcome = _Outcome(row["outcome"])
        if outcome is _Outcome.GRANTED:
            return SlotTicket(self, row["n"], row["lease"])
        if outcome is _Outcome.OPEN:
            return BreakerOpen("the carrier keeps failing", retry_after=row["wait"])
        blocked = outcome is _Outcome.BLOCKED
        reason = "the carrier asked us to wait" if blocked else f"no slot is free for {lane.value}"
        return BudgetExhausted(reason, retry_after=row["wait"])

    async def _seeded(self, query: str, *arguments: object) -> asyncpg.Record:
        row = await self._query(query, *arguments)
        if row is None:
            await self.ensure()
            row = await self._query(query, *arguments)
        return row

    async def _query(self, query: str, *arguments: object) -> Any:
        try:
            # A crowd waits its turn here: only the database's own time counts against it.
            async with self._gate, asyncio.timeout(self._store_timeout):
                return await self._pool.fetchrow(query, *arguments)
        except DRIVER_FAULTS as fault:
            raise BudgetUnavailable(
                f"the budget store failed: {type(fault).__name__}", retry_after=self._backoff
            ) from fault
