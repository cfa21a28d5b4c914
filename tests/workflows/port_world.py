"""A whole world in memory for the port saga's model test: one project, its carrier, faults, time.

Nothing of the real executor is used, only `workflows.port_saga.step`. The operation's row survives
a kill, a worker's memory does not. A request that was cut off may take effect later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from workflows import port_saga
from workflows.port_saga_terms import (
    Absent,
    Applied,
    Declined,
    Keep,
    Kept,
    PortCall,
    PortSight,
    PortState,
    Refused,
    Succeed,
    Tell,
)
from workflows.saga_terms import (
    Attend,
    Barred,
    Began,
    Doubtful,
    Event,
    Look,
    Mark,
    Marked,
    Page,
    Unseen,
    Unsent,
    Wait,
)
from workflows.timings import Timings

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)
TIMINGS = Timings(attempts=4)
IN_FLIGHT = 34.0
FAULTS = (
    "ok",
    "unsent",
    "429",
    "doubt",
    "applied_doubt",
    "late",
    "barred",
    "declined",
    "unseen",
    "kill_before",
    "kill_after",
    "kill_late",
)
CALLS = {
    "create": (PortCall.CREATE,),
    "submit": (PortCall.SUBMIT,),
    "cancel": (PortCall.CANCEL,),
    "activate": (PortCall.ACTIVATE,),
    "upload": (PortCall.UPDATE, PortCall.REMOVE, PortCall.UPLOAD),
}
# What has an effect each time it arrives; a second cancellation or activation finds it done.
NOT_IDEMPOTENT = frozenset({PortCall.CREATE, PortCall.SUBMIT, PortCall.UPLOAD})


class Killed(Exception):
    """The worker process is gone."""


@dataclass
class World:
    """`faults` is consumed one per carrier call; afterwards all goes well."""

    kind: str
    faults: Iterator[str]
    marks: bool = True
    read_back: bool = True
    quarantine: bool = True
    now: float = 0.0
    applied: list[PortCall] = field(default_factory=list)
    late: list[tuple[float, PortCall]] = field(default_factory=list)
    kept: list[PortCall] = field(default_factory=list)
    sent: datetime | None = None
    attempt: int = 0
    outcome: str | None = None

    @property
    def timings(self) -> Timings:
        return TIMINGS if self.quarantine else replace(TIMINGS, quarantine=0.001)

    @property
    def calls(self) -> tuple[PortCall, ...]:
        """Still to be told, as the rows say."""
        return tuple(call for call in CALLS[self.kind] if call not in self.kept)

    def at(self) -> datetime:
        return EPOCH + timedelta(seconds=self.now)

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for moment, call in [each for each in self.late if each[0] <= self.now]:
            self.late.remove((moment, call))
            self.arrives(call)

    def arrives(self, call: PortCall) -> bool:
        """The carrier takes a request in; a second of these is one too many, unless it refuses."""
        if call in self.applied and call not in NOT_IDEMPOTENT:
            return False
        self.applied.append(call)
        return True

    # ── worker ───────────────────────────────────────────────────────────────────────────────
    def run(self) -> None:
        """Carry it until it is over; a killed worker's successor begins after the lease."""
        for _ in range(60):
            if self.outcome is not None:
                return
            try:
                self.carry()
            except Killed:
                self.pass_time(31.0)
        raise AssertionError("endless")

    def carry(self) -> None:
        doubt = self.sent if self.marks else None
        deadline = EPOCH + timedelta(seconds=TIMINGS.patience)
        state = PortState(self.calls, deadline, attempt=self.attempt, doubt_at=doubt)
        event: Event | None = Began(self.at(), 1.0)
        while event is not None:
            state, effects = port_saga.step(state, event, self.timings)
            for effect in effects:
                event = self.perform(state, effect)

    def perform(self, state: PortState, effect: object) -> Event | None:
        now = self.at()
        match effect:
            case Mark():
                self.sent, self.attempt = now, self.attempt + 1
                return Marked(now)
            case Tell():
                return self.tell(effect.call)
            case Look():
                return self.look(state.calls[0])
            case Keep():
                self.kept.append(effect.call)
                self.sent = None
                return Kept(now)
            case Wait():
                self.sent, self.attempt = state.doubt_at, state.attempt
                self.pass_time(effect.seconds + 0.001)
            case Page():
                pass
            case Succeed():
                if effect.call is not None:
                    self.kept.append(effect.call)
                self.outcome = "succeeded"
            case Refused():
                self.outcome = "refused"
            case Attend():
                self.outcome = "attended"
        return None

    def tell(self, call: PortCall) -> Event:
        fault = next(self.faults, "ok")
        now = self.at()
        if fault in {"kill_before", "kill_after", "kill_late"}:
            if fault == "kill_after":
                self.arrives(call)
            if fault == "kill_late":
                self.late.append((self.now + IN_FLIGHT, call))
            raise Killed
        answers: dict[str, Callable[[], Event]] = {
            "unsent": lambda: Unsent(now),
            "429": lambda: Unsent(now, retry_after=17.0, counted=False),
            "barred": lambda: Barred(now),
            "declined": lambda: Declined(now, status=409),
            "doubt": lambda: Doubtful(now),
        }
        if fault in answers:
            return answers[fault]()
        if fault == "late":
            self.late.append((self.now + IN_FLIGHT, call))
            return Doubtful(now)
        done = self.arrives(call)
        if fault == "applied_doubt":
            return Doubtful(now)
        return Applied(now, sight=PortSight()) if done else Declined(now, status=409)

    def look(self, call: PortCall) -> Event:
        now = self.at()
        fault = next(self.faults, "ok")
        if fault in {"unseen", "doubt", "429"}:
            return Unseen(now, counted=fault != "429")
        if fault == "barred":
            return Barred(now, sending=False)
        if call in self.applied and self.read_back:
            return Applied(now, sight=PortSight())
        return Absent(now)

    # ── what must hold ───────────────────────────────────────────────────────────────────────
    def broken(self) -> list[str]:
        """Which promises are not kept, once everything that was on its way has arrived."""
        self.pass_time(10_000.0)
        found = [f"{call} twice" for call in NOT_IDEMPOTENT if self.applied.count(call) > 1]
        if self.outcome == "succeeded":
            found += [f"{call} never" for call in CALLS[self.kind] if call not in self.applied]
        if self.outcome == "refused":
            found += [f"{call} after all" for call in self.applied]
        return found
