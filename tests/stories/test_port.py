"""Workflow 3 of the plan, in its own fifteen steps, while the worker is killed at each of them.

Through the API alone, over two gateways in turn. Real processes: a carrier that validates, loses
answers and sends webhooks; PostgreSQL; workers that die of kill -9, at a named place or at once.
"""

from __future__ import annotations

from contextlib import aclosing
from datetime import date, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from db.roles import Urls
from tests.kit.stack import STAFF
from tests.stories.town import Town, founded, key

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("live")]

CANARY_PIN, CANARY_ACCOUNT = "7391846250", "ACCT-CANARY-5518273"
GOOD = 96
WRONG_BTN, INACTIVE, FAILS = "9101", "9102", "9108"
DENVER = ZoneInfo("America/Denver")
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

ERRORS = """errors { code message path
  ... on FocDateError { reasons earliest } ... on WrongStateError { state allowedNext } }"""
PROGRESS = """subscription($id: ID!, $after: Int) {
  portValidationProgress(projectId: $id, after: $after) {
    sequence status totalCount validatedCount validCount invalidCount stale } }"""
HISTORY = """subscription($id: ID!, $after: Int) {
  portProjectEvents(projectId: $id, after: $after) { sequence status summary actor } }"""


def mutation(name: str, kind: str, shown: str) -> str:
    """A mutation of the API with its errors."""
    return f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {shown} {ERRORS} }} }}"


CREATE = mutation("createPortProject", "CreatePortProject", "project { id status allowedNext }")
LINT = mutation(
    "lintPortFile",
    "LintPortFile",
    """report { totalCount validCount invalidCount duplicateCount blankCount
       faults(first: 10) { nodes { row code } } }""",
)
UPLOAD = mutation(
    "uploadPortFile", "UploadPortFile", "project { status } report { validCount duplicateCount }"
)
FIXES = mutation(
    "applySuggestedFixes",
    "ApplySuggestedFixes",
    "changes { portNumber { number } field from to } project { status }",
)
EDIT = mutation("updatePortNumbers", "UpdatePortNumbers", "project { status }")
REMOVE = mutation("removePortNumbers", "RemovePortNumbers", "project { status }")
DOCUMENT = mutation(
    "uploadPortDocument",
    "UploadPortDocument",
    "project { loa { state signedBy document { fileName sha256 url } } }",
)
SUBMIT = mutation("submitPortProject", "SubmitPortProject", "project { status attempt }")
COMMENT = mutation("addPortComment", "AddPortComment", "project { id }")
PROJECT = """query($id: ID!) { portProject(id: $id) {
  status attempt requestedFocDate focDate loa { state }
  focCalendar(days: 21) { timeZone earliest days { date allowed rush reasons holiday } }
  errorGroups { code count fixable whatToDo }
  numbers(first: 100) { totalCount nodes { id number state pinSet accountNumberMasked } }
  timeline(first: 100) { nodes { sequence status summary actor } }
  comments(first: 10) { nodes { text author } }
  cost { perNumber { amount } estimate { amount } charged { amount } } } }"""
DIDS = """query($after: String) { dids(first: 100, after: $after, where: {ported: true}) {
  nodes { number status portedFrom portedAt smsEnabled voiceEnabled inSync
          messaging { portStatus } portProject { id } } pageInfo { hasNextPage endCursor } } }"""


def port_file() -> bytes:
    """101 numbers of Verizon: two with a wrong BTN, one inactive, two that will not activate."""
    lines = ["telephone_number,lsp_name,lsp_spid,btn,account_number,pin,notes"]
    tns = [f"303441{1000 + at}" for at in range(GOOD)]
    tns += [f"303442{WRONG_BTN}", f"303443{WRONG_BTN}", f"303442{INACTIVE}"]
    tns += [f"303442{FAILS}", f"303443{FAILS}"]
    lines += [f"{tn},Verizon,6529,3034411000,{CANARY_ACCOUNT},{CANARY_PIN},Main" for tn in tns]
    lines += [lines[1], ",,,,,,"]  # a repetition and a blank row: counted, not taken
    return "\r\n".join(lines).encode("utf-8-sig")


class Port:
    """The story's project, and how it is asked about."""

    def __init__(self, town: Town, project_id: str) -> None:
        self.town = town
        self.id = project_id

    async def now(self) -> dict[str, Any]:
        """The project as it stands."""
        found: dict[str, Any] = (await self.town.ask(PROJECT, {"id": self.id}))["portProject"]
        return found

    async def at(self, *statuses: str) -> dict[str, Any]:
        """The project once it has one of these statuses."""

        async def look() -> dict[str, Any] | None:
            found = await self.now()
            return found if found["status"] in statuses else None

        found: dict[str, Any] = await self.town.until(look, f"{self.id} at {statuses}")
        return found

    def asks(self, **more: Any) -> dict[str, Any]:
        """An input about this project with a fresh key."""
        return {"projectId": self.id, "idempotencyKey": key(), **more}

    def carrier_calls(self, method: str, ending: str) -> list[dict[str, Any]]:
        """What arrived at the carrier."""
        calls = self.town.sandbox.control("GET", "/calls").json()["calls"]
        return [c for c in calls if c["method"] == method and c["path"].endswith(ending)]


@pytest.fixture
async def town(tmp_path: Path, database_urls: Urls) -> Any:
    async with founded(tmp_path, database_urls) as opened:
        yield opened


async def test_a_hundred_numbers_come_from_verizon(town: Town) -> None:
    await steps_1_and_2_the_form(town)
    port = await step_3_the_project(town)
    await steps_4_and_5_the_file(town, port)
    await steps_6_and_7_validation(town, port)
    await steps_8_and_9_fixes(town, port)
    foc = await step_10_the_letter_and_the_day(town, port)
    await step_11_submission(town, port, foc)
    await step_12_the_carrier_agrees(town, port, foc)
    await step_13_foc_day(town, port, foc)
    await step_14_the_numbers_are_ours(town, port)
    await step_15_the_customer_is_told(town, port)
    assert town.kills >= 11
    await nothing_secret_is_left(town)


async def steps_1_and_2_the_form(town: Town) -> None:
    """The plan's own example, 15 November 2025, is a Saturday, and past: refused, with reasons."""
    answer = await town.ask(
        CREATE,
        {
            "input": {
                "name": "Verizon Port - Nov 2025",
                "requestedFocDate": "2025-11-15",
                "losingCarrier": "Verizon",
                "authorizedPerson": "John Doe",
                "authorizedTitle": "CEO",
                "idempotencyKey": key(),
            }
        },
    )
    [error] = answer["createPortProject"]["errors"]
    assert error["code"] == "FOC_DATE_NOT_ALLOWED"
    assert {"PAST", "WEEKEND"} <= set(error["reasons"])
    assert error["path"] == ["requestedFocDate"]
    assert date.fromisoformat(error["earliest"]).weekday() < 5
    await town.replaced()


async def step_3_the_project(town: Town) -> Port:
    """The worker dies after the carrier has made the project and before we know: it is found."""
    town.doom("port_create.after_send")
    asked = {
        "name": "Verizon Port - main office",
        "description": "Porting main office numbers from Verizon",
        "losingCarrier": "Verizon",
        "authorizedPerson": "John Doe",
        "authorizedTitle": "CEO",
        "idempotencyKey": key(),
    }
    answers = [await town.ask(CREATE, {"input": asked}) for _ in range(2)]
    ids = {answer["createPortProject"]["project"]["id"] for answer in answers}
    assert len(ids) == 1, "the same key twice, at two gateways, is one project"
    await town.replaced(at="port_create.after_send")
    return Port(town, ids.pop())


async def steps_4_and_5_the_file(town: Town, port: Port) -> None:
    """Every row is counted; the worker dies with the carrier's answer to the upload."""
    file = port_file()
    report = (await town.upload(LINT, "numbers.csv", file, {}))["lintPortFile"]["report"]
    counts = [report[f"{name}Count"] for name in ("valid", "invalid", "duplicate", "blank")]
    assert counts == [101, 0, 1, 1]
    assert report["totalCount"] == sum(counts)
    town.doom("port_upload.after_send")
    answer = (await town.upload(UPLOAD, "numbers.csv", file, port.asks()))["uploadPortFile"]
    assert answer["errors"] == []
    assert answer["project"]["status"] == "VALIDATING"
    await town.replaced(at="port_upload.after_send")


async def steps_6_and_7_validation(town: Town, port: Port) -> None:
    """Watched at one gateway, then at the other from where the first left off."""
    seen: list[dict[str, Any]] = []
    async with aclosing(town.events(0, PROGRESS, {"id": port.id})) as events:
        async for event in events:
            seen.append(event)
            if event["validatedCount"]:
                break
    await town.replaced()
    rest = {"id": port.id, "after": seen[-1]["sequence"]}
    async with aclosing(town.events(1, PROGRESS, rest)) as events:
        seen += [event async for event in events]
    assert all(b["sequence"] == a["sequence"] + 1 for a, b in pairwise(seen))
    assert all(b["validatedCount"] >= a["validatedCount"] for a, b in pairwise(seen))
    last = seen[-1]
    assert (last["status"], last["totalCount"], last["validatedCount"]) == ("NEEDS_FIXES", 101, 101)
    assert (last["validCount"], last["invalidCount"]) == (98, 3)
    assert len(port.carrier_calls("POST", "/projects")) == 1


async def steps_8_and_9_fixes(town: Town, port: Port) -> None:
    """Suggestions are looked at, then taken; a dead number goes; only what was touched is asked."""
    groups = {group["code"]: group for group in (await port.now())["errorGroups"]}
    assert groups["BTN_MISMATCH"]["count"] == 2
    assert groups["BTN_MISMATCH"]["fixable"]
    assert groups["TN_INACTIVE"]["whatToDo"]
    dry = (await town.ask(FIXES, {"input": port.asks(dryRun=True)}))["applySuggestedFixes"]
    assert {change["field"] for change in dry["changes"]} == {"btn"}
    assert len(dry["changes"]) == 2
    assert (await port.now())["status"] == "NEEDS_FIXES"
    town.doom("port_upload.before_settle")
    done = (await town.ask(FIXES, {"input": port.asks()}))["applySuggestedFixes"]
    assert done["changes"] == dry["changes"]
    await town.replaced(at="port_upload.before_settle")
    nodes = (await port.now())["numbers"]["nodes"]
    [dead] = [node["id"] for node in nodes if node["number"].endswith(INACTIVE)]
    await town.replaced()
    removed = await town.ask(REMOVE, {"input": port.asks(portNumberIds=[dead])})
    assert removed["removePortNumbers"]["errors"] == []
    project = await port.at("VALIDATED")
    assert project["numbers"]["totalCount"] == 100
    assert {node["state"] for node in project["numbers"]["nodes"]} == {"VALID"}


async def step_10_the_letter_and_the_day(town: Town, port: Port) -> date:
    """Without a letter of authorization nothing goes; the calendar says which day can."""
    calendar = (await port.now())["focCalendar"]
    assert calendar["timeZone"] == "America/Denver"
    allowed = [day for day in calendar["days"] if day["allowed"] and not day["rush"]]
    foc = date.fromisoformat(allowed[0]["date"])
    refused = await town.ask(SUBMIT, {"input": port.asks(focDate=foc.isoformat())})
    assert [e["code"] for e in refused["submitPortProject"]["errors"]] == ["LOA_REQUIRED"]
    saturday = next(
        d["date"] for d in calendar["days"] if date.fromisoformat(d["date"]).weekday() == 5
    )
    letter = port.asks(kind="LOA", signedBy="John Doe", signedOn=calendar["days"][0]["date"])
    await town.replaced()
    answer = (await town.upload(DOCUMENT, "../loa signed.pdf", PDF, letter))["uploadPortDocument"]
    assert answer["errors"] == []
    assert answer["project"]["loa"]["state"] == "CURRENT"
    assert ".." not in answer["project"]["loa"]["document"]["fileName"]
    refused = await town.ask(SUBMIT, {"input": port.asks(focDate=saturday)})
    [error] = refused["submitPortProject"]["errors"]
    assert (error["code"], error["reasons"][0]) == ("FOC_DATE_NOT_ALLOWED", "WEEKEND")
    return foc


async def step_11_submission(town: Town, port: Port, foc: date) -> None:
    """The answer to the submission is lost with the worker: it is read back, not sent again."""
    town.doom("port_submit.after_send")
    await town.ask(SUBMIT, {"input": port.asks(focDate=foc.isoformat())})
    await town.replaced(at="port_submit.after_send")
    project = await port.at("SUBMITTED", "PENDING")
    assert project["requestedFocDate"] == foc.isoformat()
    assert len(port.carrier_calls("POST", "/submit")) == 1
    assert project["cost"]["estimate"]["amount"] == "1000.00"
    assert project["cost"]["charged"]["amount"] in {"0.00", "0"}


async def step_12_the_carrier_agrees(town: Town, port: Port, foc: date) -> None:
    """PENDING, CONFIRMED, FOC_ASSIGNED by webhooks, while the history is watched."""
    town.doom("webhook.before_settle")
    await town.advance(timedelta(hours=2))
    await town.replaced(at="webhook.before_settle")
    await port.at("PENDING")
    await town.advance(timedelta(hours=26))
    await port.at("CONFIRMED")
    await town.ask(COMMENT, {"input": port.asks(text="Verizon says yes.")})
    await town.advance(timedelta(hours=26))
    project = await port.at("FOC_ASSIGNED")
    assert project["focDate"] == foc.isoformat()


async def step_13_foc_day(town: Town, port: Port, foc: date) -> None:
    """At noon where the numbers live the port activates; the worker dies over the webhook."""
    noon = datetime.combine(foc, time(12), DENVER)
    here: datetime = await town.owner.fetchval("SELECT ops.now()")
    town.doom("webhook.before_settle")
    await town.advance(noon - here + timedelta(minutes=10))
    await town.replaced(at="webhook.before_settle")
    project = await port.at("PARTIAL")
    states = [node["state"] for node in project["numbers"]["nodes"]]
    assert (states.count("ACTIVE"), states.count("FAILED")) == (98, 2)


async def step_14_the_numbers_are_ours(town: Town, port: Port) -> None:
    """Each number has exactly one did: ported, from whom, when; messaging is not claimed."""

    async def in_sync() -> list[dict[str, Any]] | None:
        nodes: list[dict[str, Any]] = (await town.ask(DIDS))["dids"]["nodes"]
        return nodes if nodes and all(node["inSync"] for node in nodes) else None

    await town.replaced()
    nodes = await town.until(in_sync, "98 dids told to the carrier")
    assert len({node["number"] for node in nodes}) == len(nodes) == 98
    for node in nodes:
        assert (node["status"], node["portedFrom"]) == ("ACTIVE", "Verizon")
        assert node["portedAt"]
        assert not node["smsEnabled"]
        assert node["messaging"]["portStatus"] == "PENDING"
        assert node["portProject"]["id"] == port.id
    record = town.sandbox.control("GET", f"/state?tn={nodes[0]['number'][2:]}").json()
    assert record["applicationId"] == "WARP"
    assert record["applicationMetadata"]["losing_carrier"] == "Verizon"


async def step_15_the_customer_is_told(town: Town, port: Port) -> None:
    """One e-mail for each occasion, and a history that says it all."""

    async def complete() -> list[str] | None:
        subjects = [subject(file) for file in town.letters()]
        return subjects if any("98 of 100" in each for each in subjects) else None

    await town.replaced()
    subjects = await town.until(complete, "the e-mail that says 98 of 100")
    assert len([each for each in subjects if "98 of 100" in each]) == 1
    project = await port.now()
    assert project["cost"]["charged"]["amount"] == "980.00"
    told = [line["status"] for line in reversed(project["timeline"]["nodes"]) if line["status"]]
    milestones = ["VALIDATING", "NEEDS_FIXES", "VALIDATED", "SUBMITTED", "PENDING", "CONFIRMED"]
    milestones += ["FOC_ASSIGNED", "PARTIAL"]
    assert [s for s in dict.fromkeys(told) if s in milestones] == milestones
    sequences = [line["sequence"] for line in reversed(project["timeline"]["nodes"])]
    assert sequences == list(range(1, len(sequences) + 1))
    replay: list[int] = []
    async with aclosing(town.events(1, HISTORY, {"id": port.id, "after": 0})) as events:
        async for event in events:
            replay.append(event["sequence"])
            if len(replay) == len(sequences):
                break
    assert replay == sequences
    assert [c["text"] for c in project["comments"]["nodes"]] == ["Verizon says yes."]
    incidents = await town.ask("{ incidents(states: [OPEN]) { nodes { summary } } }", as_=STAFF)
    assert incidents["incidents"]["nodes"] == []


def subject(file: Path) -> str:
    """The subject line of a letter."""
    return str(message_from_bytes(file.read_bytes(), policy=default)["subject"])


async def nothing_secret_is_left(town: Town) -> None:
    """The PIN and the account number are in no log, letter, row or metric."""
    texts = {
        "logs": town.logs(),
        "letters": "".join(f.read_text() for f in town.letters()),
        "answers": "\n".join(town.said),
        "metrics": await town.metrics(),
    }
    for schema_, table in await town.owner.fetch(
        """SELECT schemaname, tablename FROM pg_tables
           WHERE schemaname IN ('accounts', 'voice', 'ops', 'queue')"""
    ):
        rows = await town.owner.fetch(f"SELECT t::text AS said FROM {schema_}.{table} AS t")
        texts[f"{schema_}.{table}"] = "\n".join(row["said"] for row in rows)
    assert all(texts[each] for each in ("logs", "letters", "answers", "metrics"))
    assert texts["voice.port_numbers"]
    for where, text in texts.items():
        assert CANARY_PIN not in text, where
        assert CANARY_ACCOUNT not in text, where
