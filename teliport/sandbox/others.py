"""The other parties of the seeded inventory: who holds and uses the numbers that are not free."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from teliport.sandbox.numbers import Number, NumberStatus

HOLDERS = ("RINGER-SALES", "RINGER-GROOMING", "PARTNER-NIMBUS", "PARTNER-HALYARD")
"""Others who hold numbers, without an end: their holds are administrative."""

_APPLICATIONS = ("TELIPORT-UI", "HOSTED-PBX", "SIP-TRUNKING")
_COMPANIES = (
    *("Alder Dental", "Beacon Freight", "Cobalt Legal", "Dogwood Realty", "Everline Foods"),
    *("Fathom Diving", "Granite Supply", "Harbor Clinic", "Ivory Pianos", "Juniper Inns"),
)


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else's use of a number: what its record says while it is IN_USE at the start."""

    application_id: str
    metadata: dict[str, Any]


def _other(index: int) -> Other:
    identity = UUID(bytes=hashlib.blake2b(b"other%d" % index, digest_size=16).digest(), version=4)
    kind = "postpaid" if index % 3 else "prepaid"
    company = _COMPANIES[index % len(_COMPANIES)]
    metadata = {"customer_id": str(identity), "customer_type": kind, "company_name": company}
    return Other(_APPLICATIONS[index % len(_APPLICATIONS)], metadata)


OTHERS = tuple(_other(index) for index in range(20))


def inhabited(number: Number, owner: int) -> Number:
    """The same number with what its owner wrote on it, if it has one."""
    match number.status:
        case NumberStatus.RESERVED:
            number.reserved_by = HOLDERS[owner % len(HOLDERS)]
        case NumberStatus.IN_USE:
            other = OTHERS[owner]
            number.application_id, number.metadata = other.application_id, dict(other.metadata)
            number.first_assigned_at = number.last_assigned_at = number.updated_at
            number.times_assigned = 1
        case NumberStatus.QUARANTINE:
            number.lifecycle = "AGING"
        case NumberStatus.PORTED_OUT:
            number.owner_spid, number.lifecycle = "6529", "PORTED"
        case _:
            pass
    return number
