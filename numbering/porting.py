"""The life of a port: statuses and their legal moves, ranks, and what may be done when.

A project is edited and validated, then submitted as an LSR; the carrier's news move it on from
there, in whatever order they come. Status rank is (attempt, rank): a rejection ends an attempt and
the project is edited again (decisions 28; states after research/domain.md 2.3).
"""

from collections.abc import Mapping
from enum import StrEnum


class PortStatus(StrEnum):
    """Where a port project stands."""

    DRAFT = "DRAFT"
    VALIDATING = "VALIDATING"
    NEEDS_FIXES = "NEEDS_FIXES"
    VALIDATED = "VALIDATED"
    SUBMITTED = "SUBMITTED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"
    CONFIRMED = "CONFIRMED"
    FOC_ASSIGNED = "FOC_ASSIGNED"
    ACTIVATING = "ACTIVATING"
    PARTIAL = "PARTIAL"
    COMPLETE = "COMPLETE"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"


class PortNumberState(StrEnum):
    """Where one number of a project stands."""

    PENDING = "PENDING"
    VALIDATING = "VALIDATING"
    VALID = "VALID"
    INVALID = "INVALID"
    SUBMITTED = "SUBMITTED"
    REJECTED = "REJECTED"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class PortDocumentKind(StrEnum):
    """What a document of a project is."""

    LOA = "LOA"
    BILL = "BILL"
    OTHER = "OTHER"


class StallKind(StrEnum):
    """Why a project needs somebody to look at it."""

    NO_FOC = "NO_FOC"
    FOC_LAPSED = "FOC_LAPSED"
    ACTIVATION_STUCK = "ACTIVATION_STUCK"
    LOA_AGEING = "LOA_AGEING"
    NEEDS_FIXES = "NEEDS_FIXES"


_P = PortStatus
_AT_CARRIER = frozenset({_P.SUBMITTED, _P.PENDING, _P.CONFIRMED, _P.FOC_ASSIGNED})
_ACTIVATION = frozenset({_P.ACTIVATING, _P.PARTIAL, _P.COMPLETE})
_STOPPED = frozenset({_P.CANCELLING, _P.CANCELLED})
_BACK = frozenset({_P.REJECTED}) | _STOPPED

PORT_MOVES: Mapping[PortStatus, frozenset[PortStatus]] = {
    _P.DRAFT: frozenset({_P.VALIDATING}) | _STOPPED,
    # DRAFT again when the last number is removed.
    _P.VALIDATING: frozenset({_P.NEEDS_FIXES, _P.VALIDATED, _P.DRAFT}) | _STOPPED,
    _P.NEEDS_FIXES: frozenset({_P.VALIDATING, _P.VALIDATED, _P.DRAFT}) | _STOPPED,
    _P.VALIDATED: frozenset({_P.VALIDATING, _P.NEEDS_FIXES, _P.DRAFT, _P.SUBMITTED}) | _STOPPED,
    # News may be lost: any later state may be the next one that we hear of.
    _P.SUBMITTED: (_AT_CARRIER - {_P.SUBMITTED}) | _ACTIVATION | _BACK,
    _P.PENDING: frozenset({_P.CONFIRMED, _P.FOC_ASSIGNED}) | _ACTIVATION | _BACK,
    _P.CONFIRMED: frozenset({_P.FOC_ASSIGNED}) | _ACTIVATION | _BACK,
    _P.FOC_ASSIGNED: _ACTIVATION | _BACK,
    _P.ACTIVATING: frozenset({_P.PARTIAL, _P.COMPLETE}),
    # Staff may have the rest activated (activatePortNumbers).
    _P.PARTIAL: frozenset({_P.ACTIVATING, _P.COMPLETE}),
    _P.REJECTED: frozenset({_P.VALIDATING, _P.NEEDS_FIXES, _P.VALIDATED, _P.DRAFT, _P.SUBMITTED})
    | _STOPPED,
    # Back when the carrier refuses the cancellation, or on to what it did meanwhile.
    _P.CANCELLING: _AT_CARRIER | _ACTIVATION | frozenset({_P.REJECTED, _P.CANCELLED}),
    _P.COMPLETE: frozenset(),
    _P.CANCELLED: frozenset(),
}

EDITABLE = frozenset({_P.DRAFT, _P.VALIDATING, _P.NEEDS_FIXES, _P.VALIDATED, _P.REJECTED})
"""The file, the numbers and the project's own fields may be changed."""

SUBMITTABLE = frozenset({_P.VALIDATED, _P.REJECTED})
"""REJECTED: resubmitted unchanged, for example after the carrier's own mistake."""

AT_CARRIER = _AT_CARRIER | frozenset({_P.ACTIVATING, _P.PARTIAL, _P.CANCELLING})
"""The carrier has an LSR and may still have news."""

CANCELLABLE = EDITABLE | _AT_CARRIER
"""The carrier refuses once it is activating."""

VALIDATION_ENDS = frozenset({_P.VALIDATED, _P.NEEDS_FIXES, _P.CANCELLED})
"""`portValidationProgress` completes here (api.graphql)."""

OPEN = frozenset(PortStatus) - {_P.COMPLETE, _P.CANCELLED}

PORT_RANKS: Mapping[PortStatus, int] = {
    _P.SUBMITTED: 1,
    _P.PENDING: 2,
    _P.CONFIRMED: 3,
    _P.FOC_ASSIGNED: 4,
    _P.ACTIVATING: 5,
    _P.PARTIAL: 6,
    _P.COMPLETE: 7,
    _P.CANCELLED: 8,
    _P.REJECTED: 9,
}
"""How far the carrier is with one attempt; news of a lower rank of the same attempt are late."""

_N = PortNumberState
_EDITED = frozenset({_N.PENDING, _N.VALIDATING, _N.VALID, _N.INVALID})
PORT_NUMBER_MOVES: Mapping[PortNumberState, frozenset[PortNumberState]] = {
    _N.PENDING: frozenset({_N.VALIDATING, _N.VALID, _N.INVALID, _N.CANCELLED}),
    _N.VALIDATING: frozenset({_N.PENDING, _N.VALID, _N.INVALID, _N.CANCELLED}),
    _N.VALID: frozenset({_N.PENDING, _N.VALIDATING, _N.INVALID, _N.SUBMITTED, _N.CANCELLED}),
    _N.INVALID: frozenset({_N.PENDING, _N.VALIDATING, _N.VALID, _N.CANCELLED}),
    _N.SUBMITTED: frozenset({_N.ACTIVE, _N.FAILED, _N.REJECTED, _N.CANCELLED}),
    _N.REJECTED: _EDITED | {_N.SUBMITTED, _N.CANCELLED},
    _N.FAILED: frozenset({_N.ACTIVE}),
    _N.ACTIVE: frozenset(),
    _N.CANCELLED: frozenset(),
}

LIVE_PORT_NUMBER_STATES = frozenset(PortNumberState) - {_N.ACTIVE, _N.FAILED, _N.CANCELLED}
"""A number in one of these is in an open project."""
