"""The record of a number as the wire has it (contract, Inventory API)."""

import hashlib
from typing import Any
from uuid import UUID

from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.geography import Locale
from teliport.sandbox.numbers import Number, NumberStatus, Ported, instant
from teliport.sandbox.seeding import EPOCH, Block

_DISCOVERED = ("LERG", "LERG", "LSMS", "MANUAL")
_DIP = {
    Ported.NONE: "NEVER_PORTED",
    Ported.IN: "PORTED_BACK",
    Ported.OUT: "PORTED_OUT",
}
LOSER = "6529"
"""Whose a ported-in number was when nobody has said it."""

_CREATED = float(EPOCH - 400 * 86_400)


def record(tn: int, block: Block, number: Number, config: SandboxConfig) -> dict[str, Any]:
    """Every field that the contract names, plus `rateCenter` and `timeZone`.

    These two are chosen: the contract lists neither, yet its queries can ask for a rate centre.
    """
    digest = hashlib.blake2b(b"%d" % tn, digest_size=16).digest()
    return {
        **_identity(tn, block, digest, config),
        **_routing(block, number, digest, config),
        **_use(number, config),
        "discoveredVia": _DISCOVERED[digest[0] % len(_DISCOVERED)],
        "createdAt": instant(_CREATED),
        "updatedAt": instant(number.updated_at),
        "lastVerifiedAt": instant(float(EPOCH)),
    }


def _identity(tn: int, block: Block, digest: bytes, config: SandboxConfig) -> dict[str, Any]:
    locale = block.locale
    lata: int | str | None = locale.lata
    if config.lata_as_text and lata is not None:
        lata = str(lata)
    return {
        "id": str(UUID(bytes=digest, version=4)),
        "telephoneNumber": str(tn),
        "npa": block.npa,
        "nxx": block.nxx,
        "blockId": f"{block.npa}-{block.nxx}-{tn // 1000 % 10}",
        "spid": config.spid,
        "npacRegion": locale.region,
        "lata": lata,
        "lataName": locale.lata_name,
        "state": locale.state,
        "locality": locale.locality,
        "rateCenter": locale.rate_center,
        "timeZone": locale.zone,
    }


def _routing(block: Block, number: Number, digest: bytes, config: SandboxConfig) -> dict[str, Any]:
    locale, ours = block.locale, number.owner_spid is None
    place = (locale.rate_center or "TOLLFREE").replace(" ", "")[:4]
    clli = f"{place:X<4}{locale.state or 'US'}{block.nxx[:2]}DS0"
    ported = number.ported is not Ported.NONE
    return {
        "currentLrn": f"{block.npa}{block.nxx}0000" if ported else None,
        "currentOcn": config.spid if ours else number.owner_spid,
        "ocnName": "RINGER" if ours else "OTHER CARRIER",
        "cocType": "EOC" if locale.state else "TFC",
        "switchClli": clli,
        "tandemSwitch": None,
        "tandemOcn": None,
        "tandemOcnName": None,
        "lastPortDate": instant(number.last_port_at),
        "portDirection": number.ported.value.upper() if ported else None,
        "originalSpid": (number.original_spid or LOSER) if number.ported is Ported.IN else None,
        "lastLrnDipAt": instant(float(EPOCH - digest[1] * 3600)),
        "lastLrnDipResult": _DIP[number.ported],
    }


def _use(number: Number, config: SandboxConfig) -> dict[str, Any]:
    return {
        "currentOwnerSpid": number.owner_spid or config.spid,
        "customerId": None,
        "customerName": None,
        "status": number.status.value,
        "lifecycleState": number.lifecycle,
        "applicationId": number.application_id,
        "applicationMetadata": number.metadata,
        "reservedUntil": instant(number.reserved_until),
        "reservedBy": number.reserved_by,
        "firstAssignedAt": instant(number.first_assigned_at),
        "lastAssignedAt": instant(number.last_assigned_at),
        "timesAssigned": number.times_assigned,
    }


_SAMPLE = Block(first=2012000000, count=1, start=0, locale=Locale(market="", npas=()))

RECORD_FIELDS = tuple(
    record(_SAMPLE.first, _SAMPLE, Number(NumberStatus.AVAILABLE), SandboxConfig())
)
"""The names that `fields[]` of a query may ask for, in the order of the record."""
