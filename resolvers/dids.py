"""The numbers we hold, and their neighbours."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from db import dids, tables
from db.dids import DidFilter
from numbering.lifecycle import LIVE_DID_STATUSES, CarrierUnavailable, DidOrder
from numbering.readiness import ReadinessFacts, ReadinessItem
from numbering.readiness import readiness as judge
from numbering.telephone import TelephoneNumber
from resolvers import carrier as carriers
from resolvers.access import readable
from resolvers.batches import present
from resolvers.carrier import Lookup
from resolvers.context import Context
from resolvers.ids import NodeKind, asked_for
from resolvers.numbers import number_asked
from resolvers.paging import (
    Page,
    Readers,
    cursor,
    cut,
    fingerprint,
    moment_key,
    text_key,
    uuid_key,
    window,
)
from resolvers.rejections import bad_input

_BY_NUMBER: Readers = (text_key, uuid_key)
_BY_MOMENT: Readers = (moment_key, uuid_key)
_READERS = {
    DidOrder.NUMBER_ASC: _BY_NUMBER,
    DidOrder.NUMBER_DESC: _BY_NUMBER,
    DidOrder.ACQUIRED_AT_ASC: _BY_MOMENT,
    DidOrder.ACQUIRED_AT_DESC: _BY_MOMENT,
}


_DIGITS = re.compile(r"\+?[0-9]{1,11}", re.ASCII)
MAX_NAME = 100


@dataclass(frozen=True)
class DidQuestion:
    """Which dids, in which order, and which stretch of them."""

    where: DidFilter = field(default_factory=DidFilter)
    order: DidOrder = DidOrder.NUMBER_ASC
    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


async def page(ctx: Context, asked: DidQuestion) -> Page[tables.Did]:
    """A page of dids: one statement, whatever the filter."""
    scope = readable(ctx)
    _check(asked.where)
    tag = fingerprint("dids", asked.order, asdict(asked.where))
    stretch = window(
        tag,
        first=asked.first,
        after=asked.after,
        last=asked.last,
        before=asked.before,
        readers=_READERS[asked.order],
    )
    async with ctx.services.database.read(scope) as conn:
        rows = await dids.page(
            conn,
            asked.where,
            asked.order,
            after=stretch.after,
            before=stretch.before,
            limit=stretch.limit + 1,
            backward=stretch.backwards,
        )
    return cut(rows, stretch, [cursor(tag, *dids.key_of(row, asked.order)) for row in rows])


async def count(ctx: Context, where: DidFilter) -> int:
    """How many dids `page` goes through."""
    async with ctx.services.database.read(readable(ctx)) as conn:
        return await dids.count(conn, where)


async def by(ctx: Context, did_id: str | None, number: str | None) -> tables.Did | None:
    """One did by its id, or the live one of a number (else the one that was given back last).

    None for an unknown one and for somebody else's; BAD_USER_INPUT for what is no id or number.
    """
    scope = readable(ctx)
    if did_id is not None:
        return await ctx.loaders.dids.load(asked_for(did_id, NodeKind.DID, "by.id"))
    parsed = number_asked(number or "", "by.number")
    async with ctx.services.database.read(scope) as conn:
        return await dids.by_number(conn, parsed)


async def trunk(ctx: Context, did: tables.Did) -> tables.Trunk | None:
    """Where its calls go, if to a trunk."""
    return None if did.trunk_id is None else await ctx.loaders.trunks.load(did.trunk_id)


async def e911_address(ctx: Context, did: tables.Did) -> tables.E911Address | None:
    """Its emergency address, if it has one."""
    if did.e911_address_id is None:
        return None
    return await ctx.loaders.addresses.load(did.e911_address_id)


async def carrier(ctx: Context, did: tables.Did) -> Lookup:
    """The carrier's record while it names this did, or why there is none."""
    if did.status not in LIVE_DID_STATUSES:
        # Somebody else may have the number by now; asking would cost a request and show nothing.
        return Lookup(unavailable=CarrierUnavailable.NOT_OURS)
    found = present(await ctx.loaders.carrier.load(TelephoneNumber(did.number)))
    return carriers.of_did(found, did.id)


async def pending_operation(ctx: Context, did: tables.Did) -> tables.Operation | None:
    """What is under way for it."""
    if did.status not in LIVE_DID_STATUSES:
        return None
    return await ctx.loaders.live_operations.load(did.number)


async def readiness(ctx: Context, did: tables.Did) -> Sequence[ReadinessItem]:
    """What is right and what is missing."""
    address = await e911_address(ctx, did)
    return judge(
        ReadinessFacts(
            number_type=did.number_type,
            status=did.status,
            voice_enabled=did.voice_enabled,
            sms_enabled=did.sms_enabled,
            routing_type=did.routing_type,
            messaging_port_status=did.messaging_port_status,
            campaign_id=did.campaign_id,
            tcr_status=did.tcr_status,
            cnam=did.cnam,
            e911_validated=None if address is None else address.validated,
            in_sync=did.meta_version == did.pushed_version,
        )
    )


def _check(where: DidFilter) -> None:
    for argument, digits in (
        ("where.numberStartsWith", where.number_starts_with),
        ("where.numberEndsWith", where.number_ends_with),
        ("where.contains", where.contains),
    ):
        if digits is not None and not _DIGITS.fullmatch(digits):
            raise bad_input(argument, "write 1 to 11 digits and nothing else, for example 303.")
    if where.friendly_name is not None and len(where.friendly_name) > MAX_NAME:
        raise bad_input("where.friendlyName", f"at most {MAX_NAME} characters.")
