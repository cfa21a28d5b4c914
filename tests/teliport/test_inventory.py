"""The inventory's calls against the carrier's double: what is asked, what is understood."""

from collections.abc import AsyncIterator

import pytest

from numbering.lanes import Lane
from numbering.lifecycle import CarrierStatus
from numbering.telephone import TelephoneNumber
from teliport import errors
from teliport.client import Teliport, Timeouts
from teliport.inventory import LARGEST_PAGE, Inventory
from teliport.pace import NoPace
from teliport.sandbox.config import Permission, ReleaseTo, SandboxConfig
from tests.kit.sandbox import Sandbox, sandbox

READER = "rng_" + "readonly" * 6
BULK = Lane.BULK


@pytest.fixture
async def double() -> AsyncIterator[Sandbox]:
    config = SandboxConfig(
        rate_limit=10_000, tokens={READER: frozenset({Permission.SEARCH})}, lata_as_text=True
    )
    async with sandbox(config) as opened:
        yield opened


def client(double: Sandbox, token: str | None = None, total: float = 30) -> Teliport:
    return Teliport(
        double.url,
        token or double.token,
        "567G",
        pace=NoPace(),
        guard=lambda: None,
        transport=double.transport,
        timeouts=Timeouts(total=total),
    )


@pytest.fixture
def inventory(double: Sandbox) -> Inventory:
    return client(double).inventory


@pytest.fixture
def tn(double: Sandbox) -> TelephoneNumber:
    return TelephoneNumber.from_national(double.available("303", 1)[0])


class TestReading:
    async def test_search(self, inventory: Inventory) -> None:
        page = await inventory.search('(npa = "303") and (status = "available")', page=1, size=10)
        assert (len(page.records), page.page) == (10, 1)
        assert page.total > 100
        assert page.pages == -(-page.total // 10)
        assert page.parsed_query
        first = page.records[0]
        assert (first.number.npa, first.status) == ("303", CarrierStatus.AVAILABLE)
        assert (first.place.npa, first.place.state, first.place.lata) == ("303", "CO", 656)
        assert first.place.rate_center

    async def test_a_bad_query_says_where(self, inventory: Inventory) -> None:
        with pytest.raises(errors.QueryRejected) as caught:
            await inventory.search('colour = "red"')
        assert caught.value.position == 0
        assert "npa" in caught.value.valid_options

    async def test_validate(self, inventory: Inventory) -> None:
        good = await inventory.validate('npa = "303"')
        assert good.valid
        assert good.parsed_query
        bad = await inventory.validate('npa = "303" and colour = "red"')
        assert (bad.valid, bad.position) == (False, 16)
        assert "npa" in bad.valid_options
        assert bad.message

    async def test_summary(self, inventory: Inventory) -> None:
        summary = await inventory.summary()
        assert summary.spid == "567G"
        assert summary.total_numbers >= summary.available_count > 0

    async def test_get(self, inventory: Inventory, tn: TelephoneNumber) -> None:
        assert (await inventory.get(tn)).number == tn
        with pytest.raises(errors.NotFound):
            await inventory.get(TelephoneNumber("+12125550000"))

    async def test_get_many_is_one_call(self, inventory: Inventory, double: Sandbox) -> None:
        tns = [TelephoneNumber.from_national(tn) for tn in double.available("303", 100)]
        found = await inventory.get_many([*tns, *tns, TelephoneNumber("+12125550000")])
        assert list(found) == tns
        assert all(number == record.number for number, record in found.items())
        assert len(double.calls()) == 1

    async def test_get_many_of_none_is_no_call(self, inventory: Inventory, double: Sandbox) -> None:
        assert await inventory.get_many([]) == {}
        assert double.calls() == []

    async def test_get_many_has_a_limit(self, inventory: Inventory) -> None:
        many = (TelephoneNumber(f"+1303{n:07}") for n in range(2_000_000, 2_000_001 + LARGEST_PAGE))
        with pytest.raises(ValueError, match="at most"):
            await inventory.get_many(many)


class TestWriting:
    async def test_a_life(self, inventory: Inventory, tn: TelephoneNumber, double: Sandbox) -> None:
        held = await inventory.reserve(tn, "WARP-1", lane=BULK)
        assert (held.status, held.reserved_by) == (CarrierStatus.RESERVED, "WARP-1")
        assert held.reserved_until is not None
        assert held.reserved_until.tzinfo is not None
        used = await inventory.assign(tn, {"warp_did_id": "d", "ban": "b"}, lane=BULK)
        assert (used.status, used.application_id) == (CarrierStatus.IN_USE, "WARP")
        assert used.metadata == {"warp_did_id": "d", "ban": "b"}
        changed = await inventory.put_metadata(tn, {"ban": None, "trunk_id": "t"}, lane=BULK)
        assert changed.metadata == {"warp_did_id": "d", "trunk_id": "t"}
        assert (await inventory.get(tn)).metadata == changed.metadata
        free = await inventory.release(tn, lane=BULK)
        assert (free.status, free.metadata) == (CarrierStatus.AVAILABLE, {})
        assert double.state(tn)["status"] == "AVAILABLE"

    @pytest.mark.parametrize("becomes", list(ReleaseTo))
    async def test_released_is_whatever_the_carrier_makes_of_it(self, becomes: ReleaseTo) -> None:
        async with sandbox(SandboxConfig(release_to=becomes)) as double:
            tn = TelephoneNumber.from_national(double.available("303", 1)[0])
            inventory = client(double).inventory
            await inventory.assign(tn, {}, lane=BULK)
            assert (await inventory.release(tn, lane=BULK)).status == CarrierStatus(becomes.value)

    async def test_a_wrong_state(self, inventory: Inventory, tn: TelephoneNumber) -> None:
        await inventory.reserve(tn, "WARP-1", lane=BULK)
        with pytest.raises(errors.WrongState):
            await inventory.reserve(tn, "WARP-2", lane=BULK)
        with pytest.raises(errors.WrongState):
            await inventory.put_metadata(tn, {}, lane=BULK)

    async def test_token_and_permission(self, double: Sandbox, tn: TelephoneNumber) -> None:
        with pytest.raises(errors.PermissionDenied):
            await client(double, READER).inventory.reserve(tn, "WARP-1", lane=BULK)
        with pytest.raises(errors.TokenRejected):
            await client(double, "rng_unknown").inventory.get(tn)


class TestFaults:
    """Every fault of the double, with what it does to the number and what we are told."""

    @pytest.mark.parametrize(
        ("action", "options", "kind", "applied"),
        [
            ("refuse", {}, errors.ConnectFailed, False),
            ("429", {"retry_after": 5}, errors.RateLimited, False),
            ("429", {}, errors.RateLimited, False),
            ("reset_before", {}, errors.ConnectionLost, False),
            ("reset_after", {}, errors.ConnectionLost, True),
            ("truncated", {}, errors.ConnectionLost, True),
            ("500", {}, errors.ServerFault, False),
            ("502", {"applied": True}, errors.ServerFault, True),
            ("503", {}, errors.ServerFault, False),
            ("504", {"applied": True}, errors.ServerFault, True),
            ("html", {"applied": True}, errors.Malformed, True),
            ("html", {"status": 404}, errors.Malformed, False),
            ("wrong_content_type", {}, errors.Malformed, True),
            ("malformed_json", {}, errors.Malformed, True),
            ("wrong_number", {}, errors.UnexpectedAnswer, True),
            ("late_apply", {"seconds": 5}, errors.ServerFault, False),
            ("steal", {}, errors.WrongState, True),
        ],
    )
    async def test_a_fault_is_told_from_a_refusal(
        self,
        action: str,
        options: dict[str, object],
        kind: type[errors.TeliportError],
        applied: bool,
        inventory: Inventory,
        double: Sandbox,
        tn: TelephoneNumber,
    ) -> None:
        await double.fault(action, path="*/reserve", nth=1, **options)
        with pytest.raises(errors.TeliportError) as caught:
            await inventory.reserve(tn, "WARP-1", lane=BULK)
        assert type(caught.value) is kind
        assert (double.state(tn)["status"] == "RESERVED") is applied

    async def test_an_answer_after_our_time_still_takes_effect(
        self, double: Sandbox, tn: TelephoneNumber
    ) -> None:
        await double.fault("slow", path="*/reserve", seconds=60, when="after")
        with pytest.raises(errors.TimedOut):
            await client(double, total=0.05).inventory.reserve(tn, "WARP-1", lane=BULK)
        assert double.state(tn)["status"] == "RESERVED"
