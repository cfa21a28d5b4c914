"""The words of the saga: what it knows, what may happen to it, what it may ask for.

Everything here is a value: no I/O, no clock. `workflows.saga` turns (state, event) into
(state, effects); `workflows.engine` performs the effects and reports the events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from numbering.lifecycle import CarrierStatus, OperationKind
from numbering.place import Place


class Target(StrEnum):
    """What a release gives back: a bought number, a hold, or one a late assign left behind."""

    DID = "DID"
    HOLD = "HOLD"
    STRAY = "STRAY"


class Call(StrEnum):
    """The carrier write of an operation; each operation has exactly one."""

    RESERVE = "reserve"
    ASSIGN = "assign"
    RELEASE = "release"
    PUT = "put_metadata"


CALLS: Mapping[OperationKind, Call] = {
    OperationKind.NUMBER_HOLD: Call.RESERVE,
    OperationKind.NUMBER_ASSIGN: Call.ASSIGN,
    OperationKind.NUMBER_RELEASE: Call.RELEASE,
    OperationKind.METADATA_PUSH: Call.PUT,
}


class Failure(StrEnum):
    """Why an operation ended without having happened; `workflows.settling` words it."""

    UNAVAILABLE = "UNAVAILABLE"  # the carrier gives the number to nobody, or to somebody else
    HOLD_LOST = "HOLD_LOST"  # our hold is gone or would be by the time an assign arrives
    OUT_OF_PATIENCE = "OUT_OF_PATIENCE"  # budget or carrier away until the deadline
    WITHDRAWN = "WITHDRAWN"  # given back before it was sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What does not change while an operation is carried."""

    kind: OperationKind
    operation_id: str
    customer_id: str
    holder: str = ""  # our name in the carrier's reservedBy: WARP-<customer>-<reservation>
    did_id: str = ""
    target: Target = Target.DID
    stray_of: str = ""  # the assign operation whose late effect is given back
    assigned_at: str = ""
    wanted: Mapping[str, Any] = field(default_factory=dict)  # metadata that the carrier should have
    send_before: datetime | None = None  # no write is begun after it
    deadline: datetime | None = None  # staff look at it after this (plus a quarantine)
    unwanted: bool = False  # given back, or the did it is about is on its way out
    ported: bool = False  # the did came by a port: until our first push the carrier names nobody

    @property
    def call(self) -> Call:
        """The carrier write of this kind."""
        return CALLS[self.kind]


@dataclass(frozen=True, slots=True)
class State:
    """What does change; all of it can be read back from the operation row.

    ``doubt_at`` is the durable mark: when the last write that may have (or yet come to) take
    effect left the building. ``prior`` is its value before the write that is under way.
    """

    facts: Facts
    attempt: int = 0
    doubt_at: datetime | None = None
    prior: datetime | None = None
    declined: bool = False  # the last write was refused; in memory only


_NOWHERE = Place(npa="", nxx="")


@dataclass(frozen=True, slots=True)
class Sight:
    """The carrier's record of the number, as far as the saga cares."""

    status: CarrierStatus
    reserved_by: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    reserved_until: datetime | None = None
    place: Place = _NOWHERE
    ported_in: bool = False  # a port to us brought it, and our application has it (decisions 28)


# ── events ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at ``now`` (the database's clock).

    ``jitter`` is 0..1; ``cause`` says in a word or two what an answer was, for staff.
    """

    now: datetime
    jitter: float = 1.0
    cause: str = ""


class Began(Event):
    """The operation was claimed: first look, wake-up, or recovery of a dead worker's."""


class Marked(Event):
    """The mark that a write is about to be sent is durable."""


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """2xx with a valid record of this number."""

    sight: Sight | None = None


class Declined(Event):
    """A definitive 400/404/409/422: this write had no effect and will have none."""


@dataclass(frozen=True, slots=True)
class Unsent(Event):
    """Certainly not applied. ``counted`` is False for 429, budget and breaker: they cost a wait."""

    retry_after: float = 0.0
    counted: bool = True


class Doubtful(Event):
    """The write may have taken effect, or may yet."""


@dataclass(frozen=True, slots=True)
class Barred(Event):
    """401/403: the token, not the operation, is at fault."""

    sending: bool = True  # False: it was a look


@dataclass(frozen=True, slots=True)
class Seen(Event):
    """A GET was answered; None is a 404."""

    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class Unseen(Event):
    """A GET was not answered in a usable way."""

    retry_after: float = 0.0
    counted: bool = True


class Conflicted(Event):
    """Another customer's live did has the number that we have just been assigned."""


# ── effects ──────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Mark:
    """Record durably that the write is about to be sent; answered by Marked."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send the write; answered by Answered, Declined, Unsent, Doubtful or Barred."""

    call: Call


@dataclass(frozen=True, slots=True)
class Look:
    """GET the number; answered by Seen, Unseen or Barred."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Record the state, let go of the lease, come back after ``seconds`` with Began."""

    seconds: float
    doubtful: bool = False  # shown as UNKNOWN and PENDING_CONFIRMATION


@dataclass(frozen=True, slots=True)
class Page:
    """Tell staff that the carrier refuses our token; the operation itself goes on waiting."""


@dataclass(frozen=True, slots=True)
class Succeed:
    """It is so at the carrier: make it so here, in one transaction (S5)."""

    sight: Sight | None = None


@dataclass(frozen=True, slots=True)
class Fail:
    """It did not happen and, after the quarantine, will not."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Attend:
    """Dead letter: an incident for staff; the operation keeps its lock on the number."""

    summary: str


End = Succeed | Fail | Attend
Effect = Mark | Send | Look | Wait | Page | End
