"""What can be said of ports, in words for clients.

Types import these enums from here, which makes them part of the schema before any type uses them.
"""

from numbering.foc import FocReason
from numbering.notices import NoticeKind
from numbering.port_loa import LoaState
from numbering.porting import PortDocumentKind, PortNumberState, PortStatus, StallKind
from schema.words import publish

__all__ = [
    "FocReason",
    "LoaState",
    "NoticeKind",
    "PortDocumentKind",
    "PortNumberState",
    "PortStatus",
    "StallKind",
]

publish(
    PortStatus,
    "Where a port project stands. `allowedNext` says where it can go from there.",
    {
        "DRAFT": "Being put together; no number has been checked yet.",
        "VALIDATING": "The carrier is checking the numbers; `portValidationProgress` tells.",
        "NEEDS_FIXES": "The carrier found faults; `errorGroups` says which.",
        "VALIDATED": "Every number passed; it can be submitted.",
        "SUBMITTED": "Sent off; the losing carrier has not taken notice yet.",
        "PENDING": "The losing carrier is looking at the order.",
        "REJECTED": "The losing carrier said no: see `rejection`. Fix it and submit again.",
        "CONFIRMED": "The losing carrier agreed; the day is not fixed yet.",
        "FOC_ASSIGNED": "The day is fixed: `focDate`.",
        "ACTIVATING": "The numbers are being switched over.",
        "PARTIAL": "Some numbers are in service here, others failed or are still to come.",
        "COMPLETE": "Over: every number is in service here or was given up.",
        "CANCELLING": "Being called off; the carrier has not confirmed yet.",
        "CANCELLED": "Called off.",
    },
)
publish(
    PortNumberState,
    "Where one number of a port project stands.",
    {
        "PENDING": "Not checked yet, or changed since.",
        "VALIDATING": "The carrier is checking it.",
        "VALID": "It passed.",
        "INVALID": "It did not: see `validationErrors`.",
        "SUBMITTED": "On its way with the order.",
        "REJECTED": "The losing carrier turned it down.",
        "ACTIVE": "In service here: see `did`.",
        "FAILED": "It could not be switched over.",
        "CANCELLED": "Called off with the project.",
    },
)
publish(
    PortDocumentKind,
    "What a document of a port project is.",
    {
        "LOA": "A letter of authorization, signed by the owner of the numbers.",
        "BILL": "A bill of the losing carrier, not older than 30 days.",
        "OTHER": "Something else.",
    },
)
publish(
    StallKind,
    "Why somebody should look at a port project.",
    {
        "NO_FOC": "Submitted, and no day for three business days.",
        "FOC_LAPSED": "The day is over and nothing has begun.",
        "ACTIVATION_STUCK": "Switching over began and does not end.",
        "LOA_AGEING": "The letter of authorization is about to be too old.",
        "NEEDS_FIXES": "Faults that nobody has looked at for three business days.",
    },
)
publish(
    FocReason,
    "Why a day cannot be had.",
    {
        "PAST": "It is over.",
        "WEEKEND": "Nobody switches numbers over on a Saturday or Sunday.",
        "HOLIDAY": "A holiday of the United States or of the carriers.",
        "TOO_SOON": "Fewer business days from now than the losing carrier needs.",
        "AFTER_CUTOFF": "Today's cutoff is over: from tomorrow on it counts as too soon.",
        "TOO_FAR": "More than 30 days from now.",
    },
)
publish(
    LoaState,
    "Whether a letter of authorization is there and good.",
    {
        "MISSING": "There is none.",
        "CURRENT": "It is good for a submission.",
        "STALE": "Too old, or signed for another list of numbers: see `reason`.",
    },
)
publish(
    NoticeKind,
    "What an e-mail to a customer is about.",
    {
        "NUMBERS_PURCHASED": "Numbers were bought.",
        "PORT_VALIDATED": "A port project was checked: ready, or in need of fixes.",
        "PORT_REJECTED": "The losing carrier turned an order down.",
        "PORT_FOC_SET": "The day of a port is fixed, or has changed.",
        "PORT_FOC_NEAR": "The day of a port is the next business day.",
        "PORT_COMPLETE": "Numbers are in service here, all or some.",
        "PORT_CANCELLED": "A port was called off.",
    },
)
