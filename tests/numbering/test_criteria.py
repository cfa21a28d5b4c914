"""Searches become queries that cannot be bent by what is searched for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from numbering.area_codes import STATES, TOLL_FREE
from numbering.criteria import (
    InvalidCriteria,
    NumberFeature,
    SearchCriteria,
    numbers_query,
    quote,
)
from numbering.refusals import RefusalCode
from numbering.telephone import NumberType, TelephoneNumber
from tests.numbering import strategies
from tests.numbering.query_reader import NotAQuery, Term, read_query

AVAILABLE = Term("status", "=", ("available",))

INJECTIONS = [
    'denver" or status = "reserved',
    'denver") or (status = "in_use',
    '\\" or (status = "reserved',
    "\\",
    '\\\\"',
    '" or "1"="1',
    "denver) or (npa=303",
    "x' or status=reserved --",
    'a" and metadata.customer_id = "b',
    "\0",
    "\u202ednever",
    "\ud800",
]


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


text = strategies.any_text | st.text(st.sampled_from('\\"() =,or and'), max_size=30)
wild_criteria = st.builds(
    SearchCriteria,
    npas=st.lists(text, max_size=3).map(tuple),
    nxx=maybe(text),
    state=maybe(text),
    locality=maybe(text),
    latas=st.lists(st.integers(), max_size=3).map(tuple),
    rate_center=maybe(text),
    type=maybe(st.sampled_from(NumberType)),
    starts_with=maybe(text),
    contains=maybe(text),
    ends_with=maybe(text),
)
"""Nothing checked: what would go out if a check were forgotten."""

digits = st.text(st.sampled_from("0123456789"), min_size=1, max_size=10)
names = st.text(st.characters(exclude_categories=["C"], exclude_characters="\\"), max_size=40)
lawful_criteria = st.builds(
    SearchCriteria,
    npas=st.lists(st.sampled_from(strategies.LOCAL_NPAS), max_size=20).map(tuple),
    nxx=maybe(st.sampled_from(strategies.PLAIN_NXXS)),
    state=st.sampled_from(sorted(STATES)),
    locality=maybe(names.filter(str.strip)),
    latas=st.lists(st.integers(100, 999), max_size=20).map(tuple),
    rate_center=maybe(names.filter(str.strip)),
    type=maybe(st.just(NumberType.LOCAL)),
    starts_with=maybe(digits.filter(lambda each: each[0] not in "01")),
    contains=maybe(digits),
    ends_with=maybe(digits),
    features=st.lists(st.sampled_from(NumberFeature)).map(tuple),
    consecutive=maybe(st.integers(2, 20)),
)


def with_text(criteria: SearchCriteria, field: str, value: str) -> SearchCriteria:
    changed: Any = {field: value}
    return replace(criteria, **changed)


@given(wild_criteria)
@example(SearchCriteria(locality=INJECTIONS[0], rate_center="\\", nxx='" or "'))
def test_no_text_ever_becomes_syntax(criteria: SearchCriteria) -> None:
    terms = read_query(criteria.query())
    assert terms[0] == AVAILABLE
    assert [term for term in terms[1:] if term.field == "status"] == []
    asked = {term.field: term for term in terms if term.operator not in {"!=", "contains"}}
    if criteria.nxx is not None:
        assert asked["nxx"].values == (criteria.nxx,)
    if criteria.npas:
        assert set(asked["npa"].values) == set(criteria.npas)


@given(lawful_criteria)
def test_what_passes_the_check_reads_alike_under_both_escape_rules(
    criteria: SearchCriteria,
) -> None:
    criteria.check()
    query = criteria.query()
    assert read_query(query) == read_query(query, backslash_escapes_itself=False)
    assert read_query(query)[0] == AVAILABLE


@pytest.mark.parametrize("field", ["nxx", "state", "starts_with", "contains", "ends_with"])
@pytest.mark.parametrize("value", INJECTIONS, ids=ascii)
def test_injections_into_coded_fields_are_refused(field: str, value: str) -> None:
    with pytest.raises(InvalidCriteria) as refused:
        with_text(SearchCriteria(), field, value).check()
    assert refused.value.field == field


@pytest.mark.parametrize("field", ["locality", "rate_center"])
@pytest.mark.parametrize("value", INJECTIONS, ids=ascii)
def test_injections_into_names_are_values_or_refused(field: str, value: str) -> None:
    criteria = with_text(SearchCriteria(state="CO"), field, value)
    try:
        criteria.check()
    except InvalidCriteria:
        assert any(c in value for c in "\\\0\u202e\ud800")
    else:
        (term,) = [each for each in read_query(criteria.query()) if each.field == field]
        assert term.values == (value,)


def test_the_reader_of_these_tests_can_say_no() -> None:
    for broken in (
        "",
        "status = available",
        '(status = "available',
        '(status = "available") or (npa = "303")',
        '(status = "available") and ',
        '(status = "a" or npa = "b")',
        '(npa in ("303"',
        '(secret = "x")',
    ):
        with pytest.raises(NotAQuery):
            read_query(broken)
    # A naive writer is caught.
    with pytest.raises(NotAQuery):
        read_query(f'(status = "available") and (locality contains "{INJECTIONS[0]}")')


def test_a_full_query() -> None:
    criteria = SearchCriteria(
        npas=("720", "303", "720"),
        nxx="555",
        state=" co ",
        locality="  Den  ver ",
        latas=(658, 656),
        rate_center='He said "hi"',
        starts_with="303",
        contains="55",
        ends_with="1234",
    )
    criteria.check()
    assert criteria.query() == (
        '(status = "available") and (npa in ("303","720")) and (nxx = "555")'
        ' and (state = "CO") and (locality contains "den ver") and (lata in ("656","658"))'
        ' and (rate_center = "he said \\"hi\\"") and (tn starts_with "303")'
        ' and (tn contains "55") and (tn ends_with "1234")'
    )


def test_no_criteria_ask_for_anything_available() -> None:
    SearchCriteria().check()
    assert SearchCriteria().query() == '(status = "available")'


def test_types_become_area_codes() -> None:
    toll_free = SearchCriteria(type=NumberType.TOLL_FREE)
    toll_free.check()
    assert read_query(toll_free.query())[1] == Term("npa", "in", tuple(sorted(TOLL_FREE)))
    some = SearchCriteria(type=NumberType.TOLL_FREE, npas=("800",))
    some.check()
    assert read_query(some.query())[1:] == [Term("npa", "in", ("800",))]
    local = SearchCriteria(type=NumberType.LOCAL)
    local.check()
    assert read_query(local.query())[1:] == [Term("npa", "!=", (npa,)) for npa in sorted(TOLL_FREE)]


REFUSED: list[tuple[str, SearchCriteria]] = [
    ("npas", SearchCriteria(npas=tuple(strategies.LOCAL_NPAS[:21]))),
    ("npas", SearchCriteria(npas=("30",))),
    ("npas", SearchCriteria(npas=("3035",))),
    ("npas", SearchCriteria(npas=("",))),
    ("npas", SearchCriteria(npas=("３０３",))),
    ("npas", SearchCriteria(npas=("303\n",))),
    ("npas", SearchCriteria(npas=("303", "911"))),
    ("npas", SearchCriteria(npas=("123",))),
    ("npas", SearchCriteria(npas=("416",))),
    ("npas", SearchCriteria(npas=("822",))),
    ("npas", SearchCriteria(npas=("900",))),
    ("npas", SearchCriteria(npas=("303",), type=NumberType.TOLL_FREE)),
    ("npas", SearchCriteria(npas=("303", "800"), type=NumberType.LOCAL)),
    ("nxx", SearchCriteria(nxx="155")),
    ("nxx", SearchCriteria(nxx="55")),
    ("nxx", SearchCriteria(nxx="")),
    ("state", SearchCriteria(state="")),
    ("state", SearchCriteria(state="Colorado")),
    ("state", SearchCriteria(state="XX")),
    ("state", SearchCriteria(state="ON")),
    ("latas", SearchCriteria(latas=(99,))),
    ("latas", SearchCriteria(latas=(656, 1000))),
    ("latas", SearchCriteria(latas=(-656,))),
    ("latas", SearchCriteria(latas=tuple(range(100, 121)))),
    ("locality", SearchCriteria(locality=" ")),
    ("locality", SearchCriteria(locality="x" * 41)),
    ("locality", SearchCriteria(locality="den\\ver")),
    ("locality", SearchCriteria(locality="den\tver")),
    ("rate_center", SearchCriteria(rate_center="DENVER")),
    ("rate_center", SearchCriteria(rate_center="x" * 41, state="CO")),
    ("starts_with", SearchCriteria(starts_with="")),
    ("starts_with", SearchCriteria(starts_with="1303")),
    ("starts_with", SearchCriteria(starts_with="0")),
    ("starts_with", SearchCriteria(starts_with="+1303")),
    ("contains", SearchCriteria(contains="CALL")),
    ("contains", SearchCriteria(contains="12345678901")),
    ("ends_with", SearchCriteria(ends_with="12 34")),
    ("ends_with", SearchCriteria(ends_with="١٢")),
    ("consecutive", SearchCriteria(consecutive=1)),
    ("consecutive", SearchCriteria(consecutive=0)),
    ("consecutive", SearchCriteria(consecutive=-2)),
    ("consecutive", SearchCriteria(consecutive=21)),
]


@pytest.mark.parametrize(("field", "criteria"), REFUSED)
def test_unusable_filters_are_named(field: str, criteria: SearchCriteria) -> None:
    with pytest.raises(InvalidCriteria) as refused:
        criteria.check()
    assert refused.value.field == field
    assert refused.value.code is RefusalCode.INVALID
    assert refused.value.message.endswith(".")


def test_the_limits_themselves_are_allowed() -> None:
    SearchCriteria(
        npas=tuple(strategies.LOCAL_NPAS[:20]),
        latas=tuple(range(100, 120)),
        locality="x" * 40,
        rate_center="x" * 40,
        state="CO",
        contains="1234567890",
        consecutive=20,
    ).check()


def test_the_path_is_the_name_of_the_public_input() -> None:
    with pytest.raises(InvalidCriteria) as refused:
        SearchCriteria(rate_center="DENVER").check()
    assert refused.value.path == ("rateCenter",)
    assert InvalidCriteria("starts_with", "x").path == ("startsWith",)
    assert InvalidCriteria("npas", "x").path == ("npas",)


@given(lawful_criteria)
def test_equal_searches_have_equal_fingerprints(criteria: SearchCriteria) -> None:
    shuffled = replace(
        criteria,
        npas=criteria.npas[::-1] + criteria.npas[:1],
        latas=criteria.latas[::-1],
        features=criteria.features[::-1] + criteria.features[:1],
        state=criteria.state.lower() if criteria.state else None,
    )
    assert shuffled.fingerprint() == criteria.fingerprint()
    assert len(criteria.fingerprint()) == 32


def test_different_searches_have_different_fingerprints() -> None:
    searches = [
        SearchCriteria(),
        SearchCriteria(npas=("303",)),
        SearchCriteria(starts_with="303"),
        SearchCriteria(contains="303"),
        SearchCriteria(features=(NumberFeature.SMS,)),
        SearchCriteria(consecutive=2),
        SearchCriteria(consecutive=3),
        SearchCriteria(locality='a" and (nxx = "303'),
        SearchCriteria(locality="a", nxx="303"),
    ]
    assert len({each.fingerprint() for each in searches}) == len(searches)


def test_fingerprints_outlive_the_process() -> None:
    # Cursors carry them: a release that changes them breaks every open page.
    assert SearchCriteria(npas=("303",)).fingerprint() == "0ecde50d6d7389d4e408df0a369d94e6"


def test_fingerprints_of_unchecked_text_never_fail() -> None:
    assert SearchCriteria(locality="\ud800\0").fingerprint()


@given(strategies.any_text)
def test_quoted_values_are_read_back(value: str) -> None:
    assert read_query(f"(tn = {quote(value)})") == [Term("tn", "=", (value,))]


@given(st.lists(strategies.numbers, min_size=1, max_size=5))
def test_asking_for_numbers(numbers: list[TelephoneNumber]) -> None:
    (term,) = read_query(numbers_query(numbers))
    assert term == Term("tn", "in", tuple(number.national for number in numbers))
