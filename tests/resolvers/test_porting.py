"""Port projects as people read them: pages, neighbours, verdicts and what they cost to ask."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from db import port_history, port_projects, seed
from db.tables import PortNumber, PortProject
from numbering import port_loa
from numbering.actors import Role, Scope
from numbering.lifecycle import DidStatus
from numbering.port_codes import NumberError, PortErrorCode, Rejection, Suggestion
from numbering.porting import PortDocumentKind, PortNumberState, PortStatus, StallKind
from resolvers.ids import NodeKind, encode
from tests.db import make
from tests.kit.desk import ALICE, BOB, PEOPLE, STAFF, Desk

PROJECT = """query($id: ID!) { portProject(id: $id) { %s } }"""
PAGE = """query($first: Int, $after: String, $statuses: [PortStatus!], $stalled: Boolean,
    $customer: ID) {
  portProjects(first: $first, after: $after, statuses: $statuses, stalled: $stalled,
      customerId: $customer) {
    totalCount nodes { name } pageInfo { hasNextPage endCursor } } }"""
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WRONG = NumberError(
    code=PortErrorCode.BTN_MISMATCH,
    carrier_code="BTN_MISMATCH",
    field="btn",
    message="The billing number is another.",
    expected="+13035559100",
    got="+13035559101",
    fixable=True,
    suggested=Suggestion("btn", "+13035559100", "Take the billing number on file."),
)
CLOSED = NumberError(
    code=PortErrorCode.TN_INACTIVE,
    carrier_code=None,
    field=None,
    message="The number is not in service.",
    expected=None,
    got=None,
    fixable=False,
    suggested=None,
)


async def kept(desk: Desk, **values: Any) -> PortProject:
    project = make.port_project(**values)
    await desk.keep(project)
    return project


async def with_numbers(
    desk: Desk, project: PortProject, count: int, start: int = 13035550200
) -> list[PortNumber]:
    rows = [make.port_number(project, f"+{start + n}") for n in range(count)]
    await desk.keep(*rows)
    return rows


async def read(desk: Desk, project: PortProject, fields: str, actor: Any = ALICE) -> Any:
    asked = {"id": encode(NodeKind.PORT_PROJECT, project.id)}
    return (await desk.data(PROJECT % fields, asked, actor))["portProject"]


async def names(desk: Desk, actor: Any = ALICE, **asked: Any) -> list[str]:
    found = await desk.data(PAGE, asked, actor)
    return [node["name"] for node in found["portProjects"]["nodes"]]


async def test_a_project_shows_its_columns(desk: Desk) -> None:
    project = await kept(
        desk,
        description="All of Denver",
        status=PortStatus.FOC_ASSIGNED,
        losing_carrier="Qwest",
        authorized_person="Ada",
        authorized_title="CFO",
        requested_foc_date=date(2026, 12, 9),
        foc_date=date(2026, 12, 10),
        attempt=2,
        created_at=NOON,
        submitted_at=NOON,
    )
    assert await read(
        desk,
        project,
        """name description status allowedNext losingCarrier authorizedPerson authorizedTitle
           requestedFocDate focDate attempt createdAt submittedAt completedAt rejection { code }
           stall { kind } customer { name }""",
    ) == {
        "name": "Move the shops",
        "description": "All of Denver",
        "status": "FOC_ASSIGNED",
        "allowedNext": [
            "REJECTED",
            "ACTIVATING",
            "PARTIAL",
            "COMPLETE",
            "CANCELLING",
            "CANCELLED",
        ],
        "losingCarrier": "Qwest",
        "authorizedPerson": "Ada",
        "authorizedTitle": "CFO",
        "requestedFocDate": "2026-12-09",
        "focDate": "2026-12-10",
        "attempt": 2,
        "createdAt": "2026-11-20T12:00:00Z",
        "submittedAt": "2026-11-20T12:00:00Z",
        "completedAt": None,
        "rejection": None,
        "stall": None,
        "customer": {"name": "Aspen Outfitters"},
    }


async def test_pages_are_newest_first_and_go_on_after_a_cursor(desk: Desk) -> None:
    for n in range(3):
        await kept(desk, name=f"p{n}", created_at=NOON + timedelta(hours=n))
    found = (await desk.data(PAGE, {"first": 2}))["portProjects"]
    assert (found["totalCount"], [node["name"] for node in found["nodes"]]) == (3, ["p2", "p1"])
    assert found["pageInfo"]["hasNextPage"]
    assert await names(desk, first=2, after=found["pageInfo"]["endCursor"]) == ["p0"]
    other = await desk.ask(PAGE, {"stalled": True, "after": found["pageInfo"]["endCursor"]})
    assert other.codes == ["BAD_USER_INPUT"]


async def test_lists_are_filtered(desk: Desk) -> None:
    await kept(desk, name="draft", created_at=NOON)
    await kept(
        desk,
        name="late",
        status=PortStatus.PENDING,
        stall_kind=StallKind.NO_FOC,
        stall_since=NOON,
        created_at=NOON - timedelta(days=1),
    )
    await kept(
        desk,
        name="later",
        status=PortStatus.FOC_ASSIGNED,
        stall_kind=StallKind.FOC_LAPSED,
        stall_since=NOON - timedelta(days=2),
        created_at=NOON,
    )
    await kept(desk, name="theirs", customer_id=seed.CUSTOMER_B)
    assert await names(desk, statuses=["DRAFT", "PENDING"]) == ["draft", "late"]
    assert await names(desk, stalled=True) == ["later", "late"]
    assert await names(desk, stalled=False) == ["draft"]
    assert await names(desk, BOB) == ["theirs"]
    a = encode(NodeKind.CUSTOMER, seed.CUSTOMER_A)
    assert await names(desk, STAFF, customer=a, stalled=True) == ["later", "late"]
    assert len(await names(desk, STAFF)) == 4
    assert (await desk.ask(PAGE, {"customer": "no"})).codes == ["BAD_USER_INPUT"]


async def test_a_customer_has_its_projects_and_a_did_the_one_it_came_with(desk: Desk) -> None:
    project = await kept(desk, status=PortStatus.COMPLETE)
    await kept(desk, customer_id=seed.CUSTOMER_B)
    ported = make.did(port_project_id=project.id, status=DidStatus.ACTIVE)
    bought = make.did("+13035550999")
    await desk.keep(ported, bought)
    text = """query($id: ID!) {
      customer(id: $id) { portProjects(statuses: [COMPLETE]) { totalCount nodes { id } } }
      dids { nodes { number portProject { id name } } } }"""
    found = await desk.data(text, {"id": encode(NodeKind.CUSTOMER, seed.CUSTOMER_A)}, ALICE)
    me = encode(NodeKind.PORT_PROJECT, project.id)
    assert found["customer"]["portProjects"] == {"totalCount": 1, "nodes": [{"id": me}]}
    assert found["dids"]["nodes"] == [
        {"number": "+13035550200", "portProject": {"id": me, "name": "Move the shops"}},
        {"number": "+13035550999", "portProject": None},
    ]


async def test_what_the_watchdog_and_the_carrier_said_is_shown(desk: Desk) -> None:
    said = Rejection(
        at=NOON,
        code=PortErrorCode.ACCOUNT_NUMBER_MISMATCH,
        carrier_code="8A",
        field="accountNumber",
        message="The account number is not the losing carrier's.",
        numbers=("+13035550200",),
    )
    project = await kept(
        desk,
        status=PortStatus.REJECTED,
        rejection=said.as_json(),
        stall_kind=StallKind.LOA_AGEING,
        stall_since=NOON,
    )
    found = await read(
        desk,
        project,
        "stall { kind since whatToDo } rejection { at code carrierCode message numbers whatToDo }",
    )
    stall, rejection = found["stall"], found["rejection"]
    assert stall.pop("whatToDo").endswith(".")
    assert rejection.pop("whatToDo").endswith(".")
    assert stall == {"kind": "LOA_AGEING", "since": "2026-11-20T12:00:00Z"}
    assert rejection == {
        "at": "2026-11-20T12:00:00Z",
        "code": "ACCOUNT_NUMBER_MISMATCH",
        "carrierCode": "8A",
        "message": "The account number is not the losing carrier's.",
        "numbers": ["+13035550200"],
    }


COST = """cost { perNumber { amount currency } rush { amount } estimate { amount }
  charged { amount } }"""


async def test_fees_are_the_lists_until_they_are_fixed(desk: Desk) -> None:
    fixed = await kept(
        desk, name="fixed", status=PortStatus.PARTIAL, fee=Decimal("3.00"), rush_fee=Decimal("7.50")
    )
    states = [PortNumberState.ACTIVE, PortNumberState.ACTIVE, PortNumberState.FAILED]
    await desk.keep(
        *(make.port_number(fixed, f"+1303555020{n}", state=s) for n, s in enumerate(states))
    )
    assert (await read(desk, fixed, COST))["cost"] == {
        "perNumber": {"amount": "3.00", "currency": "USD"},
        "rush": {"amount": "7.50"},
        "estimate": {"amount": "9.00"},
        "charged": {"amount": "6.00"},
    }
    listed = desk.services.prices.porting
    draft = await kept(desk)
    shown = (await read(desk, draft, COST))["cost"]
    assert Decimal(shown["perNumber"]["amount"]) == listed.fee.amount
    assert Decimal(shown["rush"]["amount"]) == listed.rush.amount
    assert shown["estimate"] == shown["charged"] == {"amount": "0.00"}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEVELOPER])
async def test_who_sees_no_prices_sees_no_cost(desk: Desk, role: Role) -> None:
    project = await kept(desk)
    assert await read(desk, project, COST, PEOPLE[role]) == {"cost": None}


async def test_progress_is_counted_from_the_rows(desk: Desk) -> None:
    project = await kept(desk, status=PortStatus.NEEDS_FIXES, progress_sequence=7)
    for n, state in enumerate((PortNumberState.VALID, PortNumberState.INVALID)):
        await desk.keep(make.port_number(project, f"+1303555020{n}", state=state))
    found = await read(
        desk,
        project,
        """progress { projectId sequence status totalCount validatedCount validCount invalidCount
           ratePerSecond etaSeconds stale }""",
    )
    assert found["progress"] == {
        "projectId": encode(NodeKind.PORT_PROJECT, project.id),
        "sequence": 7,
        "status": "NEEDS_FIXES",
        "totalCount": 2,
        "validatedCount": 2,
        "validCount": 1,
        "invalidCount": 1,
        "ratePerSecond": None,
        "etaSeconds": None,
        "stale": False,
    }


NUMBERS = """query($id: ID!, $first: Int, $after: String, $states: [PortNumberState!]) {
  portProject(id: $id) { numbers(first: $first, after: $after, states: $states) {
    totalCount nodes { number } pageInfo { endCursor hasNextPage } } } }"""


async def test_numbers_are_paged_by_number(desk: Desk) -> None:
    project = await kept(desk)
    rows = await with_numbers(desk, project, 5)
    gone = make.port_number(project, "+12125550100", removed_at=NOON)
    valid = make.port_number(project, "+17205550200", state=PortNumberState.VALID)
    await desk.keep(gone, valid)
    asked: dict[str, Any] = {"id": encode(NodeKind.PORT_PROJECT, project.id), "first": 3}
    start = (await desk.data(NUMBERS, asked))["portProject"]["numbers"]
    expected = sorted([row.number for row in rows] + [valid.number])
    assert start["totalCount"] == 6
    assert [node["number"] for node in start["nodes"]] == expected[:3]
    asked["after"] = start["pageInfo"]["endCursor"]
    rest = (await desk.data(NUMBERS, asked))["portProject"]["numbers"]
    assert [node["number"] for node in rest["nodes"]] == expected[3:]
    assert not rest["pageInfo"]["hasNextPage"]
    some = {"id": asked["id"], "states": ["VALID"]}
    only = (await desk.data(NUMBERS, some))["portProject"]["numbers"]
    assert (only["totalCount"], only["nodes"]) == (1, [{"number": valid.number}])
    assert (await desk.ask(NUMBERS, some | {"after": asked["after"]})).codes == ["BAD_USER_INPUT"]


async def test_a_number_shows_what_is_wrong_and_never_a_secret(desk: Desk) -> None:
    project = await kept(desk, status=PortStatus.PARTIAL)
    did = make.did()
    full = make.port_number(
        project,
        losing_carrier="Qwest",
        losing_spid="6214",
        btn="+13035559101",
        account_number_sealed=b"sealed",
        account_number_mask="••••1234",
        pin_sealed=b"sealed",
        notes="front desk",
        row=2,
        state=PortNumberState.ACTIVE,
        errors=[WRONG.as_json()],
        did_id=did.id,
    )
    bare = make.port_number(project, "+13035550201")
    await desk.keep(did, full, bare)
    found = await read(
        desk,
        project,
        """numbers { nodes { number state losingCarrier losingSpid btn accountNumberMasked pinSet
           notes row did { number } validationErrors { code carrierCode field message expected got
           fixable suggestedFix { field value description } } } }""",
    )
    assert found["numbers"]["nodes"] == [
        {
            "number": "+13035550200",
            "state": "ACTIVE",
            "losingCarrier": "Qwest",
            "losingSpid": "6214",
            "btn": "+13035559101",
            "accountNumberMasked": "••••1234",
            "pinSet": True,
            "notes": "front desk",
            "row": 2,
            "did": {"number": "+13035550200"},
            "validationErrors": [
                {
                    "code": "BTN_MISMATCH",
                    "carrierCode": "BTN_MISMATCH",
                    "field": "btn",
                    "message": "The billing number is another.",
                    "expected": "+13035559100",
                    "got": "+13035559101",
                    "fixable": True,
                    "suggestedFix": {
                        "field": "btn",
                        "value": "+13035559100",
                        "description": "Take the billing number on file.",
                    },
                }
            ],
        },
        {
            "number": "+13035550201",
            "state": "PENDING",
            "losingCarrier": None,
            "losingSpid": None,
            "btn": None,
            "accountNumberMasked": None,
            "pinSet": False,
            "notes": None,
            "row": None,
            "did": None,
            "validationErrors": [],
        },
    ]


GROUPS = "errorGroups { code count fixable whatToDo few: sample(first: 1) { number } "
GROUPS += "sample { number validationErrors { suggestedFix { value } } } }"


async def test_faults_are_grouped_with_samples_in_one_statement(desk: Desk) -> None:
    project = await kept(desk, status=PortStatus.NEEDS_FIXES)
    for n in range(7):
        errors = [CLOSED.as_json(), WRONG.as_json()] if n < 2 else [WRONG.as_json()]
        await desk.keep(
            make.port_number(
                project, f"+1303555020{n}", state=PortNumberState.INVALID, errors=errors
            )
        )
    with desk.statements() as seen:
        groups = (await read(desk, project, GROUPS))["errorGroups"]
    assert [(g["code"], g["count"], g["fixable"]) for g in groups] == [
        ("BTN_MISMATCH", 7, True),
        ("TN_INACTIVE", 2, False),
    ]
    assert [len(g["sample"]) for g in groups] == [5, 2]
    assert [g["few"] for g in groups] == [[{"number": "+13035550200"}]] * 2
    assert all(g["whatToDo"].endswith(".") for g in groups)
    # The project, its groups, and one statement for each size of sample.
    assert len(seen) == 4
    bad = await desk.ask(
        PROJECT % "errorGroups { sample(first: 101) { id } }",
        {"id": encode(NodeKind.PORT_PROJECT, project.id)},
    )
    assert set(bad.codes) == {"BAD_USER_INPUT"}


DOCUMENTS = """documents { kind fileName sizeBytes sha256 uploadedAt uploadedBy url }
  loa { state reason signedBy signedOn document { fileName } }"""


async def test_documents_and_the_verdict_on_the_letter(desk: Desk) -> None:
    project = await kept(desk)
    (row,) = await with_numbers(desk, project, 1)
    nothing = await read(desk, project, DOCUMENTS)
    assert nothing["documents"] == []
    assert nothing["loa"]["state"] == "MISSING"
    assert nothing["loa"]["document"] is None
    today = datetime.now(UTC).date()
    letter = make.port_document(
        project,
        signed_by="Ada",
        signed_on=today - timedelta(days=3),
        list_hash=port_loa.list_hash([row.number]),
        uploaded_by="Sam",
        uploaded_by_staff=True,
        uploaded_at=NOON,
    )
    bill = make.port_document(
        project,
        kind=PortDocumentKind.BILL,
        file_name="bill.pdf",
        uploaded_at=NOON + timedelta(hours=1),
    )
    await desk.keep(letter, bill)
    found = await read(desk, project, DOCUMENTS)
    assert [(d["kind"], d["uploadedBy"]) for d in found["documents"]] == [
        ("LOA", "WARP staff"),
        ("BILL", "ada"),
    ]
    assert found["documents"][0]["url"] == desk.services.document_link(letter.id)
    assert found["documents"][0] | {"url": ""} == {
        "kind": "LOA",
        "fileName": "loa.pdf",
        "sizeBytes": 3,
        "sha256": "c0ffee",
        "uploadedAt": "2026-11-20T12:00:00Z",
        "uploadedBy": "WARP staff",
        "url": "",
    }
    assert found["loa"] == {
        "state": "CURRENT",
        "reason": None,
        "signedBy": "Ada",
        "signedOn": (today - timedelta(days=3)).isoformat(),
        "document": {"fileName": "loa.pdf"},
    }
    assert (await read(desk, project, DOCUMENTS, STAFF))["documents"][0]["uploadedBy"] == "Sam"
    await desk.keep(make.port_number(project, "+17205550123"))
    stale = (await read(desk, project, DOCUMENTS))["loa"]
    assert stale["state"] == "STALE"
    assert stale["reason"]


CALENDAR = """query($id: ID!, $from: Date, $days: Int) { portProject(id: $id) {
  focCalendar(from: $from, days: $days) { timeZone earliest cutoff
    days { date allowed rush reasons holiday } } } }"""


async def test_the_calendar_goes_by_the_numbers_and_the_clock(desk: Desk) -> None:
    project = await kept(desk)
    await desk.keep(
        make.port_number(project, "+12125550123", losing_spid="6214"),
        make.port_number(project, "+13035550123"),
    )
    asked: dict[str, Any] = {"id": encode(NodeKind.PORT_PROJECT, project.id)}
    month = (await desk.data(CALENDAR, asked))["portProject"]["focCalendar"]
    assert (month["timeZone"], len(month["days"])) == ("America/Denver", 30)
    assert any(day["allowed"] for day in month["days"])
    assert month["days"][0]["allowed"] is False
    assert month["days"][0]["reasons"]
    christmas = {**asked, "from": "2025-12-25", "days": 1}
    (day,) = (await desk.data(CALENDAR, christmas))["portProject"]["focCalendar"]["days"]
    assert day == {
        "date": "2025-12-25",
        "allowed": False,
        "rush": False,
        "reasons": ["PAST", "HOLIDAY"],
        "holiday": "Christmas Day",
    }
    assert (
        len(
            (await desk.data(CALENDAR, {**asked, "days": 92}))["portProject"]["focCalendar"]["days"]
        )
        == 92
    )


@pytest.mark.parametrize("days", [0, 93, -1])
async def test_a_calendar_has_its_bounds(desk: Desk, days: int) -> None:
    project = await kept(desk)
    asked = {"id": encode(NodeKind.PORT_PROJECT, project.id), "days": days}
    assert (await desk.ask(CALENDAR, asked)).codes == ["BAD_USER_INPUT"]


async def told(desk: Desk, project: PortProject, *lines: str) -> None:
    async with desk.worker.write(Scope.worker()) as session:
        for line in lines:
            await port_history.tell(
                session,
                project,
                actor="Sam",
                actor_is_staff=True,
                summary=line,
                status=PortStatus.PENDING,
                number="+13035550200",
                carrier_code="8A",
            )
            await port_history.comment(
                session, project, author="Sam", author_is_staff=True, text=line
            )


HISTORY = """query($id: ID!, $e: String, $c: String) { portProject(id: $id) {
  timeline(first: 2, after: $e) { totalCount pageInfo { endCursor }
    nodes { sequence actor status summary number carrierCode } }
  comments(first: 2, after: $c) { totalCount pageInfo { endCursor } nodes { author text } } } }"""


async def test_history_and_comments_are_paged_newest_first_with_staff_masked(desk: Desk) -> None:
    project = await kept(desk)
    await told(desk, project, "one", "two", "three")
    asked: dict[str, Any] = {"id": encode(NodeKind.PORT_PROJECT, project.id)}
    found = (await desk.data(HISTORY, asked))["portProject"]
    timeline, comments = found["timeline"], found["comments"]
    assert timeline["totalCount"] == comments["totalCount"] == 3
    assert timeline["nodes"][0] == {
        "sequence": 3,
        "actor": "WARP staff",
        "status": "PENDING",
        "summary": "three",
        "number": "+13035550200",
        "carrierCode": "8A",
    }
    assert [each["text"] for each in comments["nodes"]] == ["three", "two"]
    assert {each["author"] for each in comments["nodes"]} == {"WARP staff"}
    asked["e"], asked["c"] = timeline["pageInfo"]["endCursor"], comments["pageInfo"]["endCursor"]
    rest = (await desk.data(HISTORY, asked, STAFF))["portProject"]
    assert [(e["summary"], e["actor"]) for e in rest["timeline"]["nodes"]] == [("one", "Sam")]
    assert rest["comments"]["nodes"] == [{"author": "Sam", "text": "one"}]


EVERYTHING = """{ portProjects(first: 100) { totalCount nodes { id name customer { name }
  progress { validatedCount } loa { state document { fileName } } documents { fileName }
  errorGroups { code count } rejection { code } stall { kind } cost { estimate { amount } } } } }"""


async def filled(desk: Desk, *numbers: int) -> None:
    for number in numbers:
        project = await kept(desk)
        await with_numbers(desk, project, 2, number)
        await desk.keep(make.port_document(project, signed_on=date(2026, 11, 1)))


async def test_a_page_of_projects_costs_the_same_however_many(desk: Desk) -> None:
    await filled(desk, 13035550200, 13035550300)
    with desk.statements() as few:
        await desk.data(EVERYTHING)
    async with desk.worker.read(Scope.worker()) as conn:
        assert await port_projects.count(conn, port_projects.PortFilter()) == 2
    await filled(desk, *range(17205550000, 17205552800, 100))
    with desk.statements() as many:
        found = await desk.data(EVERYTHING)
    assert len(found["portProjects"]["nodes"]) == 30
    assert sorted(few) == sorted(many)
    # page, count, customers, counts, groups, documents, letters, numbers, clock
    assert len(many) == 9


async def test_an_id_of_another_kind_is_no_project(desk: Desk) -> None:
    answer = await desk.ask(PROJECT % "id", {"id": encode(NodeKind.DID, UUID(int=7))})
    assert answer.codes == ["BAD_USER_INPUT"]
