"""Which parts of a routing belong together."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.lifecycle import RoutingType
from numbering.refusals import Invalid
from numbering.routing import Routing
from numbering.telephone import TelephoneNumber
from tests.numbering import strategies

TRUNK = UUID(int=1)
SIP = "sip:desk@pbx.example.com:5060"
NUMBER = "(303) 555-1234"
E164 = "+13035551234"


@pytest.mark.parametrize(
    "routing",
    [
        Routing(RoutingType.NONE),
        Routing(RoutingType.TRUNK, TRUNK),
        Routing(RoutingType.TRUNK, TRUNK, failover=SIP),
        Routing(RoutingType.TRUNK, TRUNK, failover=E164),
        Routing(RoutingType.SIP_URI, destination=SIP),
        Routing(RoutingType.SIP_URI, destination="sips:pbx.example.com;transport=tls"),
        Routing(RoutingType.SIP_URI, destination="SIP:+13035551234@[2001:db8::1]:5061"),
        Routing(RoutingType.SIP_URI, destination="sip:10.1.2.3", failover=E164),
        Routing(RoutingType.FORWARD, destination=E164, failover=SIP),
    ],
)
def test_parts_that_fit(routing: Routing) -> None:
    assert routing.check() == routing
    assert routing.check(TelephoneNumber("+17205552345")) == routing


def test_numbers_are_kept_in_one_form() -> None:
    checked = Routing(RoutingType.FORWARD, destination=NUMBER, failover="720.555.2345").check()
    assert (checked.destination, checked.failover) == (E164, "+17205552345")


@pytest.mark.parametrize(
    ("field", "routing"),
    [
        ("trunkId", Routing(RoutingType.TRUNK)),
        ("trunkId", Routing(RoutingType.SIP_URI, TRUNK, SIP)),
        ("trunkId", Routing(RoutingType.NONE, TRUNK)),
        ("destination", Routing(RoutingType.TRUNK, TRUNK, SIP)),
        ("destination", Routing(RoutingType.NONE, destination=SIP)),
        ("destination", Routing(RoutingType.SIP_URI)),
        ("destination", Routing(RoutingType.FORWARD)),
        ("destination", Routing(RoutingType.SIP_URI, destination="")),
        ("destination", Routing(RoutingType.SIP_URI, destination=E164)),
        ("destination", Routing(RoutingType.SIP_URI, destination="http://example.com")),
        ("destination", Routing(RoutingType.SIP_URI, destination="sip:a@b\r\nVia: evil")),
        ("destination", Routing(RoutingType.SIP_URI, destination="sip:a@b\n")),
        ("destination", Routing(RoutingType.SIP_URI, destination="sip:a@b c")),
        ("destination", Routing(RoutingType.SIP_URI, destination="sip:a@exämple.com")),
        ("destination", Routing(RoutingType.SIP_URI, destination="sip:" + "a" * 252)),
        ("destination", Routing(RoutingType.FORWARD, destination=SIP)),
        ("destination", Routing(RoutingType.FORWARD, destination="911")),
        ("destination", Routing(RoutingType.FORWARD, destination="900-222-1234")),
        ("destination", Routing(RoutingType.FORWARD, destination="876-222-1234")),
        ("failoverDestination", Routing(RoutingType.NONE, failover=E164)),
        ("failoverDestination", Routing(RoutingType.TRUNK, TRUNK, failover="")),
        ("failoverDestination", Routing(RoutingType.TRUNK, TRUNK, failover="sip:")),
        ("failoverDestination", Routing(RoutingType.TRUNK, TRUNK, failover="+442071838750")),
    ],
)
def test_parts_that_do_not(field: str, routing: Routing) -> None:
    with pytest.raises(Invalid) as refused:
        routing.check()
    assert refused.value.path == ("routing", field)


@pytest.mark.parametrize(
    ("field", "routing"),
    [
        ("destination", Routing(RoutingType.FORWARD, destination=NUMBER)),
        ("failoverDestination", Routing(RoutingType.TRUNK, TRUNK, failover=NUMBER)),
    ],
)
def test_loops_are_refused(field: str, routing: Routing) -> None:
    with pytest.raises(Invalid, match="itself") as refused:
        routing.check(TelephoneNumber(E164))
    assert refused.value.path == ("routing", field)


@given(
    st.builds(
        Routing,
        st.sampled_from(RoutingType),
        st.none() | st.just(TRUNK),
        st.none() | strategies.any_text | strategies.nationals | st.just(SIP),
        st.none() | strategies.any_text | strategies.nationals | st.just(SIP),
    )
)
def test_whatever_passes_is_printable_and_stays_as_it_is(routing: Routing) -> None:
    try:
        checked = routing.check()
    except Invalid:
        return
    assert checked.check() == checked
    for target in (checked.destination, checked.failover):
        assert target is None or (target.isascii() and target.isprintable() and " " not in target)


@given(st.text(st.sampled_from("a.@:;-[]/0"), max_size=251))
def test_sip_addresses_are_judged_quickly(tail: str) -> None:
    # Nested repetition would make this run for minutes on "sip:aaaa…!".
    with pytest.raises(Invalid):
        Routing(RoutingType.SIP_URI, destination=f"sip:{tail}\0").check()
