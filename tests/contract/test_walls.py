"""Customer B's things asked for by A: not found, by the very statements of an unknown id."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from graphql import GraphQLObjectType
from sqlalchemy.ext.asyncio import AsyncSession

from db import audit, port_documents, port_history, port_numbers, port_projects, seed
from db.ids import new_id
from db.tables import Incident
from numbering.actors import Role, Scope
from numbering.lifecycle import AuditAction
from resolvers.ids import NodeKind, encode
from schema.published import build
from tests.db import make
from tests.kit.desk import ALICE, BOB, STAFF, Desk, person

NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
B = seed.CUSTOMER_B


async def port(session: AsyncSession) -> dict[NodeKind, UUID]:
    project = make.port_project(customer_id=B)
    number = make.port_number(project)
    document = make.port_document(project)
    await port_projects.insert(session, project)
    await port_numbers.upsert_all(session, [number])
    await port_documents.insert(session, document)
    event = await port_history.tell(
        session, project, actor="bob", actor_is_staff=False, summary="Created."
    )
    comment = await port_history.comment(
        session, project, author="bob", author_is_staff=False, text="Mind the fax."
    )
    return {
        NodeKind.PORT_PROJECT: project.id,
        NodeKind.PORT_NUMBER: number.id,
        NodeKind.PORT_DOCUMENT: document.id,
        NodeKind.PORT_EVENT: event.id,
        NodeKind.PORT_COMMENT: comment.id,
    }


async def belongings(desk: Desk) -> dict[NodeKind, UUID]:
    cart = make.cart(customer_id=B)
    did = make.did(customer_id=B)
    operation = make.operation(customer_id=B)
    incident = Incident(id=new_id(), customer_id=B, summary="theirs", operation_id=operation.id)
    for row in (cart, did, operation, incident):
        await desk.keep(row)
    async with desk.worker.write(Scope.worker()) as session:
        event = await audit.append(
            session, customer_id=B, actor="bob", actor_is_staff=False, action=AuditAction.HOLD
        )
        ports = await port(session)
    return ports | {
        NodeKind.CUSTOMER: B,
        NodeKind.TRUNK: seed.TRUNK_B1,
        NodeKind.E911_ADDRESS: seed.ADDRESS_B,
        NodeKind.DID: did.id,
        NodeKind.RESERVATION: cart.id,
        NodeKind.OPERATION: operation.id,
        NodeKind.INCIDENT: incident.id,
        NodeKind.AUDIT_EVENT: event.id,
    }


def node_types() -> set[str]:
    types = build()._schema.type_map.values()
    return {
        kind.name
        for kind in types
        if isinstance(kind, GraphQLObjectType)
        and "Node" in {interface.name for interface in kind.interfaces}
    }


async def test_every_node_type_is_walled(desk: Desk) -> None:
    theirs = await belongings(desk)
    assert {kind.value for kind in theirs} == node_types()
    for kind, value in theirs.items():
        with desk.statements() as for_theirs:
            found = await desk.data(NODE, {"id": encode(kind, value)}, ALICE)
        with desk.statements() as for_unknown:
            nothing = await desk.data(NODE, {"id": encode(kind, uuid4())}, ALICE)
        assert found == nothing == {"node": None}, kind
        assert for_theirs == for_unknown, kind


async def test_their_owner_and_staff_do_find_them(desk: Desk) -> None:
    theirs = await belongings(desk)
    for kind, value in theirs.items():
        node = {"node": {"__typename": kind.value, "id": encode(kind, value)}}
        asked = {"id": encode(kind, value)}
        assert await desk.data(NODE, asked, STAFF) == node
        if kind is not NodeKind.INCIDENT:
            assert await desk.data(NODE, asked, BOB) == node


async def test_an_id_opens_no_door_that_the_role_keeps_shut(desk: Desk) -> None:
    theirs = await belongings(desk)
    kept = {
        NodeKind.INCIDENT: {Role.STAFF},
        NodeKind.AUDIT_EVENT: {Role.STAFF, Role.CUSTOMER_ADMIN},
    }
    for kind, value in theirs.items():
        for role in Role:
            actor = STAFF if role is Role.STAFF else person(role, B)
            node = (await desk.data(NODE, {"id": encode(kind, value)}, actor))["node"]
            assert (node is not None) == (role in kept.get(kind, set(Role))), (kind, role)


LOOKUPS = {
    NodeKind.DID: "query($id: ID!) { found: did(by: {id: $id}) { id } }",
    NodeKind.RESERVATION: "query($id: ID!) { found: reservation(id: $id) { id } }",
    NodeKind.CUSTOMER: "query($id: ID!) { found: customer(id: $id) { id } }",
    NodeKind.OPERATION: "query($id: ID!) { found: operation(id: $id) { id } }",
    NodeKind.PORT_PROJECT: "query($id: ID!) { found: portProject(id: $id) { id } }",
}


async def test_every_lookup_is_walled(desk: Desk) -> None:
    theirs = await belongings(desk)
    for kind, query in LOOKUPS.items():
        with desk.statements() as for_theirs:
            found = await desk.data(query, {"id": encode(kind, theirs[kind])}, ALICE)
        with desk.statements() as for_unknown:
            nothing = await desk.data(query, {"id": encode(kind, uuid4())}, ALICE)
        assert found == nothing == {"found": None}
        assert for_theirs == for_unknown


@pytest.mark.parametrize(
    "text",
    [
        "{ found: dids { nodes { id } } }",
        "{ found: reservations { nodes { id } } }",
        "{ found: auditLog { nodes { id } } }",
        "{ found: portProjects { nodes { id } } }",
    ],
)
async def test_every_list_is_walled(desk: Desk, text: str) -> None:
    await belongings(desk)
    assert await desk.data(text, actor=ALICE) == {"found": {"nodes": []}}
    assert len((await desk.data(text, actor=BOB))["found"]["nodes"]) == 1


async def test_a_number_of_theirs_is_unknown(desk: Desk) -> None:
    await belongings(desk)
    query = "query($n: E164!) { did(by: {number: $n}) { id } }"
    for number in (make.NUMBER, "+13035550999"):
        assert await desk.data(query, {"n": number}, ALICE) == {"did": None}


CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("updateDids", "UpdateDidsInput", {"changes": {"friendlyName": "mine"}}),
    ("releaseDids", "ReleaseDidsInput", {"reason": "mine"}),
]


@pytest.mark.parametrize(("field", "kind", "asked"), CHANGES)
async def test_nobody_changes_what_is_theirs(
    desk: Desk, field: str, kind: str, asked: dict[str, Any]
) -> None:
    theirs = await belongings(desk)
    text = f"""mutation($i: {kind}!) {{ done: {field}(input: $i) {{
      dids {{ id }} errors {{ code path message }} }} }}"""
    said = []
    for did in (theirs[NodeKind.DID], uuid4()):
        ids = [encode(NodeKind.DID, did)]
        variables = {"i": {"didIds": ids, "idempotencyKey": str(did), **asked}}
        said.append((await desk.data(text, variables, ALICE))["done"])
    assert said[0] == said[1]
    assert [error["code"] for error in said[0]["errors"]] == ["NOT_FOUND"]


FOLLOWED = ("portValidationProgress", "portProjectEvents")


@pytest.mark.parametrize("field", FOLLOWED)
async def test_nobody_follows_what_is_theirs(desk: Desk, field: str) -> None:
    theirs = (await belongings(desk))[NodeKind.PORT_PROJECT]
    text = f"subscription($id: ID!) {{ {field}(projectId: $id) {{ sequence }} }}"
    said = []
    for project in (theirs, uuid4()):
        asked = {"id": encode(NodeKind.PORT_PROJECT, project)}
        with desk.statements() as seen:
            async with desk.follow(text, asked, ALICE) as answers:
                answer = await anext(answers)
        said.append((answer.codes, answer.errors[0]["message"], seen))
    assert said[0] == said[1]
    assert said[0][0] == ["BAD_USER_INPUT"]


PORT_CHANGES: list[tuple[str, str, dict[str, Any]]] = [
    ("updatePortProject", "UpdatePortProjectInput", {"name": "mine"}),
    ("submitPortProject", "SubmitPortProjectInput", {"focDate": "2026-12-18"}),
    ("cancelPortProject", "CancelPortProjectInput", {"reason": "mine"}),
    ("revalidatePortNumbers", "RevalidatePortNumbersInput", {}),
    ("applySuggestedFixes", "ApplySuggestedFixesInput", {}),
    ("addPortComment", "AddPortCommentInput", {"text": "mine"}),
]


@pytest.mark.parametrize(("field", "kind", "asked"), PORT_CHANGES)
async def test_nobody_changes_their_ports(
    desk: Desk, field: str, kind: str, asked: dict[str, Any]
) -> None:
    theirs = (await belongings(desk))[NodeKind.PORT_PROJECT]
    text = f"""mutation($i: {kind}!) {{ done: {field}(input: $i) {{
      project {{ id }} errors {{ code path message }} }} }}"""
    said = []
    for project in (theirs, uuid4()):
        named = encode(NodeKind.PORT_PROJECT, project)
        variables = {"i": {"projectId": named, "idempotencyKey": str(project), **asked}}
        said.append((await desk.data(text, variables, ALICE))["done"])
    assert said[0] == said[1]
    assert said[0]["project"] is None
    assert [error["code"] for error in said[0]["errors"]] == ["NOT_FOUND"]
