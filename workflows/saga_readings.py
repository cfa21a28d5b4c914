"""What a record of the carrier says about one operation: done, still open, or out of reach.

Decided by who the record names, never by its status alone (research/reliability.md 4.1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from numbering import metadata
from numbering.lifecycle import CarrierStatus, OperationKind
from workflows.saga_terms import Facts, Failure, Sight, Target


class Reading(StrEnum):
    """DONE: as we want it. OPEN: our write can (again) be sent. GONE: it can never succeed."""

    DONE = "DONE"
    OPEN = "OPEN"
    GONE = "GONE"


def reading(facts: Facts, sight: Sight | None) -> Reading:
    """Judge a record; None (404) is a number that the carrier does not know."""
    return _READERS[facts.kind](facts, sight)


def why_gone(facts: Facts, sight: Sight | None) -> Failure:
    """The reason to give for a GONE reading."""
    if facts.kind is OperationKind.NUMBER_ASSIGN and (
        sight is not None and sight.status is CarrierStatus.AVAILABLE
    ):
        return Failure.HOLD_LOST
    return Failure.UNAVAILABLE


def _held(facts: Facts, sight: Sight | None) -> bool:
    return (
        sight is not None
        and sight.status is CarrierStatus.RESERVED
        and sight.reserved_by == facts.holder
    )


def _hold(facts: Facts, sight: Sight | None) -> Reading:
    if _held(facts, sight):
        return Reading.DONE
    if sight is not None and sight.status is CarrierStatus.AVAILABLE:
        return Reading.OPEN
    return Reading.GONE


def _assign(facts: Facts, sight: Sight | None) -> Reading:
    if assigned_by(facts, sight, facts.operation_id):
        return Reading.DONE
    # AVAILABLE is GONE, not OPEN: an assign would be let through, and might take over the hold
    # that somebody else places between our look and its arrival (decisions 6).
    return Reading.OPEN if _held(facts, sight) else Reading.GONE


def assigned_by(facts: Facts, sight: Sight | None, operation_id: str) -> bool:
    """The number is in use by the assign operation ``operation_id``."""
    if sight is None or sight.status is not CarrierStatus.IN_USE:
        return False
    named = sight.metadata.get(metadata.OPERATION_ID)
    if named is not None:
        return bool(named == operation_id)
    return bool(facts.assigned_at) and (
        sight.metadata.get(metadata.CUSTOMER_ID) == facts.customer_id
        and sight.metadata.get(metadata.ASSIGNED_AT) == facts.assigned_at
    )


def _in_use_for_did(facts: Facts, sight: Sight | None) -> bool:
    if sight is None or sight.status is not CarrierStatus.IN_USE:
        return False
    named = sight.metadata.get(metadata.DID_ID)
    if named is not None:
        return bool(named == facts.did_id)
    owner = sight.metadata.get(metadata.CUSTOMER_ID)
    if owner is not None:
        # Our key was removed behind our back: the customer still names the number as ours.
        return bool(owner == facts.customer_id)
    # Activated by a port, and not yet told of us: the carrier has no words for whose it is.
    return facts.ported and sight.ported_in


def _release(facts: Facts, sight: Sight | None) -> Reading:
    still_ours = {
        Target.DID: _in_use_for_did(facts, sight),
        Target.HOLD: _held(facts, sight),
        Target.STRAY: assigned_by(facts, sight, facts.stray_of),
    }[facts.target]
    return Reading.OPEN if still_ours else Reading.DONE


def _push(facts: Facts, sight: Sight | None) -> Reading:
    if sight is None or not _in_use_for_did(facts, sight):
        return Reading.GONE
    different = metadata.differences(sight.metadata, facts.wanted)
    return Reading.OPEN if different else Reading.DONE


_READERS: Mapping[OperationKind, Callable[[Facts, Sight | None], Reading]] = {
    OperationKind.NUMBER_HOLD: _hold,
    OperationKind.NUMBER_ASSIGN: _assign,
    OperationKind.NUMBER_RELEASE: _release,
    OperationKind.METADATA_PUSH: _push,
}
