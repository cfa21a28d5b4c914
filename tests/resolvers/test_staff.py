"""What staff look at: incidents, the budget; and the audit log, which customers see masked."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db import audit, seed
from db.ids import new_id
from db.tables import Incident
from numbering.actors import Role, Scope
from numbering.lanes import Lane
from numbering.lifecycle import AuditAction, IncidentState, OperationState
from numbering.refusals import RateLimited
from resolvers.ids import NodeKind, encode
from tests.db import make
from tests.kit.desk import ALICE, BOB, PEOPLE, STAFF, Desk, without_budget


def incident(**values: Any) -> Incident:
    fields = {"customer_id": seed.CUSTOMER_A, "summary": "A number is stuck.", "id": new_id()}
    return Incident(**{**fields, **values})


INCIDENTS = """query($first: Int, $after: String, $states: [IncidentState!]) {
  incidents(first: $first, after: $after, states: $states) {
    totalCount pageInfo { endCursor } nodes { id number summary lastError openedAt state resolvedBy
      resolution customer { name } operation { kind state attempts error { code
        ... on UpstreamError { retryAfterSeconds } } customer { name } } } } }"""


async def test_incidents_with_their_operations(desk: Desk) -> None:
    stuck = make.operation(
        "+13035550200", state=OperationState.ATTENTION, error=RateLimited(7).as_json()
    )
    about = incident(operation_id=stuck.id, number="+13035550200", last_error="boom")
    platform = incident(customer_id=None, state=IncidentState.RESOLVED)
    for row in (stuck, about, platform):
        await desk.keep(row)
    found = (await desk.data(INCIDENTS, actor=STAFF))["incidents"]
    assert found["totalCount"] == 2
    whole, theirs = found["nodes"]
    assert (whole["customer"], whole["operation"], whole["number"]) == (None, None, None)
    assert theirs["customer"] == {"name": "Aspen Outfitters"}
    assert theirs["number"] == "+13035550200"
    assert theirs["operation"] == {
        "kind": "NUMBER_HOLD",
        "state": "ATTENTION",
        "attempts": 0,
        "customer": {"name": "Aspen Outfitters"},
        "error": {"code": "RATE_LIMITED", "retryAfterSeconds": 7},
    }
    first = (await desk.data(INCIDENTS, {"first": 1}, STAFF))["incidents"]
    after = {"after": first["pageInfo"]["endCursor"]}
    rest = (await desk.data(INCIDENTS, after, STAFF))["incidents"]
    assert first["nodes"] + rest["nodes"] == found["nodes"]
    still = (await desk.data(INCIDENTS, {"states": ["OPEN"]}, STAFF))["incidents"]
    assert (still["totalCount"], still["nodes"]) == (1, [theirs])


async def test_the_budget_counts_what_waits(desk: Desk) -> None:
    query = """{ upstreamBudget { limitPerMinute usedLastMinute blockedUntil breaker
      waitingInteractive waitingBulk } }"""
    await desk.keep(
        make.operation("+13035550200"),
        make.operation("+13035550201", lane=Lane.BULK),
        make.operation("+13035550202", lane=Lane.SWEEP),
        make.operation("+13035550203", state=OperationState.RUNNING),
    )
    await desk.services.teliport.inventory.summary()
    assert (await desk.data(query, actor=STAFF))["upstreamBudget"] == {
        "limitPerMinute": 6000,
        "usedLastMinute": 1,
        "blockedUntil": None,
        "breaker": "CLOSED",
        "waitingInteractive": 1,
        "waitingBulk": 2,
    }
    answer = await without_budget(desk).ask(query, actor=STAFF)
    assert answer.codes == ["SERVICE_UNAVAILABLE"]


async def test_a_budget_that_cannot_be_read_is_unavailable(
    desk: Desk, superuser: "asyncpg.Connection[Any]"
) -> None:
    await superuser.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA ops FROM PUBLIC, warp_app")
    await superuser.execute("REVOKE ALL ON ops.token, ops.slot FROM warp_app")
    answer = await desk.ask("{ upstreamBudget { usedLastMinute } }", actor=STAFF)
    assert answer.codes == ["SERVICE_UNAVAILABLE"]


async def note(desk: Desk, customer: UUID | None, **values: Any) -> None:
    fields: dict[str, Any] = {
        "actor": "sam@warp.example",
        "actor_is_staff": True,
        "action": AuditAction.HOLD,
        "number": "+13035550200",
    }
    async with desk.worker.write(Scope.worker()) as session:
        await audit.append(session, customer_id=customer, **{**fields, **values})


AUDIT = """query($first: Int, $after: String, $number: E164, $actions: [AuditAction!],
  $customerId: ID, $from: DateTime, $to: DateTime) {
  auditLog(first: $first, after: $after, number: $number, actions: $actions,
    customerId: $customerId, from: $from, to: $to) {
    totalCount pageInfo { endCursor } nodes { id at actor action number before after reason
      requestId operationId onBehalfOf { name } } } }"""


async def log(desk: Desk, actor: Any = ALICE, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await desk.data(AUDIT, asked, actor))["auditLog"]
    return found


async def test_customers_do_not_learn_which_of_our_people_it_was(desk: Desk) -> None:
    operation = new_id()
    await note(desk, seed.CUSTOMER_A, before={"cnam": None}, after={"cnam": "A"}, reason="asked")
    await note(
        desk,
        seed.CUSTOMER_A,
        actor="alice",
        actor_is_staff=False,
        operation_id=operation,
        request_id="r",
    )
    newest, oldest = (await log(desk))["nodes"]
    assert newest["actor"] == "alice"
    assert newest["operationId"] == encode(NodeKind.OPERATION, operation)
    assert (newest["before"], newest["after"], newest["requestId"]) == (None, None, "r")
    assert oldest["actor"] == "WARP staff"
    assert (oldest["before"], oldest["after"]) == ({"cnam": None}, {"cnam": "A"})
    assert oldest["onBehalfOf"] == {"name": "Aspen Outfitters"}
    assert (await log(desk, STAFF))["nodes"][1]["actor"] == "sam@warp.example"


async def test_notes_on_incidents_stay_among_staff(desk: Desk) -> None:
    """They may name another customer."""
    why = "the number is Boulder Dental's"
    await note(desk, seed.CUSTOMER_A, action=AuditAction.INCIDENT_RESOLVE, reason=why)
    await note(desk, seed.CUSTOMER_A, action=AuditAction.RELEASE, reason="you asked us to")
    assert [each["reason"] for each in (await log(desk))["nodes"]] == ["you asked us to", None]
    assert (await log(desk, STAFF))["nodes"][1]["reason"] == why


async def test_the_log_is_filtered_and_paged(desk: Desk) -> None:
    await note(desk, seed.CUSTOMER_A)
    await note(desk, seed.CUSTOMER_A, action=AuditAction.ASSIGN, number="+13035550201")
    await note(desk, seed.CUSTOMER_B)
    await note(desk, None, number=None)
    assert (await log(desk))["totalCount"] == 2
    assert (await log(desk, BOB))["totalCount"] == 1
    everything = await log(desk, STAFF)
    assert everything["totalCount"] == 4
    assert everything["nodes"][0]["onBehalfOf"] is None
    assert (await log(desk, number="(303) 555-0201"))["nodes"][0]["action"] == "ASSIGN"
    assert (await log(desk, actions=["HOLD"]))["totalCount"] == 1
    theirs = encode(NodeKind.CUSTOMER, seed.CUSTOMER_B)
    assert (await log(desk, STAFF, customerId=theirs))["totalCount"] == 1
    assert (await log(desk, customerId=theirs))["nodes"] == []
    assert (await log(desk, **{"from": "2100-01-01T00:00:00Z"}))["nodes"] == []
    assert (await log(desk, to="2020-01-01T00:00:00Z"))["nodes"] == []
    start = await log(desk, first=1)
    rest = await log(desk, after=start["pageInfo"]["endCursor"])
    assert [len(start["nodes"]), len(rest["nodes"])] == [1, 1]
    for bad in ({"number": "12"}, {"customerId": "garbage"}):
        assert (await desk.ask(AUDIT, bad)).codes == ["BAD_USER_INPUT"]


TIMELINE = "{ dids { nodes { number timeline { totalCount nodes { action } } } } }"


async def test_the_timeline_of_a_did_is_its_own(desk: Desk) -> None:
    await desk.keep(make.did("+13035550200"))
    await note(desk, seed.CUSTOMER_A)
    await note(desk, seed.CUSTOMER_B)
    await note(desk, seed.CUSTOMER_A, number="+13035550201")
    wanted = {"totalCount": 1, "nodes": [{"action": "HOLD"}]}
    for actor in (ALICE, STAFF):
        (node,) = (await desk.data(TIMELINE, actor=actor))["dids"]["nodes"]
        assert node["timeline"] == wanted


@pytest.mark.parametrize("role", [Role.VIEWER, Role.BILLING, Role.DEVELOPER])
async def test_a_timeline_that_may_not_be_read_spares_the_did(desk: Desk, role: Role) -> None:
    await desk.keep(make.did("+13035550200"))
    answer = await desk.ask(TIMELINE, actor=PEOPLE[role])
    assert answer.codes == ["FORBIDDEN"]
    assert answer.data == {"dids": {"nodes": [{"number": "+13035550200", "timeline": None}]}}
