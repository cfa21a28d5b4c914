"""Objects by their global ids."""

from uuid import uuid4

from db import seed
from resolvers.ids import NodeKind, encode
from tests.db import make
from tests.kit.desk import STAFF, Desk

NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"


async def test_what_is_no_id_is_refused_and_what_is_not_there_is_null(desk: Desk) -> None:
    assert (await desk.ask(NODE, {"id": "garbage"})).codes == ["BAD_USER_INPUT"]
    for kind in NodeKind:
        unknown = {"id": encode(kind, uuid4())}
        assert await desk.data(NODE, unknown, STAFF) == {"node": None}


async def test_many_objects_come_in_order_and_with_few_statements(desk: Desk) -> None:
    dids = [make.did(f"+1303555{n:04d}") for n in range(200, 220)]
    await desk.keep(*dids)
    ids = [encode(NodeKind.DID, did.id) for did in reversed(dids)]
    ids += [encode(NodeKind.CUSTOMER, seed.CUSTOMER_A), encode(NodeKind.DID, uuid4())]
    with desk.statements() as seen:
        found = (await desk.data(NODES, {"ids": ids}))["nodes"]
    assert [node and node["id"] for node in found] == [*ids[:-1], None]
    assert len(seen) == 2


async def test_a_bad_id_among_good_ones_is_an_error_in_its_place(desk: Desk) -> None:
    good = encode(NodeKind.TRUNK, seed.TRUNK_A1)
    answer = await desk.ask(NODES, {"ids": [good, "garbage"]})
    assert answer.data == {"nodes": [{"__typename": "Trunk", "id": good}, None]}
    assert answer.errors[0]["path"] == ["nodes", 1]
    assert answer.errors[0]["extensions"]["argument"] == "ids.1"


async def test_at_most_100_ids(desk: Desk) -> None:
    one = encode(NodeKind.TRUNK, seed.TRUNK_A1)
    assert len((await desk.data(NODES, {"ids": [one] * 100}))["nodes"]) == 100
    assert (await desk.ask(NODES, {"ids": [one] * 101})).codes == ["BAD_USER_INPUT"]


async def test_one_operation_by_its_id(desk: Desk) -> None:
    query = "query($id: ID!) { operation(id: $id) { id kind } }"
    operation = make.operation()
    await desk.keep(operation)
    known = encode(NodeKind.OPERATION, operation.id)
    assert (await desk.data(query, {"id": known}))["operation"]["id"] == known
    assert await desk.data(query, {"id": encode(NodeKind.OPERATION, uuid4())}) == {
        "operation": None
    }
    assert (await desk.ask(query, {"id": "garbage"})).codes == ["BAD_USER_INPUT"]
