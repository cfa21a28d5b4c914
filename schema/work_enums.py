"""What can be said of people, holds and operations, in words for clients.

Types import these enums from here, which makes them part of the schema before any type uses them.

The porting values are part of the vocabulary from the start: a value that comes later surprises
clients more than one that does not occur yet.
"""

from numbering.actors import Role
from numbering.lifecycle import (
    AuditAction,
    BreakerState,
    IncidentState,
    OnPartialAssign,
    OnPartialHold,
    OperationKind,
    OperationState,
    ReservationItemState,
    ReservationState,
)
from numbering.refusals import RefusalCode
from schema.words import publish

__all__ = [
    "AuditAction",
    "BreakerState",
    "IncidentState",
    "OnPartialAssign",
    "OnPartialHold",
    "OperationKind",
    "OperationState",
    "RefusalCode",
    "ReservationItemState",
    "ReservationState",
    "Role",
]

publish(
    RefusalCode,
    "Why a mutation, or one item of it, was turned down. Tolerate values you do not know.",
    {
        "INVALID": "The input makes no sense; `message` says what would.",
        "NOT_FOUND": "There is no such thing among yours.",
        "NUMBER_UNAVAILABLE": "The number is held or used or not in the inventory.",
        "HELD_BY_OTHER": "Another customer of WARP holds the number right now.",
        "RESERVATION_EXPIRED": "The hold has run out; search again and hold another number.",
        "WRONG_STATE": "The thing is in a state that does not allow this.",
        "LIMIT_EXCEEDED": "Too many items in one request; `limit` says how many may be.",
        "IDEMPOTENCY_KEY_REUSED": "The key was used for another input; take a new one.",
        "RATE_LIMITED": "The carrier's requests are used up; wait `retryAfterSeconds`.",
        "UPSTREAM_UNAVAILABLE": "The carrier does not answer; nothing was changed there.",
        "CONFLICT": "Something else is under way for this number; wait for it to end.",
        "PRICE_CHANGED": "The numbers cost more a month than your `maxMonthlyTotal`.",
        "FOC_DATE_NOT_ALLOWED": "Porting: the date cannot be had.",
        "LOA_REQUIRED": "Porting: a letter of authorisation is missing or stale.",
        "NOT_PORTABLE": "Porting: the number cannot be ported.",
        "FILE_REFUSED": "Porting: the file cannot be read.",
    },
    name="UserErrorCode",
)
publish(
    Role,
    "What a person may do. Several roles add up; see `viewer.permissions`.",
    {
        "VIEWER": "Reads numbers, holds and operations; no prices.",
        "BILLING": "Reads numbers, holds and operations, with prices.",
        "DEVELOPER": "Reads, searches and configures numbers; no prices, no purchases.",
        "CUSTOMER_ADMIN": "Everything for the own customer: also buys, releases and audits.",
        "STAFF": "The platform's own people: everything, for every customer.",
    },
)
publish(
    ReservationState,
    "The state of a hold on several numbers, following from its items.",
    {
        "PENDING": "Some numbers are still being asked for.",
        "HELD": "The numbers are held until `expiresAt`.",
        "ASSIGNING": "The numbers are being bought.",
        "DONE": "Bought; nothing is held any more.",
        "EXPIRED": "The hold ran out.",
        "RELEASED": "The hold was given back.",
    },
)
publish(
    ReservationItemState,
    "The state of one number in a reservation.",
    {
        "PENDING": "Waiting for the carrier.",
        "HELD": "Held until `expiresAt`.",
        "ASSIGNING": "Being bought.",
        "ASSIGNED": "Bought: see `did`.",
        "FAILED": "Not to be had: see `error`.",
        "RELEASED": "Given back.",
        "EXPIRED": "The hold ran out.",
        "PENDING_CONFIRMATION": "The carrier's answer was lost; what it did is being read back.",
    },
)
publish(
    OnPartialHold,
    "What to do when only some of the numbers can be held.",
    {"KEEP": "Keep what was held.", "ROLLBACK": "Give back what was held."},
)
publish(
    OnPartialAssign,
    "What to do with the other holds when only some numbers are bought. What was bought stays.",
    {"KEEP_HOLDS": "Keep them until they run out.", "RELEASE_REST": "Give them back."},
)
publish(
    OperationKind,
    "What an operation does.",
    {
        "NUMBER_HOLD": "Holds a number at the carrier.",
        "NUMBER_ASSIGN": "Buys a held number.",
        "NUMBER_RELEASE": "Gives a number back.",
        "METADATA_PUSH": "Tells the carrier our latest configuration of a number.",
        "PORT_CREATE": "Porting: creates the project at the carrier.",
        "PORT_UPLOAD": "Porting: uploads the numbers.",
        "PORT_POLL": "Porting: asks how far it is.",
        "PORT_SUBMIT": "Porting: submits the order.",
        "PORT_CANCEL": "Porting: cancels the order.",
        "PORT_ACTIVATE": "Porting: activates the numbers.",
        "WEBHOOK": "Takes in a message from the carrier.",
        "NOTICE": "Sends a notice.",
    },
)
publish(
    OperationState,
    "How far an operation is.",
    {
        "QUEUED": "Not begun.",
        "RUNNING": "A worker is at it.",
        "WAITING": "Waiting for its next attempt at `nextAttemptAt`.",
        "UNKNOWN": "The carrier's answer was lost; what it did is being read back.",
        "SUCCEEDED": "Done.",
        "FAILED": "Definitely not done: see `error`.",
        "ATTENTION": "Staff have to look: an incident is open. The number stays locked.",
    },
)
publish(
    IncidentState,
    "Whether somebody still has to look.",
    {
        "OPEN": "Somebody has to look.",
        "RETRYING": "Being tried again by order of staff.",
        "RESOLVED": "Closed, with a resolution.",
    },
)
publish(
    AuditAction,
    "What somebody did.",
    {
        "HOLD": "Held a number.",
        "ASSIGN": "Bought a number.",
        "CONFIGURE": "Changed a number's configuration.",
        "RELEASE": "Gave a number or a hold back.",
        "EXPIRE": "A hold ran out.",
        "PORT_CREATE": "Created a port project.",
        "PORT_UPLOAD": "Uploaded numbers or documents.",
        "PORT_FIX": "Fixed numbers of a port project.",
        "PORT_SUBMIT": "Submitted a port project.",
        "PORT_CANCEL": "Cancelled a port project.",
        "PORT_ACTIVATE": "Activated ported numbers.",
        "NOTICES": "Changed who is told of what by e-mail.",
        "INCIDENT_RETRY": "Staff had a failed operation tried again.",
        "INCIDENT_RESOLVE": "Staff closed an incident.",
    },
)
publish(
    BreakerState,
    "Whether the carrier is being called at all.",
    {
        "CLOSED": "Calls flow.",
        "OPEN": "Too many faults: no calls for a while.",
        "HALF_OPEN": "One call at a time finds out whether the carrier is back.",
    },
)
