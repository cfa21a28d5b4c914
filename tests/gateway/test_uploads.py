"""Multipart requests: only where offered, only with the header, and strict about their parts."""

import base64

import httpx
import orjson
import pytest

from gateway.bodies import MemoryParser
from gateway.calls import GraphSettings
from tests.kit import toy
from tests.kit.stack import CUSTOMER_A, running
from workflows.wiring import PortLimits

OPERATIONS = {
    "query": "mutation($file: Upload!) { upload(file: $file) }",
    "variables": {"file": None},
}
CSRF = {"x-csrf": "1"}


@pytest.fixture
async def uploader(world):
    app = toy.toy_app(world, GraphSettings(uploads=True))
    headers = {**toy.bearer(), **CSRF}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=headers
    ) as client:
        yield client


async def send(client, operations=OPERATIONS, placed=None, content=b"number\n3035551234\n"):
    placed = {"0": ["variables.file"]} if placed is None else placed
    return await client.post(
        "/graphql",
        data={
            "operations": orjson.dumps(operations).decode(),
            "map": orjson.dumps(placed).decode(),
        },
        files={"0": ("numbers.csv", content, "text/csv")},
    )


async def test_a_file_arrives_as_it_was_sent(uploader):
    content = bytes(range(256)) * 20_000
    response = await send(uploader, content=content)
    assert base64.b64decode(response.json()["data"]["upload"]) == content


async def test_a_list_of_files_can_be_filled(uploader):
    operations = {"query": "{hello}", "variables": {"files": [None, None]}}
    response = await send(uploader, operations, {"0": ["variables.files.1"]})
    assert response.json()["data"] == {"hello": "hello world"}


async def test_without_the_header_it_is_refused(uploader):
    del uploader.headers["x-csrf"]
    response = await send(uploader)
    assert response.status_code == 400
    assert "x-csrf" in response.json()["errors"][0]["message"]


async def test_ten_megabytes_of_file_fit_with_what_is_around_them(uploader):
    content = b"x" * PortLimits().max_file_bytes
    response = await send(uploader, content=content)
    assert len(base64.b64decode(response.json()["data"]["upload"])) == len(content)


async def test_a_larger_request_is_refused_in_words(uploader):
    response = await send(uploader, content=b"x" * (PortLimits().max_file_bytes + 2**18))
    assert response.status_code == 413
    (error,) = response.json()["errors"]
    assert "10 MB" in error["message"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_no_more_is_read_than_is_allowed(world):
    """The rest of a body without a declared length stays with the sender."""
    app = toy.toy_app(world, GraphSettings(uploads=True, upload_body=100_000))
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [
            (b"content-type", b"multipart/form-data; boundary=x"),
            *((name.lower().encode(), value.encode()) for name, value in CSRF.items()),
            *((name.lower().encode(), value.encode()) for name, value in toy.bearer().items()),
        ],
    }
    taken = 0

    async def receive():
        nonlocal taken
        taken += 10_000
        return {"type": "http.request", "body": b"x" * 10_000, "more_body": True}

    said = []

    async def send_(message):
        said.append(message)

    await app(scope, receive, send_)
    assert said[0]["status"] == 413
    assert taken == 110_000


@pytest.mark.parametrize(
    "placed",
    [
        5,
        [],
        "x",
        {"0": "variables.file"},
        {"0": 5},
        {"0": [5]},
        {"0": [None]},
        {"0": ["query"]},
        {"0": ["variables"]},
        {"0": ["variables."]},
        {"0": ["variables.other"]},
        {"0": ["extensions.none"]},
        {"0": ["variables.file.deep"]},
        {"0": ["variables.file.0"]},
        {"0": ["variables.set"]},
        {"0": ["variables.list.9"]},
        {"0": ["variables.list.-1"]},
        {"0": ["variables.list.x"]},
        {"0": ["variables.file", "variables.file"]},
        {"0": ["variables.__class__"]},
        {"missing": ["variables.file"]},
        {"operations": ["variables.file"]},
    ],
    ids=str,
)
async def test_a_wrong_map_is_a_clear_400(uploader, placed):
    operations = {**OPERATIONS, "variables": {"file": None, "set": "x", "list": ["x"]}}
    operations["extensions"] = {"none": None}
    response = await send(uploader, operations, placed)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("operations", [5, [OPERATIONS], "x", None, {}, {"query": 5}], ids=str)
async def test_wrong_operations_are_a_clear_400(uploader, operations):
    response = await send(uploader, operations, {})
    assert response.status_code == 400
    assert response.json()["errors"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"--x\r\n\r\n--x--",
        b'--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{\r\n--x--',
        b'--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--',
        b'--x\r\ncontent-disposition: form-data; name="map"\r\n\r\n{}\r\n--x--',
        b"--x\r\n" * 1000,
        b'--x\r\ncontent-disposition: form-data; name="map"; filename="o"\r\n\r\n{}\r\n--x--',
    ],
    ids=lambda body: body[:30].decode(),
)
@pytest.mark.parametrize("boundary", ["; boundary=x", "", "; boundary=", "; charset=x; boundary=x"])
async def test_a_broken_multipart_body_is_a_clear_400(uploader, body, boundary):
    response = await uploader.post(
        "/graphql", content=body, headers={"content-type": f"multipart/form-data{boundary}"}
    )
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_more_files_than_anyone_needs_are_refused(uploader):
    files = {str(number): ("f", b"x") for number in range(11)}
    response = await uploader.post("/graphql", data={"operations": "{}", "map": "{}"}, files=files)
    assert response.status_code == 400


async def test_where_uploads_are_not_offered_they_are_refused(client):
    response = await client.post(
        "/graphql", files={"0": b"x"}, data={"operations": "{}"}, headers=CSRF
    )
    assert response.status_code == 415


def test_no_file_ever_touches_the_disk():
    """A SpooledTemporaryFile rolls over to disk at `spool_max_size`; no body can be that large."""
    assert MemoryParser.spool_max_size > 10**18


LINT = """mutation($file: Upload!) {
  lintPortFile(input: { file: $file }) {
    report { fileName totalCount validCount faults { nodes { row column code value message } } }
    errors { message }
  }
}"""


async def test_the_gateway_takes_files_from_who_sends_the_header(database_urls):
    operations = {"query": LINT, "variables": {"file": None}}
    content = b"telephone_number,pin\n3035551234,PIN-CANARY\n303555,PIN-CANARY\n"
    async with running(database_urls, worker=False) as stack:
        stack.client.headers["authorization"] = f"Bearer {CUSTOMER_A}"
        refused = await send(stack.client, operations, content=content)
        assert refused.status_code == 400
        assert "x-csrf" in refused.json()["errors"][0]["message"]
        stack.client.headers.update(CSRF)
        answer = await send(stack.client, operations, content=content)
        found = answer.json()["data"]["lintPortFile"]
        assert (found["errors"], found["report"]["fileName"]) == ([], "numbers.csv")
        assert found["report"]["totalCount"] == 2
        assert "CANARY" not in answer.text
