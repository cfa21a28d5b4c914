"""The portability calls of the contract: what each does, and when it is refused."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from teliport.sandbox.config import Permission, SandboxConfig
from tests.kit.sandbox import UNLIMITED, Sandbox, sandbox
from tests.teliport.sandbox import port_steps as ports
from tests.teliport.sandbox.port_steps import NOW, PROJECTS

TNS = [f"303441{n}" for n in range(1000, 1012)]
TN = TNS[0]


@pytest.fixture
async def carrier() -> AsyncIterator[Sandbox]:
    """A sandbox that begins on a Saturday in November."""
    async with sandbox(wall=lambda: NOW) as opened:
        yield opened


async def test_a_project_begins_as_a_draft(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    body = {
        "name": "Verizon Port",
        "spid": "567G",
        "description": "Main office [warp:1]",
        "requestedFocDate": "2026-12-01",
        "losingCarrier": "Verizon",
        "authorizedPerson": "John Doe",
        "authorizedTitle": "CEO",
    }
    answer = await http.post(PROJECTS, json=body)
    assert answer.status_code == 201
    project = answer.json()
    assert body.items() <= project.items()
    assert (project["status"], project["lsrId"], project["focDate"]) == ("DRAFT", None, None)
    assert project["createdAt"] == "2026-11-21T18:00:00.000Z"
    kinds = ("total", "pending", "valid", "invalid", "submitted", "active", "failed")
    assert project["stats"] == dict.fromkeys(kinds, 0)
    assert await ports.get(http, project["id"]) == project
    assert carrier.calls()[0]["applied"] is True
    assert carrier.calls()[1]["applied"] is False
    assert carrier.ports() == [project]


WRONG_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"name": None}, "name"),
    ({"spid": None}, "spid"),
    ({"spid": "6529"}, "spid"),
    ({"description": 5}, "description"),
    ({"requestedFocDate": "12/01/2026"}, "requestedFocDate"),
    ({"requestedFocDate": 5}, "requestedFocDate"),
]


@pytest.mark.parametrize(("fields", "named"), WRONG_FIELDS)
async def test_wrong_fields_are_400(
    carrier: Sandbox, http: httpx.AsyncClient, fields: dict[str, Any], named: str
) -> None:
    answer = await http.post(PROJECTS, json={"name": "x", "spid": "567G", **fields})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"{named}:")
    assert carrier.ports() == []


async def test_projects_come_in_pages_the_newest_first(http: httpx.AsyncClient) -> None:
    made = [await ports.create(http, name=f"Port {n}") for n in range(5)]
    first = (await http.get(f"{PROJECTS}?page=0&size=2")).json()
    assert [project["id"] for project in first["content"]] == [made[4], made[3]]
    shape = {name: first[name] for name in first if name != "content"}
    assert shape == {
        "totalElements": 5, "totalPages": 3, "page": 0, "size": 2, "first": True, "last": False,
    }  # fmt: skip
    last = (await http.get(f"{PROJECTS}?page=2&size=2")).json()
    assert ([project["id"] for project in last["content"]], last["last"]) == ([made[0]], True)
    assert len((await http.get(PROJECTS)).json()["content"]) == 5


@pytest.mark.parametrize("query", ["page=-1", "page=x", "size=0", "size=10001", "size=9999999999"])
async def test_a_wrong_page_is_400(http: httpx.AsyncClient, query: str) -> None:
    assert (await http.get(f"{PROJECTS}?{query}")).status_code == 400


CALLS = [
    ("GET", ""),
    ("PUT", ""),
    ("POST", "/upload"),
    ("GET", "/progress"),
    ("GET", "/details"),
    ("POST", "/validate"),
    ("POST", "/submit"),
    ("POST", "/activate"),
    ("POST", "/cancel"),
    ("POST", "/remove"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_an_unknown_project_is_404(http: httpx.AsyncClient, method: str, path: str) -> None:
    body = {"name": "x", "spid": "567G", "focDate": "2026-12-01", "reason": "x"}
    body |= {"tns": [TN], "tnList": [TN]}
    answer = await http.request(method, f"{PROJECTS}/none{path}", json=body)
    assert answer.status_code == 404
    assert answer.json()["message"] == "Port project none is not known"


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_each_call_needs_its_permission(method: str, path: str) -> None:
    needed = {"": Permission.PORTS_READ if method == "GET" else Permission.PORTS_WRITE}
    needed |= dict.fromkeys(("/progress", "/details"), Permission.PORTS_READ)
    needed |= dict.fromkeys(("/submit", "/activate", "/cancel"), Permission.PORTS_SUBMIT)
    permission = needed.get(path, Permission.PORTS_WRITE)
    tokens = {
        "rng_with": frozenset({permission}),
        "rng_without": frozenset(Permission) - {permission},
    }
    async with sandbox(SandboxConfig(tokens=tokens, rate_limit=UNLIMITED)) as carrier:
        for token, status in (("rng_with", 404), ("rng_without", 403)):
            async with carrier.client(token) as http:
                body = {"name": "x", "spid": "567G", "focDate": "2026-12-01", "reason": "x"}
                body |= {"tns": [TN], "tnList": [TN]}
                answer = await http.request(method, f"{PROJECTS}/none{path}", json=body)
                assert answer.status_code == status
                if status == 403:
                    assert permission in answer.json()["message"]


async def test_an_upload_is_validated_at_five_numbers_a_second(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.create(http)
    nothing = await ports.get(http, project, "/progress")
    assert (nothing["jobId"], nothing["totalTns"], nothing["validated"]) == (None, 0, 0)
    answer = await ports.upload(http, project, ports.csv_of(*TNS))
    assert answer.status_code == 202
    progress = await ports.get(http, project, "/progress")
    assert progress == {
        "jobId": answer.json()["jobId"],
        "status": "VALIDATING",
        "totalTns": 12,
        "validated": 0,
        "errors": 0,
        "validationRate": 5.0,
        "updatedAt": "2026-11-21T18:00:00.000Z",
    }
    carrier.advance(1)
    assert (await ports.get(http, project, "/progress"))["validated"] == 5
    stats = (await ports.get(http, project))["stats"]
    assert (stats["total"], stats["pending"], stats["valid"]) == (12, 7, 5)
    states = [row["status"] for row in (await ports.rows(http, project)).values()]
    assert states == ["VALID"] * 5 + ["PENDING"] * 7
    carrier.advance(5)
    progress = await ports.get(http, project, "/progress")
    assert (progress["status"], progress["validated"]) == ("VALIDATED", 12)
    assert progress["updatedAt"] == "2026-11-21T18:00:02.400Z"
    assert (await ports.get(http, project))["status"] == "DRAFT"


async def test_the_rate_speeds_validation_up() -> None:
    wall = [NOW]
    config = SandboxConfig(clock_rate=60, rate_limit=UNLIMITED)
    async with sandbox(config, wall=lambda: wall[0]) as carrier, carrier.client() as http:
        project = await ports.create(http)
        await ports.upload(http, project, ports.csv_of(*TNS))
        wall[0] += 0.041
        assert (await ports.get(http, project, "/progress"))["status"] == "VALIDATED"


async def test_a_row_has_what_the_file_said_but_not_the_pin(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.create(http)
    file = (
        "﻿Telephone_Number, btn ,pin,account_number,other\n"
        '+1 (303) 441-1000,1-303-441-0000,7391,"A,1",x\n'
        ",,,,\n"
        "3034411001,,,,\n"
        "3034411002,soon\n"
    )
    assert (await ports.upload(http, project, file.encode())).status_code == 202
    carrier.advance(1)
    rows = await ports.rows(http, project)
    assert rows["3034411000"] == {
        "telephoneNumber": "3034411000",
        "lspName": None,
        "lspSpid": None,
        "btn": "3034410000",
        "accountNumber": "A,1",
        "pinSet": True,
        "notes": None,
        "status": "VALID",
        "errors": [],
        "activatedAt": None,
    }
    assert (rows["3034411001"]["btn"], rows["3034411001"]["pinSet"]) == (None, False)
    assert rows["3034411002"]["btn"] == "soon"
    assert "7391" not in str(carrier.port(project))


async def test_an_upload_replaces_the_rows_of_its_numbers(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.validated(carrier, http, *TNS)
    before = await ports.get(http, project, "/progress")
    answer = await ports.upload(http, project, ports.csv_of(TN, "3034419999", notes="New"))
    assert answer.json()["jobId"] != before["jobId"]
    rows = await ports.rows(http, project)
    assert len(rows) == 13
    assert rows[TN]["notes"] == rows["3034419999"]["notes"] == "New"
    assert [tn for tn, row in rows.items() if row["status"] == "PENDING"] == [TN, "3034419999"]
    assert rows[TNS[1]]["notes"] == "Main"
    assert (await ports.get(http, project, "/progress"))["totalTns"] == 2


async def test_an_upload_in_the_middle_takes_the_rest_along(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.create(http)
    await ports.upload(http, project, ports.csv_of(*TNS))
    carrier.advance(1)
    await ports.upload(http, project, ports.csv_of(TN))
    progress = await ports.get(http, project, "/progress")
    assert (progress["totalTns"], progress["validated"]) == (8, 0)
    carrier.advance(1.6)
    assert (await ports.get(http, project))["stats"]["valid"] == 12


FILES: list[tuple[bytes, int, str]] = [
    (b"", 400, "no column telephone_number"),
    (b"tn,btn\n3034411000,\n", 400, "no column telephone_number"),
    (b"telephone_number\n", 400, "1 to 10000 rows"),
    (b"telephone_number\n303441\n", 400, "ten digits"),
    (b"telephone_number,btn\n,3034411000\n", 400, "ten digits"),
    (b"telephone_number\n\xff\xfe\n", 400, "no CSV"),
    (b'telephone_number\n"3034411000" x\n', 400, "no CSV"),
    (b"PK\x03\x04...", 415, "not XLSX"),
]


@pytest.mark.parametrize(("content", "status", "says"), FILES)
async def test_a_file_that_cannot_be_read_is_refused(
    carrier: Sandbox, http: httpx.AsyncClient, content: bytes, status: int, says: str
) -> None:
    project = await ports.create(http)
    answer = await ports.upload(http, project, content)
    assert answer.status_code == status
    assert says in answer.json()["message"]
    assert (await ports.get(http, project))["stats"]["total"] == 0
    assert carrier.calls()[1]["applied"] is False


BODIES: list[tuple[str, bytes, int]] = [
    ("text/csv", b"telephone_number\n3034411000\n", 415),
    ("multipart/form-data", b"", 415),
    ("multipart/form-data; boundary=x", b"not that", 400),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="other"\r\nX-Y: z\r\n\r\n1\r\n--x--\r\n',
        400,
    ),
]


@pytest.mark.parametrize(("kind", "body", "status"), BODIES)
async def test_an_upload_is_a_multipart_body_with_a_file(
    http: httpx.AsyncClient, kind: str, body: bytes, status: int
) -> None:
    project = await ports.create(http)
    headers = {"content-type": kind}
    answer = await http.post(f"{PROJECTS}/{project}/upload", content=body, headers=headers)
    assert answer.status_code == status


async def test_a_large_file_is_read(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    tns = [f"{303_441 + n // 5000}{n % 5000:04d}" for n in range(10_000)]
    project = await ports.validated(carrier, http, *tns)
    assert (await ports.get(http, project))["stats"]["valid"] == 10_000
    page = await ports.get(http, project, "/details?page=9&size=1000")
    assert (len(page["content"]), page["last"]) == (1000, True)
    too_many = ports.csv_of(*tns, "3035550000")
    assert (await ports.upload(http, project, too_many)).status_code == 400


async def test_rows_are_validated_again_on_demand(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.validated(carrier, http, *TNS)
    answer = await ports.post(http, project, "validate", tns=[TN, "+13034411001"])
    assert answer.status_code == 202
    assert (await ports.get(http, project, "/progress"))["totalTns"] == 2
    carrier.advance(1)
    assert (await ports.post(http, project, "validate")).status_code == 202
    assert (await ports.get(http, project, "/progress"))["totalTns"] == 12
    unknown = await ports.post(http, project, "validate", tns=["3035559999"])
    assert unknown.status_code == 404
    empty = await ports.create(http)
    assert (await ports.post(http, empty, "validate")).status_code == 409


@pytest.mark.parametrize("tns", [[], None, "3034411000", [3034411000], ["303"]])
async def test_lists_of_numbers_are_checked(
    carrier: Sandbox, http: httpx.AsyncClient, tns: Any
) -> None:
    project = await ports.validated(carrier, http, TN)
    for call, name in (("validate", "tns"), ("remove", "tns"), ("activate", "tnList")):
        answer = await ports.post(http, project, call, **{name: tns})
        assert answer.status_code == 400
        assert answer.json()["message"].startswith(f"{name}:")


async def test_numbers_are_removed(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.validated(carrier, http, *TNS)
    answer = await ports.post(http, project, "remove", tns=[TN, "3035559999", TN])
    assert answer.json() == {"removed": [TN]}
    assert (await ports.get(http, project))["stats"]["total"] == 11
    assert (await ports.get(http, project, "/progress"))["errors"] == 0


async def test_the_fields_can_be_set(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.create(http, description="old")
    body = {"name": "New", "spid": "567G", "losingCarrier": "AT&T"}
    answer = await http.put(f"{PROJECTS}/{project}", json=body)
    assert answer.json()["name"] == "New"
    assert (await ports.get(http, project))["losingCarrier"] == "AT&T"
    assert (await ports.get(http, project))["description"] is None


async def test_only_a_valid_project_can_be_submitted(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.create(http)
    empty = await ports.post(http, project, "submit", focDate="2026-12-01")
    assert (empty.status_code, empty.json()["message"]) == (409, "The project has no numbers")
    await ports.upload(http, project, ports.csv_of(TN, "3034419102"))
    pending = await ports.post(http, project, "submit", focDate="2026-12-01")
    assert (pending.status_code, "2 of 2" in pending.json()["message"]) == (409, True)
    carrier.advance(1)
    invalid = await ports.post(http, project, "submit", focDate="2026-12-01")
    assert (invalid.status_code, "1 of 2" in invalid.json()["message"]) == (409, True)
    await ports.post(http, project, "remove", tns=["3034419102"])
    answer = await ports.post(http, project, "submit", focDate="2026-12-01")
    assert answer.status_code == 200
    assert answer.json()["status"] == "SUBMITTED"
    record = await ports.get(http, project)
    assert (record["lsrId"], record["focDate"]) == (answer.json()["lsrId"], "2026-12-01")
    assert record["submittedAt"] == "2026-11-21T18:00:01.000Z"
    assert (await ports.rows(http, project))[TN]["status"] == "SUBMITTED"


DATES = {
    "2026-11-20": "in the past",
    "2026-11-22": "on a weekend",
    "2026-11-26": "a holiday",
    "2026-12-25": "more than 30 days",
    "2027-06-01": "more than 30 days",
    "01.12.2026": "a date like",
}


@pytest.mark.parametrize(("day", "says"), DATES.items())
async def test_a_bad_foc_date_is_422(
    carrier: Sandbox, http: httpx.AsyncClient, day: str, says: str
) -> None:
    project = await ports.validated(carrier, http, TN)
    if day == "2026-12-25":
        # Christmas is far enough away to be refused for that first: go nearer.
        carrier.advance(10 * ports.DAY)
        says = "a holiday"
    answer = await ports.post(http, project, "submit", focDate=day)
    assert answer.status_code == 422
    assert says in answer.json()["message"]
    assert (await ports.get(http, project))["status"] == "DRAFT"


async def test_today_is_past_once_it_is_noon(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    carrier.advance(2 * ports.DAY)
    denver = await ports.validated(carrier, http, TN)
    east = await ports.validated(carrier, http, "2124411000")
    assert (await ports.post(http, denver, "submit", focDate="2026-11-23")).status_code == 200
    assert (await ports.post(http, east, "submit", focDate="2026-11-23")).status_code == 422


AFTER_SUBMISSION: list[tuple[str, dict[str, Any]]] = [
    ("upload", {}),
    ("validate", {}),
    ("remove", {"tns": [TN]}),
    ("submit", {"focDate": "2026-12-01"}),
    ("activate", {"tnList": [TN]}),
]


@pytest.mark.parametrize(("call", "body"), AFTER_SUBMISSION)
async def test_a_submitted_project_is_not_edited(
    carrier: Sandbox, http: httpx.AsyncClient, call: str, body: dict[str, Any]
) -> None:
    project = await ports.submitted(carrier, http, TN)
    before = await ports.get(http, project)
    if call == "upload":
        answer = await ports.upload(http, project, ports.csv_of("3034411001"))
    else:
        answer = await ports.post(http, project, call, **body)
    assert answer.status_code == 409
    assert "SUBMITTED" in answer.json()["message"]
    put = await http.put(f"{PROJECTS}/{project}", json={"name": "x", "spid": "567G"})
    assert put.status_code == 409
    assert await ports.get(http, project) == before


async def test_a_lenient_carrier_lets_a_submission_and_a_cancellation_be_repeated() -> None:
    config = SandboxConfig(strict=False, rate_limit=UNLIMITED)
    async with sandbox(config, wall=lambda: NOW) as carrier, carrier.client() as http:
        project = await ports.submitted(carrier, http, TN)
        lsr = (await ports.get(http, project))["lsrId"]
        again = await ports.post(http, project, "submit", focDate="2026-12-01")
        assert again.json() == {"status": "SUBMITTED", "lsrId": lsr}
        other = await ports.post(http, project, "submit", focDate="2026-12-02")
        assert other.status_code == 409
        for _ in range(2):
            answer = await ports.post(http, project, "cancel", reason="no")
            assert answer.json() == {"status": "CANCELLED"}


@pytest.mark.parametrize("hours", [None, 0, 2, 30, 60])
async def test_a_project_can_be_cancelled_until_it_activates(
    carrier: Sandbox, http: httpx.AsyncClient, hours: int | None
) -> None:
    make = ports.validated if hours is None else ports.submitted
    project = await make(carrier, http, *TNS)
    carrier.advance((hours or 0) * ports.HOUR)
    answer = await ports.post(http, project, "cancel", reason="Customer stays")
    assert answer.json() == {"status": "CANCELLED"}
    record = await ports.get(http, project)
    assert (record["status"], record["cancelReason"]) == ("CANCELLED", "Customer stays")
    assert {row["status"] for row in (await ports.rows(http, project)).values()} == {"CANCELLED"}
    assert (await ports.post(http, project, "cancel", reason="again")).status_code == 409
    carrier.advance(20 * ports.DAY)
    assert (await ports.get(http, project))["status"] == "CANCELLED"


async def test_a_cancellation_needs_a_reason_and_comes_too_late_on_the_day(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.submitted(carrier, http, TN)
    assert (await ports.post(http, project, "cancel")).status_code == 400
    ports.to_foc(carrier)
    assert (await ports.post(http, project, "cancel", reason="late")).status_code == 409


BROKEN: list[tuple[str, int | type[Exception], bool]] = [
    ("reset_before", httpx.ReadError, False),
    ("reset_after", httpx.ReadError, True),
    ("503", 503, False),
    ("truncated", httpx.RemoteProtocolError, True),
    ("html", 200, False),
    ("late_apply", 504, False),
    ("429", 429, False),
    ("refuse", httpx.ConnectError, False),
    ("wrong_number", 202, True),
]


@pytest.mark.parametrize(("action", "seen", "applied"), BROKEN)
async def test_faults_work_on_these_paths_too(
    carrier: Sandbox,
    http: httpx.AsyncClient,
    action: str,
    seen: int | type[Exception],
    applied: bool,
) -> None:
    project = await ports.create(http)
    await carrier.fault(action, path="/port-projects/projects/*/upload", nth=1)
    try:
        outcome: Any = (await ports.upload(http, project, ports.csv_of(TN))).status_code
    except httpx.TransportError as error:
        outcome = type(error)
    assert outcome == seen
    assert carrier.calls()[1]["applied"] is applied
    assert carrier.port(project)["stats"]["total"] == applied
    carrier.advance(2)
    assert carrier.port(project)["stats"]["total"] == (applied or action == "late_apply")
