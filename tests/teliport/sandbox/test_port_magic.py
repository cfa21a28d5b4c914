"""The magic endings keep their promises."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.port_magic import ENDINGS, RIGHT_PIN
from tests.kit.sandbox import UNLIMITED, Sandbox, sandbox
from tests.teliport.sandbox import port_steps as ports

GOOD = "3034411000"


@pytest.fixture
async def carrier() -> AsyncIterator[Sandbox]:
    """A sandbox that begins on a Saturday in November."""
    async with sandbox(wall=lambda: ports.NOW) as opened:
        yield opened


async def errors(http: httpx.AsyncClient, project: str, tn: str) -> list[dict[str, Any]]:
    """What is wrong with a number; nothing only if it is VALID."""
    row = (await ports.rows(http, project))[tn]
    assert row["status"] == ("INVALID" if row["errors"] else "VALID")
    return list(row["errors"])


# Ending: what it finds, and the cells that mend it.
VALIDATION: list[tuple[str, list[tuple[str, str | None, str | None]], dict[str, str] | None]] = [
    ("9101", [("7445", "btn", "3034429100")], {"btn": "(303) 442-9100"}),
    ("9102", [("7409", "telephoneNumber", None)], None),
    (
        "9103",
        [("LSP_MISMATCH", "lspName", "Lumen"), ("LSP_MISMATCH", "lspSpid", "8824")],
        {"lsp_name": "LUMEN", "lsp_spid": "8824"},
    ),
    ("9104", [("7435", "pin", None)], {"pin": RIGHT_PIN}),
    ("9105", [("7401", "accountNumber", None)], {"account_number": "ACCT-9105"}),
    ("9106", [("7403", "telephoneNumber", None)], None),
    ("9114", [("7416", "telephoneNumber", None)], None),
]


@pytest.mark.parametrize(("ending", "found", "mend"), VALIDATION)
async def test_what_validation_finds_and_what_mends_it(
    carrier: Sandbox,
    http: httpx.AsyncClient,
    ending: str,
    found: list[tuple[str, str | None, str | None]],
    mend: dict[str, str] | None,
) -> None:
    tn = f"303442{ending}"
    project = await ports.validated(carrier, http, GOOD, tn)
    seen = await errors(http, project, tn)
    assert [(error["code"], error["field"], error["expected"]) for error in seen] == found
    for error in seen:
        assert error["fixable"] is (error["expected"] is not None)
        assert bool(error["suggestedFix"]) is error["fixable"]
    assert await errors(http, project, GOOD) == []
    assert (await ports.get(http, project, "/progress"))["errors"] == 1
    # Asking again changes nothing; only another row does.
    await ports.post(http, project, "validate")
    carrier.advance(2)
    assert await errors(http, project, tn) == seen
    await ports.upload(http, project, ports.csv_of(tn, **(mend or {})))
    carrier.advance(2)
    assert (await errors(http, project, tn) == []) is (mend is not None)


async def test_an_error_says_what_was_expected_and_what_came(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.validated(carrier, http, "3034429101")
    assert await errors(http, project, "3034429101") == [
        {
            "code": "7445",
            "error": "BTN mismatch. Expected: 3034429100, Got: 3034411000",
            "field": "btn",
            "expected": "3034429100",
            "got": "3034411000",
            "fixable": True,
            "suggestedFix": "Update BTN to 3034429100",
        }
    ]


async def test_a_missing_cell_is_named_as_such(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    tns = [f"303442{ending}" for ending in ("9101", "9103", "9104", "9105")]
    project = await ports.validated(
        carrier, http, *tns, btn="", lsp_name="", lsp_spid="", pin="", account_number=""
    )
    btn, carrier_, pin, account = [await errors(http, project, tn) for tn in tns]
    assert btn[0]["error"] == "BTN mismatch. Expected: 3034429100, Got: nothing"
    assert [error["field"] for error in carrier_] == ["lspName"]
    assert pin[0]["code"] == "PIN_REQUIRED"
    assert account[0]["error"] == "Account number mismatch. Got: nothing"


async def test_a_pending_order_is_gone_the_second_time(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.validated(carrier, http, "3034429107")
    assert [e["code"] for e in await errors(http, project, "3034429107")] == ["7407"]
    await ports.post(http, project, "validate")
    carrier.advance(1)
    assert await errors(http, project, "3034429107") == []


async def test_a_slow_number_takes_a_minute(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.validated(carrier, http, GOOD, "3034429111", "3034411001")
    assert (await ports.get(http, project))["stats"]["valid"] == 1
    carrier.advance(59)
    assert (await ports.get(http, project))["stats"]["valid"] == 3


async def test_a_validation_breaks_down_once(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.create(http)
    await ports.upload(http, project, ports.csv_of(GOOD, "3034429112", "3034411001"))
    carrier.advance(0.3)
    assert (await ports.get(http, project, "/progress"))["status"] == "VALIDATING"
    carrier.advance(100)
    progress = await ports.get(http, project, "/progress")
    assert (progress["status"], progress["validated"]) == ("FAILED", 1)
    assert (await ports.get(http, project))["stats"]["pending"] == 2
    assert (await ports.post(http, project, "submit", focDate="2026-12-01")).status_code == 409
    await ports.post(http, project, "validate", tns=["3034429112"])
    carrier.advance(1)
    progress = await ports.get(http, project, "/progress")
    assert (progress["status"], progress["totalTns"]) == ("VALIDATED", 2)
    assert (await ports.get(http, project))["stats"]["valid"] == 3


async def test_a_number_in_use_here_is_not_ported_in(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    inventory = carrier.world.inventory
    used = next(at for at in range(1000) if inventory.number(at).status == "IN_USE")
    tn = str(inventory.register.tn(used))
    project = await ports.validated(carrier, http, tn)
    assert [e["code"] for e in await errors(http, project, tn)] == ["7206"]


ORDERS = {"9109": ("8A", "accountNumber"), "9115": ("1N", "focDate"), "9110": ("6P", None)}


@pytest.mark.parametrize("ending", ORDERS)
async def test_an_order_is_rejected(carrier: Sandbox, http: httpx.AsyncClient, ending: str) -> None:
    tn = f"303442{ending}"
    project = await ports.submitted(carrier, http, GOOD, tn)
    first = (await ports.get(http, project))["lsrId"]
    carrier.advance(25 * ports.HOUR)
    record = await ports.get(http, project)
    assert record["status"] == "REJECTED"
    rejection = record["rejection"]
    assert (rejection["code"], rejection["field"]) == ORDERS[ending]
    assert (rejection["tns"], rejection["at"][:13]) == ([tn], "2026-11-22T18")
    assert rejection["message"]
    assert {row["status"] for row in (await ports.rows(http, project)).values()} == {"VALID"}
    answer = await ports.post(http, project, "submit", focDate="2026-12-02")
    assert answer.json()["lsrId"] != first
    assert (await ports.get(http, project))["rejection"] is None
    carrier.advance(25 * ports.HOUR)
    status = (await ports.get(http, project))["status"]
    assert status == ("REJECTED" if ending == "9110" else "CONFIRMED")
    assert len(carrier.port(project)["lsrIds"]) == 2


async def test_a_rejected_project_can_be_edited(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.submitted(carrier, http, GOOD, "3034429110")
    carrier.advance(25 * ports.HOUR)
    answer = await ports.post(http, project, "remove", tns=["3034429110"])
    assert answer.json() == {"removed": ["3034429110"]}
    await ports.upload(http, project, ports.csv_of("3034411001"))
    carrier.advance(1)
    assert (await ports.get(http, project))["status"] == "REJECTED"
    assert (await ports.post(http, project, "submit", focDate="2026-12-01")).status_code == 200
    ports.to_foc(carrier)
    assert (await ports.get(http, project))["status"] == "COMPLETE"


async def test_a_partial_port_is_finished_by_hand(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    once, never = "3034429108", "3034429113"
    project = await ports.submitted(carrier, http, GOOD, once, never)
    ports.to_foc(carrier)
    record = await ports.get(http, project)
    stats = record["stats"]
    assert (record["status"], stats["active"], stats["failed"]) == ("ACTIVATING", 1, 2)
    answer = await ports.post(http, project, "activate", tnList=[GOOD, once, never, "3035550000"])
    assert answer.json() == {
        "activated": [GOOD, once],
        "failed": [
            {"tn": never, "error": "NPAC did not broadcast the subscription version"},
            {"tn": "3035550000", "error": "The number is not in the project"},
        ],
    }
    calls = carrier.calls()[-1]
    assert calls["applied"] is True
    nothing = await ports.post(http, project, "activate", tnList=[GOOD])
    assert nothing.json() == {"activated": [GOOD], "failed": []}
    assert carrier.calls()[-1]["applied"] is False
    assert (await ports.get(http, project))["status"] == "ACTIVATING"


async def test_every_ending_is_tested_here() -> None:
    tested = {ending for ending, _, _ in VALIDATION} | set(ORDERS)
    tested |= {"9107", "9108", "9111", "9112", "9113"}
    assert tested == {ending.digits for ending in ENDINGS}


async def test_magic_endings_can_be_switched_off() -> None:
    config = SandboxConfig(magic=False, rate_limit=UNLIMITED)
    async with sandbox(config, wall=lambda: ports.NOW) as carrier, carrier.client() as http:
        tns = [f"303442{ending.digits}" for ending in ENDINGS]
        project = await ports.submitted(carrier, http, *tns)
        ports.to_foc(carrier)
        assert (await ports.get(http, project))["status"] == "COMPLETE"
