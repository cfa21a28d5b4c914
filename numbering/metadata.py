"""The one table of our did fields and the carrier's metadata keys (decisions 10).

No other module spells a key of it. On the wire metadata is a flat JSON object; keys merge, and null
removes one.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from numbering.lifecycle import DidStatus
from numbering.refusals import Invalid

Scalar = str | int | float | bool | None

PLATFORM = "Kamailio"
"""The voice platform's name as the plan's sample metadata has it."""

MAX_CUSTOM_FIELDS = 50
MAX_CUSTOM_BYTES = 4096
_EXACT_INTEGER = 2**53
_CUSTOM_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What the carrier is told about the customer."""

    customer_id: UUID
    ban: str
    company_name: str


@dataclass(frozen=True, slots=True)
class DidFacts:
    """What the carrier is told about a did; `status` decides nothing here and is not sent."""

    did_id: UUID
    customer_id: UUID
    status: DidStatus = DidStatus.ACTIVE
    trunk_id: UUID | None = None
    voice_enabled: bool = True
    sms_enabled: bool = False
    mms_enabled: bool = False
    fax_enabled: bool = False
    cnam: str | None = None
    ported_from: str | None = None
    ported_at: datetime | None = None
    custom_fields: Mapping[str, Scalar] = field(default_factory=dict)


_KEYS: Mapping[str, Callable[[DidFacts, CustomerFacts], Scalar]] = {
    "warp_did_id": lambda did, customer: str(did.did_id),
    "customer_id": lambda did, customer: str(did.customer_id),
    "ban": lambda did, customer: customer.ban,
    "company_name": lambda did, customer: customer.company_name,
    "platform": lambda did, customer: PLATFORM,
    "trunk_id": lambda did, customer: str(did.trunk_id) if did.trunk_id else None,
    "voice_enabled": lambda did, customer: did.voice_enabled,
    "sms_enabled": lambda did, customer: did.sms_enabled,
    "mms_enabled": lambda did, customer: did.mms_enabled,
    "fax_enabled": lambda did, customer: did.fax_enabled,
    "cnam": lambda did, customer: did.cnam,
    "losing_carrier": lambda did, customer: did.ported_from,
    "port_completion_date": lambda did, customer: _day(did.ported_at),
}

DID_ID, CUSTOMER_ID = "warp_did_id", "customer_id"
OPERATION_ID, ASSIGNED_AT = "warp_op_id", "assigned_at"
# By these a read-back recognises whose number it is, and which operation made it so.

_ON_ASSIGN = ("assigned_by", ASSIGNED_AT, OPERATION_ID)

RESERVED_KEYS = frozenset({*_KEYS, *_ON_ASSIGN})
"""Custom fields cannot use these, nor any other key that begins with `warp_`."""


def for_assign(
    did: DidFacts, customer: CustomerFacts, actor_email: str, at: datetime, operation_id: UUID
) -> dict[str, Scalar]:
    """All that goes with an assign; `at` is aware. Keys without a value are left out."""
    told: dict[str, Scalar] = {
        key: value for key, value in for_push(did, customer).items() if value is not None
    }
    stamp = (actor_email, instant(at), str(operation_id))
    return told | dict(zip(_ON_ASSIGN, stamp, strict=True))


def for_push(
    did: DidFacts, customer: CustomerFacts, cleared: frozenset[str] = frozenset()
) -> dict[str, Scalar]:
    """The did as it is now; None removes a key. `cleared`: custom keys pushed earlier, now gone."""
    gone = dict.fromkeys(sorted(cleared - RESERVED_KEYS))
    own = {key: value_of(did, customer) for key, value_of in _KEYS.items()}
    # Ours last: a custom field that slipped past the check cannot change whose number it is.
    return {**gone, **did.custom_fields, **own}


def diff(
    record_metadata: Mapping[str, object] | None,
    did: DidFacts,
    customer: CustomerFacts,
    cleared: frozenset[str] = frozenset(),
) -> dict[str, tuple[object, Scalar]]:
    """Keys on which the carrier disagrees: key → (the carrier's value, ours); empty when in sync.

    Keys that we never wrote are none of our business. Values are compared as the carrier may keep
    them: true and "true", 7 and "7" are the same.
    """
    return differences(record_metadata or {}, for_push(did, customer, cleared))


def differences(
    theirs: Mapping[str, object], wanted: Mapping[str, Scalar]
) -> dict[str, tuple[object, Scalar]]:
    """`diff` against what `for_push` or `for_assign` gave."""
    return {
        key: (theirs.get(key), ours)
        for key, ours in wanted.items()
        if _as_kept(theirs.get(key)) != _as_kept(ours)
    }


def names(record_metadata: Mapping[str, object] | None, did_id: UUID) -> bool:
    """Whether a carrier record says that the number is this did's (decisions 9 and 11)."""
    return (record_metadata or {}).get(DID_ID) == str(did_id)


def names_operation(record_metadata: Mapping[str, object] | None, operation_id: UUID) -> bool:
    """Whether a carrier record was assigned by this very operation: the proof of a read-back."""
    return (record_metadata or {}).get(OPERATION_ID) == str(operation_id)


def check_custom_fields(fields: Mapping[str, object]) -> None:
    """Invalid, with the key in `path`, unless the carrier and the database can keep the fields."""
    if len(fields) > MAX_CUSTOM_FIELDS:
        raise _invalid(f"At most {MAX_CUSTOM_FIELDS} custom fields.")
    for key, value in fields.items():
        _check_key(key)
        _check_value(key, value)
    if len(json.dumps(dict(fields), ensure_ascii=False).encode()) > MAX_CUSTOM_BYTES:
        raise _invalid(f"Custom fields may take {MAX_CUSTOM_BYTES} bytes in all. Shorten them.")


def _check_key(key: str) -> None:
    # The key is not repeated in `path` here: it may be anything.
    if not _CUSTOM_KEY.fullmatch(key):
        raise _invalid(
            "Names of custom fields begin with a-z, go on with a-z, 0-9 and _, "
            "and have at most 40 characters."
        )
    if key in RESERVED_KEYS or key.startswith("warp_"):
        raise _invalid(f"{key} is kept by the platform. Choose another name.", key)


def _check_value(key: str, value: object) -> None:
    if value is not None and not isinstance(value, str | int | float | bool):
        raise _invalid("Custom fields are text, numbers, true, false or null.", key)
    if isinstance(value, int) and abs(value) > _EXACT_INTEGER:
        raise _invalid("Whole numbers beyond 2^53 lose digits in JSON. Send them as text.", key)
    if isinstance(value, float) and not math.isfinite(value):
        raise _invalid("NaN and infinity are not numbers that can be kept.", key)
    if isinstance(value, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
        raise _invalid(
            "The text contains a character that cannot be kept (NUL or half a pair).", key
        )


def _invalid(message: str, *key: str) -> Invalid:
    return Invalid(message, path=("customFields", *key))


def _as_kept(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True)


def instant(at: datetime) -> str:
    """A moment as metadata keeps it: UTC, whole seconds."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(at: datetime | None) -> str | None:
    return at.astimezone(UTC).date().isoformat() if at else None
