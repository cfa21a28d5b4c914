"""The carrier's live records beside our rows: one request for a page, never an error for a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from numbering import metadata
from numbering.lifecycle import CarrierUnavailable
from numbering.telephone import TelephoneNumber
from teliport.errors import BudgetExhausted, RateLimited, TeliportError
from teliport.inventory import Inventory
from teliport.wire import CarrierRecord


@dataclass(frozen=True)
class Lookup:
    """What the carrier said of one number and when (UTC), or why there is nothing to say."""

    record: CarrierRecord | None = None
    as_of: datetime | None = None
    unavailable: CarrierUnavailable | None = None


async def look_up(
    inventory: Inventory, numbers: Sequence[TelephoneNumber]
) -> Mapping[TelephoneNumber, Lookup]:
    """All numbers in one request, whatever comes of it."""
    try:
        records = await inventory.get_many(numbers)
    except (BudgetExhausted, RateLimited):
        return dict.fromkeys(numbers, Lookup(unavailable=CarrierUnavailable.RATE_LIMITED))
    except TeliportError:
        return dict.fromkeys(numbers, Lookup(unavailable=CarrierUnavailable.UPSTREAM_UNAVAILABLE))
    now = datetime.now(UTC)
    return {number: _of(records.get(number), now) for number in numbers}


def _of(record: CarrierRecord | None, now: datetime) -> Lookup:
    reason = CarrierUnavailable.NOT_FOUND if record is None else None
    return Lookup(record=record, as_of=now, unavailable=reason)


def of_did(found: Lookup, did_id: UUID) -> Lookup:
    """The lookup as shown on a did: a record only while it names that did (decisions 11)."""
    if found.record is None or metadata.names(found.record.metadata, did_id):
        return found
    return Lookup(as_of=found.as_of, unavailable=CarrierUnavailable.NOT_OURS)
