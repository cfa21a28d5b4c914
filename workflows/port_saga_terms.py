"""The words of the port saga, as far as they are not those of `saga_terms`: values, no I/O.

One project has one operation at a time; most make one call, an upload up to three in a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from numbering.lifecycle import OperationKind
from numbering.telephone import TelephoneNumber
from workflows.saga_terms import Attend, Event, Look, Mark, Page, Wait


class PortCall(StrEnum):
    """A carrier write about a port project."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"
    UPLOAD = "upload"
    SUBMIT = "submit"
    CANCEL = "cancel"
    ACTIVATE = "activate"


CALLS: Mapping[OperationKind, tuple[PortCall, ...]] = {
    OperationKind.PORT_CREATE: (PortCall.CREATE,),
    OperationKind.PORT_UPLOAD: (PortCall.UPDATE, PortCall.REMOVE, PortCall.UPLOAD),
    OperationKind.PORT_SUBMIT: (PortCall.SUBMIT,),
    OperationKind.PORT_CANCEL: (PortCall.CANCEL,),
    OperationKind.PORT_ACTIVATE: (PortCall.ACTIVATE,),
}
"""What a kind may have to say, in this order."""


@dataclass(frozen=True, slots=True)
class PortState:
    """Where an operation stands; all of it can be read back from its row and the project's.

    ``calls`` are those still to be made, the first is the one under way. ``doubt_at`` is the
    durable mark: when that call may have left the building. ``prior`` is the mark before it.
    """

    calls: tuple[PortCall, ...]
    deadline: datetime | None = None
    attempt: int = 0
    doubt_at: datetime | None = None
    prior: datetime | None = None
    refused: int | None = None  # the status with which the last write was refused; in memory only


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSight:
    """What an answer or a look brought; only what belongs to the call is set."""

    carrier_id: str | None = None
    lsr_id: str | None = None
    job_id: str | None = None
    failed: tuple[TelephoneNumber, ...] = ()


# ── events beside Began, Marked, Unsent, Doubtful, Barred, Unseen ────────────────────────────────
@dataclass(frozen=True, slots=True)
class Applied(Event):
    """The write took effect: its own answer says so, or a look."""

    sight: PortSight = PortSight()


class Absent(Event):
    """A look shows no effect of the write, so far."""


@dataclass(frozen=True, slots=True)
class Declined(Event):
    """A definitive 400/404/409/422: this write had no effect and will have none."""

    status: int = 0


class Lost(Event):
    """A look says that the carrier does not have the project (any more)."""


class Kept(Event):
    """The step is written down."""


# ── effects beside Mark, Look, Wait, Page, Attend ────────────────────────────────────────────────
@dataclass(frozen=True, slots=True)
class Tell:
    """Send the write; answered by Applied, Declined, Unsent, Doubtful or Barred."""

    call: PortCall


@dataclass(frozen=True, slots=True)
class Keep:
    """Write down that one of several writes took effect; answered by Kept."""

    call: PortCall
    sight: PortSight


@dataclass(frozen=True, slots=True)
class Succeed:
    """The last write took effect (None: there was nothing to say any more)."""

    call: PortCall | None = None
    sight: PortSight = PortSight()


@dataclass(frozen=True, slots=True)
class Refused:
    """The carrier said no for good, with this status; those who asked are told."""

    status: int


PortEnd = Succeed | Refused | Attend
PortEffect = Mark | Tell | Look | Keep | Wait | Page | PortEnd
