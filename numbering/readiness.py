"""What is still missing before a number is fully in service, from plain facts.

Voice being up says nothing about messaging: it ports and registers apart (research/domain.md 2.8.9,
4.6). Every aspect is always answered, and every one that is not ready says what to do.
"""

from dataclasses import dataclass

from numbering.lifecycle import DidStatus, MessagingPortStatus, ReadinessAspect, RoutingType
from numbering.telephone import NumberType

_REGISTERED = frozenset({"ACTIVE", "APPROVED", "REGISTERED", "VERIFIED"})
"""Words of the campaign registry (`tcr_status`, foreign text) that let messages through."""

_MESSAGING_AWAY = {
    MessagingPortStatus.PENDING: (
        "Messaging is still with the former carrier; it moves apart from voice."
    ),
    MessagingPortStatus.FAILED: (
        "Messaging could not be moved from the former carrier. Ask support to repeat it."
    ),
}


@dataclass(frozen=True, slots=True)
class ReadinessFacts:
    """What is known of a did; `e911_validated` is None without an address."""

    number_type: NumberType
    status: DidStatus
    voice_enabled: bool
    sms_enabled: bool
    routing_type: RoutingType
    messaging_port_status: MessagingPortStatus = MessagingPortStatus.NOT_APPLICABLE
    campaign_id: str | None = None
    tcr_status: str | None = None
    cnam: str | None = None
    e911_validated: bool | None = None
    in_sync: bool = True


@dataclass(frozen=True, slots=True)
class ReadinessItem:
    """One line of the checklist; `reason` says what to do, or why nothing has to be done."""

    aspect: ReadinessAspect
    ready: bool
    reason: str | None = None


def readiness(facts: ReadinessFacts) -> tuple[ReadinessItem, ...]:
    """The checklist, in the order of the aspects."""
    return (
        _item(ReadinessAspect.VOICE, _voice(facts)),
        _item(ReadinessAspect.MESSAGING, _messaging(facts)),
        _with_exemption(ReadinessAspect.CNAM, facts, _cnam(facts)),
        _with_exemption(ReadinessAspect.E911, facts, _e911(facts)),
        _item(ReadinessAspect.ROUTING, _routing(facts)),
        _item(
            ReadinessAspect.SYNC,
            None if facts.in_sync else "Settings are still on their way to the carrier.",
        ),
    )


def _item(aspect: ReadinessAspect, missing: str | None) -> ReadinessItem:
    return ReadinessItem(aspect, missing is None, missing)


def _with_exemption(
    aspect: ReadinessAspect, facts: ReadinessFacts, missing: str | None
) -> ReadinessItem:
    if facts.number_type is NumberType.TOLL_FREE:
        return ReadinessItem(aspect, ready=True, reason="Does not apply to toll-free numbers.")
    return _item(aspect, missing)


def _voice(facts: ReadinessFacts) -> str | None:
    if facts.status is not DidStatus.ACTIVE:
        return f"The number is {facts.status}, not ACTIVE."
    return None if facts.voice_enabled else "Switch voice on."


def _messaging(facts: ReadinessFacts) -> str | None:
    if facts.status is not DidStatus.ACTIVE:
        return f"The number is {facts.status}, not ACTIVE."
    if not facts.sms_enabled:
        return "Switch SMS on."
    if facts.messaging_port_status in _MESSAGING_AWAY:
        return _MESSAGING_AWAY[facts.messaging_port_status]
    if facts.campaign_id is None:
        return "Register a campaign for this number and set its campaignId."
    if (facts.tcr_status or "").upper() not in _REGISTERED:
        return "The campaign registry has not confirmed the campaign yet."
    return None


def _cnam(facts: ReadinessFacts) -> str | None:
    return None if facts.cnam else "Set a caller name."


def _e911(facts: ReadinessFacts) -> str | None:
    if facts.e911_validated is None:
        return "Set an emergency address."
    return None if facts.e911_validated else "The emergency address is not validated yet."


def _routing(facts: ReadinessFacts) -> str | None:
    return "Set where calls go." if facts.routing_type is RoutingType.NONE else None
