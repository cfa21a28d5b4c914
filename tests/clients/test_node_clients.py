"""The clients of the portals, from Node: each tells a whole customer's story to the real stack."""

import pytest

from tests.clients.node_programs import node
from tests.kit.live import LiveStack

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("live")]


@pytest.mark.parametrize(
    ("program", "name"),
    [("apollo.mjs", "apollo"), ("urql.mjs", "urql"), ("socket.mjs", "graphql-ws")],
)
def test_a_client_finds_holds_watches_buys_and_gives_back(
    live_stack: LiveStack, program: str, name: str
) -> None:
    said = node(program, environment={"DEV_JSON": str(live_stack.dev_json)})
    assert f"{name}: ok" in said
    assert "2 numbers" in said


@pytest.mark.parametrize("name", ["port-apollo", "port-urql"])
def test_a_client_uploads_watches_and_fixes_a_port(live_stack: LiveStack, name: str) -> None:
    said = node(f"{name}.mjs", environment={"DEV_JSON": str(live_stack.dev_json)}, seconds=120)
    assert f"{name}: ok" in said
    assert "5 numbers" in said


def test_graphql_over_http_is_spoken_as_specified(live_stack: LiveStack) -> None:
    said = node("audits.mjs", environment={"DEV_JSON": str(live_stack.dev_json)})
    assert "audits: ok" in said
    assert "61 audits" in said
