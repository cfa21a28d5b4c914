"""The life of an order on the stepped clock, and the numbers that arrive by it."""

from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.port_dates import holidays, noon
from tests.kit.sandbox import UNLIMITED, Sandbox, sandbox
from tests.teliport.sandbox import port_steps as ports
from tests.teliport.sandbox import steps
from tests.teliport.sandbox.port_steps import DAY, HOUR, NOW

TN = "3034411000"


@pytest.fixture
async def carrier() -> AsyncIterator[Sandbox]:
    """A sandbox that begins on a Saturday in November."""
    async with sandbox(wall=lambda: NOW) as opened:
        yield opened


async def status(http: httpx.AsyncClient, project: str) -> str:
    """Where a project stands."""
    return str((await ports.get(http, project))["status"])


async def test_an_order_goes_its_way_by_the_hour(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.submitted(carrier, http, TN)
    seen = []
    for hours in (0.9, 0.2, 22.8, 0.2, 23.8, 0.2):
        carrier.advance(hours * HOUR)
        seen.append(await status(http, project))
    assert seen == [
        "SUBMITTED", "PENDING", "PENDING", "CONFIRMED", "CONFIRMED", "FOC_ASSIGNED",
    ]  # fmt: skip
    # Noon in Denver is 19:00 UTC.
    carrier.advance(NOW + 10 * DAY + 1 * HOUR - 1 - carrier.world.clock.now())
    assert await status(http, project) == "FOC_ASSIGNED"
    carrier.advance(2)
    assert await status(http, project) == "ACTIVATING"
    assert (await ports.rows(http, project))[TN]["status"] == "SUBMITTED"
    carrier.advance(300)
    record = await ports.get(http, project)
    assert (record["status"], record["activatedAt"]) == ("COMPLETE", "2026-12-01T19:05:00.000Z")
    row = (await ports.rows(http, project))[TN]
    assert (row["status"], row["activatedAt"]) == ("ACTIVE", "2026-12-01T19:05:00.000Z")
    carrier.advance(100 * DAY)
    assert await ports.get(http, project) == record
    assert (await ports.post(http, project, "activate", tnList=[TN])).status_code == 409


async def test_one_long_step_is_as_many_short_ones(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.submitted(carrier, http, TN)
    carrier.advance(40 * DAY)
    record = await ports.get(http, project)
    assert (record["status"], record["updatedAt"]) == ("COMPLETE", "2026-12-01T19:05:00.000Z")


async def test_a_near_foc_date_hurries_the_steps(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.submitted(carrier, http, TN, foc=date(2026, 11, 23))
    step = carrier.port(project)["next"]
    assert step == {"status": "PENDING", "at": "2026-11-21T19:00:01.200Z"}
    carrier.advance(37 * HOUR)
    assert await status(http, project) == "FOC_ASSIGNED"
    carrier.advance(13 * HOUR)
    assert await status(http, project) == "COMPLETE"


async def test_the_rate_makes_time_fly_for_ports_alone() -> None:
    wall = [NOW]
    config = SandboxConfig(rate_limit=UNLIMITED)
    async with sandbox(config, wall=lambda: wall[0]) as carrier, carrier.client() as http:
        project = await ports.submitted(carrier, http, TN)
        await steps.reserve(http, "3035551234")
        await carrier.control("POST", "/clock", {"rate": 3600})
        wall[0] += 30
        assert await status(http, project) == "CONFIRMED"
        assert carrier.state("3035551234")["status"] == "RESERVED"
        # A step that is ahead of the sandbox's time is told as of now.
        assert (await ports.get(http, project))["updatedAt"] == "2026-11-21T18:00:31.200Z"
        clock = (await carrier.control("GET", "/clock")).json()
        assert (clock["now"][:16], clock["portNow"][:16]) == (
            "2026-11-21T18:00",
            "2026-11-23T00:00",
        )
        # What begins later begins now, whatever the rate has gained.
        later = await ports.submitted(carrier, http, "3034411001")
        assert await status(http, later) == "SUBMITTED"
        await carrier.control("POST", "/clock", {"rate": 1})
        wall[0] += 1800
        assert await status(http, later) == "SUBMITTED"
        carrier.advance(HOUR)
        assert await status(http, later) == "PENDING"


async def test_a_number_arrives_in_the_inventory(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    before = (await http.get("/inventory/summary")).json()
    assert (await steps.get(http, TN)).status_code == 404
    await ports.submitted(carrier, http, TN, "9054411000", lsp_spid="8824")
    ports.to_foc(carrier)
    record = (await steps.get(http, TN)).json()
    assert record == carrier.state(TN)
    expected = {
        "telephoneNumber": TN,
        "status": "IN_USE",
        "applicationId": "WARP",
        "applicationMetadata": {},
        "portDirection": "IN",
        "originalSpid": "8824",
        "spid": "567G",
        "currentOwnerSpid": "567G",
        "state": "CO",
        "lata": 656,
        "rateCenter": "DENVER",
        "lastPortDate": "2026-12-01T19:05:00.000Z",
        "timesAssigned": 1,
    }
    assert expected.items() <= record.items()
    # An area code that the table does not have is nowhere.
    elsewhere = carrier.state("9054411000")
    assert (elsewhere["status"], elsewhere["state"], elsewhere["npa"]) == ("IN_USE", None, "905")
    after = (await http.get("/inventory/summary")).json()
    assert after["totalNumbers"] == before["totalNumbers"] + 2
    assert after["portedInCount"] == before["portedInCount"] + 2
    state = (await carrier.control("GET", "/state")).json()
    assert [number["telephoneNumber"] for number in state["changed"]] == [TN, "9054411000"]


async def arrived(carrier: Sandbox, http: httpx.AsyncClient, *tns: str) -> None:
    """These numbers were ported in."""
    await ports.submitted(carrier, http, *tns)
    ports.to_foc(carrier)


async def test_an_arrived_number_is_like_any_other(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await arrived(carrier, http, TN)
    put = await steps.put_metadata(http, TN, customer_id="c-1")
    assert put.json()["applicationMetadata"] == {"customer_id": "c-1"}
    assert await steps.total(http, "metadata.customer_id=c-1 and npa=303 and ported=in") == 1
    assert (await steps.reserve(http, TN)).status_code == 409
    assert (await steps.release(http, TN)).json()["status"] == "AVAILABLE"
    assert (await steps.reserve(http, TN)).json()["reservedBy"] == steps.HOLDER
    carrier.advance(901)
    assert (await steps.assign(http, TN)).json()["timesAssigned"] == 2
    await carrier.fault("port_away", tn=TN)
    assert (await steps.get(http, TN)).status_code == 404
    assert carrier.state(TN)["status"] == "PORTED_OUT"


TN_QUERIES = {
    f'tn="{TN}"': 1,
    f"tn in ({TN},3034411001,3035551234,9999999999)": 3,
    f"tn={TN} and status=in_use": 1,
    f"tn={TN} and status=available": 0,
    "tn starts_with 30344110 and application_id=warp": 2,
    "tn contains 4411001 and application_id=warp": 1,
    "tn ends_with 4411000 and application_id=warp": 1,
    "nxx=441 and application_id=WARP": 2,
    "nxx=441 and application_id=WARP and state=co and lata=656": 2,
    f"tn!={TN} and application_id=warp": 1,
}


@pytest.mark.parametrize(("query", "count"), TN_QUERIES.items())
async def test_queries_find_arrived_numbers(
    carrier: Sandbox, http: httpx.AsyncClient, query: str, count: int
) -> None:
    await arrived(carrier, http, TN, "3034411001")
    assert await steps.total(http, query) == count


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_arrived_numbers_are_in_their_place_in_every_page(
    carrier: Sandbox, http: httpx.AsyncClient, direction: str
) -> None:
    inventory = carrier.world.inventory
    last = inventory.register.tn(len(inventory.seeded) - 1) + 1
    await arrived(carrier, http, "2012000001", TN, "3034411001", "3035551219", str(last))
    query, seen = "ported=in", []
    for page in range(10_000):
        found = await steps.query(http, query, page=page, size=997, sortDirection=direction)
        seen += [number["telephoneNumber"] for number in found["content"]]
        if found["last"]:
            break
    assert seen == sorted(seen, reverse=direction == "DESC")
    assert len(seen) == len(set(seen)) == found["totalElements"]
    assert {"2012000001", TN, "3034411001", "3035551219", str(last)} <= set(seen)
    by_place = await steps.query(http, f"tn={TN}", sortBy="rateCenter")
    assert by_place["content"][0]["telephoneNumber"] == TN


async def test_a_number_that_had_left_comes_back(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    await carrier.fault("port_away", tn="3035551234", nth=1)
    await steps.get(http, "3035551234")
    await arrived(carrier, http, "3035551234")
    record = carrier.state("3035551234")
    assert (record["status"], record["portDirection"]) == ("IN_USE", "IN")
    assert (record["originalSpid"], record["currentOwnerSpid"]) == ("6529", "567G")


async def test_a_number_that_came_into_use_meanwhile_fails(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.submitted(carrier, http, "3035551234", TN)
    await steps.assign(http, "3035551234")
    ports.to_foc(carrier)
    rows = await ports.rows(http, project)
    assert [rows[tn]["status"] for tn in ("3035551234", TN)] == ["FAILED", "ACTIVE"]


async def test_activation_by_hand_needs_a_foc(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    project = await ports.submitted(carrier, http, TN, "3034411001")
    assert (await ports.post(http, project, "activate", tnList=[TN])).status_code == 409
    carrier.advance(49 * HOUR)
    answer = await ports.post(http, project, "activate", tnList=[TN])
    assert answer.json() == {"activated": [TN], "failed": []}
    assert await status(http, project) == "ACTIVATING"
    ports.to_foc(carrier)
    assert await status(http, project) == "COMPLETE"


async def test_a_late_submission_lives_from_when_it_took_effect(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    project = await ports.validated(carrier, http, TN)
    await carrier.fault("late_apply", path="*/submit", seconds=60)
    answer = await ports.post(http, project, "submit", focDate="2026-12-01")
    assert (answer.status_code, await status(http, project)) == (504, "DRAFT")
    carrier.advance(61)
    assert await status(http, project) == "SUBMITTED"
    assert carrier.calls()[2]["applied"] is True


def test_holidays_are_observed_on_working_days() -> None:
    observed = {
        2026: ["01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11"],
        2027: ["01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06", "10-11", "11-11"],
    }
    observed[2026] += ["11-26", "12-25"]
    # New Year's Day of 2028 is a Saturday.
    observed[2027] += ["11-25", "12-24", "12-31"]
    for year, days in observed.items():
        assert sorted(holidays(year)) == [date.fromisoformat(f"{year}-{day}") for day in days]
    assert date(2028, 1, 1) not in holidays(2028)


def test_noon_is_that_of_the_westernmost_number() -> None:
    day = date(2026, 12, 1)
    east = noon(day, ["2124411000"])
    assert noon(day, ["2124411000", "9074411000"]) - east == 4 * HOUR
    assert noon(day, ["8004411000"]) == noon(day, []) == noon(day, ["9054411000"]) == east
