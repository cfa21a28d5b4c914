"""Decisions 20, executed: every root field, asked by every role."""

from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from starlette.datastructures import UploadFile

from db import seed
from numbering.actors import Role
from numbering.notices import NoticeKind
from resolvers.ids import NodeKind, encode
from schema.published import build
from tests.kit.desk import PEOPLE, Desk

ALL = frozenset(Role)
SEARCHERS = frozenset({Role.DEVELOPER, Role.CUSTOMER_ADMIN, Role.STAFF})
BUYERS = frozenset({Role.CUSTOMER_ADMIN, Role.STAFF})
STAFF = frozenset({Role.STAFF})

UNKNOWN = UUID(int=7)


def unknown(kind: NodeKind) -> str:
    return encode(kind, UNKNOWN)


PROJECT = unknown(NodeKind.PORT_PROJECT)
ROWS = [unknown(NodeKind.PORT_NUMBER)]
FILE = UploadFile(BytesIO(b"telephone_number\n3035550200\n"), filename="numbers.csv")

# The matrix as it was decided, written down a second time: not read from the code under test.
MATRIX: dict[str, tuple[frozenset[Role], str, dict[str, Any]]] = {
    "Query.node": (ALL, "($id: ID!) { node(id: $id) { id } }", {"id": unknown(NodeKind.DID)}),
    "Query.nodes": (ALL, "($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": []}),
    "Query.viewer": (ALL, "{ viewer { subject } }", {}),
    "Query.did": (
        ALL,
        "($by: DidBy!) { did(by: $by) { id } }",
        {"by": {"number": "3035550200"}},
    ),
    "Query.dids": (ALL, "{ dids { nodes { id } } }", {}),
    "Query.searchInventory": (
        SEARCHERS,
        '{ searchInventory(input: {npas: ["303"]}) { nodes { number } } }',
        {},
    ),
    "Query.carrierInventory": (SEARCHERS, "{ carrierInventory { total } }", {}),
    "Query.validateInventoryQuery": (
        STAFF,
        '{ validateInventoryQuery(query: "npa = 303") { valid } }',
        {},
    ),
    "Query.reservation": (
        ALL,
        "($id: ID!) { reservation(id: $id) { id } }",
        {"id": unknown(NodeKind.RESERVATION)},
    ),
    "Query.reservations": (ALL, "{ reservations { nodes { id } } }", {}),
    "Query.customer": (
        ALL,
        "($id: ID!) { customer(id: $id) { id } }",
        {"id": encode(NodeKind.CUSTOMER, seed.CUSTOMER_A)},
    ),
    "Query.customers": (STAFF, "{ customers { nodes { id } } }", {}),
    "Query.operation": (
        ALL,
        "($id: ID!) { operation(id: $id) { id } }",
        {"id": unknown(NodeKind.OPERATION)},
    ),
    "Query.incidents": (STAFF, "{ incidents { nodes { id } } }", {}),
    "Query.auditLog": (BUYERS, "{ auditLog { nodes { id } } }", {}),
    "Query.upstreamBudget": (STAFF, "{ upstreamBudget { breaker } }", {}),
    "Query.portProject": (ALL, "($id: ID!) { portProject(id: $id) { id } }", {"id": PROJECT}),
    "Query.portProjects": (ALL, "{ portProjects { nodes { id } } }", {}),
    "Query.portFileRules": (ALL, "{ portFileRules { code } }", {}),
    "Mutation.reserveNumbers": (
        BUYERS,
        "($i: ReserveNumbersInput!) { reserveNumbers(input: $i) { errors { code } } }",
        {"i": {"numbers": ["911"]}},
    ),
    "Mutation.releaseReservation": (
        BUYERS,
        "($i: ReleaseReservationInput!) { releaseReservation(input: $i) { errors { code } } }",
        {"i": {"reservationId": unknown(NodeKind.RESERVATION)}},
    ),
    "Mutation.assignReservation": (
        BUYERS,
        "($i: AssignReservationInput!) { assignReservation(input: $i) { errors { code } } }",
        {"i": {"reservationId": unknown(NodeKind.RESERVATION)}},
    ),
    "Mutation.updateDids": (
        SEARCHERS,
        "($i: UpdateDidsInput!) { updateDids(input: $i) { errors { code } } }",
        {"i": {"didIds": [unknown(NodeKind.DID)], "changes": {"friendlyName": "x"}}},
    ),
    "Mutation.releaseDids": (
        BUYERS,
        "($i: ReleaseDidsInput!) { releaseDids(input: $i) { errors { code } } }",
        {"i": {"didIds": [unknown(NodeKind.DID)], "reason": "x"}},
    ),
    "Mutation.retryIncident": (
        STAFF,
        "($i: RetryIncidentInput!) { retryIncident(input: $i) { errors { code } } }",
        {"i": {"incidentId": unknown(NodeKind.INCIDENT), "reason": "x"}},
    ),
    "Mutation.resolveIncident": (
        STAFF,
        "($i: ResolveIncidentInput!) { resolveIncident(input: $i) { errors { code } } }",
        {"i": {"incidentId": unknown(NodeKind.INCIDENT), "resolution": "x"}},
    ),
    "Mutation.lintPortFile": (
        SEARCHERS,
        "($file: Upload!) { lintPortFile(input: {file: $file}) { errors { code } } }",
        {"file": FILE},
    ),
    "Mutation.createPortProject": (
        SEARCHERS,
        "($i: CreatePortProjectInput!) { createPortProject(input: $i) { errors { code } } }",
        {"i": {"name": "x"}},
    ),
    "Mutation.updatePortProject": (
        SEARCHERS,
        "($i: UpdatePortProjectInput!) { updatePortProject(input: $i) { errors { code } } }",
        {"i": {"projectId": PROJECT, "name": "x"}},
    ),
    "Mutation.uploadPortFile": (
        SEARCHERS,
        "($i: UploadPortFileInput!) { uploadPortFile(input: $i) { errors { code } } }",
        {"i": {"projectId": PROJECT, "file": FILE}},
    ),
    "Mutation.updatePortNumbers": (
        SEARCHERS,
        "($i: UpdatePortNumbersInput!) { updatePortNumbers(input: $i) { errors { code } } }",
        {"i": {"projectId": PROJECT, "changes": [{"portNumberId": ROWS[0], "notes": "x"}]}},
    ),
    "Mutation.applySuggestedFixes": (
        SEARCHERS,
        "($i: ApplySuggestedFixesInput!) { applySuggestedFixes(input: $i) { errors { code } } }",
        {"i": {"projectId": PROJECT}},
    ),
    "Mutation.removePortNumbers": (
        SEARCHERS,
        "($i: RemovePortNumbersInput!) { removePortNumbers(input: $i) { errors { code } } }",
        {"i": {"projectId": PROJECT, "portNumberIds": ROWS}},
    ),
    "Mutation.revalidatePortNumbers": (
        SEARCHERS,
        "($i: RevalidatePortNumbersInput!) "
        "{ revalidatePortNumbers(input: $i) { errors { code } } }",
        {"i": {"projectId": PROJECT}},
    ),
    "Mutation.uploadPortDocument": (
        BUYERS,
        "($i: UploadPortDocumentInput!) { uploadPortDocument(input: $i) { errors { code } } }",
        {"i": {"projectId": PROJECT, "kind": "LOA", "file": FILE}},
    ),
    "Mutation.submitPortProject": (
        BUYERS,
        "($i: SubmitPortProjectInput!) { submitPortProject(input: $i) { errors { code } } }",
        {"i": {"projectId": PROJECT, "focDate": "2026-12-18"}},
    ),
    "Mutation.cancelPortProject": (
        BUYERS,
        "($i: CancelPortProjectInput!) { cancelPortProject(input: $i) { errors { code } } }",
        {"i": {"projectId": PROJECT, "reason": "x"}},
    ),
    "Mutation.activatePortNumbers": (
        STAFF,
        "($i: ActivatePortNumbersInput!) { activatePortNumbers(input: $i) { errors { code } } }",
        {"i": {"projectId": PROJECT}},
    ),
    "Mutation.addPortComment": (
        SEARCHERS,
        "($i: AddPortCommentInput!) { addPortComment(input: $i) { errors { code } } }",
        {"i": {"projectId": PROJECT, "text": "x"}},
    ),
    "Mutation.updateNoticePreferences": (
        BUYERS,
        "($i: UpdateNoticePreferencesInput!) "
        "{ updateNoticePreferences(input: $i) { errors { code } } }",
        {"i": {"preferences": []}},
    ),
    "Subscription.portValidationProgress": (
        ALL,
        "($id: ID!) { portValidationProgress(projectId: $id) { status } }",
        {"id": PROJECT},
    ),
    "Subscription.portProjectEvents": (
        ALL,
        "($id: ID!) { portProjectEvents(projectId: $id) { id } }",
        {"id": PROJECT},
    ),
    "Subscription.reservationUpdated": (
        ALL,
        "($id: ID!) { reservationUpdated(id: $id) { id } }",
        {"id": unknown(NodeKind.RESERVATION)},
    ),
    "Subscription.operationUpdated": (
        ALL,
        "($id: ID!) { operationUpdated(id: $id) { id } }",
        {"id": unknown(NodeKind.OPERATION)},
    ),
    # Nothing is open, so for staff it waits; that they get past the door is in test_watching.
    "Subscription.incidentOpened": (STAFF, "{ incidentOpened { id } }", {}),
}


def root_fields() -> set[str]:
    published = build()._schema
    roots = (published.query_type, published.mutation_type, published.subscription_type)
    return {f"{root.name}.{name}" for root in roots if root for name in root.fields}


def test_every_root_field_is_in_the_matrix() -> None:
    assert set(MATRIX) == root_fields()


async def codes(desk: Desk, name: str, role: Role) -> list[str]:
    _, text, variables = MATRIX[name]
    kind = name.partition(".")[0].lower()
    if "i" in variables:
        variables = {"i": {**variables["i"], "idempotencyKey": role.value}}
    if kind == "subscription":
        async with desk.follow(f"{kind}{text}", variables, PEOPLE[role]) as answers:
            return (await anext(answers)).codes
    return (await desk.ask(f"{kind}{text}", variables, PEOPLE[role])).codes


@pytest.mark.parametrize("name", MATRIX)
async def test_each_role_gets_what_was_decided(desk: Desk, name: str) -> None:
    allowed = MATRIX[name][0]
    asked = Role if name != "Subscription.incidentOpened" else sorted(ALL - STAFF)
    refused = {role for role in asked if await codes(desk, name, role) == ["FORBIDDEN"]}
    assert refused == ALL - allowed


async def test_a_refusal_costs_nothing(desk: Desk) -> None:
    for name, (allowed, _, _) in MATRIX.items():
        for role in ALL - allowed:
            with desk.statements() as seen:
                await codes(desk, name, role)
            assert (seen, desk.sandbox.calls()) == ([], []), name


@pytest.mark.parametrize("kind", ["BILL", "OTHER"])
async def test_other_documents_than_a_letter_are_an_edit(desk: Desk, kind: str) -> None:
    text = MATRIX["Mutation.uploadPortDocument"][1]
    refused = set()
    for role in Role:
        asked = {"projectId": PROJECT, "kind": kind, "file": FILE, "idempotencyKey": role.value}
        answer = await desk.ask(f"mutation{text}", {"i": asked}, PEOPLE[role])
        if answer.codes == ["FORBIDDEN"]:
            refused.add(role)
    assert refused == ALL - SEARCHERS


async def test_preferences_are_read_by_everybody_of_the_customer(desk: Desk) -> None:
    text = "{ viewer { customer { noticePreferences { kind enabled recipients } } } }"
    for role in ALL - STAFF:
        found = await desk.data(text, actor=PEOPLE[role])
        chosen = found["viewer"]["customer"]["noticePreferences"]
        assert {each["kind"] for each in chosen} == {kind.value for kind in NoticeKind}
        assert {(each["enabled"], *each["recipients"]) for each in chosen} == {(True,)}
