"""The portability API: port projects, their numbers, submission and activation.

Ids are the carrier's. An answer about another project is an UnexpectedAnswer, ambiguous like any
answer to a write that cannot be read; what a status means is for those who ask.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from numbering.lanes import Lane
from numbering.telephone import TelephoneNumber
from teliport.call import Call, Caller, FilePart
from teliport.errors import UnexpectedAnswer
from teliport.judge import Payload
from teliport.wire_ports import (
    Activated,
    Cancelled,
    PortPage,
    PortRecord,
    PortRow,
    PortRowPage,
    ProgressRecord,
    Removed,
    Started,
    Submitted,
)

PAGE_OF_PROJECTS = 100
PAGE_OF_ROWS = 1_000

_PROJECTS = "/port-projects/projects"
_PROJECT = f"{_PROJECTS}/{{id}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFields:
    """What the carrier knows of a project beside its numbers; None is nothing."""

    name: str
    description: str | None = None
    requested_foc_date: date | None = None
    losing_carrier: str | None = None
    authorized_person: str | None = None
    authorized_title: str | None = None

    def body(self, spid: str) -> Mapping[str, object]:
        """As it is sent, all fields each time."""
        day = self.requested_foc_date
        return {
            "name": self.name,
            "spid": spid,
            "description": self.description,
            "requestedFocDate": None if day is None else day.isoformat(),
            "losingCarrier": self.losing_carrier,
            "authorizedPerson": self.authorized_person,
            "authorizedTitle": self.authorized_title,
        }


class Portability:
    """The carrier's port projects. Every method raises TeliportError; `wait` is in seconds."""

    def __init__(self, caller: Caller, spid: str) -> None:
        self._caller = caller
        self._spid = spid

    async def create(self, fields: ProjectFields, *, lane: Lane, wait: float = 0.0) -> PortRecord:
        """Begin a project in DRAFT. The carrier has no key against twins: look before a second."""
        body = fields.body(self._spid)
        call = Call(
            method="POST", template=_PROJECTS, is_read=False, lane=lane, wait=wait, body=body
        )
        return await self._caller.call(call, PortRecord.read)

    async def update(
        self, project_id: str, fields: ProjectFields, *, lane: Lane, wait: float = 0.0
    ) -> PortRecord:
        """Set the fields to these, None clears; WrongState after the submission."""
        body = fields.body(self._spid)
        call = _write(project_id, "", body, lane=lane, wait=wait, method="PUT")
        return await self._caller.call(call, _record_of(project_id))

    async def projects(
        self,
        *,
        page: int = 0,
        size: int = PAGE_OF_PROJECTS,
        lane: Lane,
        wait: float = 0.0,
    ) -> PortPage:
        """Return page `page` (from 0) of all projects."""
        call = Call(
            method="GET",
            template=_PROJECTS,
            is_read=True,
            lane=lane,
            wait=wait,
            query={"page": str(page), "size": str(size)},
        )
        return await self._caller.call(call, PortPage.of)

    async def project(self, project_id: str, *, lane: Lane, wait: float = 0.0) -> PortRecord:
        """Return the project; NotFound if the carrier has none with this id."""
        return await self._caller.call(
            _read(project_id, "", lane=lane, wait=wait), _record_of(project_id)
        )

    async def progress(self, project_id: str, *, lane: Lane, wait: float = 0.0) -> ProgressRecord:
        """Return how far the last validation is."""
        call = _read(project_id, "/progress", lane=lane, wait=wait)
        return await self._caller.call(call, ProgressRecord.read)

    async def details(
        self,
        project_id: str,
        *,
        page: int = 0,
        size: int = PAGE_OF_ROWS,
        lane: Lane,
        wait: float = 0.0,
    ) -> PortRowPage:
        """Return page `page` (from 0) of the project's numbers with what is wrong with them."""
        query = {"page": str(page), "size": str(size)}
        call = _read(project_id, "/details", query, lane=lane, wait=wait)
        return await self._caller.call(call, PortRowPage.of)

    async def rows(self, project_id: str, *, lane: Lane, wait: float = 0.0) -> tuple[PortRow, ...]:
        """Return all numbers of the project, in as many calls as it takes."""
        found: list[PortRow] = []
        page, pages = 0, 1
        while page < pages:
            details = await self.details(project_id, page=page, lane=lane, wait=wait)
            found += details.rows
            page, pages = page + 1, details.pages
        return tuple(found)

    async def upload(
        self,
        project_id: str,
        content: bytes,
        file_name: str = "numbers.csv",
        *,
        lane: Lane,
        wait: float = 0.0,
    ) -> str:
        """Send rows as CSV, replacing those of the same numbers; returns the validation's job."""
        call = Call(
            method="POST",
            template=f"{_PROJECT}/upload",
            is_read=False,
            lane=lane,
            wait=wait,
            names={"id": _quoted(project_id)},
            files={"file": FilePart(file_name, "text/csv", content)},
        )
        return (await self._caller.call(call, Started.read)).job_id

    async def validate(
        self,
        project_id: str,
        tns: Iterable[TelephoneNumber] | None = None,
        *,
        lane: Lane,
        wait: float = 0.0,
    ) -> str:
        """Check these numbers again, or all of them; returns the job's id."""
        body = {} if tns is None else {"tns": _national(tns)}
        call = _write(project_id, "/validate", body, lane=lane, wait=wait)
        return (await self._caller.call(call, Started.read)).job_id

    async def submit(
        self, project_id: str, foc_date: date, *, lane: Lane, wait: float = 0.0
    ) -> Submitted:
        """Order the port; WrongState while a number is not valid, Unprocessable for the date."""
        body = {"focDate": foc_date.isoformat()}
        call = _write(project_id, "/submit", body, lane=lane, wait=wait)
        return await self._caller.call(call, Submitted.read)

    async def activate(
        self, project_id: str, tns: Iterable[TelephoneNumber], *, lane: Lane, wait: float = 0.0
    ) -> Activated:
        """Take these numbers over now; some may fail while others succeed."""
        call = _write(project_id, "/activate", {"tnList": _national(tns)}, lane=lane, wait=wait)
        return await self._caller.call(call, Activated.read)

    async def cancel(
        self, project_id: str, reason: str, *, lane: Lane, wait: float = 0.0
    ) -> Cancelled:
        """Cancel the project, or say that it is to be; WrongState once it is activating."""
        call = _write(project_id, "/cancel", {"reason": reason}, lane=lane, wait=wait)
        return await self._caller.call(call, Cancelled.read)

    async def remove(
        self, project_id: str, tns: Iterable[TelephoneNumber], *, lane: Lane, wait: float = 0.0
    ) -> tuple[TelephoneNumber, ...]:
        """Take numbers out and return those that went; WrongState after the submission."""
        call = _write(project_id, "/remove", {"tns": _national(tns)}, lane=lane, wait=wait)
        return (await self._caller.call(call, Removed.read)).removed


def _read(
    project_id: str, what: str, query: Mapping[str, str] | None = None, *, lane: Lane, wait: float
) -> Call:
    return Call(
        method="GET",
        template=f"{_PROJECT}{what}",
        is_read=True,
        lane=lane,
        wait=wait,
        names={"id": _quoted(project_id)},
        query=query or {},
    )


def _write(
    project_id: str,
    action: str,
    body: Mapping[str, object],
    *,
    lane: Lane,
    wait: float,
    method: str = "POST",
) -> Call:
    return Call(
        method=method,
        template=f"{_PROJECT}{action}",
        is_read=False,
        lane=lane,
        wait=wait,
        names={"id": _quoted(project_id)},
        body=body,
    )


def _quoted(project_id: str) -> str:
    # A path segment of dots only, or of nothing, would name something else.
    if not project_id.strip("."):
        raise ValueError("no id of a project")
    return quote(project_id, safe="")


def _national(tns: Iterable[TelephoneNumber]) -> Sequence[str]:
    return [tn.national for tn in tns]


def _record_of(project_id: str) -> Callable[[Payload], PortRecord]:
    def parse(payload: Payload) -> PortRecord:
        record = PortRecord.read(payload)
        if record.id != project_id:
            raise UnexpectedAnswer("the answer is about another project")
        return record

    return parse
