"""The mutations as clients see them; no worker runs, so what is accepted stays under way."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from db import seed
from db.ids import new_id
from db.tables import Incident
from numbering.actors import Role
from numbering.lifecycle import OperationState, ReservationItemState
from resolvers.ids import NodeKind, encode
from tests.db import make
from tests.kit.desk import BOB, STAFF, Desk, person

ERRORS = """errors { __typename code message path retryable
  ... on NumberUnavailableError { number alternatives { number } }
  ... on WrongStateError { state allowedNext } ... on LimitError { limit }
  ... on UpstreamError { retryAfterSeconds } }"""
RESERVE = f"""mutation($input: ReserveNumbersInput!) {{ reserveNumbers(input: $input) {{
  reservation {{ id state items {{ number state }} customer {{ name }} }} {ERRORS} }} }}"""
RELEASE = f"""mutation($input: ReleaseReservationInput!) {{ releaseReservation(input: $input) {{
  reservation {{ id state items {{ state }} }} {ERRORS} }} }}"""
ASSIGN = f"""mutation($input: AssignReservationInput!) {{ assignReservation(input: $input) {{
  reservation {{ id state }} dids {{ number }} {ERRORS} }} }}"""
UPDATE = f"""mutation($input: UpdateDidsInput!) {{ updateDids(input: $input) {{
  dids {{ number friendlyName cnam customFields smsEnabled inSync
    routing {{ type trunk {{ name }} }} e911Address {{ label }} }} {ERRORS} }} }}"""
GIVE_BACK = f"""mutation($input: ReleaseDidsInput!) {{ releaseDids(input: $input) {{
  dids {{ number status releaseReason }} {ERRORS} }} }}"""
RETRY = f"""mutation($input: RetryIncidentInput!) {{ retryIncident(input: $input) {{
  incident {{ state }} {ERRORS} }} }}"""
RESOLVE = f"""mutation($input: ResolveIncidentInput!) {{ resolveIncident(input: $input) {{
  incident {{ state resolution resolvedBy }} {ERRORS} }} }}"""


async def act(desk: Desk, mutation: str, asked: dict[str, Any], **more: Any) -> dict[str, Any]:
    variables = {"input": {"idempotencyKey": str(uuid4()), **asked}}
    (payload,) = (await desk.data(mutation, variables, **more)).values()
    found: dict[str, Any] = payload
    return found


async def test_numbers_are_accepted_each_by_itself(desk: Desk) -> None:
    free, other = desk.sandbox.available("303", 2)
    asked = [free, "911", f"({other[:3]}) {other[3:6]}-{other[6:]}", free]
    payload = await act(desk, RESERVE, {"numbers": asked})
    assert payload["reservation"]["state"] == "PENDING"
    assert payload["reservation"]["customer"] == {"name": "Aspen Outfitters"}
    assert [item["number"] for item in payload["reservation"]["items"]] == [
        f"+1{free}",
        f"+1{other}",
    ]
    assert [error["path"] for error in payload["errors"]] == [["numbers", "1"], ["numbers", "3"]]
    assert {error["code"] for error in payload["errors"]} == {"INVALID"}


async def test_a_number_that_another_customer_holds(desk: Desk) -> None:
    (free,) = desk.sandbox.available("303", 1)
    await act(desk, RESERVE, {"numbers": [free]})
    payload = await act(desk, RESERVE, {"numbers": [free]}, actor=BOB)
    error = payload["errors"][0]
    assert (error["code"], error["number"]) == ("HELD_BY_OTHER", f"+1{free}")
    assert error["__typename"] == "NumberUnavailableError"


@pytest.mark.parametrize(("count", "code"), [(0, "INVALID"), (51, "LIMIT_EXCEEDED")])
async def test_1_to_50_numbers(desk: Desk, count: int, code: str) -> None:
    asked = [f"303555{n:04d}" for n in range(200, 200 + count)]
    payload = await act(desk, RESERVE, {"numbers": asked})
    assert payload["reservation"] is None
    (error,) = payload["errors"]
    assert (error["code"], error["path"]) == (code, ["numbers"])
    assert error.get("limit") == (50 if count else None)


async def test_staff_have_to_say_for_whom(desk: Desk) -> None:
    free = desk.sandbox.available("303", 1)
    silent = await act(desk, RESERVE, {"numbers": free}, actor=STAFF)
    (error,) = silent["errors"]
    assert (error["code"], error["path"]) == ("INVALID", ["customerId"])
    assert "for which customer" in error["message"]
    named = {"numbers": free, "customerId": encode(NodeKind.CUSTOMER, seed.CUSTOMER_B)}
    payload = await act(desk, RESERVE, named, actor=STAFF)
    assert payload["reservation"]["customer"] == {"name": "Boulder Dental"}


async def test_nobody_buys_for_somebody_else(desk: Desk) -> None:
    free = desk.sandbox.available("303", 1)
    said = []
    for theirs in (seed.CUSTOMER_B, uuid4()):
        asked = {"numbers": free, "customerId": encode(NodeKind.CUSTOMER, theirs)}
        payload = await act(desk, RESERVE, asked)
        assert payload["reservation"] is None
        said.append(payload["errors"])
    assert said[0] == said[1]
    assert (said[0][0]["code"], said[0][0]["path"]) == ("NOT_FOUND", ["customerId"])
    malformed = await act(desk, RESERVE, {"numbers": free, "customerId": "garbage"})
    assert [error["code"] for error in malformed["errors"]] == ["INVALID"]


async def test_somebody_who_named_no_customer_buys_nothing(desk: Desk) -> None:
    undecided = person(Role.CUSTOMER_ADMIN, seed.CUSTOMER_A, seed.CUSTOMER_B)
    variables = {"input": {"numbers": ["3035550200"], "idempotencyKey": "k"}}
    answer = await desk.ask(RESERVE, variables, undecided)
    assert answer.codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_a_key_has_1_to_255_characters(desk: Desk, key: str) -> None:
    free = desk.sandbox.available("303", 1)
    payload = await act(desk, RESERVE, {"numbers": free, "idempotencyKey": key})
    (error,) = payload["errors"]
    assert (error["code"], error["path"]) == ("INVALID", ["idempotencyKey"])


async def test_the_same_key_gives_the_same_answer_and_another_input_is_refused(
    desk: Desk,
) -> None:
    free, other = desk.sandbox.available("303", 2)
    once = {"numbers": [free], "idempotencyKey": "one"}
    first, again = await asyncio.gather(*(act(desk, RESERVE, once) for _ in range(2)))
    assert first == again
    reused = await act(desk, RESERVE, {"numbers": [other], "idempotencyKey": "one"})
    assert [error["code"] for error in reused["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_the_second_act_of_a_document_sees_what_stands(desk: Desk) -> None:
    did = make.did("+13035550200")
    await desk.keep(did)
    document = """mutation($ids: [ID!]!) {
      a: updateDids(input: {didIds: $ids, changes: {friendlyName: "one"}, idempotencyKey: "a"}) {
        dids { friendlyName } }
      b: updateDids(input: {didIds: $ids, changes: {friendlyName: "two"}, idempotencyKey: "b"}) {
        dids { friendlyName } } }"""
    done = await desk.data(document, {"ids": [encode(NodeKind.DID, did.id)]})
    assert done["a"]["dids"] == [{"friendlyName": "one"}]
    assert done["b"]["dids"] == [{"friendlyName": "two"}]


async def test_a_reservation_that_is_not_there(desk: Desk) -> None:
    mine = (await act(desk, RESERVE, {"numbers": desk.sandbox.available("303", 1)}))["reservation"]
    for mutation in (RELEASE, ASSIGN):
        theirs = await act(desk, mutation, {"reservationId": mine["id"]}, actor=BOB)
        unknown = {"reservationId": encode(NodeKind.RESERVATION, uuid4())}
        assert theirs == await act(desk, mutation, unknown, actor=BOB)
        assert [error["code"] for error in theirs["errors"]] == ["NOT_FOUND"]
        malformed = await act(desk, mutation, {"reservationId": "garbage", "numbers": None})
        (error,) = malformed["errors"]
        assert (error["code"], error["path"]) == ("INVALID", ["reservationId"])


async def test_what_is_not_held_yet_cannot_be_bought(desk: Desk) -> None:
    free = desk.sandbox.available("303", 1)
    reserved = (await act(desk, RESERVE, {"numbers": free}))["reservation"]
    asked = {
        "reservationId": reserved["id"],
        "numbers": free,
        "routing": {"type": "TRUNK", "trunkId": encode(NodeKind.TRUNK, seed.TRUNK_A1)},
        "maxMonthlyTotal": "99.50",
        "friendlyName": "Front",
    }
    payload = await act(desk, ASSIGN, asked)
    assert payload["dids"] == []
    (error,) = payload["errors"]
    assert error["code"] == "WRONG_STATE"
    assert (error["state"], "HELD" in error["allowedNext"]) == ("PENDING", True)


async def test_dids_are_configured_together(desk: Desk) -> None:
    dids = [make.did("+13035550200", pushed_version=1), make.did("+13035550201", cnam="OLD")]
    await desk.keep(*dids)
    changes = {
        "friendlyName": "Front",
        "cnam": None,
        "smsEnabled": True,
        "routing": {"type": "TRUNK", "trunkId": encode(NodeKind.TRUNK, seed.TRUNK_A1)},
        "e911AddressId": encode(NodeKind.E911_ADDRESS, seed.ADDRESS_A),
        "customFields": {"room": "7"},
    }
    ids = [encode(NodeKind.DID, did.id) for did in dids]
    payload = await act(desk, UPDATE, {"didIds": ids, "changes": changes})
    assert payload["errors"] == []
    assert [did["number"] for did in payload["dids"]] == ["+13035550200", "+13035550201"]
    for did in payload["dids"]:
        assert did == {
            "number": did["number"],
            "friendlyName": "Front",
            "cnam": None,
            "customFields": {"room": "7"},
            "smsEnabled": True,
            "inSync": False,
            "routing": {"type": "TRUNK", "trunk": {"name": "aspen-denver-1"}},
            "e911Address": {"label": "Headquarters"},
        }


async def test_null_clears_and_absence_leaves(desk: Desk) -> None:
    did = make.did("+13035550200", friendly_name="Front", e911_address_id=seed.ADDRESS_A)
    await desk.keep(did)
    changes = {"e911AddressId": None, "routing": None}
    ids = [encode(NodeKind.DID, did.id)]
    (shown,) = (await act(desk, UPDATE, {"didIds": ids, "changes": changes}))["dids"]
    assert (shown["friendlyName"], shown["e911Address"]) == ("Front", None)
    assert shown["routing"]["type"] == "NONE"


async def test_a_bad_did_in_a_batch_fails_by_itself(desk: Desk) -> None:
    did, other = make.did("+13035550200"), make.did("+13035550201", customer_id=seed.CUSTOMER_B)
    await desk.keep(did, other)
    ids = [
        encode(NodeKind.DID, did.id),
        "garbage",
        encode(NodeKind.DID, other.id),
        encode(NodeKind.CUSTOMER, seed.CUSTOMER_A),
    ]
    payload = await act(desk, UPDATE, {"didIds": ids, "changes": {"friendlyName": "x"}})
    assert [shown["number"] for shown in payload["dids"]] == ["+13035550200"]
    said = {tuple(error["path"]): error["code"] for error in payload["errors"]}
    assert said == {
        ("didIds", "1"): "INVALID",
        ("didIds", "2"): "NOT_FOUND",
        ("didIds", "3"): "INVALID",
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cnam": " lead"}, "INVALID changes.cnam"),
        ({"routing": {"type": "TRUNK", "trunkId": "x"}}, "INVALID changes.routing.trunkId"),
        ({"e911AddressId": "x"}, "INVALID changes.e911AddressId"),
        (
            {"e911AddressId": encode(NodeKind.E911_ADDRESS, seed.ADDRESS_B)},
            "NOT_FOUND changes.e911AddressId",
        ),
        ({"customFields": {"ban": "x"}}, "INVALID changes.customFields.ban"),
    ],
)
async def test_a_bad_change_is_named(desk: Desk, changes: dict[str, Any], said: str) -> None:
    did = make.did("+13035550200")
    await desk.keep(did)
    ids = [encode(NodeKind.DID, did.id)]
    payload = await act(desk, UPDATE, {"didIds": ids, "changes": changes})
    assert payload["dids"] == []
    (error,) = payload["errors"]
    assert f"{error['code']} {'.'.join(error['path'])}".replace("didIds.0.", "") == said


async def test_a_did_is_given_back_with_a_reason(desk: Desk) -> None:
    did = make.did("+13035550200")
    await desk.keep(did)
    ids = [encode(NodeKind.DID, did.id)]
    without = await act(desk, GIVE_BACK, {"didIds": ids, "reason": " "})
    assert [error["path"] for error in without["errors"]] == [["reason"]]
    payload = await act(desk, GIVE_BACK, {"didIds": ids, "reason": "moved out"})
    assert payload == {
        "dids": [{"number": "+13035550200", "status": "RELEASING", "releaseReason": "moved out"}],
        "errors": [],
    }


async def test_staff_retry_and_resolve_incidents(desk: Desk) -> None:
    stuck = make.operation("+13035550200", state=OperationState.ATTENTION)
    about = Incident(id=new_id(), operation_id=stuck.id, summary="stuck")
    other = Incident(id=new_id(), summary="platform")
    for row in (stuck, about, other):
        await desk.keep(row)
    retry = {"incidentId": encode(NodeKind.INCIDENT, about.id), "reason": "fixed"}
    assert await act(desk, RETRY, retry, actor=STAFF) == {
        "incident": {"state": "RETRYING"},
        "errors": [],
    }
    settled = {"incidentId": encode(NodeKind.INCIDENT, other.id), "resolution": "by hand"}
    assert await act(desk, RESOLVE, settled, actor=STAFF) == {
        "incident": {"state": "RESOLVED", "resolution": "by hand", "resolvedBy": "Staff"},
        "errors": [],
    }
    for mutation, text in ((RETRY, "reason"), (RESOLVE, "resolution")):
        bad = await act(desk, mutation, {"incidentId": "x", text: "y"}, actor=STAFF)
        (error,) = bad["errors"]
        assert bad["incident"] is None
        assert (error["code"], error["path"]) == ("INVALID", ["incidentId"])


async def test_a_held_number_shows_its_state(desk: Desk) -> None:
    cart = make.cart()
    await desk.keep(cart, make.item(cart, state=ReservationItemState.RELEASED))
    payload = await act(desk, ASSIGN, {"reservationId": encode(NodeKind.RESERVATION, cart.id)})
    assert payload["dids"] == []
    assert payload["errors"] != []
