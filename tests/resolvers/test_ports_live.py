"""Ports through the whole platform: gateway, worker, database and the carrier's double."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select

from db.rows import table_of
from db.tables import Operation
from numbering.actors import Actor
from resolvers.context import Context
from resolvers.ids import NodeKind, encode
from schema.published import build
from tests.kit.desk import ALICE, STAFF
from tests.kit.stack import CUSTOMER_A, Stack

SHEET = b"telephone_number,losing_carrier,btn,account_number,pin\n%s\n"
UPLOAD = """mutation($i: UploadPortFileInput!) { uploadPortFile(input: $i) {
  project { id status } report { validCount } errors { code message } } }"""
PROGRESS = """subscription($id: ID!, $after: Int) {
  portValidationProgress(projectId: $id, after: $after) {
    sequence status totalCount validCount invalidCount } }"""
EVENTS = """subscription($id: ID!, $after: Int) {
  portProjectEvents(projectId: $id, after: $after) { sequence status summary } }"""


def sheet(*numbers: str) -> bytes:
    rows = (f"{number},CenturyLink,{number},12345678,4321" for number in numbers)
    return SHEET % "\n".join(rows).encode()


async def uploaded(stack: Stack, text: str, asked: dict[str, Any], content: bytes) -> Any:
    """A mutation with one file, as a browser sends it."""
    operations = {"query": text, "variables": {"i": {**asked, "file": None}}}
    answer = await stack.client.post(
        "/graphql",
        data={
            "operations": orjson.dumps(operations).decode(),
            "map": orjson.dumps({"0": ["variables.i.file"]}).decode(),
        },
        files={"0": ("numbers.csv", content, "text/csv")},
        headers={"authorization": f"Bearer {CUSTOMER_A}", "x-csrf": "1"},
    )
    body = answer.json()
    assert "errors" not in body, body["errors"]
    (done,) = body["data"].values()
    return done


async def begun(stack: Stack) -> str:
    text = """mutation($i: CreatePortProjectInput!) { createPortProject(input: $i) {
      project { id } errors { code message } } }"""
    asked = {"name": "Denver", "losingCarrier": "CenturyLink", "idempotencyKey": "c"}
    done = (await stack.data(text, {"i": asked}))["createPortProject"]
    assert done["errors"] == []
    found: str = done["project"]["id"]
    return found


async def followed(
    stack: Stack, query: str, project: str, after: int | None = None, actor: Actor = ALICE
) -> list[dict[str, Any]]:
    """All that a subscription sends until it completes."""
    results = await build().stream(
        query,
        variable_values={"id": project, "after": after},
        context_value=Context(stack.platform.services, "req-live", actor),
    )
    found = []
    async with asyncio.timeout(60), aclosing(results):
        async for done in results:
            assert not done.errors
            (value,) = done.data.values()
            found.append(value)
    return found


async def test_a_file_is_checked_while_people_watch(stack: Stack) -> None:
    project = await begun(stack)
    watching = asyncio.create_task(followed(stack, PROGRESS, project))
    numbers = [f"303442120{n}" for n in range(4)]
    done = await uploaded(
        stack, UPLOAD, {"projectId": project, "idempotencyKey": "u"}, sheet(*numbers)
    )
    assert (done["errors"], done["report"]["validCount"]) == ([], 4)
    watched = await watching
    assert watched[-1] | {"sequence": 0} == {
        "sequence": 0,
        "status": "VALIDATED",
        "totalCount": 4,
        "validCount": 4,
        "invalidCount": 0,
    }
    first = watched[0]["sequence"]
    assert [each["sequence"] for each in watched] == list(range(first, first + len(watched)))
    replayed = await followed(stack, PROGRESS, project, after=0, actor=STAFF)
    assert replayed[-len(watched) + 1 :] == watched[1:]
    assert [each["sequence"] for each in replayed] == list(range(1, len(replayed) + 1))


async def test_what_the_carrier_finds_is_mended_and_checked_again(stack: Stack) -> None:
    project = await begun(stack)
    asked = {"projectId": project, "idempotencyKey": "u"}
    await uploaded(stack, UPLOAD, asked, sheet("3034421200", "3034429101"))
    assert (await followed(stack, PROGRESS, project))[-1]["status"] == "NEEDS_FIXES"
    text = """query($id: ID!) { portProject(id: $id) {
      errorGroups { code count fixable sample { number } }} }"""
    (group,) = (await stack.data(text, {"id": project}))["portProject"]["errorGroups"]
    assert (group["code"], group["count"], group["fixable"]) == ("BTN_MISMATCH", 1, True)
    fix = """mutation($i: ApplySuggestedFixesInput!) { applySuggestedFixes(input: $i) {
      project { progress { sequence } } changes { field from to } errors { code } } }"""
    done = (await stack.data(fix, {"i": {"projectId": project, "idempotencyKey": "f"}}))[
        "applySuggestedFixes"
    ]
    assert done["changes"] == [{"field": "btn", "from": "+13034429101", "to": "+13034429100"}]
    seen = done["project"]["progress"]["sequence"]
    assert (await followed(stack, PROGRESS, project, after=seen - 1))[-1]["status"] == "VALIDATED"


async def test_a_project_that_is_called_off_ends_its_history(stack: Stack) -> None:
    project = await begun(stack)
    watching = asyncio.create_task(followed(stack, EVENTS, project, after=0))
    text = """mutation($i: CancelPortProjectInput!) { cancelPortProject(input: $i) {
      project { status } errors { code message } } }"""
    asked = {"projectId": project, "reason": "changed plans", "idempotencyKey": "x"}
    assert (await stack.data(text, {"i": asked}))["cancelPortProject"]["errors"] == []
    lines = await watching
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["status"] == "CANCELLED"


async def test_a_document_is_downloaded_by_its_link(stack: Stack) -> None:
    project = await begun(stack)
    text = """mutation($i: UploadPortDocumentInput!) { uploadPortDocument(input: $i) {
      project { documents { url } loa { state } } errors { code message } } }"""
    content = b"%PDF-1.4\nsigned\n%%EOF\n"
    asked = {
        "projectId": project,
        "kind": "LOA",
        "signedBy": "Ada",
        "signedOn": (datetime.now(UTC) - timedelta(days=2)).date().isoformat(),
        "idempotencyKey": "d",
    }
    done = await uploaded(stack, text, asked, content)
    assert done["errors"] == []
    (document,) = done["project"]["documents"]
    link = document["url"]
    path = link[link.index("/files/") :]
    answer = await stack.client.get(path)
    assert (answer.status_code, answer.content) == (200, content)


async def test_an_operation_about_a_port_names_its_customer_and_no_number(stack: Stack) -> None:
    await begun(stack)
    async with stack.platform.services.database.read(STAFF.scope) as conn:
        (row,) = (await conn.execute(select(table_of(Operation).c.id))).all()
    text = "query($id: ID!) { operation(id: $id) { kind number customer { name } } }"
    found = await stack.data(text, {"id": encode(NodeKind.OPERATION, row.id)})
    assert found["operation"] == {
        "kind": "PORT_CREATE",
        "number": None,
        "customer": {"name": "Aspen Outfitters"},
    }
