"""The price of an operation: pages multiply, aliases add up, fragments hide nothing."""

import pytest
from graphql import build_schema, parse

from schema.cost import Pricing
from schema.documents import operation_of
from schema.faults import Code, Fault
from schema.terms import Terms
from tests.kit import toy

SCHEMA = build_schema(
    """
    interface Node { id: ID! }
    type PageInfo { endCursor: String }
    type Money { amount: String }
    type Trunk implements Node { id: ID! }
    type Routing { trunk: Trunk }
    type Carrier { status: String }
    type Customer implements Node { id: ID! dids(first: Int = 20): DidConnection trunks: [Trunk!]! }
    type Did implements Node { id: ID! customer: Customer cost: Money routing: Routing
      carrier: Carrier timeline(first: Int = 20): DidConnection sample(first: Int = 5): [Trunk!]! }
    type DidEdge { cursor: String node: Did }
    type DidConnection { edges: [DidEdge!]! nodes: [Did!]! pageInfo: PageInfo totalCount: Int }
    type FoundEdge { node: Found }
    type Found { number: String cost: Money }
    type FoundConnection { edges: [FoundEdge!]! nodes: [Found!]! suggestions: [Money!]! }
    type Query {
      version: String
      node(id: ID!): Node
      nodes(ids: [ID!]!): [Node]!
      rows(page: Int): [Node]!
      found(first: Int): [Found!]
      dids(first: Int = 20, last: Int): DidConnection!
      searchInventory(first: Int = 50): FoundConnection!
    }
    type Payload { did: Did }
    type Mutation { release(id: ID): Payload }
    type Subscription { changed: Did }
    """
)


def price(query: str, **variables: object) -> int:
    document = parse(query)
    return Pricing(SCHEMA, document, operation_of(document, None), variables).total()


@pytest.mark.parametrize(
    ("query", "points"),
    [
        ("{version}", 1),
        ("{node(id:1){id}}", 1),
        ("{dids(first:100){nodes{id}}}", 101),
        ("{dids(first:100){edges{cursor node{id}} pageInfo{endCursor} totalCount}}", 111),
        ("{dids{nodes{id}}}", 21),
        ("{dids(first:10){nodes{timeline(first:1){totalCount}}}}", 1 + 10 * (1 + 1 + 10)),
        ("{dids(first:1){nodes{sample{id}}}}", 1 + 1 + 5),
        ("{dids(first:1){nodes{sample(first:100){id}}}}", 1 + 1 + 100),
        ("{dids(last:5){nodes{id}}}", 6),
        ("{dids(first:50,last:5){nodes{id}}}", 6),
        ("{dids(first:-3){nodes{id}}}", 1),
        ("{dids(first:2147483647){nodes{id}}}", 101),
        (
            "{dids(first:100){nodes{cost{amount} routing{trunk{id}} customer{id} "
            "carrier{status}}}}",
            401,
        ),
        ("{dids(first:10){nodes{customer{dids(first:10){nodes{id}}}}}}", 1 + 10 * (1 + 1 + 1 + 10)),
        ("{dids(first:1){nodes{customer{trunks{id}}}}}", 1 + 1 + 1 + 5),
        ("{nodes(ids:[1,2,3]){id}}", 3),
        ("{nodes(ids:1){id}}", 1),
        ("{found(first:3){number}}", 1),
        ("{found{number cost{amount}}}", 1),
        ("{rows(page:3){id}}", 5),
        ("{searchInventory{nodes{number cost{amount}}}}", 10 + 1),
        ("{a:searchInventory(first:1){nodes{number}} b:searchInventory{nodes{number}}}", 22),
        ("mutation{release(id:1){did{id}}}", 11),
        ("subscription{changed{id}}", 1),
        ("{...F ...F} fragment F on Query {dids(first:10){nodes{id}}}", 22),
        ("{... on Query {... {dids(first:10){nodes{id}}}}}", 11),
        ("{dids(first:10){...P}} fragment P on DidConnection {nodes{id}}", 11),
        ("{node(id:1){... on Did {customer{id}} ... on Customer {trunks{id}}}}", 1 + 1 + 5),
        ("{__schema{types{name}}}", 1),
    ],
)
def test_prices(query, points):
    assert price(query) == points


def test_variables_and_their_defaults_count():
    query = "query($n:Int=7,$ids:[ID!]=[1,2]){dids(first:$n){nodes{id}} nodes(ids:$ids){id}}"
    assert price(query) == 1 + 7 + 2
    assert price(query, n=50, ids=["1"]) == 1 + 50 + 1
    assert price("query($n:Int){dids(first:$n){nodes{id}}}") == 21
    assert price(query, n="nonsense", ids=7) == 1 + 20 + 1
    assert price(query, n=100.0) == 1 + 100 + 2


def test_sixty_doubling_fragments_are_priced_at_once():
    doubling = " ".join(f"fragment F{n} on Query {{...F{n + 1} ...F{n + 1}}}" for n in range(60))
    query = f"{{...F0}} {doubling} fragment F60 on Query {{dids(first:1){{nodes{{id}}}}}}"
    assert price(query) == 2 * 2**60


async def test_an_operation_over_the_limit_is_refused_before_it_runs():
    terms = Terms(cost_limit=100).carried()
    result = await toy.toy_schema().execute(
        "{dids(first:100){nodes{id}}}", operation_extensions=terms
    )
    assert result.errors
    assert result.errors[0].extensions["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "101 points" in result.errors[0].message


async def test_the_cost_is_taken_once_and_told():
    taken = []

    def spend(cost: int) -> dict[str, object]:
        taken.append(cost)
        return {"requestedQueryCost": cost, "left": 1}

    terms = Terms(spend=spend).carried()
    result = await toy.toy_schema().execute(
        "{a:dids(first:10){nodes{id}} b:dids(first:10){nodes{id}}}", operation_extensions=terms
    )
    assert taken == [22]
    assert result.extensions == {"cost": {"requestedQueryCost": 22, "left": 1}}


async def test_an_empty_bucket_refuses_with_a_time():
    def spend(cost: int) -> dict[str, object]:
        raise Fault(Code.THROTTLED, "Too many requests.", retry_after=7)

    world = toy.World()
    result = await toy.toy_schema().execute(
        "mutation{raiseLevel}",
        context_value=toy.ToyContext(world, None, "r"),  # type: ignore[arg-type]
        operation_extensions=Terms(spend=spend, request_id="r-1").carried(),
    )
    assert result.errors
    assert result.errors[0].extensions == {
        "code": "THROTTLED",
        "retryAfterSeconds": 7,
        "requestId": "r-1",
    }
    assert world.level == 0
