"""GraphQL over HTTP: methods, media types, statuses, headers, CSRF and CORS."""

import httpx
import pytest

from gateway.answers import encoded, media_type
from gateway.calls import GraphSettings
from tests.kit import toy
from tests.kit.asgi import post

GRAPHQL = "application/graphql-response+json"
PREFLIGHT = {"x-csrf": "1"}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("{hello}", 200, None),
        ("{boom}", 200, "INTERNAL_SERVER_ERROR"),
        ("{hole}", 200, "INTERNAL_SERVER_ERROR"),
        ("{", 400, "GRAPHQL_PARSE_FAILED"),
        ("{nope}", 400, "GRAPHQL_VALIDATION_FAILED"),
        ("query($n:Int!){strict(number:$n)}", 400, "BAD_USER_INPUT"),
        ("query A{hello} query B{hello}", 400, "OPERATION_RESOLUTION_FAILURE"),
        ("subscription{count}", 400, "OPERATION_RESOLUTION_FAILURE"),
    ],
)
async def test_the_status_tells_what_happened(client, query, status, code):
    response = await client.post("/graphql", json={"query": query})
    assert response.status_code == status
    assert response.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    body = response.json()
    assert [error["extensions"]["code"] for error in body.get("errors", ())] == (
        [code] if code else []
    )
    assert ("data" in body) == (status == 200)


@pytest.mark.parametrize("query", ["{", "{nope}", "query($n:Int!){strict(number:$n)}"])
async def test_plain_json_clients_get_200_for_what_they_can_read(client, query):
    response = await client.post(
        "/graphql", json={"query": query}, headers={"accept": "application/json"}
    )
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json()["errors"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, application/json;q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0.2, application/json;q=0.9", "application/json"),
        (f"{GRAPHQL};q=0", "application/json"),
        (f"application/json;q=x, {GRAPHQL};q=0.1", GRAPHQL),
        ("image/png", "application/json"),
        (
            "application/graphql-response+json, application/json, text/event-stream, "
            "multipart/mixed",
            GRAPHQL,
        ),
        (";;,,", "application/json"),
    ],
)
def test_media_types(accept, expected):
    assert media_type(accept) == expected


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_other_methods_are_refused(client, method):
    response = await client.request(method, "/graphql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"


async def test_a_browser_finds_no_page(client):
    response = await client.get("/graphql", headers={"accept": "text/html,*/*;q=0.8"})
    assert response.status_code == 404


@pytest.mark.parametrize("header", ["x-csrf", "apollo-require-preflight"])
async def test_queries_by_get_need_a_header_that_a_foreign_page_cannot_send(client, header):
    params = {"query": "query($n:String!){hello(name:$n)}", "variables": '{"n":"you"}'}
    refused = await client.get("/graphql", params=params)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    answered = await client.get("/graphql", params=params, headers={header: "1"})
    assert answered.json()["data"] == {"hello": "hello you"}


@pytest.mark.parametrize("accept", [GRAPHQL, "application/json"])
async def test_mutations_by_get_are_refused_and_not_run(client, world, accept):
    response = await client.get(
        "/graphql",
        params={"query": "mutation{raiseLevel}"},
        headers={**PREFLIGHT, "accept": accept},
    )
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert response.json()["errors"][0]["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"
    assert world.level == 0


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"query": ""},
        {"query": "{hello}", "variables": "{"},
        {"query": "{hello}", "variables": "5"},
        {"query": "{hello}", "extensions": "[]"},
        {"query": b"\xff\xfe"},
    ],
)
async def test_malformed_gets_are_400(client, params):
    response = await client.get("/graphql", params=params, headers=PREFLIGHT)
    assert response.status_code == 400
    assert response.json()["errors"]


async def test_empty_variables_by_get_are_none(client):
    params = {"query": "{hello}", "variables": "", "extensions": "", "operationName": ""}
    response = await client.get("/graphql", params=params, headers=PREFLIGHT)
    assert response.json()["data"] == {"hello": "hello world"}


async def test_nothing_is_cached_or_sniffed(client):
    for body in ({"query": "{hello}"}, {"query": "{"}, {}):
        response = await client.post("/graphql", json=body)
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["x-content-type-options"] == "nosniff"


async def test_no_tracing_leaves(client):
    response = await client.post("/graphql", json={"query": "{hello}"})
    assert set(response.json()["extensions"]) == {"cost"}


@pytest.mark.parametrize("given", ["abc-123.XYZ_9", "a" * 128])
async def test_a_good_request_id_is_kept(client, given, logged):
    response = await client.post(
        "/graphql", json={"query": "{boom}"}, headers={"x-request-id": given}
    )
    assert response.headers["x-request-id"] == given
    assert response.json()["errors"][0]["extensions"]["requestId"] == given
    assert [line["request_id"] for line in logged] == [given]


@pytest.mark.parametrize("given", ["short", "a" * 129, "with space in it", "new\tline-in-it", ""])
async def test_a_bad_request_id_is_replaced(client, given):
    response = await client.post(
        "/graphql", json={"query": "{hello}"}, headers={"x-request-id": given}
    )
    assert response.headers["x-request-id"] != given
    assert len(response.headers["x-request-id"]) == 32


async def test_only_named_origins_may_read_answers(world):
    app = toy.toy_app(world, GraphSettings(allowed_origins=("https://portal.example",)))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        for origin, allowed in (("https://portal.example", True), ("https://evil.example", False)):
            asked = await client.options(
                "/graphql",
                headers={
                    "origin": origin,
                    "access-control-request-method": "POST",
                    "access-control-request-headers": "authorization,content-type,x-customer-id",
                },
            )
            assert asked.status_code == (200 if allowed else 400)
            # Even a refusal must be readable for our own pages.
            refused = await client.post("/graphql", headers={"origin": origin})
            assert refused.status_code == 401
            for response in (asked, refused):
                assert response.headers.get("access-control-allow-origin") == (
                    origin if allowed else None
                )
                assert "access-control-allow-credentials" not in response.headers
            assert refused.headers.get("access-control-expose-headers")


@pytest.mark.parametrize("origin", ["*", "null", "portal.example", "https://x.example/path", ""])
def test_an_origin_that_is_none_stops_the_process(world, origin):
    with pytest.raises(ValueError, match=r"(?i)origin"):
        toy.toy_app(world, GraphSettings(allowed_origins=(origin,)))


async def test_a_client_that_hangs_up_cancels_its_resolver(app, world):
    async with post(app, {"query": "{slow}"}, toy.bearer()):
        await world.started.wait()
        assert not world.cancelled.is_set()
    assert world.cancelled.is_set()


async def test_an_empty_bucket_says_when_to_come_back(world):
    app = toy.toy_app(world, GraphSettings(cost_bucket=25, cost_refill_per_second=1))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=toy.bearer()
    ) as client:
        query = {"query": "{dids(first:19){nodes{id}}}"}
        first = await client.post("/graphql", json=query)
        assert first.json()["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 5
        second = await client.post("/graphql", json=query, headers={"accept": GRAPHQL})
        assert second.status_code == 429
        (error,) = second.json()["errors"]
        assert error["extensions"]["code"] == "THROTTLED"
        assert second.headers["retry-after"] == str(error["extensions"]["retryAfterSeconds"])
        other = await client.post(
            "/graphql", json=query, headers=toy.bearer(customers=(toy.CUSTOMER_B,))
        )
        assert other.json()["data"]


async def test_a_slow_operation_times_out(world):
    app = toy.toy_app(world, GraphSettings(timeout=0.01))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=toy.bearer()
    ) as client:
        response = await client.post(
            "/graphql", json={"query": "{slow}"}, headers={"accept": GRAPHQL}
        )
    assert response.status_code == 504
    assert response.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert world.cancelled.is_set()


async def test_a_defect_outside_graphql_is_masked_too(world, logged):
    def broken(*_: object) -> toy.ToyContext:
        raise RuntimeError(toy.SECRET)

    app = toy.endpoint(toy.toy_schema(), broken, GraphSettings())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=toy.bearer()
    ) as client:
        response = await client.post("/graphql", json={"query": "{hello}"})
    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert toy.SECRET not in response.text
    assert [line["event"] for line in logged] == ["request_failed"]


def test_what_orjson_cannot_write_is_written_anyway():
    assert encoded({"a": "\ud800", "b": 10**30}) == b'{"a":"\\ud800","b":' + b"1" + b"0" * 30 + b"}"
