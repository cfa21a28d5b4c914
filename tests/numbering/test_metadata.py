"""What the carrier is told about a did, and where it disagrees."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.lifecycle import DidStatus
from numbering.metadata import (
    RESERVED_KEYS,
    CustomerFacts,
    DidFacts,
    Scalar,
    check_custom_fields,
    diff,
    for_assign,
    for_push,
    names,
    names_operation,
)
from numbering.refusals import Invalid

DID, CUSTOMER, TRUNK, OPERATION = (UUID(int=n) for n in range(1, 5))
AT = datetime(2025, 10, 27, 8, 0, 0, 123456, timezone(timedelta(hours=-4)))

customer = CustomerFacts(CUSTOMER, "TB-071161708", "Test Account")
bare = DidFacts(DID, CUSTOMER)
full = DidFacts(
    DID,
    CUSTOMER,
    status=DidStatus.ACTIVE,
    trunk_id=TRUNK,
    sms_enabled=True,
    fax_enabled=True,
    cnam="TEST ACCOUNT",
    ported_from="Verizon",
    ported_at=datetime(2026, 11, 2, 1, 30, tzinfo=timezone(timedelta(hours=3))),
    custom_fields={"site": "Denver", "seats": 7, "vip": True, "dropped": None},
)

keys = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True).filter(
    lambda key: key not in RESERVED_KEYS and not key.startswith("warp_")
)
storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
values: st.SearchStrategy[Scalar] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    storable,
)
fields = st.dictionaries(keys, values, max_size=10)
dids = st.builds(
    DidFacts,
    did_id=st.uuids(),
    customer_id=st.uuids(),
    trunk_id=st.none() | st.uuids(),
    voice_enabled=st.booleans(),
    sms_enabled=st.booleans(),
    mms_enabled=st.booleans(),
    fax_enabled=st.booleans(),
    cnam=st.none() | storable,
    ported_from=st.none() | storable,
    ported_at=st.none() | st.datetimes(datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    custom_fields=fields,
)


def merged(kept: dict[str, Any], put: dict[str, Scalar]) -> dict[str, Any]:
    """What the carrier holds after a PUT: keys merge, null removes (teliport-contract.md)."""
    return {key: value for key, value in {**kept, **put}.items() if value is not None}


def test_an_assign_says_everything_once() -> None:
    assert for_assign(full, customer, "ada@example.com", AT, OPERATION) == {
        "warp_did_id": str(DID),
        "customer_id": str(CUSTOMER),
        "ban": "TB-071161708",
        "company_name": "Test Account",
        "platform": "Kamailio",
        "trunk_id": str(TRUNK),
        "voice_enabled": True,
        "sms_enabled": True,
        "mms_enabled": False,
        "fax_enabled": True,
        "cnam": "TEST ACCOUNT",
        "losing_carrier": "Verizon",
        "port_completion_date": "2026-11-01",
        "site": "Denver",
        "seats": 7,
        "vip": True,
        "assigned_by": "ada@example.com",
        "assigned_at": "2025-10-27T12:00:00Z",
        "warp_op_id": str(OPERATION),
    }


def test_an_assign_of_a_bare_did_has_no_empty_keys() -> None:
    told = for_assign(bare, customer, "a@x.org", AT, OPERATION)
    assert None not in told.values()
    assert set(told) == RESERVED_KEYS - {
        "trunk_id", "cnam", "losing_carrier", "port_completion_date"
    }  # fmt: skip


def test_a_push_removes_what_is_gone() -> None:
    pushed = for_push(bare, customer, frozenset({"site", "seats"}))
    for key in ("trunk_id", "cnam", "losing_carrier", "port_completion_date", "site", "seats"):
        assert pushed[key] is None


def test_a_push_leaves_the_stamp_of_the_assign_alone() -> None:
    assert not {"assigned_by", "assigned_at", "warp_op_id"} & set(for_push(full, customer))


def test_clearing_never_touches_our_own_keys() -> None:
    cleared = frozenset({*RESERVED_KEYS, "site"})
    assert for_push(full, customer, cleared) == for_push(full, customer)
    assert for_push(bare, customer, cleared) == {**for_push(bare, customer), "site": None}


def test_a_custom_field_cannot_change_whose_number_it_is() -> None:
    forged = replace(bare, custom_fields={"customer_id": "evil", "warp_did_id": None})
    assert for_push(forged, customer) == for_push(bare, customer)


@given(dids, fields, st.dictionaries(keys, values, max_size=3))
def test_after_a_push_carrier_and_did_agree(
    did: DidFacts, earlier: dict[str, Scalar], foreign: dict[str, Scalar]
) -> None:
    cleared = frozenset(earlier) - frozenset(did.custom_fields)
    kept = merged(foreign, for_push(replace(did, custom_fields=earlier), customer))
    kept = merged(kept, for_push(did, customer, cleared))
    assert diff(kept, did, customer, cleared) == {}
    assert not cleared & set(kept)
    assert json.loads(json.dumps(kept)) == kept
    assert names(kept, did.did_id)


@given(dids)
def test_after_an_assign_carrier_and_did_agree(did: DidFacts) -> None:
    kept = for_assign(did, customer, "a@x.org", AT, OPERATION)
    assert diff(kept, did, customer) == {}
    assert names_operation(kept, OPERATION)


@given(dids, st.data())
def test_each_difference_is_named(did: DidFacts, data: st.DataObject) -> None:
    ours = for_push(did, customer)
    key = data.draw(st.sampled_from(sorted(ours)))
    kept = {**merged({}, ours), key: "something else entirely, 21+"}
    assert diff(kept, did, customer) == {key: (kept[key], ours[key])}


def test_a_missing_record_differs_in_every_key_that_has_a_value() -> None:
    expected = {
        key: (None, value) for key, value in for_push(full, customer).items() if value is not None
    }
    assert diff(None, full, customer) == diff({}, full, customer) == expected


def test_values_are_compared_as_the_carrier_may_keep_them() -> None:
    kept = {key: None if v is None else v if isinstance(v, str) else json.dumps(v)
            for key, v in for_push(full, customer).items()}  # fmt: skip
    assert kept["voice_enabled"] == "true"
    assert kept["seats"] == "7"
    assert diff(kept, full, customer) == {}
    assert diff({**kept, "seats": "8"}, full, customer) == {"seats": ("8", 7)}


def test_foreign_keys_are_no_difference() -> None:
    kept = {**for_push(full, customer), "someone_elses": {"deep": [1]}}
    assert diff(kept, full, customer) == {}


@pytest.mark.parametrize("record", [None, {}, {"warp_did_id": None}, {"warp_did_id": "x"}])
def test_whose_number_it_is(record: dict[str, object] | None) -> None:
    assert not names(record, DID)
    assert not names_operation(record, OPERATION)
    assert names({"warp_did_id": str(DID)}, DID)
    assert names_operation({"warp_op_id": str(OPERATION)}, OPERATION)


@given(fields)
def test_lawful_custom_fields_pass(custom: dict[str, Scalar]) -> None:
    check_custom_fields(custom)


BROKEN: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({f"k{n}": n for n in range(51)}, ()),
    ({"Site": 1}, ()),
    ({"1site": 1}, ()),
    ({"": 1}, ()),
    ({"a" * 41: 1}, ()),
    ({"si te": 1}, ()),
    ({"site\n": 1}, ()),
    ({"größe": 1}, ()),
    *(({key: "x"}, (key,)) for key in sorted(RESERVED_KEYS)),
    ({"warp_anything": None}, ("warp_anything",)),
    ({"ok": 1, "site": ["list"]}, ("site",)),
    ({"site": {"deep": 1}}, ("site",)),
    ({"site": float("nan")}, ("site",)),
    ({"site": float("inf")}, ("site",)),
    ({"site": 2**53 + 1}, ("site",)),
    ({"site": -(10**5000)}, ("site",)),
    ({"site": "a\0b"}, ("site",)),
    ({"site": "\ud800"}, ("site",)),
    ({"site": "x" * 4097}, ()),
    ({f"k{n}": "ü" * 45 for n in range(45)}, ()),
]


@pytest.mark.parametrize(("custom", "key"), BROKEN)
def test_broken_custom_fields_are_refused_by_name(
    custom: dict[str, Any], key: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid) as refused:
        check_custom_fields(custom)
    assert refused.value.path == ("customFields", *key)
    assert refused.value.message.endswith((".", ")."))


def test_the_limits_themselves_are_allowed() -> None:
    check_custom_fields({f"k{n}": n for n in range(50)})
    check_custom_fields({"a" * 40: 2**53})
    check_custom_fields({"site": "x" * (4096 - len('{"site": ""}'))})
    with pytest.raises(Invalid):
        check_custom_fields({"site": "x" * (4097 - len('{"site": ""}'))})
