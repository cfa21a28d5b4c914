"""Frames that break the protocol close the socket with a code, never the task with a traceback."""

import pytest

from gateway.frames import BadFrame, Complete, Init, Ping, Pong, Subscribe, read
from tests.kit import toy
from tests.kit.asgi import wire

SIGNED = {"authorization": toy.bearer()["authorization"]}
DEEP = '{"type":"ping","payload":' + "[" * 100_000 + "]" * 100_000 + "}"

BROKEN = [
    "",
    " ",
    "nonsense",
    "{",
    "[1,2]",
    "5",
    "null",
    "true",
    '"ping"',
    "{}",
    '{"type":null}',
    '{"type":5}',
    '{"type":["ping"]}',
    '{"type":{}}',
    '{"type":"start"}',
    '{"type":"' + "x" * 1_000 + '"}',
    '{"type":"' + "é" * 200 + '"}',
    '{"type":"ping","payload":[1]}',
    '{"type":"ping","payload":5}',
    '{"type":"ping","payload":NaN}',
    DEEP,
    '{"type":"subscribe"}',
    '{"type":"subscribe","id":"1"}',
    '{"type":"subscribe","id":"1","payload":null}',
    '{"type":"subscribe","id":"1","payload":[]}',
    '{"type":"subscribe","id":"1","payload":{}}',
    '{"type":"subscribe","id":"1","payload":{"query":null}}',
    '{"type":"subscribe","id":"1","payload":{"query":5}}',
    '{"type":"subscribe","id":"1","payload":{"query":"{hello}","variables":[]}}',
    '{"type":"subscribe","id":"1","payload":{"query":"{hello}","variables":"x"}}',
    '{"type":"subscribe","id":"1","payload":{"query":"{hello}","operationName":5}}',
    '{"type":"subscribe","id":"1","payload":{"query":"{hello}","extensions":5}}',
    '{"type":"subscribe","id":{},"payload":{"query":"{hello}"}}',
    '{"type":"subscribe","id":5,"payload":{"query":"{hello}"}}',
    '{"type":"subscribe","id":"","payload":{"query":"{hello}"}}',
    '{"type":"subscribe","payload":{"query":"{hello}"}}',
    '{"type":"subscribe","id":"' + "x" * 300 + '","payload":{"query":"{hello}"}}',
    '{"type":"complete"}',
    '{"type":"complete","id":{}}',
    '{"type":"complete","id":["1"]}',
    '{"type":"ping","payload":{"x":"' + "x" * 300_000 + '"}}',
]


@pytest.mark.parametrize("frame", BROKEN, ids=lambda frame: frame[:50] or "empty")
@pytest.mark.parametrize("signed_in", [True, False], ids=["after init", "before init"])
async def test_a_broken_frame_closes_with_4400(app, frame, signed_in, logged):
    async with wire(app) as socket:
        if signed_in:
            assert (await socket.greet(SIGNED))["type"] == "connection_ack"
        else:
            await socket.accepted()
        socket.raw(frame)
        closed = await socket.hear()
        assert (closed["type"], closed["code"]) == ("websocket.close", 4400)
        assert 0 < len(closed["reason"].encode()) <= 123
        await socket.done()
    assert "exc_info" not in str(logged)


@pytest.mark.parametrize("payload", ["5", "[]", '"x"', "true"])
async def test_a_broken_init_payload_closes_with_4400(app, payload):
    async with wire(app) as socket:
        await socket.accepted()
        socket.raw('{"type":"connection_init","payload":' + payload + "}")
        assert (await socket.hear())["code"] == 4400


@pytest.mark.parametrize("signed_in", [True, False])
async def test_binary_frames_are_refused(app, signed_in):
    async with wire(app) as socket:
        if signed_in:
            await socket.greet(SIGNED)
        else:
            await socket.accepted()
        socket.put({"type": "websocket.receive", "bytes": b'{"type":"ping"}', "text": None})
        assert (await socket.hear())["code"] == 4400


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('{"type":"connection_init"}', Init({})),
        ('{"type":"connection_init","payload":null}', Init({})),
        ('{"type":"connection_init","payload":{"a":1}}', Init({"a": 1})),
        ('{"type":"ping"}', Ping(None)),
        ('{"type":"ping","payload":{"a":1}}', Ping({"a": 1})),
        ('{"type":"pong","payload":5}', Pong()),
        ('{"type":"complete","id":"é"}', Complete("é")),
        (
            '{"type":"subscribe","id":"1","payload":{"query":"{a}","operationName":""}}',
            Subscribe("1", "{a}", None, None),
        ),
    ],
)
def test_good_frames(text, frame):
    assert read(text) == frame


def test_a_bad_frame_says_why():
    with pytest.raises(BadFrame, match="variables must be an object"):
        read('{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":5}}')
