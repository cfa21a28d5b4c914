"""Everything that one sandbox holds, and how it starts, is put back, catches up with its clock."""

import time
from collections.abc import Callable
from heapq import heappop, heappush

from teliport.sandbox import port_life
from teliport.sandbox.calls import Calls
from teliport.sandbox.clock import Clock
from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.faults import Faults
from teliport.sandbox.inventory import Inventory
from teliport.sandbox.magic import magic_faults
from teliport.sandbox.moves import Moves
from teliport.sandbox.outbox import Outbox, Receiver
from teliport.sandbox.ports import Ports
from teliport.sandbox.ratelimit import RateLimit
from teliport.sandbox.seeding import seeded
from teliport.sandbox.store import Store

_SEED, _OFFSET, _RATE = "seed", "clock_offset", "clock_rate"
_LEAD, _LED_AT = "clock_lead", "clock_led_at"


class World:
    """One sandbox. What was stored before (seed, clock, changed numbers) goes before the config."""

    def __init__(
        self,
        config: SandboxConfig,
        *,
        wall: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self.tokens = config.permissions()
        self.store = Store(config.data_dir)
        self.clock = Clock(wall)
        self.clock.offset = self.store.setting(_OFFSET, 0.0)
        self.clock.rate = self.store.setting(_RATE, config.clock_rate)
        gained, since = self.clock.led
        self.clock.led = (
            self.store.setting(_LEAD, gained),
            self.store.setting(_LED_AT, since),
        )
        self._keep_lead()
        self.receiver = Receiver(config.webhook_url, config.webhook_secrets)
        self.calls = Calls()
        self.rate = RateLimit(config.rate_limit, count_refused=config.count_refused, timer=timer)
        seed = int(self.store.setting(_SEED, config.seed))
        self.store.keep(_SEED, seed)
        self._populate(seed)

    def _populate(self, seed: int) -> None:
        self.seed = seed
        self.inventory = Inventory(seeded(seed), self.config, self.clock, self.store)
        self.moves = Moves(self.inventory, self.clock)
        self.faults = Faults(seed, magic_faults() if self.config.magic else ())
        self.outbox = Outbox(self.clock, self.store, self.faults, self.receiver)
        self.ports = Ports(self.config, self.clock, self.store, self.inventory, self.outbox)
        self._late: list[tuple[float, int, Callable[[], object]]] = []

    def reset(self, seed: int | None) -> None:
        """Begin anew with this seed, or the same one: numbers, clock, faults, calls, rate."""
        seed = self.seed if seed is None else seed
        self.store.clear({_SEED: seed})
        self.clock.offset, self.clock.rate = 0.0, self.config.clock_rate
        self.clock.led = (0.0, self.clock.wall())
        self._keep_lead()
        self.calls.clear()
        self.rate.forget()
        self._populate(seed)

    def advance(self, seconds: float) -> None:
        """Move the clock, and whatever falls due by it."""
        self.clock.advance(seconds)
        self.store.keep(_OFFSET, self.clock.offset)
        self.catch_up()

    def set_rate(self, rate: float) -> None:
        """The speed of the port life; nothing else depends on it (decisions 16)."""
        self.clock.set_rate(rate)
        self.store.keep(_RATE, rate)
        self._keep_lead()

    def _keep_lead(self) -> None:
        gained, since = self.clock.led
        self.store.keep(_LEAD, gained)
        self.store.keep(_LED_AT, since)

    @property
    def writes(self) -> int:
        """Goes up with every change of a number or a project."""
        return self.inventory.writes + self.ports.writes

    def later(self, seconds: float, effect: Callable[[], object]) -> None:
        """Run `effect` when the clock has moved on by this much."""
        heappush(self._late, (self.clock.now() + seconds, self.calls.total, effect))

    def catch_up(self) -> None:
        """Do what has fallen due, in its order. Called before anybody looks."""
        now = self.clock.now()
        while self._late and self._late[0][0] <= now:
            due, _, effect = heappop(self._late)
            self._settle(due)
            effect()
        self._settle(now)

    def _settle(self, now: float) -> None:
        self.inventory.expire_holds(now)
        port_life.catch_up(self.ports, now)

    def close(self) -> None:
        """Close the store."""
        self.store.close()
