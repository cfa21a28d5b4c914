"""A port of 10 000 numbers through the gateway: how long people wait for what."""

from __future__ import annotations

import asyncio
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from db.roles import Urls
from tests.bench.files import write
from tests.bench.ground import table
from tests.kit.asgi import wire
from tests.kit.stack import CUSTOMER_A, Stack, running

ROWS = 10_000
CREATE = """mutation($i: CreatePortProjectInput!) { createPortProject(input: $i) {
  project { id } errors { message } } }"""
LINT = """mutation($i: LintPortFileInput!) { lintPortFile(input: $i) {
  report { totalCount validCount } errors { message } } }"""
UPLOAD = """mutation($i: UploadPortFileInput!) { uploadPortFile(input: $i) {
  report { validCount } errors { message } } }"""
WATCH = """subscription($id: ID!) { portValidationProgress(projectId: $id) {
  sequence status totalCount } }"""
NUMBERS = """query($id: ID!) { portProject(id: $id) {
  errorGroups { code count } numbers(first: 100) { totalCount nodes { number state } } } }"""


async def run(urls: Urls) -> None:
    """Take one large port as far as its first progress, and print the table."""
    async with running(urls) as stack:
        rows = [[name, f"{seconds:.2f} s"] for name, seconds in await timed(stack)]
    table(f"A port of {ROWS} numbers, in one process", ["what", "took"], rows)


async def timed(stack: Stack) -> list[tuple[str, float]]:
    """Each wait of the customer's."""
    found: list[tuple[str, float]] = []

    async def step(name: str, work: Any) -> Any:
        began = time.perf_counter()
        answer = await work
        found.append((name, time.perf_counter() - began))
        return answer

    with tempfile.TemporaryDirectory() as folder:
        csv, xlsx = (file.read_bytes() for file in write(Path(folder)))
    await step("lint, CSV", send(stack, LINT, "numbers.csv", csv, {}))
    await step("lint, XLSX", send(stack, LINT, "numbers.xlsx", xlsx, {}))
    made = await stack.data(CREATE, {"i": {"name": "Bench", "idempotencyKey": "bench-create"}})
    project = made["createPortProject"]["project"]["id"]
    asked = {"projectId": project, "idempotencyKey": "bench-upload"}
    began = time.perf_counter()
    async with wire(stack.app) as socket:
        await socket.greet({"authorization": f"Bearer {CUSTOMER_A}"})
        socket.subscribe(WATCH, variables={"id": project})
        assert (await socket.hear())["payload"]["data"]["portValidationProgress"]
        upload = asyncio.create_task(send(stack, UPLOAD, "numbers.csv", csv, asked))
        began = time.perf_counter()
        while True:
            with suppress(TimeoutError):
                said = (await socket.hear())["payload"]["data"]["portValidationProgress"]
                if said["totalCount"]:
                    break
        found.append(("upload to first progress event", time.perf_counter() - began))
        await upload
        found.append(("upload to its answer", time.perf_counter() - began))
    await step("a page of its numbers, with counts", stack.data(NUMBERS, {"id": project}))
    return found


async def send(
    stack: Stack, query: str, name: str, content: bytes, asked: dict[str, Any]
) -> dict[str, Any]:
    """A mutation with a file."""
    operations = {"query": query, "variables": {"i": {**asked, "file": None}}}
    answer = await stack.client.post(
        "/graphql",
        data={
            "operations": orjson.dumps(operations).decode(),
            "map": '{"0": ["variables.i.file"]}',
        },
        files={"0": (name, content)},
        headers={"authorization": f"Bearer {CUSTOMER_A}", "x-csrf": "1"},
    )
    body: dict[str, Any] = answer.json()
    assert "errors" not in body, body
    done = next(iter(body["data"].values()))
    assert done["errors"] == [], done["errors"]
    return body
