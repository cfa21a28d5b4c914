"""Global ids: opaque, one spelling each, and what a bad one becomes."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given, strategies

from numbering.refusals import NotFound, RefusalCode
from resolvers import ids
from resolvers.ids import NOBODY, NodeKind, Reading
from resolvers.rejections import Rejection


@given(strategies.sampled_from(NodeKind), strategies.uuids())
def test_an_id_comes_back_as_it_was(kind: NodeKind, value: UUID) -> None:
    assert ids.decode(ids.encode(kind, value)) == (kind, value)


@given(strategies.text(max_size=150))
def test_no_text_raises_and_no_object_has_two_ids(text: str) -> None:
    found = ids.decode(text)
    assert found is None or ids.encode(*found) == text


def test_other_spellings_of_an_id_are_none() -> None:
    good = ids.encode(NodeKind.DID, uuid4())
    assert ids.decode(good) is not None
    assert ids.decode(good + "=") is None
    assert ids.decode(good[:-1]) is None
    assert ids.decode("x" * 200) is None
    capital = ids.encode(NodeKind.DID, uuid4())
    import_of_braces = "RGlkOnt9"  # Did:{}
    assert ids.decode(import_of_braces) is None
    assert capital != good


def test_a_query_names_the_argument_of_a_bad_id() -> None:
    value = uuid4()
    customer = ids.encode(NodeKind.CUSTOMER, value)
    assert ids.asked_for(customer, NodeKind.CUSTOMER, "id") == value
    for bad in (customer, "garbage"):
        with pytest.raises(Rejection, match=r"by\.id: is not the id of a Did"):
            ids.asked_for(bad, NodeKind.DID, "by.id")


def test_a_mutation_says_invalid_where_the_id_was_the_reason() -> None:
    read, value = Reading(), uuid4()
    batch = [ids.encode(NodeKind.DID, value), "garbage"]
    assert read.many(batch, NodeKind.DID, "didIds") == (value, NOBODY)
    unknown = [NotFound("did", path=("didIds", "0")), NotFound("did", path=("didIds", "1"))]
    first, second = read.mended(unknown)
    assert first is unknown[0]
    assert (second.code, second.path) == (RefusalCode.INVALID, ("didIds", "1"))


def test_no_fault_gets_lost_when_a_workflow_does_not_mention_it() -> None:
    read = Reading()
    assert read.fault("Name one.", "customerId") == NOBODY
    (only,) = read.mended(())
    assert (only.code, only.path, only.message) == (
        RefusalCode.INVALID,
        ("customerId",),
        "Name one.",
    )
