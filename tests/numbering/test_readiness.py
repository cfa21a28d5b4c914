"""The checklist of a number, aspect by aspect."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.lifecycle import DidStatus, MessagingPortStatus, ReadinessAspect, RoutingType
from numbering.readiness import ReadinessFacts, readiness
from numbering.telephone import NumberType

READY = ReadinessFacts(
    number_type=NumberType.LOCAL,
    status=DidStatus.ACTIVE,
    voice_enabled=True,
    sms_enabled=True,
    routing_type=RoutingType.TRUNK,
    messaging_port_status=MessagingPortStatus.CONFIRMED,
    campaign_id="C123",
    tcr_status="approved",
    cnam="ACME",
    e911_validated=True,
)

facts = st.builds(
    ReadinessFacts,
    number_type=st.sampled_from(NumberType),
    status=st.sampled_from(DidStatus),
    voice_enabled=st.booleans(),
    sms_enabled=st.booleans(),
    routing_type=st.sampled_from(RoutingType),
    messaging_port_status=st.sampled_from(MessagingPortStatus),
    campaign_id=st.none() | st.just("C123"),
    tcr_status=st.none() | st.sampled_from(["ACTIVE", "Pending", ""]),
    cnam=st.none() | st.just("ACME"),
    e911_validated=st.none() | st.booleans(),
    in_sync=st.booleans(),
)


def open_aspects(some: ReadinessFacts) -> set[str]:
    return {item.aspect.value for item in readiness(some) if not item.ready}


@given(facts)
def test_every_aspect_is_answered_and_what_is_missing_is_said(some: ReadinessFacts) -> None:
    items = readiness(some)
    assert [item.aspect for item in items] == list(ReadinessAspect)
    assert all(item.ready or item.reason for item in items)


@given(facts)
def test_messaging_is_never_ready_because_voice_is(some: ReadinessFacts) -> None:
    ready = "MESSAGING" not in open_aspects(some)
    assert not ready or (some.sms_enabled and some.campaign_id and some.tcr_status == "ACTIVE")
    assert "MESSAGING" in open_aspects(replace(some, sms_enabled=False))


def test_all_ready() -> None:
    assert open_aspects(READY) == set()
    assert all(item.reason is None for item in readiness(READY))


@pytest.mark.parametrize(
    ("change", "aspects", "reason"),
    [
        ({"status": DidStatus.PORTING}, "VOICE MESSAGING", "PORTING, not ACTIVE"),
        ({"status": DidStatus.RELEASING}, "VOICE MESSAGING", "RELEASING, not ACTIVE"),
        ({"voice_enabled": False}, "VOICE", "Switch voice on"),
        ({"sms_enabled": False}, "MESSAGING", "Switch SMS on"),
        ({"messaging_port_status": MessagingPortStatus.PENDING}, "MESSAGING", "former carrier"),
        ({"messaging_port_status": MessagingPortStatus.FAILED}, "MESSAGING", "Ask support"),
        ({"messaging_port_status": MessagingPortStatus.NOT_APPLICABLE}, "", ""),
        ({"campaign_id": None}, "MESSAGING", "Register a campaign"),
        ({"tcr_status": None}, "MESSAGING", "not confirmed"),
        ({"tcr_status": "PENDING"}, "MESSAGING", "not confirmed"),
        ({"cnam": None}, "CNAM", "Set a caller name"),
        ({"cnam": ""}, "CNAM", "Set a caller name"),
        ({"e911_validated": None}, "E911", "Set an emergency address"),
        ({"e911_validated": False}, "E911", "not validated"),
        ({"routing_type": RoutingType.NONE}, "ROUTING", "Set where calls go"),
        ({"in_sync": False}, "SYNC", "on their way"),
        ({"number_type": NumberType.TOLL_FREE, "cnam": None, "e911_validated": None}, "", ""),
    ],
)
def test_what_is_missing(change: dict[str, Any], aspects: str, reason: str) -> None:
    changed = replace(READY, **change)
    assert open_aspects(changed) == set(aspects.split())
    missing = [item.reason for item in readiness(changed) if not item.ready]
    assert all(reason in (each or "") for each in missing)


def test_toll_free_numbers_are_told_why_nothing_is_missing() -> None:
    items = {i.aspect: i for i in readiness(replace(READY, number_type=NumberType.TOLL_FREE))}
    for aspect in (ReadinessAspect.CNAM, ReadinessAspect.E911):
        assert items[aspect].ready
        assert items[aspect].reason == "Does not apply to toll-free numbers."
