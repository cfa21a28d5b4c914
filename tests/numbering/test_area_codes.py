"""States and zones of area codes."""

from zoneinfo import ZoneInfo

import pytest

from numbering.area_codes import STATES, TOLL_FREE, state_of, zone_of
from tests.numbering import strategies


@pytest.mark.parametrize(
    ("npa", "state", "zone"),
    [
        ("303", "CO", "America/Denver"),
        ("212", "NY", "America/New_York"),
        ("602", "AZ", "America/Phoenix"),
        ("915", "TX", "America/Denver"),
        ("850", "FL", "America/Chicago"),
        ("808", "HI", "Pacific/Honolulu"),
        ("787", "PR", "America/Puerto_Rico"),
        ("800", None, None),
        ("416", None, None),
        ("000", None, None),
    ],
)
def test_known_places(npa: str, state: str | None, zone: str | None) -> None:
    assert (state_of(npa), zone_of(npa)) == (state, zone)


def test_every_state_has_codes_and_every_zone_exists() -> None:
    codes = [npa for npa in strategies.ALL_NPAS if state_of(npa)]
    assert {state_of(npa) for npa in codes} == STATES
    assert len(STATES) == 50 + 1 + 5
    assert not [npa for npa in TOLL_FREE if zone_of(npa)]
    for zone in {zone_of(npa) for npa in codes}:
        assert zone is not None
        assert ZoneInfo(zone).key == zone
