"""`POST /inventory/query` and what belongs to it: pages, order, chosen fields, the summary."""

import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from teliport.sandbox import bits
from teliport.sandbox.answers import Refused
from teliport.sandbox.inventory import Inventory
from teliport.sandbox.numbers import NumberStatus, Ported
from teliport.sandbox.query.errors import QueryFault
from teliport.sandbox.query.evaluate import evaluate, of_ported
from teliport.sandbox.query.parser import parse
from teliport.sandbox.query.tree import Node
from teliport.sandbox.record import RECORD_FIELDS

LARGEST_PAGE = 10_000
DEFAULT_PAGE = 50

Key = Callable[[Inventory, int], Any]

_SORTS: dict[str, Key | None] = {
    # None: the order of the positions themselves.
    "telephoneNumber": None,
    "npa": None,
    "nxx": lambda inventory, at: inventory.register.block(at).nxx,
    "state": lambda inventory, at: inventory.register.block(at).locale.state or "",
    "locality": lambda inventory, at: inventory.register.block(at).locale.locality or "",
    "rateCenter": lambda inventory, at: inventory.register.block(at).locale.rate_center or "",
    "lata": lambda inventory, at: inventory.register.block(at).locale.lata or 0,
    "status": lambda inventory, at: inventory.number(at).status,
    "updatedAt": lambda inventory, at: inventory.number(at).updated_at,
}
_DIRECTIONS = ("ASC", "DESC")


def read(query: object) -> Node:
    """The tree of the query in a body. Raises Refused with position and options."""
    if not isinstance(query, str):
        raise _wrong("query", "must be a text", {})
    try:
        return parse(query)
    except QueryFault as fault:
        detail = {
            "query": query,
            "position": fault.position,
            "validOptions": list(fault.valid_options),
        }
        raise Refused(HTTPStatus.BAD_REQUEST, fault.message, detail=detail) from fault


def validate(body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to `POST /inventory/query/validate`."""
    return {"valid": True, "parsedQuery": str(read(body.get("query")))}


def search(body: Mapping[str, Any], inventory: Inventory) -> dict[str, Any]:
    """The page that this body asks for."""
    started = time.perf_counter()
    tree = read(body.get("query"))
    page = _whole(body, "page", 0, 0, None)
    size = _whole(body, "size", DEFAULT_PAGE, 1, LARGEST_PAGE)
    fields = _fields(body.get("fields"))
    mask = evaluate(tree, inventory)
    total = mask.bit_count()
    window = (page * size, size)
    ordered = _page(inventory, mask, _order(body.get("sortBy"), body.get("sortDirection")), window)
    records = [inventory.record(at) for at in ordered]
    pages = -(-total // size)
    return {
        "content": [{name: r[name] for name in fields} for r in records] if fields else records,
        "totalElements": total,
        "totalPages": pages,
        "page": page,
        "size": size,
        "first": page == 0,
        "last": page >= pages - 1,
        "executionTimeMs": round((time.perf_counter() - started) * 1000),
        "parsedQuery": str(tree),
        "fields": list(fields) if fields else None,
    }


def summary(inventory: Inventory, spid: str | None) -> dict[str, Any]:
    """Counts by status; another SPID's inventory is empty, not an error."""
    ours = spid is None or spid == inventory.config.spid
    count = inventory.counts() if ours else dict.fromkeys(NumberStatus, 0)
    ported_in = of_ported(Ported.IN, inventory).bit_count() if ours else 0
    return {
        "spid": spid or inventory.config.spid,
        "totalNumbers": sum(count.values()),
        "availableCount": count[NumberStatus.AVAILABLE],
        "reservedCount": count[NumberStatus.RESERVED],
        "inUseCount": count[NumberStatus.IN_USE],
        "portedOutCount": count[NumberStatus.PORTED_OUT],
        "portedInCount": ported_in,
        "quarantineCount": count[NumberStatus.QUARANTINE],
        "totalBlocks": len(inventory.seeded.blocks) if ours else 0,
    }


def _page(
    inventory: Inventory, mask: int, order: tuple[Key | None, bool], window: tuple[int, int]
) -> list[int]:
    """The positions of `mask` in this order, within a window of (skip, size)."""
    (key, descending), (skip, size) = order, window
    if key is None and not descending:
        return inventory.register.ordered(mask, skip, size)
    if key is None:
        end = mask.bit_count() - skip
        start = max(0, end - size)
        return inventory.register.ordered(mask, start, end - start)[::-1] if end > 0 else []
    found = sorted(bits.positions(mask), key=lambda at: key(inventory, at), reverse=descending)
    return found[skip : skip + size]


def _order(sort: object, direction: object) -> tuple[Key | None, bool]:
    if sort is None:
        sort = "telephoneNumber"
    if not isinstance(sort, str) or sort not in _SORTS:
        raise _wrong("sortBy", "cannot be sorted by", {"validOptions": list(_SORTS)})
    if direction is None:
        direction = "ASC"
    if direction not in _DIRECTIONS:
        raise _wrong("sortDirection", "must be ASC or DESC", {"validOptions": list(_DIRECTIONS)})
    return _SORTS[sort], direction == "DESC"


def _whole(body: Mapping[str, Any], name: str, default: int, least: int, most: int | None) -> int:
    value = body.get(name)
    if value is None:
        return default
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        bounds = f"from {least} to {most}" if most is not None else f"{least} or more"
        raise _wrong(name, f"must be a whole number, {bounds}", {})
    return int(value)


def _fields(asked: object) -> tuple[str, ...]:
    if asked is None:
        return ()
    if not isinstance(asked, list) or not all(name in RECORD_FIELDS for name in asked):
        raise _wrong(
            "fields", "must be a list of record fields", {"validOptions": [*RECORD_FIELDS]}
        )
    return tuple(asked)


def _wrong(name: str, why: str, detail: Mapping[str, Any]) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, f"{name}: {why}", detail=detail)
