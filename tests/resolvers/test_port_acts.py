"""What people do with ports: inputs become commands, payloads show what stands and what was no."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from starlette.datastructures import UploadFile

from db import seed
from db.tables import PortNumber, PortProject
from numbering.actors import Actor, Role
from numbering.port_codes import NumberError, PortErrorCode, Suggestion
from numbering.porting import PortNumberState, PortStatus
from resolvers.ids import NodeKind, encode
from tests.db import make
from tests.kit.desk import ALICE, PEOPLE, STAFF, Desk, person

PDF = b"%PDF-1.4\n1 0 obj\n%%EOF\n"
ERRORS = "errors { code message path ... on FocDateError { reasons earliest } }"
REPORT = """report { fileName format encoding delimiter totalCount validCount invalidCount
  duplicateCount blankCount columns faults(first: 2, after: $after) { totalCount
    nodes { row column code severity value message suggestion }
    edges { cursor } pageInfo { endCursor hasNextPage hasPreviousPage } } }"""
LINT = f"""mutation($file: Upload!, $after: String) {{
  lintPortFile(input: {{file: $file}}) {{ {REPORT} {ERRORS} }} }}"""
UPLOAD = f"""mutation($i: UploadPortFileInput!, $after: String) {{
  uploadPortFile(input: $i) {{ project {{ status numbers {{ totalCount }} }} {REPORT} {ERRORS} }}
}}"""
SHEET = b"""telephone_number,losing_carrier,btn,account_number,pin
3035550200,Qwest,3035550200,12345678,4321
911,Qwest,3035550200,12345678,4321
3035550201,Qwest,3035550200,12345678,4321
3035550201,Qwest,3035550200,12345678,4321
no,Qwest,3035550200,12345678,4321
"""
FIX = NumberError(
    code=PortErrorCode.BTN_MISMATCH,
    carrier_code=None,
    field="btn",
    message="The billing number is another.",
    expected=None,
    got=None,
    fixable=True,
    suggested=Suggestion("btn", "+13035559100", "Take the billing number on file."),
)


def file(content: bytes = SHEET, name: str = "numbers.csv") -> UploadFile:
    return UploadFile(BytesIO(content), filename=name)


def named(kind: NodeKind, row: Any) -> str:
    return encode(kind, row.id)


async def act(
    desk: Desk,
    field: str,
    asked: dict[str, Any],
    *,
    shown: str = "project { id name status }",
    actor: Actor = ALICE,
) -> Any:
    kind = f"{field[0].upper()}{field[1:]}Input"
    text = f"mutation($i: {kind}!) {{ done: {field}(input: $i) {{ {shown} {ERRORS} }} }}"
    variables = {"i": {"idempotencyKey": f"{field}-{asked}"[:200], **asked}}
    return (await desk.data(text, variables, actor))["done"]


def codes(done: Any) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["path"]) for error in done["errors"]]


async def kept(desk: Desk, **values: Any) -> tuple[PortProject, PortNumber]:
    project = make.port_project(**{"status": PortStatus.NEEDS_FIXES, **values})
    number = make.port_number(
        project, state=PortNumberState.INVALID, errors=[FIX.as_json()], btn="+13035559101"
    )
    await desk.keep(project, number)
    return project, number


async def test_a_file_is_judged_without_a_trace(desk: Desk) -> None:
    done = (await desk.data(LINT, {"file": file()}))["lintPortFile"]
    assert done["errors"] == []
    report = done["report"]
    faults = report.pop("faults")
    assert report == {
        "fileName": "numbers.csv",
        "format": "csv",
        "encoding": report["encoding"],
        "delimiter": ",",
        "totalCount": 5,
        "validCount": 2,
        "invalidCount": 2,
        "duplicateCount": 1,
        "blankCount": 0,
        "columns": ["telephone_number", "lsp_name", "btn", "account_number", "pin"],
    }
    assert faults["totalCount"] >= 3
    assert len(faults["nodes"]) == 2
    assert faults["nodes"][0]["row"] == 3
    info = faults["pageInfo"]
    assert (info["hasNextPage"], info["hasPreviousPage"]) == (True, False)
    again = {"file": file(), "after": info["endCursor"]}
    rest = (await desk.data(LINT, again))["lintPortFile"]["report"]["faults"]
    assert rest["pageInfo"]["hasPreviousPage"]
    assert rest["nodes"][0] not in faults["nodes"]
    other = {"file": file(b"telephone_number\n911\n"), "after": info["endCursor"]}
    assert (await desk.ask(LINT, other)).codes == ["BAD_USER_INPUT"]
    assert (await desk.data("{ portProjects { totalCount } }"))["portProjects"]["totalCount"] == 0


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"name\nAda\n"])
async def test_a_file_that_is_no_sheet_is_refused(desk: Desk, content: bytes) -> None:
    done = (await desk.data(LINT, {"file": file(content)}, STAFF))["lintPortFile"]
    assert done["report"] is None
    assert codes(done) == [("FILE_REFUSED", ["file"])]


async def test_a_file_that_is_too_large_is_refused(desk: Desk) -> None:
    large = SHEET + b"\n" * desk.services.port_limits.max_file_bytes
    done = (await desk.data(LINT, {"file": file(large)}))["lintPortFile"]
    assert codes(done) == [("FILE_REFUSED", ["file"])]


async def test_a_text_is_no_file(desk: Desk) -> None:
    assert (await desk.ask(LINT, {"file": "numbers.csv"})).codes == ["BAD_USER_INPUT"]
    literal = 'mutation { lintPortFile(input: {file: "x"}) { errors { code } } }'
    assert (await desk.ask(literal)).codes in (["BAD_USER_INPUT"], ["GRAPHQL_VALIDATION_FAILED"])


async def test_whoever_says_not_for_whom_has_nothing_judged(desk: Desk) -> None:
    undecided = person(Role.CUSTOMER_ADMIN, seed.CUSTOMER_A, seed.CUSTOMER_B)
    assert (await desk.ask(LINT, {"file": file()}, undecided)).codes == ["BAD_USER_INPUT"]


async def test_the_rules_of_files_are_published(desk: Desk) -> None:
    text = "{ portFileRules { code column severity description example } }"
    rules = (await desk.data(text, actor=PEOPLE[Role.VIEWER]))["portFileRules"]
    values = await desk.data('{ __type(name: "PortFileCode") { enumValues { name } } }')
    assert {rule["code"] for rule in rules} == {
        value["name"] for value in values["__type"]["enumValues"]
    }
    assert all(rule["description"].endswith((".", ")")) for rule in rules)


async def test_a_project_is_created_changed_and_commented(desk: Desk) -> None:
    asked = {
        "name": "Denver",
        "description": "All",
        "losingCarrier": "Qwest",
        "authorizedPerson": "Ada",
        "authorizedTitle": "CFO",
    }
    shown = "project { id name focCalendar(days: 1) { earliest } }"
    done = await act(desk, "createPortProject", asked, shown=shown)
    assert done["errors"] == []
    assert done["project"]["name"] == "Denver"
    project, earliest = done["project"]["id"], done["project"]["focCalendar"]["earliest"]
    shown = "project { name description losingCarrier requestedFocDate authorizedPerson }"
    changed = await act(
        desk,
        "updatePortProject",
        {
            "projectId": project,
            "name": "Denver and Boulder",
            "description": None,
            "requestedFocDate": earliest,
        },
        shown=shown,
    )
    assert changed["project"] == {
        "name": "Denver and Boulder",
        "description": None,
        "losingCarrier": "Qwest",
        "requestedFocDate": earliest,
        "authorizedPerson": "Ada",
    }
    noted = await act(
        desk,
        "addPortComment",
        {"projectId": project, "text": "Mind the fax."},
        shown="project { comments { nodes { author text } } }",
        actor=STAFF,
    )
    assert noted["project"]["comments"]["nodes"] == [{"author": "Staff", "text": "Mind the fax."}]


async def test_staff_say_for_whom_they_begin_a_project(desk: Desk) -> None:
    done = await act(desk, "createPortProject", {"name": "x"}, actor=STAFF)
    assert (done["project"], codes(done)) == (None, [("INVALID", ["customerId"])])
    b = encode(NodeKind.CUSTOMER, seed.CUSTOMER_B)
    named_b = {"name": "x", "customerId": b}
    shown = "project { customer { id } }"
    done = await act(desk, "createPortProject", named_b, shown=shown, actor=STAFF)
    assert done["project"]["customer"]["id"] == b
    done = await act(desk, "createPortProject", named_b)
    assert (done["project"], codes(done)) == (None, [("NOT_FOUND", ["customerId"])])


async def test_a_file_is_taken_in_with_a_report(desk: Desk) -> None:
    project = make.port_project()
    await desk.keep(project)
    asked = {"projectId": named(NodeKind.PORT_PROJECT, project), "idempotencyKey": "u1"}
    done = (await desk.data(UPLOAD, {"i": {**asked, "file": file()}}))["uploadPortFile"]
    assert done["errors"] == []
    assert done["project"] == {"status": "VALIDATING", "numbers": {"totalCount": 2}}
    assert (done["report"]["validCount"], done["report"]["invalidCount"]) == (2, 2)
    again = (await desk.data(UPLOAD, {"i": {**asked, "file": file()}}))["uploadPortFile"]
    assert again["project"] == done["project"]
    other = {**asked, "idempotencyKey": "u2", "file": file(b"nothing")}
    refused = (await desk.data(UPLOAD, {"i": other}))["uploadPortFile"]
    assert (refused["report"], codes(refused)) == (None, [("FILE_REFUSED", ["file"])])


async def test_rows_are_edited_by_id(desk: Desk) -> None:
    project, number = await kept(desk)
    asked = {
        "projectId": named(NodeKind.PORT_PROJECT, project),
        "changes": [
            {
                "portNumberId": named(NodeKind.PORT_NUMBER, number),
                "losingCarrier": "Lumen",
                "losingSpid": "8824",
                "btn": "(303) 555-9100",
                "accountNumber": "98765",
                "pin": "4321",
                "notes": None,
            }
        ],
    }
    shown = """project { status numbers { nodes { state losingCarrier losingSpid btn
      accountNumberMasked pinSet notes } } }"""
    done = await act(desk, "updatePortNumbers", asked, shown=shown)
    assert done["errors"] == []
    (row,) = done["project"]["numbers"]["nodes"]
    assert "98765" not in row.pop("accountNumberMasked")
    assert row == {
        "state": "PENDING",
        "losingCarrier": "Lumen",
        "losingSpid": "8824",
        "btn": "+13035559100",
        "pinSet": True,
        "notes": None,
    }


async def test_a_bad_row_id_is_told_by_its_place(desk: Desk) -> None:
    project, number = await kept(desk)
    rows = [{"portNumberId": named(NodeKind.PORT_NUMBER, number), "notes": "x"}]
    asked = {
        "projectId": named(NodeKind.PORT_PROJECT, project),
        "changes": [*rows, {"portNumberId": "no id", "notes": "x"}],
        "revalidate": False,
    }
    done = await act(desk, "updatePortNumbers", asked)
    assert codes(done) == [("INVALID", ["changes", "1"])]


FIXED = """project { id } changes { portNumber { number btn } field from to }"""


async def test_fixes_are_shown_then_applied(desk: Desk) -> None:
    project, number = await kept(desk)
    asked = {"projectId": named(NodeKind.PORT_PROJECT, project), "codes": ["BTN_MISMATCH"]}
    dry = await act(desk, "applySuggestedFixes", {**asked, "dryRun": True}, shown=FIXED)
    change = {"field": "btn", "from": "+13035559101", "to": "+13035559100"}
    assert dry["changes"] == [
        {"portNumber": {"number": number.number, "btn": "+13035559101"}, **change}
    ]
    some = {**asked, "portNumberIds": [named(NodeKind.PORT_NUMBER, number)]}
    done = await act(desk, "applySuggestedFixes", some, shown=FIXED)
    assert done["errors"] == []
    assert done["changes"] == [
        {"portNumber": {"number": number.number, "btn": "+13035559100"}, **change}
    ]


async def test_rows_are_removed_and_checked_again(desk: Desk) -> None:
    project, number = await kept(desk)
    rows = [named(NodeKind.PORT_NUMBER, number)]
    asked = {"projectId": named(NodeKind.PORT_PROJECT, project)}
    again = await act(desk, "revalidatePortNumbers", {**asked, "portNumberIds": rows})
    assert (again["errors"], again["project"]["status"]) == ([], "VALIDATING")
    gone = await act(
        desk,
        "removePortNumbers",
        {**asked, "portNumberIds": rows, "reason": "not ours"},
        shown="project { status numbers { totalCount } }",
    )
    assert gone["errors"] == []
    assert gone["project"] == {"status": "DRAFT", "numbers": {"totalCount": 0}}


async def test_documents_are_attached_and_judged(desk: Desk) -> None:
    project, _ = await kept(desk)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    asked = {
        "projectId": named(NodeKind.PORT_PROJECT, project),
        "kind": "LOA",
        "file": file(PDF, "loa.pdf"),
        "signedBy": "Ada",
        "signedOn": yesterday,
        "idempotencyKey": "d1",
    }
    shown = "project { loa { state signedBy signedOn } documents { fileName uploadedBy } }"
    done = await act(desk, "uploadPortDocument", asked, shown=shown)
    assert done["errors"] == []
    assert done["project"] == {
        "loa": {"state": "CURRENT", "signedBy": "Ada", "signedOn": yesterday},
        "documents": [{"fileName": "loa.pdf", "uploadedBy": ALICE.display}],
    }
    no_pdf = {**asked, "file": file(b"MZ", "loa.exe"), "idempotencyKey": "d2"}
    refused = await act(desk, "uploadPortDocument", no_pdf)
    assert codes(refused) == [("FILE_REFUSED", ["file"])]


async def test_a_day_that_cannot_be_had_is_told_with_reasons(desk: Desk) -> None:
    project = make.port_project(status=PortStatus.VALIDATED, authorized_person="Ada")
    number = make.port_number(project, state=PortNumberState.VALID)
    await desk.keep(project, number)
    asked = {"projectId": named(NodeKind.PORT_PROJECT, project), "focDate": "2020-01-04"}
    missing = await act(desk, "submitPortProject", asked)
    assert codes(missing) == [("LOA_REQUIRED", ["projectId"])]
    letter = {
        "projectId": asked["projectId"],
        "kind": "LOA",
        "file": file(PDF, "loa.pdf"),
        "signedBy": "Ada",
        "signedOn": (datetime.now(UTC) - timedelta(days=1)).date().isoformat(),
        "idempotencyKey": "d1",
    }
    assert (await act(desk, "uploadPortDocument", letter))["errors"] == []
    refused = await act(desk, "submitPortProject", {**asked, "idempotencyKey": "s2"})
    (error,) = refused["errors"]
    assert (error["code"], error["path"]) == ("FOC_DATE_NOT_ALLOWED", ["focDate"])
    assert error["reasons"] == ["PAST", "WEEKEND"]
    assert error["earliest"] > "2026"


async def test_a_draft_is_called_off(desk: Desk) -> None:
    project, _ = await kept(desk)
    asked = {"projectId": named(NodeKind.PORT_PROJECT, project), "reason": "changed plans"}
    done = await act(desk, "cancelPortProject", asked)
    assert done["errors"] == []
    assert done["project"]["status"] in {"CANCELLING", "CANCELLED"}


async def test_staff_activate_only_what_the_carrier_has(desk: Desk) -> None:
    project, number = await kept(desk)
    asked = {
        "projectId": named(NodeKind.PORT_PROJECT, project),
        "portNumberIds": [named(NodeKind.PORT_NUMBER, number)],
    }
    done = await act(desk, "activatePortNumbers", asked, actor=STAFF)
    assert codes(done) == [("WRONG_STATE", ["projectId"])]


async def test_an_id_that_is_none_is_invalid_and_not_unknown(desk: Desk) -> None:
    done = await act(desk, "cancelPortProject", {"projectId": "no id", "reason": "x"})
    assert (done["project"], codes(done)) == (None, [("INVALID", ["projectId"])])


NOTICES = "customer { noticePreferences { kind enabled recipients } }"


async def test_notices_are_chosen_kind_by_kind(desk: Desk) -> None:
    asked = {
        "preferences": [
            {"kind": "PORT_REJECTED", "recipients": ["ops@aspen.example"]},
            {"kind": "PORT_FOC_NEAR", "enabled": False},
        ]
    }
    done = await act(desk, "updateNoticePreferences", asked, shown=NOTICES)
    assert done["errors"] == []
    chosen = {
        p["kind"]: (p["enabled"], p["recipients"]) for p in done["customer"]["noticePreferences"]
    }
    assert chosen["PORT_REJECTED"] == (True, ["ops@aspen.example"])
    assert chosen["PORT_FOC_NEAR"] == (False, [])
    assert chosen["PORT_COMPLETE"] == (True, [])
    unclear = await act(desk, "updateNoticePreferences", asked, shown=NOTICES, actor=STAFF)
    assert (unclear["customer"], codes(unclear)) == (None, [("INVALID", ["customerId"])])
    bad = {"preferences": [{"kind": "PORT_REJECTED", "recipients": ["nobody"]}]}
    refused = await act(desk, "updateNoticePreferences", bad, shown=NOTICES)
    assert codes(refused) == [("INVALID", ["preferences", "0", "recipients", "0"])]
