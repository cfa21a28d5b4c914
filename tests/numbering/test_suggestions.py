"""Where to look when nothing was found."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.area_codes import TOLL_FREE, state_of
from numbering.criteria import NumberFeature, SearchCriteria
from numbering.markets import AREAS, neighbouring_rate_centers, neighbours, place_name
from numbering.suggestions import candidates
from numbering.telephone import NumberType
from tests.numbering import strategies
from tests.numbering.query_reader import read_query
from tests.numbering.test_criteria import lawful_criteria

MARKETS = Path(__file__).parents[2] / "teliport" / "sandbox" / "markets.toml"
markets: list[dict[str, Any]] = tomllib.loads(MARKETS.read_text(encoding="utf-8"))["market"]


@pytest.mark.parametrize(
    ("npa", "near"),
    [
        ("303", "720 983 970 748 719"),
        ("983", "303 720 970 748 719"),
        ("212", "646 332 917 718 347 929 465 201 551"),
        ("206", "425 253"),
        ("210", "726 512 737"),
        ("702", "725"),
        ("800", "888 877 866 855 844 833"),
        ("833", "800 888 877 866 855 844"),
        ("307", ""),
        ("999", ""),
    ],
)
def test_neighbours_overlays_first(npa: str, near: str) -> None:
    assert neighbours(npa) == tuple(near.split())


@given(strategies.npas)
def test_to_be_a_neighbour_is_mutual(npa: str) -> None:
    near = neighbours(npa)
    assert npa not in near
    assert len(set(near)) == len(near)
    assert all(npa in neighbours(each) for each in near)
    assert all((each in TOLL_FREE) == (npa in TOLL_FREE) for each in near)


def test_the_table_is_sound() -> None:
    npas = [npa for area in AREAS for npa in area.npas]
    assert len(set(npas)) == len(npas)
    for area in AREAS:
        assert {state_of(npa) for npa in area.npas} == {area.state}, area.name
    assert len({(area.name, area.state) for area in AREAS}) == len(AREAS)
    assert {npa for area in AREAS if area.state is None for npa in area.npas} == TOLL_FREE


@pytest.mark.parametrize("market", markets, ids=lambda market: str(market["name"]))
def test_every_market_of_the_sandbox_is_known(market: dict[str, Any]) -> None:
    known = {npa: area for area in AREAS for npa in area.npas}
    for npa in market["npas"]:
        assert place_name(npa)
        centers = {text.partition("=")[0] for text in market.get("rate_centers", [])}
        assert centers <= set(known[npa].rate_centers)
        assert known[npa].state == market.get("state")


def test_rate_centres_of_the_area_come_before_those_around() -> None:
    near = neighbouring_rate_centers(" boulder ", "co")
    assert near[:2] == ("DENVER", "DENVERSLVN")
    assert near.index("PARKER") < near.index("FORTCOLLIN") < near.index("PUEBLO")
    assert "BOULDER" not in near


def test_rate_centres_stay_within_the_state() -> None:
    # Kansas City lies in two states; a rate centre is unique only with its state.
    assert neighbouring_rate_centers("KANSASCITY", "MO") == ("INDEPENDNC",)
    assert "JERSEYCITY" not in neighbouring_rate_centers("NWYRCYZN01", "NY")
    assert neighbouring_rate_centers("AURORA", "CO") == ()
    assert "NAPERVILLE" in neighbouring_rate_centers("AURORA", "IL")
    assert neighbouring_rate_centers("TWINCITIES", "MN") == ()
    assert neighbouring_rate_centers("NOWHERE", "CO") == ()


def test_an_area_code_moves_and_the_shape_stays() -> None:
    asked = SearchCriteria(
        npas=("303", "720"),
        type=NumberType.LOCAL,
        starts_with="303555",
        ends_with="00",
        features=(NumberFeature.SMS,),
        consecutive=3,
        locality="Denver",
        latas=(656,),
        nxx="555",
    )
    found = candidates(asked)
    assert [each.npa for each in found] == ["983", "970", "748", "719"]
    assert [each.label for each in found][:2] == ["983, Denver CO", "970, Northern Colorado CO"]
    assert found[0].criteria == SearchCriteria(
        npas=("983",),
        type=NumberType.LOCAL,
        starts_with="983555",
        ends_with="00",
        features=(NumberFeature.SMS,),
        consecutive=3,
    )


def test_a_prefix_names_an_area_code_too() -> None:
    found = candidates(SearchCriteria(starts_with="70255"), 1)
    assert [(each.npa, each.criteria.starts_with) for each in found] == [("725", "72555")]
    assert candidates(SearchCriteria(starts_with="702"))[0].criteria.starts_with is None
    assert candidates(SearchCriteria(starts_with="70")) == ()


def test_a_state_follows_its_area_code() -> None:
    found = candidates(SearchCriteria(npas=("202",), state="DC"), 10)
    assert {(each.npa, each.state, each.criteria.state) for each in found} == {
        ("771", "DC", "DC"),
        ("703", "VA", "VA"),
        ("571", "VA", "VA"),
        ("301", "MD", "MD"),
        ("240", "MD", "MD"),
        ("227", "MD", "MD"),
    }


def test_toll_free_stays_toll_free() -> None:
    found = candidates(SearchCriteria(npas=("800",), type=NumberType.TOLL_FREE), 2)
    assert [each.label for each in found] == ["888, toll-free", "877, toll-free"]
    assert [each.state for each in found] == [None, None]


def test_a_rate_centre_moves_first_then_the_whole_state_is_offered() -> None:
    asked = SearchCriteria(rate_center="boulder", state="co", npas=("303",), contains="77")
    found = candidates(asked, 50)
    assert (found[0].label, found[0].rate_center, found[0].state) == ("DENVER, CO", "DENVER", "CO")
    assert found[0].criteria == SearchCriteria(rate_center="DENVER", state="co", contains="77")
    assert found[-1].label == "Anywhere in CO"
    assert found[-1].criteria == SearchCriteria(npas=("303",), state="co", contains="77")


@pytest.mark.parametrize(
    "asked",
    [
        SearchCriteria(state="WY", locality="Cheyenne"),
        SearchCriteria(state="WY", latas=(654,)),
        SearchCriteria(state="WY", rate_center="CHEYENNE"),
    ],
)
def test_a_state_without_a_table_is_still_a_way_out(asked: SearchCriteria) -> None:
    (only,) = candidates(asked)
    assert (only.label, only.criteria) == ("Anywhere in WY", SearchCriteria(state="WY"))


@pytest.mark.parametrize(
    "asked", [SearchCriteria(), SearchCriteria(state="CO"), SearchCriteria(locality="Denver")]
)
def test_without_a_place_to_leave_there_is_nothing_to_suggest(asked: SearchCriteria) -> None:
    assert candidates(asked) == ()


@given(lawful_criteria, st.integers(0, 8))
def test_every_suggestion_is_a_lawful_and_different_search(
    asked: SearchCriteria, limit: int
) -> None:
    found = candidates(asked, limit)
    assert len(found) <= limit
    seen = {asked.fingerprint()}
    for each in found:
        each.criteria.check()
        assert each.label.isprintable()
        assert read_query(each.criteria.query())
        assert each.criteria.features == asked.features
        assert each.criteria.fingerprint() not in seen
        seen.add(each.criteria.fingerprint())
