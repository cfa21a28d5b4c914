"""A typing error beside a PIN: the answer says what is wrong, and not what was sent."""

from typing import Any

import pytest

from tests.kit.desk import ALICE, Desk

PIN = "47110815"
EDIT = "mutation($i: UpdatePortNumbersInput!) { updatePortNumbers(input: $i) { errors { code } } }"
LITERAL = (
    'mutation { updatePortNumbers(input: { projectId: "x", idempotencyKey: "k", changes: '
    "[{ portNumberId: %s }] }) { errors { code } } }"
)


def changed(**fields: Any) -> dict[str, Any]:
    """An edit of one row with these fields."""
    return {"i": {"projectId": "x", "idempotencyKey": "k", "changes": [fields]}}


@pytest.mark.parametrize(
    ("query", "variables", "says"),
    [
        (EDIT, changed(portNumberId="n", pin=PIN, losingSpidd="1"), "losingSpidd"),
        (EDIT, changed(pin=PIN), "portNumberId"),
        (EDIT, changed(portNumberId="n", pin=int(PIN)), "pin"),
        (EDIT, changed(portNumberId="n", accountNumber={"a": PIN}), "accountNumber"),
        (LITERAL % f'"n", pin: {PIN}', None, "String"),
        (LITERAL % f'"n", pinn: "{PIN}"', None, "pinn"),
    ],
    ids=["unknown field", "missing field", "a number", "an object", "literal", "literal field"],
)
async def test_what_was_sent_is_not_sent_back(
    desk: Desk, query: str, variables: dict[str, Any] | None, says: str
) -> None:
    answer = await desk.ask(query, variables, ALICE)
    assert answer.codes[0] in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}
    assert says in str(answer.errors)
    assert PIN not in str(answer.errors)
