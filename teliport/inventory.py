"""The inventory API: search, look at, reserve, assign and release numbers (teliport-contract.md).

Every write checks that the answer names this number and a state that the call can lead to; any
other answer is an UnexpectedAnswer, ambiguous, and wants a read-back.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from numbering.criteria import numbers_query
from numbering.lanes import Lane
from numbering.lifecycle import CarrierStatus
from numbering.telephone import TelephoneNumber
from teliport.call import Call, Caller
from teliport.errors import QueryRejected, UnexpectedAnswer
from teliport.judge import Payload
from teliport.wire import CarrierRecord, QueryPage, QueryVerdict, Summary

APPLICATION_ID = "WARP"
LARGEST_PAGE = 10_000

_NUMBER = "/inventory/numbers/{tn}"
_RESERVED = frozenset({CarrierStatus.RESERVED})
_IN_USE = frozenset({CarrierStatus.IN_USE})
# The plan says AVAILABLE, the platform's client RESERVED (for grooming): decisions 9.
_RELEASED = frozenset({CarrierStatus.AVAILABLE, CarrierStatus.RESERVED, CarrierStatus.QUARANTINE})


class Inventory:
    """The carrier's numbers. Every method raises TeliportError; `wait` is in seconds (Pace)."""

    def __init__(self, caller: Caller, spid: str) -> None:
        if len(spid) != 4:
            raise ValueError("a SPID has four characters")
        self._caller = caller
        self._spid = spid

    async def search(
        self,
        query: str,
        *,
        page: int = 0,
        size: int = 100,
        lane: Lane = Lane.INTERACTIVE,
        wait: float = 0.0,
    ) -> QueryPage:
        """Return page `page` (from 0) of the numbers that fit; QueryRejected for a bad query."""
        call = Call(
            method="POST",
            template="/inventory/query",
            is_read=True,
            lane=lane,
            wait=wait,
            body={"query": query, "page": page, "size": size},
        )
        return await self._caller.call(call, QueryPage.of)

    async def validate(
        self, query: str, *, lane: Lane = Lane.INTERACTIVE, wait: float = 0.0
    ) -> QueryVerdict:
        """Return whether the carrier understands the query, and where it stops doing so."""
        call = Call(
            method="POST",
            template="/inventory/query/validate",
            is_read=True,
            lane=lane,
            wait=wait,
            body={"query": query},
        )
        try:
            return await self._caller.call(call, QueryVerdict.read)
        except QueryRejected as error:
            return QueryVerdict(
                valid=False,
                message=error.message,
                position=error.position,
                valid_options=error.valid_options,
            )

    async def summary(self, *, lane: Lane = Lane.INTERACTIVE, wait: float = 0.0) -> Summary:
        """Return the counts of our SPID's numbers."""
        call = Call(
            method="GET",
            template="/inventory/summary",
            is_read=True,
            lane=lane,
            wait=wait,
            query={"spid": self._spid},
        )
        return await self._caller.call(call, Summary.read)

    async def get(
        self, tn: TelephoneNumber, *, lane: Lane = Lane.INTERACTIVE, wait: float = 0.0
    ) -> CarrierRecord:
        """Return the number; NotFound also for one that was ported away (`get_many` finds it)."""
        call = Call(
            method="GET",
            template=_NUMBER,
            is_read=True,
            lane=lane,
            wait=wait,
            names={"tn": tn.national},
        )
        return await self._caller.call(call, _record_of(tn))

    async def get_many(
        self,
        tns: Iterable[TelephoneNumber],
        *,
        lane: Lane = Lane.INTERACTIVE,
        wait: float = 0.0,
    ) -> dict[TelephoneNumber, CarrierRecord]:
        """Return those of the numbers that the carrier knows, in one call; none for no numbers.

        Raises ValueError for more numbers than a page holds (LARGEST_PAGE).
        """
        wanted = dict.fromkeys(tns)
        if len(wanted) > LARGEST_PAGE:
            raise ValueError(f"at most {LARGEST_PAGE} numbers in one call")
        if not wanted:
            return {}
        page = await self.search(numbers_query(wanted), size=len(wanted), lane=lane, wait=wait)
        return {record.number: record for record in page.records if record.number in wanted}

    async def reserve(
        self, tn: TelephoneNumber, reserved_by: str, *, lane: Lane, wait: float = 0.0
    ) -> CarrierRecord:
        """Hold an AVAILABLE number for 15 minutes (`reserved_until`); WrongState if it is not."""
        body = {"reservedBy": reserved_by}
        return await self._write("reserve", tn, body, _RESERVED, lane=lane, wait=wait)

    async def assign(
        self,
        tn: TelephoneNumber,
        metadata: Mapping[str, object],
        *,
        lane: Lane,
        wait: float = 0.0,
    ) -> CarrierRecord:
        """Take an AVAILABLE or RESERVED number into use. Whose hold it is, the carrier ignores."""
        body = {"applicationId": APPLICATION_ID, "metadata": metadata}
        return await self._write("assign", tn, body, _IN_USE, lane=lane, wait=wait)

    async def put_metadata(
        self,
        tn: TelephoneNumber,
        metadata: Mapping[str, object],
        *,
        lane: Lane,
        wait: float = 0.0,
    ) -> CarrierRecord:
        """Merge keys into the metadata of a number IN_USE; a None removes its key."""
        return await self._write(
            "metadata", tn, {"metadata": metadata}, _IN_USE, lane=lane, wait=wait, method="PUT"
        )

    async def release(self, tn: TelephoneNumber, *, lane: Lane, wait: float = 0.0) -> CarrierRecord:
        """Give a number back. It has no precondition: a late one may free somebody else's use."""
        return await self._write("release", tn, {}, _RELEASED, lane=lane, wait=wait)

    async def _write(
        self,
        action: str,
        tn: TelephoneNumber,
        body: Mapping[str, object],
        leads_to: Collection[CarrierStatus],
        *,
        lane: Lane,
        wait: float,
        method: str = "POST",
    ) -> CarrierRecord:
        call = Call(
            method=method,
            template=f"{_NUMBER}/{action}",
            is_read=False,
            lane=lane,
            wait=wait,
            names={"tn": tn.national},
            body=body,
        )
        return await self._caller.call(call, _record_of(tn, leads_to))


def _record_of(
    tn: TelephoneNumber, leads_to: Collection[CarrierStatus] = frozenset(CarrierStatus)
) -> Callable[[Payload], CarrierRecord]:
    def parse(payload: Payload) -> CarrierRecord:
        record = CarrierRecord.read(payload)
        if record.number != tn:
            raise UnexpectedAnswer("the answer is about another number")
        if record.status not in leads_to:
            raise UnexpectedAnswer(f"the call cannot lead to {record.status.value}")
        return record

    return parse
