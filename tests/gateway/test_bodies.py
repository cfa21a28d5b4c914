"""Malformed requests: a status, a GraphQL error with a request id, and never a traceback."""

import httpx
import orjson
import pytest

from tests.kit import toy
from tests.kit.asgi import post

JSON = {"content-type": "application/json"}
DEEP = b'{"query":"{hello}","variables":{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}}"


def fault(response: httpx.Response) -> str:
    """The code of a well-formed refusal."""
    body = response.json()
    assert set(body) <= {"errors", "extensions"}
    (error,) = body["errors"]
    assert error["extensions"]["requestId"] == response.headers["x-request-id"]
    assert "Traceback" not in response.text
    return error["extensions"]["code"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"5",
        b'"x"',
        b"null",
        b"true",
        b"[]",
        b"[{}]",
        b'[{"query":"{hello}"},{"query":"{hello}"}]',
        b"{",
        b"{}",
        b"\xff\xfe",
        b'{"query":"\xff"}',
        b'{"query":5}',
        b'{"query":null}',
        b'{"query":""}',
        b'{"query":["{hello}"]}',
        b'{"query":"{hello}","variables":"x"}',
        b'{"query":"{hello}","variables":[]}',
        b'{"query":"{hello}","variables":5}',
        b'{"query":"{hello}","operationName":5}',
        b'{"query":"{hello}","operationName":{}}',
        b'{"query":"{hello}","extensions":"x"}',
        b'{"query":"{hello}","extensions":[]}',
        b'{"query":"{hello}","variables":{"a":NaN}}',
        b'{"query":"\\ud800"}',
        b"[" * 100_000,
        DEEP,
    ],
    ids=lambda body: body[:40].decode("ascii", "replace"),
)
async def test_a_malformed_body_is_a_clear_400(client, body):
    response = await client.post("/graphql", content=body, headers=JSON)
    assert response.status_code == 400
    assert fault(response) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/graphql",
        "application/json; charset=utf-16",
        "application/jsonx",
        "multipart/form-data; boundary=x",
        "",
    ],
)
async def test_other_content_types_are_refused(client, kind):
    response = await client.post(
        "/graphql", content=b'{"query":"{hello}"}', headers={"content-type": kind, "x-csrf": "1"}
    )
    assert response.status_code == 415
    assert fault(response) == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON", "application/json; charset=UTF-8"]
)
async def test_json_posts_need_no_extra_header(client, kind):
    response = await client.post(
        "/graphql", content=b'{"query":"{hello}"}', headers={"content-type": kind}
    )
    assert response.json()["data"] == {"hello": "hello world"}


async def test_a_body_over_the_cap_is_refused_by_its_length(client):
    response = await client.post("/graphql", content=b" " * 1_000_001, headers=JSON)
    assert response.status_code == 413
    assert fault(response) == "BAD_USER_INPUT"


async def test_a_declared_length_is_believed_before_anything_is_read(app):
    async with post(
        app, {"query": "{hello}"}, {**toy.bearer(), "content-length": "1000001"}
    ) as talk:
        assert (await talk.get())["status"] == 413
        assert talk._incoming.qsize() == 1


@pytest.mark.parametrize("length", [None, "0", "-5", "1e3"])
async def test_a_streamed_body_is_read_no_further_than_the_cap(app, length):
    headers = {**toy.bearer(), **({"content-length": length} if length else {})}
    async with post(app, None, headers) as talk:
        talk._incoming.get_nowait()
        for _ in range(4):
            talk.put({"type": "http.request", "body": b" " * 400_000, "more_body": True})
        assert (await talk.get())["status"] == 413
        await talk.get()
        # Three of four chunks go over a megabyte; the fourth was never asked for.
        assert talk._incoming.qsize() >= 1


async def test_a_body_at_the_cap_is_read(client):
    body = orjson.dumps({"query": "{hello}"})
    response = await client.post("/graphql", content=body.ljust(1_000_000), headers=JSON)
    assert response.status_code == 200


async def test_a_client_that_leaves_while_sending_is_forgotten(app, logged):
    async with post(app, None, toy.bearer()) as talk:
        talk._incoming.get_nowait()
        talk.put({"type": "http.request", "body": b"{", "more_body": True})
    assert logged == []


async def test_a_lone_surrogate_in_a_document_is_a_syntax_error(client):
    response = await client.post("/graphql", json={"query": '{hello(name:"\\ud800")}'})
    assert response.status_code == 400
    assert fault(response) == "GRAPHQL_PARSE_FAILED"


async def test_integers_beyond_64_bits_are_answered(client):
    response = await client.post(
        "/graphql",
        content=b'{"query":"query($n:Int!){strict(number:$n)}","variables":{"n":'
        + b"9" * 30
        + b"}}",
        headers=JSON,
    )
    assert response.status_code == 400
    assert fault(response) == "BAD_USER_INPUT"
