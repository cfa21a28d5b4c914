"""The seeded inventory: lawful numbers of real places, the same for the same seed."""

import hashlib
import subprocess
import sys
import time
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from numbering.telephone import NumberType, TelephoneNumber
from teliport.sandbox.geography import geography
from teliport.sandbox.numbers import STATUSES, NumberStatus, Ported
from teliport.sandbox.seeding import Seeded, seeded
from tests.kit.sandbox import ROOT, Sandbox


@pytest.fixture(scope="module")
def inventory() -> Seeded:
    return seeded(7)


def _tns(inventory: Seeded) -> list[int]:
    return [
        tn for block in inventory.blocks for tn in range(block.first, block.first + block.count)
    ]


@pytest.mark.parametrize("seed", [0, 1, 7, 2**40])
def test_every_seed_has_100_000_numbers_in_blocks_that_do_not_overlap(seed: int) -> None:
    inventory = seeded(seed)
    assert len(inventory) >= 100_000
    tns = _tns(inventory)
    assert tns == sorted(set(tns))
    assert len(tns) == len(inventory) == len(inventory.ported) == len(inventory.owners)


def test_every_number_is_one_that_the_platform_accepts(inventory: Seeded) -> None:
    for tn in _tns(inventory):
        TelephoneNumber.from_national(str(tn))


def test_no_number_is_fictional_or_of_an_n11_code(inventory: Seeded) -> None:
    for block in inventory.blocks:
        assert not block.nxx.endswith("11")
        last = block.first % 10_000
        assert block.nxx != "555" or last >= 1213


def test_a_position_and_its_number_find_each_other(inventory: Seeded) -> None:
    tns = _tns(inventory)
    for position in range(0, len(tns), 997):
        assert inventory.tn(position) == tns[position]
        assert inventory.find(tns[position]) == position
    assert inventory.find(tns[0] - 1) is None
    assert inventory.find(tns[-1] + 1) is None
    assert inventory.find(0) is None


def test_twenty_markets_with_their_real_place_and_all_toll_free_codes(inventory: Seeded) -> None:
    places = {block.locale for block in inventory.blocks}
    assert len({place.market for place in places}) >= 40
    assert len({place.state for place in places if place.state}) >= 20
    for place in places:
        assert (place.lata is None) == (place.zone is None) == (place.state is None)
        assert place.zone is None or ZoneInfo(place.zone)
    toll_free = {block.npa for block in inventory.blocks if block.locale.state is None}
    assert toll_free == {"800", "888", "877", "866", "855", "844", "833"}
    for npa in toll_free:
        assert TelephoneNumber.from_national(f"{npa}2345678").type is NumberType.TOLL_FREE
    denver = next(block.locale for block in inventory.blocks if block.npa == "303")
    assert (denver.state, denver.lata, denver.zone) == ("CO", 656, "America/Denver")


def test_an_area_code_belongs_to_one_market() -> None:
    markets: dict[str, set[str]] = {}
    for locale in geography().locales:
        for npa in locale.npas:
            markets.setdefault(npa, set()).add(locale.market)
    assert {len(names) for names in markets.values()} == {1}


def test_every_status_occurs_and_most_numbers_are_available(inventory: Seeded) -> None:
    count = Counter(STATUSES[code] for code in inventory.statuses)
    assert set(count) == set(NumberStatus)
    assert 0.7 < count[NumberStatus.AVAILABLE] / len(inventory) < 0.85
    assert all(count[status] > 1000 for status in NumberStatus)


def test_somebody_else_uses_and_holds_the_numbers_that_are_taken(inventory: Seeded) -> None:
    seen = set()
    for position in range(2000):
        number = inventory.number(position)
        seen.add((number.status, number.ported))
        assert (number.reserved_by is not None) == (number.status is NumberStatus.RESERVED)
        assert (number.metadata is not None) == (number.status is NumberStatus.IN_USE)
        assert (number.ported is Ported.OUT) == (number.status is NumberStatus.PORTED_OUT)
        assert number.application_id != "WARP"
    assert (NumberStatus.AVAILABLE, Ported.IN) in seen
    assert (NumberStatus.PORTED_OUT, Ported.OUT) in seen


def test_examples_and_magic_numbers_are_available_at_every_seed() -> None:
    for seed in range(5):
        inventory = seeded(seed)
        for tn in (3035551234, 7205552345, 3075552001):
            position = inventory.find(tn)
            assert position is not None
            assert inventory.number(position).status is NumberStatus.AVAILABLE


def test_a_seed_gives_the_same_bytes_in_another_process() -> None:
    here = _digest()
    code = "from tests.teliport.sandbox.test_seeding import _digest; print(_digest())"
    command = [sys.executable, "-c", code]
    there = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


def _digest() -> str:
    carrier = Sandbox()
    digest = hashlib.sha256()
    for position in range(0, len(carrier.world.inventory.seeded), 101):
        digest.update(repr(carrier.world.inventory.record(position)).encode())
    carrier.world.close()
    return digest.hexdigest()


def test_another_seed_gives_other_numbers(inventory: Seeded) -> None:
    other = seeded(8)
    assert set(_tns(other)) != set(_tns(inventory))
    assert other.statuses != inventory.statuses


def test_generation_is_far_below_two_seconds() -> None:
    started = time.process_time()
    seeded(11)
    assert time.process_time() - started < 1
