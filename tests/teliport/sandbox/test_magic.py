"""The magic numbers keep their promises."""

import httpx
import pytest

from teliport.sandbox.config import SandboxConfig
from teliport.sandbox.magic import MAGIC
from tests.kit.sandbox import UNLIMITED, Sandbox, sandbox
from tests.teliport.sandbox import steps


@pytest.mark.parametrize("tn", [magic.tn for magic in MAGIC])
async def test_a_magic_number_is_for_sale(http: httpx.AsyncClient, tn: str) -> None:
    assert (await steps.get(http, tn)).json()["status"] == "AVAILABLE"


async def test_holding_magic_numbers(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    assert (await steps.reserve(http, "3075552001")).status_code == 409
    assert (await steps.reserve(http, "3075552002")).status_code == 200
    assert carrier.state("3075552002")["status"] == "AVAILABLE"
    with pytest.raises(httpx.ReadError):
        await steps.reserve(http, "3075552003")
    assert carrier.state("3075552003")["reservedBy"] == steps.HOLDER
    throttled = await steps.reserve(http, "3075552010")
    assert (throttled.status_code, throttled.headers["retry-after"]) == (429, "5")
    assert (await steps.reserve(http, "3075552010")).status_code == 200


async def test_buying_magic_numbers(carrier: Sandbox, http: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.ReadError):
        await steps.assign(http, "3075552004")
    assert carrier.state("3075552004")["status"] == "IN_USE"
    answers = [(await steps.assign(http, "3075552005")).status_code for _ in range(3)]
    assert answers == [503, 503, 200]
    assert {(await steps.assign(http, "3075552006")).status_code for _ in range(5)} == {503}
    assert (await steps.assign(http, "3075552007")).status_code == 504
    assert carrier.state("3075552007")["status"] == "AVAILABLE"
    carrier.advance(11)
    assert carrier.state("3075552007")["status"] == "IN_USE"
    with pytest.raises(httpx.RemoteProtocolError):
        await steps.assign(http, "3075552008")
    assert (await steps.assign(http, "3075552011")).status_code == 409
    assert carrier.state("3075552011")["status"] == "PORTED_OUT"
    await steps.assign(http, "3075552012", customer_id="us")
    assert carrier.state("3075552012")["applicationMetadata"] == {"customer_id": "somebody-else"}


async def test_releasing_a_magic_number(http: httpx.AsyncClient) -> None:
    await steps.assign(http, "3075552013")
    with pytest.raises(httpx.ReadError):
        await steps.release(http, "3075552013")
    assert (await steps.release(http, "3075552013")).status_code == 200


async def test_magic_outlives_clear_and_starts_again_at_reset(
    carrier: Sandbox, http: httpx.AsyncClient
) -> None:
    await carrier.clear_faults()
    for _ in range(2):
        assert (await steps.assign(http, "3075552005")).status_code == 503
    assert (await carrier.control("GET", "/faults")).json() == {"faults": []}
    await carrier.control("POST", "/reset")
    assert (await steps.assign(http, "3075552005")).status_code == 503


async def test_magic_can_be_switched_off() -> None:
    config = SandboxConfig(magic=False, rate_limit=UNLIMITED)
    async with sandbox(config) as carrier, carrier.client() as http:
        for magic in MAGIC:
            assert (await steps.reserve(http, magic.tn)).status_code == 200
            assert (await steps.assign(http, magic.tn)).status_code == 200
