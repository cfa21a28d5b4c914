"""Every example of docs/porting.md runs, in its order, against the platform in one process."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import orjson

from tests.docs.pages import ROOT, Example, at, examples, filled, page
from tests.docs.test_api_guide import TOKENS, asked, codes, same_shape
from tests.kit.asgi import wire
from tests.kit.stack import Stack

GUIDE = page("docs/porting.md")
FILE = re.compile(r"^# file (\S+): (\S+)$", re.MULTILINE)
TO_THE_END = "\n# to the end\n"
CALENDAR = """query($id: ID!) { portProject(id: $id) {
  focCalendar(days: 30) { days { date allowed } } } }"""


async def uploaded(stack: Stack, example: Example, variables: dict[str, Any]) -> dict[str, Any]:
    """The answer to an example that sends a file."""
    found = FILE.search(example.document)
    assert found is not None
    path, name = found.groups()
    answer = await stack.client.post(
        "/graphql",
        data={
            "operations": orjson.dumps(
                {"query": example.document, "variables": variables}
            ).decode(),
            "map": orjson.dumps({"0": [f"variables.{path}"]}).decode(),
        },
        files={"0": (name, (ROOT / "docs" / "samples" / name).read_bytes())},
        headers={"authorization": f"Bearer {TOKENS[example.as_]}", "x-csrf": "1"},
    )
    body: dict[str, Any] = answer.json()
    return body


async def last_event(stack: Stack, example: Example, variables: dict[str, Any]) -> dict[str, Any]:
    """The last event of a subscription that completes."""
    async with wire(stack.app) as socket:
        assert (await socket.greet({"authorization": f"Bearer {TOKENS[example.as_]}"}))[
            "type"
        ] == "connection_ack"
        socket.subscribe(example.document, variables=variables)
        last: dict[str, Any] = {}
        while (said := await socket.hear())["type"] == "next":
            last = said["payload"]
        assert said["type"] == "complete", said
        return last


async def answered(stack: Stack, example: Example, variables: dict[str, Any]) -> dict[str, Any]:
    if FILE.search(example.document):
        return await uploaded(stack, example, variables)
    if TO_THE_END in example.document:
        return await last_event(stack, example, variables)
    return await asked(stack, example, variables)


async def first_allowed(stack: Stack, project: str) -> str:
    """A day on which the port may be."""
    calendar = (await stack.data(CALENDAR, {"id": project}))["portProject"]["focCalendar"]
    return next(str(day["date"]) for day in calendar["days"] if day["allowed"])


async def test_every_example_runs(stack: Stack) -> None:
    known: dict[str, Any] = {"TODAY": datetime.now(UTC).date().isoformat()}
    for example in examples(GUIDE):
        if "$EARLIEST" in str(example.variables) and "EARLIEST" not in known:
            known["EARLIEST"] = await first_allowed(stack, known["PROJECT_ID"])
        body = await answered(stack, example, filled(example.variables, known))
        expected = {example.expect} if example.expect else set()
        problems = set(codes(body.get("errors", []))) | {
            code
            for payload in (body.get("data") or {}).values()
            if isinstance(payload, dict)
            for code in codes(payload.get("errors", []))
        }
        assert problems == expected, (example.title, body)
        for name, path in example.gives.items():
            known[name] = at(path, body["data"])
        if example.answer:
            same_shape(example.answer, {key: body[key] for key in example.answer})
