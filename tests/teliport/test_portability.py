"""The portability calls at wire level: what is sent, what is understood, what is never shown."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from email.message import Message
from email.parser import BytesParser
from typing import Any

import httpx
import pytest
import respx

from numbering.lanes import Lane
from numbering.pace import Verdict
from numbering.telephone import TelephoneNumber
from teliport import errors
from teliport.call import Call, CallRecord, FilePart
from teliport.client import Teliport
from teliport.portability import Portability, ProjectFields
from tests.kit.paces import RecordingPace
from tests.kit.quiet import logged
from tests.kit.wire import BASE, html, refusal

__all__ = ["logged"]

PROJECTS = f"{BASE}/port-projects/projects"
PROJECT = f"{PROJECTS}/p-1"
TNS = (TelephoneNumber("+13035550123"), TelephoneNumber("+13035550124"))
BULK = Lane.BULK
CSV = b"telephone_number,account_number,pin\r\n3035550123,ACCT-CANARY,PIN-CANARY\r\n"
FIELDS = ProjectFields(
    name="Aspen Dental",
    description="[warp:0193]",
    requested_foc_date=date(2026, 12, 1),
    authorized_person="Alice Adams",
    authorized_title="Owner",
)
SENT_FIELDS = {
    "name": "Aspen Dental",
    "spid": "567G",
    "description": "[warp:0193]",
    "requestedFocDate": "2026-12-01",
    "losingCarrier": None,
    "authorizedPerson": "Alice Adams",
    "authorizedTitle": "Owner",
}
PAGE = {"content": [{"id": "p-1"}], "totalElements": 1, "totalPages": 1, "page": 0}
ROWS = {**PAGE, "content": [{"telephoneNumber": "3035550123"}]}

Ask = Callable[[Portability], Awaitable[object]]
WRITES: dict[str, Ask] = {
    "create": lambda ports: ports.create(FIELDS, lane=BULK),
    "update": lambda ports: ports.update("p-1", FIELDS, lane=BULK),
    "upload": lambda ports: ports.upload("p-1", CSV, lane=BULK),
    "validate": lambda ports: ports.validate("p-1", lane=BULK),
    "submit": lambda ports: ports.submit("p-1", date(2026, 12, 1), lane=BULK),
    "activate": lambda ports: ports.activate("p-1", TNS, lane=BULK),
    "cancel": lambda ports: ports.cancel("p-1", "changed our minds", lane=BULK),
    "remove": lambda ports: ports.remove("p-1", TNS, lane=BULK),
}
READS: dict[str, Ask] = {
    "projects": lambda ports: ports.projects(lane=BULK),
    "project": lambda ports: ports.project("p-1", lane=BULK),
    "progress": lambda ports: ports.progress("p-1", lane=BULK),
    "details": lambda ports: ports.details("p-1", lane=BULK),
}
ALL = WRITES | READS


@pytest.fixture
def ports(carrier: Teliport) -> Portability:
    return carrier.portability


def sent(wire: respx.Router) -> httpx.Request:
    request: httpx.Request = wire.calls.last.request
    return request


def sent_json(wire: respx.Router) -> Any:
    assert sent(wire).headers["content-type"] == "application/json"
    return json.loads(sent(wire).content)


class TestWhatIsSent:
    async def test_create(self, ports: Portability, wire: respx.Router) -> None:
        wire.post(PROJECTS).respond(201, json={"id": "p-1", "name": "A", "status": "DRAFT"})
        made = await ports.create(FIELDS, lane=BULK)
        assert (made.id, made.status) == ("p-1", "DRAFT")
        assert sent_json(wire) == SENT_FIELDS

    async def test_update_names_no_date_as_null(
        self, ports: Portability, wire: respx.Router
    ) -> None:
        wire.put(PROJECT).respond(json={"id": "p-1", "status": "DRAFT"})
        await ports.update("p-1", replace(FIELDS, requested_foc_date=None), lane=BULK)
        assert sent_json(wire) == {**SENT_FIELDS, "requestedFocDate": None}

    async def test_projects(self, ports: Portability, wire: respx.Router) -> None:
        wire.get(PROJECTS, params={"page": "2", "size": "50"}).respond(json=PAGE)
        page = await ports.projects(page=2, size=50, lane=BULK)
        assert [project.id for project in page.projects] == ["p-1"]

    async def test_project(self, ports: Portability, wire: respx.Router) -> None:
        wire.get(PROJECT).respond(json={"id": "p-1", "status": "SUBMITTED", "lsrId": "L"})
        assert (await ports.project("p-1", lane=BULK)).lsr_id == "L"

    async def test_progress(self, ports: Portability, wire: respx.Router) -> None:
        wire.get(f"{PROJECT}/progress").respond(json={"jobId": "j", "status": "VALIDATED"})
        assert (await ports.progress("p-1", lane=BULK)).status == "VALIDATED"

    async def test_details(self, ports: Portability, wire: respx.Router) -> None:
        wire.get(f"{PROJECT}/details", params={"page": "0", "size": "1000"}).respond(json=ROWS)
        page = await ports.details("p-1", lane=BULK)
        assert [row.number for row in page.rows] == [TNS[0]]

    async def test_validate_all_or_some(self, ports: Portability, wire: respx.Router) -> None:
        wire.post(f"{PROJECT}/validate").respond(202, json={"jobId": "j-2"})
        assert await ports.validate("p-1", lane=BULK) == "j-2"
        assert sent_json(wire) == {}
        await ports.validate("p-1", iter(TNS), lane=BULK)
        assert sent_json(wire) == {"tns": ["3035550123", "3035550124"]}

    async def test_submit(self, ports: Portability, wire: respx.Router) -> None:
        wire.post(f"{PROJECT}/submit").respond(json={"status": "SUBMITTED", "lsrId": "LSR-1"})
        submitted = await ports.submit("p-1", date(2026, 12, 1), lane=BULK)
        assert (submitted.status, submitted.lsr_id) == ("SUBMITTED", "LSR-1")
        assert sent_json(wire) == {"focDate": "2026-12-01"}

    async def test_activate(self, ports: Portability, wire: respx.Router) -> None:
        wire.post(f"{PROJECT}/activate").respond(
            json={"activated": ["3035550123"], "failed": [{"tn": "3035550124", "error": "NPAC"}]}
        )
        done = await ports.activate("p-1", TNS, lane=BULK)
        assert (done.activated, done.failed[0].number) == (TNS[:1], TNS[1])
        assert sent_json(wire) == {"tnList": ["3035550123", "3035550124"]}

    async def test_cancel(self, ports: Portability, wire: respx.Router) -> None:
        wire.post(f"{PROJECT}/cancel").respond(json={"status": "CANCELLED"})
        assert (await ports.cancel("p-1", "no more", lane=BULK)).cancelled
        assert sent_json(wire) == {"reason": "no more"}

    async def test_remove(self, ports: Portability, wire: respx.Router) -> None:
        wire.post(f"{PROJECT}/remove").respond(json={"removed": ["3035550124"]})
        assert await ports.remove("p-1", TNS, lane=BULK) == TNS[1:]
        assert sent_json(wire) == {"tns": ["3035550123", "3035550124"]}

    @pytest.mark.parametrize("name", ["../../inventory", "a/b", "a?x=1", "a#b", "ü %2e"])
    async def test_an_id_stays_one_segment_of_the_path(
        self, name: str, ports: Portability, wire: respx.Router
    ) -> None:
        wire.route().respond(json={"id": name})
        assert (await ports.project(name, lane=BULK)).id == name
        path = sent(wire).url.raw_path.decode()
        assert path.startswith("/api/v1/port-projects/projects/")
        assert (path.count("/"), "?" in path) == (5, False)

    @pytest.mark.parametrize("name", ["", ".", ".."])
    async def test_what_is_no_id_is_not_asked_for(
        self, name: str, ports: Portability, pace: RecordingPace
    ) -> None:
        with pytest.raises(ValueError, match="no id"):
            await ports.project(name, lane=BULK)
        assert pace.told == []


class TestUpload:
    async def test_the_file_is_sent_as_it_is(self, ports: Portability, wire: respx.Router) -> None:
        wire.post(f"{PROJECT}/upload").respond(202, json={"jobId": "j-1"})
        content = bytes(range(256)) * 1000
        assert await ports.upload("p-1", content, "numbers 1.csv", lane=BULK) == "j-1"
        (part,) = parts_of(sent(wire))
        assert part.get_param("name", header="content-disposition") == "file"
        assert (part.get_filename(), part.get_content_type()) == ("numbers 1.csv", "text/csv")
        assert part.get_payload(decode=True) == content
        assert sent(wire).headers["authorization"].startswith("Bearer ")

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(202, json={"jobId": "j"}),
            httpx.Response(200, json={}),
            refusal(409),
            html(502),
            httpx.ReadError("PIN-CANARY"),
        ],
        ids=["done", "unreadable", "refused", "broken", "lost"],
    )
    async def test_nothing_of_it_shows_however_it_ends(
        self,
        answer: httpx.Response | Exception,
        ports: Portability,
        wire: respx.Router,
        seen: list[CallRecord],
        logged: list[Any],
    ) -> None:
        wire.post(f"{PROJECT}/upload").mock(side_effect=[answer])
        told = ""
        try:
            await ports.upload("p-1", CSV, lane=BULK)
        except errors.TeliportError as error:
            told = f"{error!r} {error} {vars(error)}"
        assert [record.path for record in seen] == ["/port-projects/projects/{id}/upload"]
        for shown in (told, repr(seen), repr(logged)):
            assert "CANARY" not in shown

    def test_a_call_shows_no_content_of_a_file(self) -> None:
        call = Call(
            method="POST",
            template="/x",
            is_read=False,
            lane=BULK,
            files={"file": FilePart("numbers.csv", "text/csv", CSV)},
        )
        assert "CANARY" not in repr(call)
        assert "numbers.csv" in repr(call)


class TestErrors:
    """Every call meets the same errors; a write that may have happened is ambiguous."""

    @pytest.mark.parametrize("name", sorted(ALL))
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, errors.BadRequest),
            (403, errors.PermissionDenied),
            (404, errors.NotFound),
            (409, errors.WrongState),
            (422, errors.Unprocessable),
            (429, errors.RateLimited),
            (503, errors.ServerFault),
        ],
    )
    async def test_a_no_is_typed(
        self,
        name: str,
        status: int,
        kind: type[errors.TeliportError],
        ports: Portability,
        wire: respx.Router,
    ) -> None:
        wire.route().mock(return_value=refusal(status))
        with pytest.raises(errors.TeliportError) as caught:
            await ALL[name](ports)
        assert type(caught.value) is kind
        assert caught.value.is_read is (name in READS)
        assert len(wire.calls) == 1

    @pytest.mark.parametrize("name", sorted(set(ALL) - {"submit", "progress"}))
    async def test_an_unreadable_answer_is_ambiguous(
        self, name: str, ports: Portability, wire: respx.Router, pace: RecordingPace
    ) -> None:
        wire.route().respond(json={"odd": True})
        with pytest.raises(errors.Malformed):
            await ALL[name](ports)
        assert pace.told == [(Verdict.FAILED, None)]

    @pytest.mark.parametrize("name", ["project", "update"])
    async def test_an_answer_about_another_project_is_none(
        self, name: str, ports: Portability, wire: respx.Router
    ) -> None:
        wire.route().respond(json={"id": "p-2", "status": "DRAFT"})
        with pytest.raises(errors.UnexpectedAnswer):
            await ALL[name](ports)

    @pytest.mark.parametrize("name", sorted(ALL))
    async def test_every_call_is_guarded_and_takes_its_turn_in_its_lane(
        self, name: str, wire: respx.Router
    ) -> None:
        class Inside(Exception):
            pass

        def guard() -> None:
            raise Inside

        pace = RecordingPace()
        async with Teliport(BASE, "rng_x", "567G", pace=pace, guard=guard) as carrier:
            with pytest.raises(Inside):
                await ALL[name](carrier.portability)
        assert pace.told == []
        async with Teliport(BASE, "rng_x", "567G", pace=pace, guard=lambda: None) as carrier:
            wire.route().mock(return_value=refusal(409))
            with pytest.raises(errors.WrongState):
                await ALL[name](carrier.portability)
        assert [lane for lane, _ in pace.asked] == [BULK]
        assert pace.told == [(Verdict.REFUSED, None)]


def parts_of(request: httpx.Request) -> list[Message]:
    """The parts of a multipart body, read by somebody else's parser."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parsed = BytesParser().parsebytes(head + request.content)
    payload = parsed.get_payload()
    assert isinstance(payload, list)
    return [part for part in payload if isinstance(part, Message)]
