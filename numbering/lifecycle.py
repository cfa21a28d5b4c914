"""The statuses of everything that lives, and their legal moves, as tables.

Members are exactly those of the public schema. Nothing outside these tables decides whether a
change of state is legal; who may ask for it is `numbering.actors`, and whether it happens once is
the database's matter.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Self, TypeVar

from numbering.porting import PORT_MOVES, PORT_NUMBER_MOVES, PortNumberState, PortStatus
from numbering.refusals import WrongState


class DidStatus(StrEnum):
    """A number of a customer; a hold is a reservation, not a did."""

    ACTIVE = "ACTIVE"
    PORTING = "PORTING"
    RELEASING = "RELEASING"
    DISCONNECTED = "DISCONNECTED"


class ReservationState(StrEnum):
    """A cart of holds, summed up from its items by `reservation_state`."""

    PENDING = "PENDING"
    HELD = "HELD"
    ASSIGNING = "ASSIGNING"
    DONE = "DONE"
    EXPIRED = "EXPIRED"
    RELEASED = "RELEASED"


class ReservationItemState(StrEnum):
    """One number in a cart."""

    PENDING = "PENDING"
    HELD = "HELD"
    ASSIGNING = "ASSIGNING"
    ASSIGNED = "ASSIGNED"
    FAILED = "FAILED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"
    PENDING_CONFIRMATION = "PENDING_CONFIRMATION"
    """Something was sent and its outcome is not known; the number stays ours until it is."""


class OperationKind(StrEnum):
    """What a durable operation does."""

    NUMBER_HOLD = "NUMBER_HOLD"
    NUMBER_ASSIGN = "NUMBER_ASSIGN"
    NUMBER_RELEASE = "NUMBER_RELEASE"
    METADATA_PUSH = "METADATA_PUSH"
    PORT_CREATE = "PORT_CREATE"
    PORT_UPLOAD = "PORT_UPLOAD"
    PORT_POLL = "PORT_POLL"
    PORT_SUBMIT = "PORT_SUBMIT"
    PORT_CANCEL = "PORT_CANCEL"
    PORT_ACTIVATE = "PORT_ACTIVATE"
    WEBHOOK = "WEBHOOK"
    NOTICE = "NOTICE"


class OperationState(StrEnum):
    """How far a durable operation is."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    WAITING = "WAITING"
    """For a slot, a back-off or a read-back; `run_at` says until when."""
    UNKNOWN = "UNKNOWN"
    """Sent, outcome not known: reads back before anything else."""
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ATTENTION = "ATTENTION"
    """A dead letter: people decide, and the lock on the number stays (decisions 18)."""


class IncidentState(StrEnum):
    """An operation that needs people."""

    OPEN = "OPEN"
    RETRYING = "RETRYING"
    RESOLVED = "RESOLVED"


class MessagingPortStatus(StrEnum):
    """Messaging moves apart from voice when a number is ported (research/domain.md 4.6)."""

    NOT_APPLICABLE = "NOT_APPLICABLE"
    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    FAILED = "FAILED"


class CarrierStatus(StrEnum):
    """The carrier's word on a number; its moves are not ours to judge."""

    AVAILABLE = "AVAILABLE"
    RESERVED = "RESERVED"
    IN_USE = "IN_USE"
    PORTED_OUT = "PORTED_OUT"
    QUARANTINE = "QUARANTINE"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def from_wire(cls, value: object) -> Self:
        """Any spelling of a known status; UNKNOWN for all else, never an error."""
        text = value.strip().upper().replace("-", "_") if isinstance(value, str) else ""
        return cls(text) if text in cls.__members__ else cls("UNKNOWN")


class CarrierUnavailable(StrEnum):
    """Why a did shows no carrier record."""

    NOT_OURS = "NOT_OURS"
    NOT_FOUND = "NOT_FOUND"
    RATE_LIMITED = "RATE_LIMITED"
    UPSTREAM_UNAVAILABLE = "UPSTREAM_UNAVAILABLE"


class BreakerState(StrEnum):
    """The shared circuit breaker before the carrier."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


class RoutingType(StrEnum):
    """Where calls to a number go."""

    TRUNK = "TRUNK"
    SIP_URI = "SIP_URI"
    FORWARD = "FORWARD"
    NONE = "NONE"


class ReadinessAspect(StrEnum):
    """What must be in order before a number is fully in service."""

    VOICE = "VOICE"
    MESSAGING = "MESSAGING"
    CNAM = "CNAM"
    E911 = "E911"
    ROUTING = "ROUTING"
    SYNC = "SYNC"


class OnPartialHold(StrEnum):
    """What happens to the holds that worked when others did not."""

    KEEP = "KEEP"
    ROLLBACK = "ROLLBACK"


class OnPartialAssign(StrEnum):
    """What happens to the remaining holds; what was assigned stays assigned (decisions 8)."""

    KEEP_HOLDS = "KEEP_HOLDS"
    RELEASE_REST = "RELEASE_REST"


class DidOrder(StrEnum):
    """How lists of dids are sorted."""

    NUMBER_ASC = "NUMBER_ASC"
    NUMBER_DESC = "NUMBER_DESC"
    ACQUIRED_AT_ASC = "ACQUIRED_AT_ASC"
    ACQUIRED_AT_DESC = "ACQUIRED_AT_DESC"


class AuditAction(StrEnum):
    """What the audit log records."""

    HOLD = "HOLD"
    ASSIGN = "ASSIGN"
    CONFIGURE = "CONFIGURE"
    RELEASE = "RELEASE"
    EXPIRE = "EXPIRE"
    PORT_CREATE = "PORT_CREATE"
    PORT_UPLOAD = "PORT_UPLOAD"
    PORT_FIX = "PORT_FIX"
    PORT_SUBMIT = "PORT_SUBMIT"
    PORT_CANCEL = "PORT_CANCEL"
    PORT_ACTIVATE = "PORT_ACTIVATE"
    NOTICES = "NOTICES"
    INCIDENT_RETRY = "INCIDENT_RETRY"
    INCIDENT_RESOLVE = "INCIDENT_RESOLVE"


_D, _R, _I = DidStatus, ReservationState, ReservationItemState
_O, _N, _M = OperationState, IncidentState, MessagingPortStatus

DID_MOVES: Mapping[DidStatus, frozenset[DidStatus]] = {
    _D.PORTING: frozenset({_D.ACTIVE, _D.DISCONNECTED}),
    # Straight to DISCONNECTED when the number was ported away behind our back.
    _D.ACTIVE: frozenset({_D.RELEASING, _D.DISCONNECTED}),
    # Back to ACTIVE when the carrier refuses the release or staff call it off.
    _D.RELEASING: frozenset({_D.DISCONNECTED, _D.ACTIVE}),
    _D.DISCONNECTED: frozenset(),
}

_HOLD_ENDS = frozenset({_I.RELEASED, _I.EXPIRED, _I.FAILED})
ITEM_MOVES: Mapping[ReservationItemState, frozenset[ReservationItemState]] = {
    _I.PENDING: _HOLD_ENDS | {_I.HELD, _I.PENDING_CONFIRMATION},
    # FAILED when the carrier took the hold away.
    _I.HELD: _HOLD_ENDS | {_I.ASSIGNING, _I.PENDING_CONFIRMATION},
    # Back to HELD when the assign certainly did not happen and the hold still runs.
    _I.ASSIGNING: _HOLD_ENDS | {_I.ASSIGNED, _I.HELD, _I.PENDING_CONFIRMATION},
    _I.PENDING_CONFIRMATION: _HOLD_ENDS | {_I.HELD, _I.ASSIGNING, _I.ASSIGNED},
    _I.ASSIGNED: frozenset(),
    _I.FAILED: frozenset(),
    _I.RELEASED: frozenset(),
    _I.EXPIRED: frozenset(),
}

_CART_ENDS = frozenset({_R.DONE, _R.EXPIRED, _R.RELEASED})
RESERVATION_MOVES: Mapping[ReservationState, frozenset[ReservationState]] = {
    _R.PENDING: _CART_ENDS | {_R.HELD, _R.ASSIGNING},
    _R.HELD: _CART_ENDS | {_R.ASSIGNING},
    _R.ASSIGNING: _CART_ENDS | {_R.HELD, _R.PENDING},
    _R.DONE: frozenset(),
    _R.EXPIRED: frozenset(),
    _R.RELEASED: frozenset(),
}

_OUTCOMES = frozenset({_O.SUCCEEDED, _O.FAILED, _O.ATTENTION})
OPERATION_MOVES: Mapping[OperationState, frozenset[OperationState]] = {
    _O.QUEUED: _OUTCOMES | {_O.RUNNING, _O.WAITING},
    # To itself: another worker takes over after the lease ran out.
    _O.RUNNING: _OUTCOMES | {_O.RUNNING, _O.WAITING, _O.UNKNOWN, _O.QUEUED},
    _O.WAITING: _OUTCOMES | {_O.RUNNING, _O.QUEUED},
    _O.UNKNOWN: _OUTCOMES | {_O.RUNNING, _O.WAITING, _O.QUEUED},
    _O.ATTENTION: frozenset({_O.QUEUED, _O.SUCCEEDED, _O.FAILED}),
    _O.SUCCEEDED: frozenset(),
    _O.FAILED: frozenset(),
}

INCIDENT_MOVES: Mapping[IncidentState, frozenset[IncidentState]] = {
    _N.OPEN: frozenset({_N.RETRYING, _N.RESOLVED}),
    _N.RETRYING: frozenset({_N.OPEN, _N.RESOLVED}),
    _N.RESOLVED: frozenset(),
}

MESSAGING_MOVES: Mapping[MessagingPortStatus, frozenset[MessagingPortStatus]] = {
    _M.NOT_APPLICABLE: frozenset({_M.PENDING}),
    _M.PENDING: frozenset({_M.CONFIRMED, _M.FAILED}),
    _M.FAILED: frozenset({_M.PENDING}),
    # The donor can take messaging back after it was confirmed.
    _M.CONFIRMED: frozenset({_M.FAILED}),
}

LIVE_ITEM_STATES = frozenset({_I.PENDING, _I.HELD, _I.ASSIGNING, _I.PENDING_CONFIRMATION})
"""An item in one of these has the number to itself: the unique partial index uses the same four."""

TERMINAL_OPERATION_STATES = frozenset({_O.SUCCEEDED, _O.FAILED})
"""ATTENTION is not among them: a dead letter keeps the lock on its number."""

LIVE_DID_STATUSES = frozenset({_D.ACTIVE, _D.PORTING, _D.RELEASING})
"""At most one did per number is in one of these."""

# By type, because members of different enums that share a value are equal as text.
_TABLES: Mapping[type[StrEnum], Mapping[Any, frozenset[Any]]] = {
    DidStatus: DID_MOVES,
    ReservationState: RESERVATION_MOVES,
    ReservationItemState: ITEM_MOVES,
    OperationState: OPERATION_MOVES,
    IncidentState: INCIDENT_MOVES,
    MessagingPortStatus: MESSAGING_MOVES,
    PortStatus: PORT_MOVES,
    PortNumberState: PORT_NUMBER_MOVES,
}

S = TypeVar("S", bound=StrEnum)


class IllegalMove(WrongState):
    """A move that the tables do not have; names those that they do."""

    def __init__(self, old: StrEnum, new: StrEnum) -> None:
        allowed = sorted(allowed_next(old))
        ways = ", ".join(allowed) or "none, it is final"
        super().__init__(
            old, allowed, message=f"Cannot go from {old} to {new}. Allowed next: {ways}."
        )


def allowed_next(state: S) -> frozenset[S]:
    """The states that may follow; empty when it is final, KeyError if its type has no moves."""
    return _TABLES[type(state)][state]


def move(old: S, new: S) -> S:
    """The new state if the move is legal, else IllegalMove; TypeError across two kinds of state."""
    if type(old) is not type(new):
        raise TypeError(f"{type(old).__name__} cannot become {type(new).__name__}")
    if new not in allowed_next(old):
        raise IllegalMove(old, new)
    return new


def reservation_state(item_states: Iterable[ReservationItemState]) -> ReservationState:
    """Sum a cart up: what is under way first, then what is held, then how it ended.

    DONE means that something was bought; a cart that ended without is EXPIRED if a hold ran out,
    else RELEASED. An unconfirmed item counts as assigning, because money may have been spent.
    """
    states = frozenset(item_states)
    for item_state, state in _SUMMARY:
        if item_state in states:
            return state
    return ReservationState.RELEASED


_SUMMARY = (
    (_I.ASSIGNING, _R.ASSIGNING),
    (_I.PENDING_CONFIRMATION, _R.ASSIGNING),
    (_I.PENDING, _R.PENDING),
    (_I.HELD, _R.HELD),
    (_I.ASSIGNED, _R.DONE),
    (_I.EXPIRED, _R.EXPIRED),
)
