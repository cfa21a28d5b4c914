"""The log of arrivals: every carrier call, refused and broken ones included."""

from collections import deque
from dataclasses import dataclass, field
from itertools import dropwhile
from typing import Any

from teliport.sandbox.numbers import instant

_KEPT = 200_000


@dataclass(slots=True)
class Call:
    """One arrival. `at` is the sandbox's time, `wall` the real one; no `status`: no answer.

    `applied` says that the call changed a number, whatever its answer claimed.
    """

    seq: int
    at: float
    wall: float
    method: str
    path: str
    tn: str | None
    status: int | None = None
    applied: bool = False
    faults: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The call as `GET /_sandbox/calls` shows it."""
        return {
            "seq": self.seq,
            "at": instant(self.at),
            "wall": self.wall,
            "method": self.method,
            "path": self.path,
            "tn": self.tn,
            "status": self.status,
            "applied": self.applied,
            "faults": self.faults,
        }


class Calls:
    """Arrivals in order; the last 200 000 are kept, `total` counts all."""

    def __init__(self) -> None:
        self.total = 0
        self._kept: deque[Call] = deque(maxlen=_KEPT)

    def open(self, *, at: float, wall: float, method: str, path: str, tn: str | None) -> Call:
        """A call arrived; its answer is written into it later."""
        self.total += 1
        call = Call(seq=self.total, at=at, wall=wall, method=method, path=path, tn=tn)
        self._kept.append(call)
        return call

    def since(self, seq: int) -> list[Call]:
        """The kept calls after number `seq`."""
        return list(dropwhile(lambda call: call.seq <= seq, self._kept))

    def clear(self) -> None:
        """Forget all and count from 1 again."""
        self.total = 0
        self._kept.clear()
