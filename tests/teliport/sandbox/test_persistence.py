"""What outlives a restart."""

from pathlib import Path

import pytest

from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.seeding import seeded
from teliport.sandbox.store import Store, StoreInUse
from tests.kit.sandbox import UNLIMITED, sandbox
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
