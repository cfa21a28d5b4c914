"""A whole world in memory for the saga's model test: carrier, database, workers, faults, time.

Nothing of the real executor is used, only `workflows.saga.step`. Durable things (rows, items,
dids) survive a kill, a worker's memory does not. Requests may be cut off and take effect later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from numbering.lifecycle import (
    TERMINAL_OPERATION_STATES,
    CarrierStatus,
    OperationKind,
    OperationState,
)
from workflows import saga
from workflows.saga_readings import assigned_by
from workflows.saga_terms import (
    Answered,
    Attend,
    Barred,
    Began,
    Call,
    Conflicted,
    Declined,
    Doubtful,
    Effect,
    Event,
    Facts,
    Fail,
    Look,
    Mark,
    Marked,
    Page,
    Seen,
    Send,
    Sight,
    State,
    Succeed,
    Target,
    Unseen,
    Unsent,
    Wait,
)
from workflows.timings import Timings

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)
TIMINGS = Timings(attempts=4)  # fewer than in life, so that short plans reach the dead letters
HORIZON = 4 * 3600.0
IN_FLIGHT = 34.0  # how late a request that was cut off can still arrive, as a rule


class Killed(Exception):
    """The worker process is gone."""


@dataclass
class Number:
    status: CarrierStatus = CarrierStatus.AVAILABLE
    by: str | None = None
    until: float = 0.0
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass
class Row:
    """An operation as the database keeps it."""

    facts: Facts
    tn: int
    customer: str
    state: OperationState = OperationState.QUEUED
    sent: datetime | None = None
    attempt: int = 0
    run_at: float = 0.0
    job: bool = True
    finished: float = 0.0
    posts: int = 0
    doubts: int = 0
    version: int = 0
    summary: str = ""

    @property
    def live(self) -> bool:
        return self.state not in TERMINAL_OPERATION_STATES


@dataclass
class Did:
    customer: str
    tn: int
    op: str
    live: bool = True
    releasing: bool = False
    version: int = 1
    pushed: int = 1


class World:
    """``faults`` is consumed one per carrier call or commit; afterwards all goes well."""

    def __init__(
        self, faults: list[str], *, strict: bool, sweeper: bool = True, marks: bool = True,
        read_back: bool = True, quarantine: bool = True,
    ) -> None:  # fmt: skip
        self.faults = list(reversed(faults))
        self.strict, self.sweeper, self.marks, self.read_back = strict, sweeper, marks, read_back
        self.timings = TIMINGS if quarantine else replace(TIMINGS, quarantine=0.001)
        self.now = 0.0
        self.numbers = {1: Number(), 2: Number()}
        self.late: list[tuple[float, Callable[[], object]]] = []
        self.rows: dict[str, Row] = {}
        self.items: dict[tuple[str, int], dict[str, Any]] = {}
        self.dids: dict[str, Did] = {}
        self.broken: list[str] = []
        self.watched: set[str] = set()
        self.next_sweep = 0.0

    # ── time ─────────────────────────────────────────────────────────────────────────────────
    def clock(self) -> datetime:
        return EPOCH + timedelta(seconds=self.now)

    def pass_time(self, until: float) -> None:
        """Everything that falls due before ``until`` happens in order."""
        while (due := self._next_due()) <= until:
            self.now = max(self.now, due)
            self._arrive()
            self._sweep()
            for row in [r for r in self.rows.values() if r.live and r.job]:
                if row.run_at <= self.now and row.state is not OperationState.ATTENTION:
                    self._carry(row)
        self.now = max(self.now, until)
        self._arrive()

    def quiesce(self) -> None:
        self.faults.clear()
        while self.now < HORIZON and (self.late or any(self._busy(r) for r in self.rows.values())):
            self.pass_time(min(self._next_due(), HORIZON))
        self.pass_time(self.now + TIMINGS.stray_watch)
        self.pass_time(self.now + 2 * TIMINGS.quarantine)

    def _busy(self, row: Row) -> bool:
        return row.live and row.state is not OperationState.ATTENTION

    def _next_due(self) -> float:
        dues = [at for at, _ in self.late]
        dues += [r.run_at for r in self.rows.values() if r.job and self._busy(r)]
        if self.sweeper and self._sweep_matters():
            dues.append(self.next_sweep)
        return max(self.now, min(dues, default=float("inf")))

    def _sweep_matters(self) -> bool:
        """Ticks that can find nothing are skipped, or the model would crawl."""
        return (
            any(self._busy(r) and not r.job for r in self.rows.values())
            or any(i["state"] == "HELD" for i in self.items.values())
            or any(d.live and d.version > d.pushed for d in self.dids.values())
            or any(d.live and d.releasing for d in self.dids.values())
            or any(self._watch(r) for r in self.rows.values())
        )

    def _arrive(self) -> None:
        ready = [e for at, e in self.late if at <= self.now]
        self.late = [(at, e) for at, e in self.late if at > self.now]
        for effect in ready:
            effect()

    # ── the carrier ──────────────────────────────────────────────────────────────────────────
    def number(self, tn: int) -> Number:
        number = self.numbers[tn]
        if number.status is CarrierStatus.RESERVED and self.now >= number.until:
            number.status, number.by = CarrierStatus.AVAILABLE, None
        return number

    def sight(self, tn: int) -> Sight:
        n = self.number(tn)
        until = EPOCH + timedelta(seconds=n.until)
        return Sight(n.status, n.by, dict(n.meta), until)

    def apply(self, row: Row, wanted: dict[str, Any]) -> bool:
        """The write takes effect (True) or is refused with 409 (False)."""
        n = self.number(row.tn)
        match row.facts.call:
            case Call.RESERVE if n.status is CarrierStatus.AVAILABLE:
                n.status, n.by, n.until = CarrierStatus.RESERVED, row.facts.holder, self.now + 900
            case Call.ASSIGN if n.status in (CarrierStatus.AVAILABLE, CarrierStatus.RESERVED) or (
                n.status is CarrierStatus.IN_USE and not self.strict
            ):
                n.status, n.by, n.meta = CarrierStatus.IN_USE, None, dict(wanted)
            case Call.PUT if n.status is CarrierStatus.IN_USE:
                n.meta.update(wanted)
            case Call.RELEASE if n.status in (CarrierStatus.IN_USE, CarrierStatus.RESERVED):
                if n.by == "outsider":
                    self.broken.append(f"freed the hold of somebody else: {row.facts}")
                if n.status is CarrierStatus.IN_USE and self._has_live_did(row):
                    self.broken.append(f"freed a live did: {row.facts}")
                n.status, n.by, n.meta = CarrierStatus.AVAILABLE, None, {}
            case _:
                return False
        return True

    def _has_live_did(self, row: Row) -> bool:
        return any(
            d.live and d.tn == row.tn and key != row.facts.did_id
            and self.numbers[row.tn].meta.get("warp_did_id") == key
            for key, d in self.dids.items()
        )  # fmt: skip

    # ── the worker ───────────────────────────────────────────────────────────────────────────
    def _fault(self) -> str:
        return self.faults.pop() if self.faults else "ok"

    def _carry(self, row: Row) -> None:
        row.state, row.job = OperationState.RUNNING, False  # a dead worker's job is lost
        facts = self._refresh(row)
        doubt = row.sent if self.read_back else None
        state = State(facts, attempt=row.attempt, doubt_at=doubt)
        event: Event | None = Began(self.clock())
        try:
            while event is not None:
                state, effects = saga.step(state, event, self.timings)
                event = None
                for effect in effects:
                    event = self._perform(row, state, effect)
        except Killed:
            return

    def _refresh(self, row: Row) -> Facts:
        did = self.dids.get(row.facts.did_id)
        if row.facts.kind is OperationKind.METADATA_PUSH and did is not None:
            row.version = did.version
            wanted = {"warp_did_id": row.facts.did_id, "v": did.version}
            row.facts = replace(row.facts, wanted=wanted, unwanted=did.releasing or not did.live)
        return row.facts

    def _perform(self, row: Row, state: State, effect: Effect) -> Event | None:
        match effect:
            case Mark():
                if self.marks:
                    row.sent = self.clock()
                return Marked(self.clock())
            case Send():
                return self._call(row, state)
            case Look():
                return self._looked(row)
            case Page():
                return None
            case Wait(seconds, doubtful):
                assert seconds > 0, "a wait of nothing is a busy loop"
                row.sent, row.attempt = state.doubt_at, state.attempt
                row.state = OperationState.UNKNOWN if doubtful else OperationState.WAITING
                row.run_at, row.job = self.now + seconds, True
                return None
            case _:
                return self._settle(row, state, effect)

    def _call(self, row: Row, state: State) -> Event:
        row.posts += 1
        fault, now = self._fault(), self.clock()
        wanted = self._wanted(row)
        if fault in _HARMLESS:
            return _HARMLESS[fault](now)
        if fault.startswith("late"):
            beyond = row.facts.call in (Call.RESERVE, Call.ASSIGN) and fault == "late_beyond"
            at = self.now + (100.0 if beyond else IN_FLIGHT)
            self.late.append((at, lambda: self.apply(row, wanted)))
        elif fault not in {"kill_before", "reset_before"} and not self.apply(row, wanted):
            return Declined(now)
        if fault == "ok":
            return Answered(now, sight=self.sight(row.tn))
        row.doubts += 1
        if "kill" in fault:
            raise Killed
        return Doubtful(now)

    def _wanted(self, row: Row) -> dict[str, Any]:
        if row.facts.call is Call.ASSIGN:
            did = f"did-{row.facts.operation_id}"
            return {
                "warp_op_id": row.facts.operation_id,
                "customer_id": row.customer,
                "warp_did_id": did,
                "v": 1,
            }
        return dict(row.facts.wanted)

    def _looked(self, row: Row) -> Event:
        fault, now = self._fault(), self.clock()
        if fault in ("throttled", "refused"):
            return Unseen(now, counted=fault == "refused")
        if fault == "barred":
            return Barred(now, sending=False)
        if "kill" in fault:
            raise Killed
        if fault in ("reset_before", "reset_after"):
            return Unseen(now)
        return Seen(now, sight=self.sight(row.tn))

    # ── transaction 2 ────────────────────────────────────────────────────────────────────────
    def _settle(self, row: Row, state: State, effect: Effect) -> Event | None:
        fault = self._fault() if self.faults and "kill" in self.faults[-1] else "ok"
        if fault == "kill_before":
            raise Killed  # rolled back whole
        if isinstance(effect, Attend):
            row.state, row.summary = OperationState.ATTENTION, effect.summary
            return None
        if isinstance(effect, Succeed):
            if row.facts.kind is OperationKind.NUMBER_ASSIGN and self._taken(row):
                return Conflicted(self.clock())
            self._succeed(row, effect.sight)
        else:
            assert isinstance(effect, Fail)
            self._fail(row)
        row.sent, row.finished, row.attempt = state.doubt_at, self.now, state.attempt
        return None

    def _taken(self, row: Row) -> bool:
        return any(d.live and d.tn == row.tn for d in self.dids.values())

    def _succeed(self, row: Row, sight: Sight | None) -> None:
        row.state = OperationState.SUCCEEDED
        item = self.items.get((row.customer, row.tn))
        match row.facts.kind, row.facts.target:
            case OperationKind.NUMBER_HOLD, _:
                assert item is not None
                assert sight is not None
                assert sight.reserved_until is not None
                until = (sight.reserved_until - EPOCH).total_seconds()
                item.update(state="HELD", until=min(until, self.now + 900) - 60)
                if self.sight(row.tn).reserved_by != row.facts.holder:
                    self.broken.append("said HELD, is not")
            case OperationKind.NUMBER_ASSIGN, _:
                did = f"did-{row.facts.operation_id}"
                self.dids[did] = Did(row.customer, row.tn, row.facts.operation_id)
                self.items.pop((row.customer, row.tn), None)
            case OperationKind.NUMBER_RELEASE, Target.DID:
                self.dids[row.facts.did_id].live = False
            case OperationKind.NUMBER_RELEASE, Target.HOLD:
                if item is not None and item["state"] == "HELD":
                    self.items.pop((row.customer, row.tn))
            case OperationKind.METADATA_PUSH, _:
                pushed = self.dids[row.facts.did_id]
                pushed.pushed = max(pushed.pushed, row.version)
            case _:
                pass

    def _fail(self, row: Row) -> None:
        """A client that is told FAILED must be able to rely on it from this moment on."""
        row.state = OperationState.FAILED
        sight = self.sight(row.tn)
        held = sight.reserved_by == row.facts.holder and bool(row.facts.holder)
        if row.facts.kind is OperationKind.NUMBER_HOLD and held:
            self.broken.append("said FAILED, holds")
        if assigned_by(row.facts, sight, row.facts.operation_id):
            self.broken.append("said FAILED, is in use for it")
        self.items.pop((row.customer, row.tn), None)

    # ── the sweeper ──────────────────────────────────────────────────────────────────────────
    def _watch(self, row: Row) -> bool:
        return (
            row.facts.kind is OperationKind.NUMBER_ASSIGN
            and not row.live
            and row.sent is not None
            and self.now - row.finished <= TIMINGS.stray_watch
        )

    def _sweep(self) -> None:
        if not self.sweeper or self.now < self.next_sweep:
            return
        self.next_sweep = self.now + TIMINGS.sweep_every
        for row in self.rows.values():
            if self._busy(row) and not row.job:
                row.run_at, row.job = self.now, True
        for item in self.items.values():
            if item["state"] == "HELD" and self.now >= item["until"]:
                item["state"] = "EXPIRED"
        for key, did in list(self.dids.items()):
            if did.live and did.releasing:
                self.insert(OperationKind.NUMBER_RELEASE, did.customer, did.tn, did_id=key)
            elif did.live and did.version > did.pushed:
                self.insert(OperationKind.METADATA_PUSH, did.customer, did.tn, did_id=key)
        for row in [r for r in self.rows.values() if self._watch(r)]:
            self._look_after(row)

    def _look_after(self, row: Row) -> None:
        """What an assign that was once in doubt did after its end."""
        sight, op = self.sight(row.tn), row.facts.operation_id
        if not assigned_by(row.facts, sight, op):
            return
        mine = [d for d in self.dids.values() if d.live and d.op == op]
        if mine and sight.metadata.get("v") != mine[0].pushed:
            mine[0].version += 1
        elif not mine:
            self.insert(
                OperationKind.NUMBER_RELEASE, row.customer, row.tn, target=Target.STRAY,
                stray_of=op,
            )  # fmt: skip

    # ── the customers ────────────────────────────────────────────────────────────────────────
    def choices(self) -> list[tuple[str, str, int]]:
        """Everything that somebody could ask for now, so that no action of a plan is wasted."""
        found = []
        for tn in self.numbers:
            if self.number(tn).status is CarrierStatus.AVAILABLE:
                found.append(("outsider", "", tn))
            # Not while a request of ours is on its way: nobody could tell it of the change.
            if (self.numbers[tn].by or "").startswith("WARP") and not self.late:
                found.append(("drop", "", tn))
            if not self._held_locally(tn) and not any(
                d.live and d.tn == tn for d in self.dids.values()
            ):
                found += [("hold", "A", tn), ("hold", "B", tn)]
        for (customer, tn), item in self.items.items():
            if item["state"] == "HELD":
                found += [("assign", customer, tn)] * 2 + [("release_hold", customer, tn)]
        for did in self.dids.values():
            if did.live and not did.releasing:
                found += [("update", did.customer, did.tn), ("release", did.customer, did.tn)]
        return found

    def start(self, story: str) -> None:
        """Begin with number 1 held or owned by A; nothing goes wrong on the way there."""
        faults, self.faults = self.faults, []
        for verb in {"fresh": (), "held": ("hold",), "owned": ("hold", "assign")}[story]:
            self.request(verb, "A", 1)
            self.pass_time(self.now + 1)
        self.faults = faults

    # ── the mutations ────────────────────────────────────────────────────────────────────────
    def insert(self, kind: OperationKind, customer: str, tn: int, **facts: Any) -> bool:
        """The live lock on a number: one operation, or none."""
        if any(r.live and r.tn == tn for r in self.rows.values()):
            return False
        op = f"op-{len(self.rows)}"
        whole = Facts(kind=kind, operation_id=op, customer_id=customer, **facts)
        self.rows[op] = Row(whole, tn, customer, run_at=self.now)
        return True

    def request(self, verb: str, customer: str, tn: int) -> None:
        """What the customer asks for, if the local rows allow it."""
        item = self.items.get((customer, tn))
        did = next(
            ((k, d) for k, d in self.dids.items()
             if d.live and not d.releasing and (d.customer, d.tn) == (customer, tn)), None,
        )  # fmt: skip
        match verb:
            case "hold" if not self._held_locally(tn):
                holder = f"WARP-{customer}-{len(self.rows)}"
                before = self.clock() + timedelta(seconds=TIMINGS.hold_patience)
                if self.insert(
                    OperationKind.NUMBER_HOLD, customer, tn, holder=holder, send_before=before,
                    deadline=before,
                ):  # fmt: skip
                    self.items[customer, tn] = {"state": "PENDING", "holder": holder, "until": 0}
            case "assign" if item and item["state"] == "HELD" and self.now < item["until"]:
                before = EPOCH + timedelta(seconds=item["until"])
                if self.insert(
                    OperationKind.NUMBER_ASSIGN, customer, tn, holder=item["holder"],
                    send_before=before, deadline=before,
                ):  # fmt: skip
                    item["state"] = "ASSIGNING"
            case "release_hold" if item and item["state"] == "HELD":
                self.insert(
                    OperationKind.NUMBER_RELEASE, customer, tn, holder=item["holder"],
                    target=Target.HOLD, send_before=EPOCH + timedelta(seconds=item["until"]),
                )  # fmt: skip
            case "update" if did:
                did[1].version += 1
                self.insert(OperationKind.METADATA_PUSH, customer, tn, did_id=did[0])
            case "release" if did:
                did[1].releasing = True
                self.insert(OperationKind.NUMBER_RELEASE, customer, tn, did_id=did[0])
            case "outsider" | "drop":
                n = self.number(tn)  # "drop": the carrier's own staff give our hold away
                n.status, n.by, n.until = CarrierStatus.RESERVED, "outsider", self.now + 900
            case _:
                pass

    def _held_locally(self, tn: int) -> bool:
        return any(
            t == tn and i["state"] in ("PENDING", "HELD", "ASSIGNING")
            for (_, t), i in self.items.items()
        )

    # ── the truth ────────────────────────────────────────────────────────────────────────────
    def faults_found(self) -> list[str]:
        """The invariants of research/reliability.md 4.3 that a model can see, after quiesce."""
        found = list(self.broken)
        attended = {r.tn for r in self.rows.values() if r.state is OperationState.ATTENTION}
        for tn in self.numbers:
            sight = self.sight(tn)
            live = [k for k, d in self.dids.items() if d.live and d.tn == tn]
            if len(live) > 1:
                found.append(f"I3 two live dids for {tn}")
            if tn in attended:
                continue
            if sight.status is CarrierStatus.IN_USE and (
                live != [sight.metadata.get("warp_did_id")]
            ):
                found.append(f"I1 {tn} in use upstream, not here")
            if live and sight.status is not CarrierStatus.IN_USE:
                found.append(f"I2 {tn} in use here, not upstream")
            for key in live:
                did = self.dids[key]
                if did.pushed != did.version or sight.metadata.get("v") != did.version:
                    found.append(f"I11 {tn} metadata out of sync")
        for row in self.rows.values():
            if self._busy(row):
                found.append(f"I10 {row.facts.operation_id} {row.state} never ended")
            if row.posts > 1 + row.doubts + 12:
                found.append(f"I6 {row.facts.operation_id} sent {row.posts} times")
        return found


_HARMLESS: dict[str, Callable[[datetime], Event]] = {
    "refused": Unsent,
    "throttled": lambda now: Unsent(now, retry_after=7.0, counted=False),
    "barred": Barred,
    "declined": Declined,
}
FAULTS = (
    "ok", "ok", "refused", "throttled", "barred", "reset_before", "reset_after", "late_reset",
    "late_kill", "late_beyond", "kill_before", "kill_after", "declined",
)  # fmt: skip
