"""The probes of graphql-cop, which is in no package index, and two of its relatives, as tests.

Each test is named for what the tool would report; a finding is a failure.
"""

import httpx
import pytest

from tests.kit import toy

CSRF = {"x-csrf": "1"}


async def answered(client: httpx.AsyncClient, query: str) -> object:
    """The data that a query gets, if any."""
    return (await client.post("/graphql", json={"query": query})).json().get("data")


async def test_alias_overloading(client):
    query = "query cop {" + " ".join(f"alias{n}:__typename" for n in range(101)) + "}"
    assert await answered(client, query) is None


async def test_array_based_query_batching(client):
    response = await client.post("/graphql", json=[{"query": "query cop {__typename}"}] * 10)
    assert response.status_code == 400
    assert isinstance(response.json(), dict)


async def test_directive_overloading(client):
    response = await client.post(
        "/graphql", json={"query": "query cop {__typename " + "@aa" * 10 + "}"}
    )
    assert len(response.json()["errors"]) < 10


async def test_field_duplication(client):
    assert await answered(client, "query cop {" + "__typename " * 500 + "}") is None


async def test_circular_query_via_introspection(client):
    query = (
        "query cop {__schema{types{fields{type{fields{type{fields{type{fields{type{name}}}}}}}}}}}"
    )
    assert await answered(client, query) is None


async def test_circular_fragments(client):
    query = "query cop {...A} fragment A on Query {...B} fragment B on Query {...A}"
    assert await answered(client, query) is None


async def test_introspection(client):
    assert await answered(client, "query cop {__schema{types{name}}}") is None
    assert await answered(client, 'query cop {__type(name:"Query"){name}}') is None


async def test_introspection_is_open_to_staff(client):
    response = await client.post(
        "/graphql",
        json={"query": "{__schema{queryType{name}}}"},
        headers=toy.bearer(toy.Role.STAFF, customers=()),
    )
    assert response.json()["data"] == {"__schema": {"queryType": {"name": "Query"}}}


async def test_introspection_is_open_in_development(world):
    app = toy.toy_app(world, toy.GraphSettings(development=True))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=toy.bearer()
    ) as client:
        assert await answered(client, "{__schema{queryType{name}}}")


async def test_field_suggestions(client):
    response = await client.post("/graphql", json={"query": "query cop {helo}"})
    assert "did you mean" not in response.text.lower()


async def test_query_by_get_without_preflight(client):
    response = await client.get("/graphql", params={"query": "query cop {__typename}"})
    assert "data" not in response.json()


async def test_mutation_by_get(client):
    response = await client.get(
        "/graphql", params={"query": "mutation cop {__typename}"}, headers=CSRF
    )
    assert "data" not in response.json()


@pytest.mark.parametrize("headers", [{}, CSRF])
async def test_query_by_form_post(client, headers):
    response = await client.post(
        "/graphql", data={"query": "query cop {__typename}"}, headers=headers
    )
    assert response.status_code == 415
    assert "data" not in response.json()


@pytest.mark.parametrize("path", ["/", "/graphql", "/graphiql", "/playground", "/console"])
async def test_ide(client, path):
    response = await client.get(path, headers={"accept": "text/html"})
    assert response.status_code == 404
    assert "<html" not in response.text.lower()


async def test_trace_mode(client):
    response = await client.post(
        "/graphql", json={"query": "query cop {__typename}"}, headers={"x-apollo-tracing": "1"}
    )
    assert "tracing" not in response.text


async def test_unhandled_errors(client):
    response = await client.post("/graphql", json={"query": "qwerty cop {abc}"})
    assert "exception" not in response.text.lower()
    assert "extensions" in response.json()["errors"][0]


async def test_blind_introspection(client):
    """clairvoyance guesses names and reads hints; there must be none to read."""
    for query in (
        "{hell}",
        "{hello(nam:1)}",
        "{dids{node{id}}}",
        "{strict(number:1,where:{tonee:HIGH})}",
        "{hello(tone:HIHG)}",
        "mutation{raiseLeve}",
    ):
        text = (await client.post("/graphql", json={"query": query})).text
        for name in ("hello'?", "raiseLevel", "nodes", "'tone'", "HIGH'?", "or '"):
            assert name not in text
