"""Fault switches: which calls go wrong, how, and how often. `mischief` does them."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import count
from typing import Any


class Action(StrEnum):
    """What goes wrong."""

    REFUSE = "refuse"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    THROTTLE = "429"
    FAULT_500 = "500"
    FAULT_502 = "502"
    FAULT_503 = "503"
    FAULT_504 = "504"
    SLOW = "slow"
    TRUNCATED = "truncated"
    HTML = "html"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    MALFORMED_JSON = "malformed_json"
    WRONG_NUMBER = "wrong_number"
    LATE_APPLY = "late_apply"
    EXPIRE_HOLD = "expire_hold"
    PORT_AWAY = "port_away"
    CHANGE_METADATA = "change_metadata"
    STEAL = "steal"
    WEBHOOK_DROP = "webhook_drop"
    WEBHOOK_DUPLICATE = "webhook_duplicate"
    WEBHOOK_REORDER = "webhook_reorder"
    WEBHOOK_DELAY = "webhook_delay"


OF_WEBHOOKS = frozenset(
    {
        Action.WEBHOOK_DROP,
        Action.WEBHOOK_DUPLICATE,
        Action.WEBHOOK_REORDER,
        Action.WEBHOOK_DELAY,
    }
)


@dataclass(frozen=True, slots=True)
class Match:
    """Which calls: None matches all. `path` is a glob over the path with or without `/api/v1`."""

    method: str | None = None
    path: str | None = None
    tn: str | None = None

    def takes(self, method: str, path: str, tn: str | None) -> bool:
        """Whether this call is one of them."""
        return (
            self.method in (None, method)
            and self.tn in (None, tn)
            and (self.path is None or _globbed(self.path, path))
        )


def _globbed(pattern: str, path: str) -> bool:
    return fnmatchcase(path, pattern) or fnmatchcase(path.removeprefix("/api/v1"), pattern)


@dataclass(frozen=True, slots=True)
class Options:
    """What an action can be told; each looks at its own only."""

    # 429: the header's value; None sends none.
    retry_after: int | None = None
    # slow, late_apply, webhook_delay: for how long.
    seconds: float = 1.0
    # 5xx, html: whether the call takes effect before it is answered so.
    applied: bool = False
    # slow and the four that meddle with a number: before the call takes effect, or after.
    when: str = "before"
    # html: the status it comes with. late_apply: 504, or 0 to drop the connection.
    status: int | None = None
    # change_metadata, steal, port_away.
    metadata: Mapping[str, Any] = field(default_factory=dict)
    holder: str = "SOMEBODY-ELSE"
    spid: str = "6529"


@dataclass(slots=True)
class Fault:
    """One switch. Of the calls that match, it fires from the `nth` on, at every `every`-th, or with
    `probability`, `times` times at most."""

    id: str
    action: Action
    match: Match
    options: Options
    nth: int | None = None
    every: int | None = None
    probability: float | None = None
    times: int | None = None
    seen: int = 0
    fired: int = 0
    lots: random.Random = field(default_factory=random.Random)

    def fires(self) -> bool:
        """A matching call has come: does this one go wrong?"""
        self.seen += 1
        if self.times is not None and self.fired >= self.times:
            return False
        if not self._drawn():
            return False
        self.fired += 1
        return True

    def _drawn(self) -> bool:
        if self.nth is not None:
            return self.seen >= self.nth
        if self.every is not None:
            return self.seen % self.every == 0
        return self.probability is None or self.lots.random() < self.probability

    def as_json(self) -> dict[str, Any]:
        """The switch as `GET /_sandbox/faults` shows it."""
        return {
            "id": self.id,
            "action": self.action.value,
            "match": {"method": self.match.method, "path": self.match.path, "tn": self.match.tn},
            "seen": self.seen,
            "fired": self.fired,
            "times": self.times,
        }


class Faults:
    """All switches that are set, in the order in which they were."""

    def __init__(self, seed: int, permanent: Iterable[Fault] = ()) -> None:
        self._seed = seed
        # Those of the magic numbers: not listed, not cleared, and after the switches.
        self._permanent = tuple(permanent)
        self._ids = count(1)
        self._set: dict[str, Fault] = {}

    def add(
        self,
        action: Action,
        match: Match,
        options: Options,
        *,
        nth: int | None = None,
        every: int | None = None,
        probability: float | None = None,
        times: int | None = None,
    ) -> Fault:
        """Set a switch. `nth` alone means that one call: `times` is then 1."""
        number = next(self._ids)
        fault = Fault(
            id=f"fault-{number}",
            action=action,
            match=match,
            options=options,
            nth=nth,
            every=every,
            probability=probability,
            times=1 if nth is not None and times is None else times,
            lots=random.Random(f"{self._seed}:{number}"),  # noqa: S311  chance of a test, by seed
        )
        self._set[fault.id] = fault
        return fault

    def due(self, method: str, path: str, tn: str | None, *, refusing: bool) -> list[Fault]:
        """The switches that fire for this call; REFUSE alone, or all the others."""
        return [
            fault
            for fault in (*self._set.values(), *self._permanent)
            if (fault.action is Action.REFUSE) is refusing
            and fault.action not in OF_WEBHOOKS
            and fault.match.takes(method, path, tn)
            and fault.fires()
        ]

    def due_webhook(self, path: str) -> list[Fault]:
        """The switches that fire for a webhook to this path."""
        return [
            fault
            for fault in self._set.values()
            if fault.action in OF_WEBHOOKS
            and fault.match.takes("POST", path, None)
            and fault.fires()
        ]

    def all(self) -> list[Fault]:
        """Every switch."""
        return list(self._set.values())

    def clear(self, fault_id: str | None) -> int:
        """Take one switch away, or all; how many there were."""
        gone = [fault_id] if fault_id in self._set else []
        if fault_id is None:
            gone = list(self._set)
        for name in gone:
            del self._set[name]
        return len(gone)
