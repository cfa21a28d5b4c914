"""Every example of docs/api-guide.md runs, in its order, against the platform in one process."""

from collections.abc import Iterator
from typing import Any

from db import seed
from numbering.actors import Role
from numbering.lifecycle import CarrierStatus
from numbering.refusals import RefusalCode
from schema.faults import Code
from tests.docs.pages import Example, at, examples, filled, page
from tests.kit.asgi import wire
from tests.kit.stack import CUSTOMER_A, CUSTOMER_B, STAFF, Stack, token

GUIDE = page("docs/api-guide.md")
TOKENS = {
    "customerA": CUSTOMER_A,
    "customerB": CUSTOMER_B,
    "staff": STAFF,
    "viewer": token(Role.VIEWER, seed.CUSTOMER_A),
    "nobody": "",
}
LOSES = "A change that the carrier cannot be told"


async def asked(stack: Stack, example: Example, variables: dict[str, Any]) -> dict[str, Any]:
    """The answer to an example; for a subscription its first event."""
    if "\nsubscription" in f"\n{example.document}":
        return await first_event(stack, example, variables)
    if not TOKENS[example.as_]:
        answer = await stack.client.post("/graphql", json={"query": example.document})
        body: dict[str, Any] = answer.json()
        return body
    return await stack.ask(example.document, variables, as_=TOKENS[example.as_])


async def first_event(stack: Stack, example: Example, variables: dict[str, Any]) -> dict[str, Any]:
    async with wire(stack.app) as socket:
        greeting = {"authorization": f"Bearer {TOKENS[example.as_]}"}
        assert (await socket.greet(greeting))["type"] == "connection_ack"
        socket.subscribe(example.document, variables=variables)
        said = await socket.hear()
        if said["type"] == "error":
            return {"errors": said["payload"]}
        assert said["type"] == "next"
        body: dict[str, Any] = said["payload"]
        return body


def codes(value: Any) -> Iterator[str]:
    """Every error code in an answer, wherever it stands."""
    if isinstance(value, dict):
        if isinstance(value.get("code"), str):
            yield value["code"]
        for each in value.values():
            yield from codes(each)
    elif isinstance(value, list):
        for each in value:
            yield from codes(each)


def same_shape(shown: Any, given: Any) -> None:
    """The answer on the page has the fields and codes of the real one; "…" stands for anything."""
    if isinstance(shown, dict):
        assert list(shown) == list(given)
        for key, each in shown.items():
            same_shape(each, given[key])
    elif isinstance(shown, list):
        assert len(shown) == len(given)
        for each, real in zip(shown, given, strict=True):
            same_shape(each, real)
    elif isinstance(shown, str) and shown.endswith("…"):
        assert given.startswith(shown[:-1])
    else:
        assert shown == given


async def test_every_example_runs(stack: Stack) -> None:
    known: dict[str, Any] = {}
    for example in examples(GUIDE):
        if example.title == LOSES:
            await stack.sandbox.fault("port_away", tn=known["DID_NUMBER"], nth=1)
        body = await asked(stack, example, filled(example.variables, known))
        expected = {example.expect} if example.expect else set()
        assert set(codes(body)) == expected, (example.title, body)
        for name, path in example.gives.items():
            known[name] = at(path, body["data"])
        if example.answer:
            shown = {key: body[key] for key in example.answer}
            same_shape(example.answer, shown)
    status = stack.sandbox.state(known["DID_NUMBER"])["status"]
    assert status == CarrierStatus.PORTED_OUT


def test_the_tables_of_errors_are_complete() -> None:
    errors = GUIDE.partition("## Errors")[2].partition("\n## ")[0]
    assert {code for code in Code if f"`{code}`" not in errors} == set()
    assert {code for code in RefusalCode if f"`{code}`" not in errors} == set()
