"""Automatic persisted queries, as Apollo's clients use them."""

import hashlib

import orjson
import pytest

from gateway.bodies import GraphRequest
from gateway.persisted import PersistedQueries
from schema.faults import Fault

QUERY = "{hello}"
HASH = hashlib.sha256(QUERY.encode()).hexdigest()
ASK = {"persistedQuery": {"version": 1, "sha256Hash": HASH}}


async def test_the_flow_hash_then_text_then_hash(client):
    first = await client.post("/graphql", json={"extensions": ASK})
    assert first.status_code == 400
    (error,) = first.json()["errors"]
    assert error["message"] == "PersistedQueryNotFound"
    assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    learned = await client.post("/graphql", json={"query": QUERY, "extensions": ASK})
    again = await client.post("/graphql", json={"extensions": ASK})
    by_get = await client.get(
        "/graphql",
        params={"extensions": orjson.dumps(ASK).decode()},
        headers={"apollo-require-preflight": "1"},
    )
    for response in (learned, again, by_get):
        assert response.json()["data"] == {"hello": "hello world"}


async def test_a_mutation_cannot_be_run_by_the_get_of_its_hash(client, world):
    query = "mutation{raiseLevel}"
    ask = {
        "persistedQuery": {
            "version": 1,
            "sha256Hash": hashlib.sha256(query.encode()).hexdigest(),
        }
    }
    await client.post("/graphql", json={"query": query, "extensions": ask})
    response = await client.get(
        "/graphql", params={"extensions": orjson.dumps(ask).decode()}, headers={"x-csrf": "1"}
    )
    assert response.status_code == 405
    assert world.level == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"version": 1, "sha256Hash": "0" * 64},
        {"version": 1, "sha256Hash": "é"},
        {"version": 1, "sha256Hash": 5},
        {"version": 1},
        {"version": 2, "sha256Hash": HASH},
        {"sha256Hash": HASH},
        "x",
        [],
        5,
    ],
)
def test_a_wrong_hash_or_form_teaches_nothing(asked):
    store = PersistedQueries()
    with pytest.raises(Fault) as refused:
        store.completed(GraphRequest(QUERY, extensions={"persistedQuery": asked}))
    assert refused.value.code == "BAD_USER_INPUT"
    with pytest.raises(Fault):
        store.completed(GraphRequest(None, extensions=ASK))


def test_the_hash_may_be_in_capitals():
    store = PersistedQueries()
    store.completed(GraphRequest(QUERY, extensions=ASK))
    asked = {"persistedQuery": {"version": 1, "sha256Hash": HASH.upper()}}
    assert store.completed(GraphRequest(None, extensions=asked)).query == QUERY


@pytest.mark.parametrize("extensions", [None, {}, {"persistedQuery": None}, {"other": 1}])
def test_other_requests_pass(extensions):
    request = GraphRequest(QUERY, extensions=extensions)
    assert PersistedQueries().completed(request) is request


def test_the_store_is_bounded_and_forgets_the_longest_unused():
    store = PersistedQueries(capacity=2)

    def ask(text: str) -> dict[str, object]:
        digest = hashlib.sha256(text.encode()).hexdigest()
        return {"persistedQuery": {"version": 1, "sha256Hash": digest}}

    for text in ("{a}", "{b}"):
        store.completed(GraphRequest(text, extensions=ask(text)))
    store.completed(GraphRequest(None, extensions=ask("{a}")))
    store.completed(GraphRequest("{c}", extensions=ask("{c}")))
    assert store.completed(GraphRequest(None, extensions=ask("{a}"))).query == "{a}"
    with pytest.raises(Fault):
        store.completed(GraphRequest(None, extensions=ask("{b}")))


def test_a_text_beyond_the_limit_is_answered_but_not_kept():
    store = PersistedQueries()
    text = "{hello}" + " " * 40_000
    digest = hashlib.sha256(text.encode()).hexdigest()
    asked = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    assert store.completed(GraphRequest(text, extensions=asked)).query == text
    with pytest.raises(Fault):
        store.completed(GraphRequest(None, extensions=asked))
