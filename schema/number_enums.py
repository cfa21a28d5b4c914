"""What can be said of a number, in words for clients.

Types import these enums from here, which makes them part of the schema before any type uses them.
"""

from numbering.criteria import NumberFeature
from numbering.lifecycle import (
    CarrierStatus,
    CarrierUnavailable,
    DidOrder,
    DidStatus,
    MessagingPortStatus,
    ReadinessAspect,
    RoutingType,
)
from numbering.telephone import NumberType
from schema.words import publish

__all__ = [
    "CarrierStatus",
    "CarrierUnavailable",
    "DidOrder",
    "DidStatus",
    "MessagingPortStatus",
    "NumberFeature",
    "NumberType",
    "ReadinessAspect",
    "RoutingType",
]

publish(
    DidStatus,
    "Where a number of ours is in its life. A hold is a `Reservation`, not a did.",
    {
        "ACTIVE": "In service.",
        "PORTING": "Being ported in; not yet in service.",
        "RELEASING": "Being given back; the carrier has not confirmed yet.",
        "DISCONNECTED": "Given back or lost. The row is kept for bills and audits.",
    },
)
publish(
    NumberType,
    "The kind of a number.",
    {"LOCAL": "A geographic number.", "TOLL_FREE": "800, 833, 844, 855, 866, 877 or 888."},
)
publish(
    RoutingType,
    "Where calls to a number go.",
    {
        "TRUNK": "To one of the customer's trunks (`trunkId`).",
        "SIP_URI": "To a SIP address (`destination`).",
        "FORWARD": "To another telephone number (`destination`).",
        "NONE": "Nowhere yet: callers hear that the number is not in service.",
    },
)
publish(
    MessagingPortStatus,
    "Whether messaging has moved to us along with voice.",
    {
        "NOT_APPLICABLE": "Messaging is off, or the number was not ported.",
        "PENDING": "Messaging may still be with the donor.",
        "CONFIRMED": "Messaging works here.",
        "FAILED": "The donor has not let go of messaging.",
    },
)
publish(
    CarrierUnavailable,
    "Why there is no live carrier record.",
    {
        "NOT_OURS": "The carrier's record does not name our did: the number is not ours there.",
        "NOT_FOUND": "The carrier does not know the number.",
        "RATE_LIMITED": "The carrier's requests are used up for the moment.",
        "UPSTREAM_UNAVAILABLE": "The carrier does not answer.",
    },
)
publish(
    CarrierStatus,
    "The carrier's own status of a number.",
    {
        "AVAILABLE": "Free to be held.",
        "RESERVED": "Held by somebody.",
        "IN_USE": "Assigned to somebody.",
        "PORTED_OUT": "Ported away to another carrier.",
        "QUARANTINE": "Given back and resting.",
        "UNKNOWN": "A status that this API does not know yet.",
    },
)
publish(
    ReadinessAspect,
    "One thing that has to be right before a number is fully in service.",
    {
        "VOICE": "Calls.",
        "MESSAGING": "SMS and MMS, which need a registered campaign on local numbers.",
        "CNAM": "The caller's name.",
        "E911": "The emergency address.",
        "ROUTING": "Where calls go.",
        "SYNC": "The carrier knows our latest configuration.",
    },
)
publish(
    DidOrder,
    "The order of a list of numbers.",
    {
        "NUMBER_ASC": "By number, lowest first.",
        "NUMBER_DESC": "By number, highest first.",
        "ACQUIRED_AT_ASC": "By day of acquisition, oldest first.",
        "ACQUIRED_AT_DESC": "By day of acquisition, newest first.",
    },
)
publish(
    NumberFeature,
    "What a number can do, by its type and state; the carrier itself does not say.",
    {
        "VOICE": "Calls; every number can.",
        "SMS": "Text messages.",
        "MMS": "Picture messages.",
        "FAX": "Fax (T.38).",
    },
)
