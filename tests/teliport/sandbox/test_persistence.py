"""What outlives a restart."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.port_project import Row
from teliport.sandbox.seeding import seeded
from teliport.sandbox.store import Store, StoreInUse
from tests.kit.sandbox import UNLIMITED, sandbox
from tests.teliport.sandbox import port_steps as ports
from tests.teliport.sandbox import steps


@pytest.fixture
def config(tmp_path: Path) -> SandboxConfig:
    return SandboxConfig(data_dir=tmp_path / "carrier", rate_limit=UNLIMITED)


async def test_a_restart_keeps_every_change(config: SandboxConfig) -> None:
    async with sandbox(config) as carrier, carrier.client() as http:
        held, used, given_back = tns = carrier.available("303", 3)
        await steps.reserve(http, held)
        await steps.assign(http, used, ban="TB-1", deep={"list": [1, None]})
        await steps.assign(http, given_back)
        await steps.release(http, given_back)
        carrier.advance(300)
        before = [carrier.state(tn) for tn in tns]
        counts = (await http.get("/inventory/summary")).json()
    async with sandbox(config) as carrier, carrier.client() as http:
        assert [carrier.state(tn) for tn in tns] == before
        assert (await http.get("/inventory/summary")).json() == counts
        assert await steps.total(http, "metadata.ban=tb-1 or reserved_by=warp-a-1") == 2
        assert carrier.world.clock.offset == 300
        # The hold goes on where it was: 15 minutes in all.
        carrier.advance(590)
        assert carrier.state(held)["status"] == "RESERVED"
        carrier.advance(15)
        assert carrier.state(held)["status"] == "AVAILABLE"
    async with sandbox(config) as carrier:
        assert carrier.state(held)["status"] == "AVAILABLE"


async def test_a_restart_keeps_seed_and_clock_of_the_last_reset(config: SandboxConfig) -> None:
    async with sandbox(config) as carrier, carrier.client() as http:
        await steps.assign(http, "3035551234")
        await carrier.control("POST", "/reset", {"seed": 99})
        await carrier.control("POST", "/clock", {"rate": 60, "advance": "P1D"})
        statuses = carrier.world.inventory.seeded.statuses
    async with sandbox(config) as carrier:
        assert carrier.world.seed == 99
        assert carrier.world.inventory.seeded.statuses == statuses
        assert carrier.world.inventory.changed == {}
        assert (carrier.world.clock.offset, carrier.world.clock.rate) == (86_400, 60)


async def test_a_kept_number_that_the_table_no_longer_has_is_left_alone(
    config: SandboxConfig,
) -> None:
    store = Store(config.data_dir)
    store.save(9_999_999_999, seeded(7).number(0))
    store.close()
    async with sandbox(config) as carrier:
        assert carrier.world.inventory.changed == {}


async def test_two_sandboxes_cannot_share_a_directory(config: SandboxConfig) -> None:
    async with sandbox(config):
        with pytest.raises(StoreInUse, match="another sandbox"):
            Store(config.data_dir)


async def test_without_a_directory_every_start_is_the_first() -> None:
    async with sandbox() as carrier, carrier.client() as http:
        await steps.assign(http, "3035551234")
    async with sandbox() as carrier:
        assert carrier.state("3035551234")["status"] == "AVAILABLE"


async def deaf(url: str, headers: Mapping[str, str], body: bytes) -> int:
    return 0


async def test_a_restart_keeps_ports_their_clock_and_their_webhooks(
    config: SandboxConfig,
) -> None:
    wall = [ports.NOW]

    def now() -> float:
        return wall[0]

    bad = "3034429101"
    async with sandbox(config, deliver=deaf, wall=now) as carrier, carrier.client() as http:
        moving = await ports.submitted(carrier, http, "3034411000", "3034429108")
        ports.to_foc(carrier)
        await carrier.deliver_webhooks()
        await steps.put_metadata(http, "3034411000", customer_id="c-1")
        await carrier.control("POST", "/clock", {"rate": 2})
        judging = await ports.create(http)
        await ports.upload(http, judging, ports.csv_of(*[f"30344110{n}" for n in range(10, 30)]))
        await ports.upload(http, judging, ports.csv_of(bad))
        await ports.post(http, judging, "remove", tns=["3034411010"])
        wall[0] += 1
        before = [carrier.port(project) for project in (moving, judging)]
        webhooks = (await carrier.control("GET", "/webhooks")).json()
        number = carrier.state("3034411000")
        listed = carrier.ports()
    async with sandbox(config, deliver=deaf, wall=now) as carrier, carrier.client() as http:
        assert [carrier.port(project) for project in (moving, judging)] == before
        assert carrier.ports() == listed
        assert (await carrier.control("GET", "/webhooks")).json() == webhooks
        assert carrier.state("3034411000") == number
        assert await steps.total(http, "metadata.customer_id=c-1 and tn=3034411000") == 1
        assert (await ports.get(http, judging, "/progress"))["validated"] == 10
        wall[0] += 2
        assert (await ports.rows(http, judging))[bad]["status"] == "INVALID"
        # The webhook whose answer was lost is tried again, and so is the number that failed.
        carrier.advance(60)
        assert await carrier.deliver_webhooks() > 0
        answer = await ports.post(http, moving, "activate", tnList=["3034429108"])
        assert answer.json()["activated"] == ["3034429108"]


async def test_a_reset_forgets_ports_webhooks_and_arrived_numbers(config: SandboxConfig) -> None:
    def now() -> float:
        return ports.NOW

    for _ in range(2):
        async with sandbox(config, deliver=deaf, wall=now) as carrier, carrier.client() as http:
            assert carrier.ports() == []
            await ports.submitted(carrier, http, "3034411000")
            ports.to_foc(carrier)
            await carrier.control("POST", "/clock", {"rate": 60})
            await carrier.control("POST", "/reset")
            assert carrier.ports() == []
            assert (await steps.get(http, "3034411000")).status_code == 404
            assert await carrier.deliver_webhooks() == 0
            clock = (await carrier.control("GET", "/clock")).json()
            assert (clock["now"], clock["rate"]) == (clock["portNow"], 1)


async def test_what_changes_together_is_kept_together(config: SandboxConfig) -> None:
    """A failure in the middle of a change leaves the store as it was."""
    async with sandbox(config) as carrier, carrier.client() as http:
        await ports.create(http)
        store, (project,) = carrier.world.store, carrier.world.ports.newest_first()

        def broken() -> None:
            with store.whole():
                store.save_rows(project, [Row("3034411000")])
                with store.whole():
                    store.save_rows(project, [Row("3034411001")])
                raise RuntimeError

        with pytest.raises(RuntimeError):
            broken()
    async with sandbox(config) as carrier:
        assert carrier.port(project.id)["rows"] == []
