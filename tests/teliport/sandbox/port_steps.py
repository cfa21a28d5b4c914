"""What the tests of ports do over and over: the portability calls of the contract, spelled once."""

from datetime import date, timedelta
from typing import Any

import httpx

from tests.kit.sandbox import Sandbox

PROJECTS = "/port-projects/projects"
HEADER = "telephone_number,lsp_name,lsp_spid,btn,account_number,pin,notes"
HOUR = 3600.0
DAY = 86_400.0
# Saturday, 2026-11-21, 18:00 UTC: noon in the East.
NOW = 1_795_284_000.0
FOC = date(2026, 12, 1)


def csv_of(*tns: str, **cells: str) -> bytes:
    """A file of these numbers, all with the same other cells."""
    usual = {
        "lsp_name": "Verizon",
        "lsp_spid": "6529",
        "btn": "3034411000",
        "account_number": "ACCT-1",
        "pin": "7391",
        "notes": "Main",
    } | cells
    lines = [",".join([tn, *(usual[name] for name in HEADER.split(",")[1:])]) for tn in tns]
    return "\r\n".join([HEADER, *lines]).encode()


async def create(http: httpx.AsyncClient, **fields: Any) -> str:
    """A project in DRAFT; its id."""
    answer = await http.post(PROJECTS, json={"name": "Port", "spid": "567G", **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def upload(
    http: httpx.AsyncClient, project: str, content: bytes, name: str = "numbers.csv"
) -> httpx.Response:
    """Send a file."""
    files = {"file": (name, content, "text/csv")}
    return await http.post(f"{PROJECTS}/{project}/upload", files=files)


async def post(http: httpx.AsyncClient, project: str, what: str, **body: Any) -> httpx.Response:
    """A call that changes a project: `post(http, project, "submit", focDate="2026-12-01")`."""
    return await http.post(f"{PROJECTS}/{project}/{what}", json=body)


async def get(http: httpx.AsyncClient, project: str, what: str = "") -> dict[str, Any]:
    """A project, or its `/progress` or `/details`."""
    answer = await http.get(f"{PROJECTS}/{project}{what}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def rows(http: httpx.AsyncClient, project: str) -> dict[str, dict[str, Any]]:
    """The rows by number."""
    page = await get(http, project, "/details?size=1000")
    return {row["telephoneNumber"]: row for row in page["content"]}


async def validated(carrier: Sandbox, http: httpx.AsyncClient, *tns: str, **cells: str) -> str:
    """A project with these numbers, judged."""
    project = await create(http)
    assert (await upload(http, project, csv_of(*tns, **cells))).status_code == 202
    carrier.advance(len(tns) / carrier.config.validation_rate + 1)
    return project


async def submitted(
    carrier: Sandbox, http: httpx.AsyncClient, *tns: str, foc: date = FOC, **cells: str
) -> str:
    """A project with these numbers, at the carrier."""
    project = await validated(carrier, http, *tns, **cells)
    answer = await post(http, project, "submit", focDate=foc.isoformat())
    assert answer.status_code == 200, answer.text
    return project


def to_foc(carrier: Sandbox, *, foc: date = FOC) -> None:
    """Advance to ten minutes after noon in the West on the FOC day."""
    days = (foc - date(2026, 11, 21)) / timedelta(days=1)
    carrier.advance(NOW + days * DAY + 2.2 * HOUR - carrier.world.clock.now())
