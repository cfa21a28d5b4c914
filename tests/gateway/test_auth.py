"""Who is let in: signatures, claims, customers. Each refusal is the same sentence."""

import base64
import json
import time
from dataclasses import dataclass
from uuid import UUID

import httpx
import jwt
import pytest

from gateway.auth import Authenticator, AuthSettings, Credentials, bearer
from numbering.actors import Role
from schema.faults import Fault
from tests.kit import toy


@dataclass(frozen=True)
class In:
    """A time so many seconds after the token is signed: collecting tests takes a while."""

    seconds: int


GOOD = {
    "sub": "user-1",
    "name": "Ada",
    "email": "ada@example.com",
    "roles": ["DEVELOPER", "BILLING"],
    "customer_ids": [str(toy.CUSTOMER_A)],
    "iss": "warp",
    "aud": "warp-numbers",
    "exp": In(600),
}


def signed(key: str = toy.KEY, algorithm: str = "HS256", **changes: object) -> str:
    """A token with the good claims but for `changes`; None leaves a claim out."""
    now = int(time.time())
    claims = {
        name: now + value.seconds if isinstance(value, In) else value
        for name, value in {**GOOD, **changes}.items()
        if value is not None
    }
    return jwt.encode(claims, key, algorithm=algorithm)


def forged(header: dict[str, object]) -> str:
    """A token without a signature, good for a long time."""
    parts = (json.dumps(part).encode() for part in (header, {**GOOD, "exp": 9_999_999_999}))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


async def code_of(token: str, customer: str | None = None) -> str:
    """The code of the refusal."""
    with pytest.raises(Fault) as refused:
        await toy.authenticator().authenticate(token, customer)
    return refused.value.code


async def test_the_claims_become_an_actor():
    actor = await toy.authenticator().authenticate(signed(), None, "req-1")
    assert actor.subject == "user-1"
    assert (actor.name, actor.email) == ("Ada", "ada@example.com")
    assert actor.roles == {Role.DEVELOPER, Role.BILLING}
    assert actor.customer_ids == (toy.CUSTOMER_A,)
    assert actor.customer_id == toy.CUSTOMER_A
    assert actor.request_id == "req-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": In(-61)},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": In(120)},
        {"nbf": "x"},
        {"iat": In(120)},
        {"iss": "someone"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"sub": "x" * 256},
        {"roles": "STAFF"},
        {"roles": {"STAFF": True}},
        {"customer_ids": "x"},
        {"customer_ids": ["not-a-uuid"]},
        {"customer_ids": [str(toy.CUSTOMER_A)] * 1001},
        {"name": ["Ada"]},
        {"key": "another secret of thirty-two bytes or more"},
        {"algorithm": "HS384"},
        {"padding": "x" * 8_192},
    ],
    ids=lambda changes: str(changes)[:40],
)
async def test_a_token_with_one_thing_wrong_is_refused(changes):
    assert await code_of(signed(**changes)) == "UNAUTHENTICATED"


@pytest.mark.parametrize("changes", [{"exp": In(-50)}, {"nbf": In(50)}, {"nbf": In(0)}], ids=str)
async def test_clocks_may_differ_by_a_minute(changes):
    assert await toy.authenticator().authenticate(signed(**changes))


async def test_a_connection_lives_as_long_as_its_token_and_the_leeway_at_most_a_day():
    credentials = toy.authenticator().credentials
    assert 30 < (await credentials(signed(exp=In(0)))).seconds_left() <= 60
    assert (await credentials(signed(exp=In(10**9)))).seconds_left() == 86_400
    assert Credentials((await credentials(signed())).actor, expires_at=1.0).seconds_left() == 0


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "\ud800.b.c",
        "é" * 20,
        forged({"alg": "none"}),
        forged({"alg": "None"}),
        forged({"typ": "JWT"}),
        forged({"alg": "HS256"}),
        forged({"alg": ["HS256"]}),
        signed() + "x",
        "x" * 8193,
    ],
    ids=lambda token: token[:30].encode("ascii", "replace").decode(),
)
async def test_what_is_no_signed_token_is_refused(token):
    assert await code_of(token) == "UNAUTHENTICATED"


async def test_roles_of_other_platforms_give_nothing():
    token = signed(roles=["OWNER", "VIEWER", 5, ["STAFF"], "staff"])
    assert (await toy.authenticator().authenticate(token)).roles == {Role.VIEWER}


async def test_every_refusal_reads_the_same():
    messages = set()
    for token in (signed(exp=In(-100)), signed(iss="x"), "nonsense", signed(customer_ids=["x"])):
        with pytest.raises(Fault) as refused:
            await toy.authenticator().authenticate(token)
        messages.add(refused.value.message)
    assert len(messages) == 1


async def test_the_only_customer_is_the_active_one():
    both = [str(toy.CUSTOMER_A), str(toy.CUSTOMER_B)]
    authenticate = toy.authenticator().authenticate
    assert (await authenticate(signed())).customer_id == toy.CUSTOMER_A
    assert (await authenticate(signed(customer_ids=both))).customer_id is None
    assert (await authenticate(signed(customer_ids=[]))).customer_id is None
    named = await authenticate(signed(customer_ids=both), str(toy.CUSTOMER_B))
    assert named.customer_id == toy.CUSTOMER_B


@pytest.mark.parametrize(
    "customer", [str(toy.CUSTOMER_B), str(UUID(int=0)), "nonsense", "é", "x" * 9999]
)
async def test_a_foreign_an_unknown_and_a_malformed_customer_are_refused_alike(customer):
    with pytest.raises(Fault) as refused:
        await toy.authenticator().authenticate(signed(), customer)
    assert refused.value.code == "FORBIDDEN"
    assert customer not in refused.value.message


async def test_staff_may_name_any_customer_or_none():
    token = signed(roles=["STAFF"], customer_ids=[])
    authenticate = toy.authenticator().authenticate
    assert (await authenticate(token)).customer_id is None
    assert (await authenticate(token, str(toy.CUSTOMER_B))).customer_id == toy.CUSTOMER_B
    assert await code_of(token, "nonsense") == "FORBIDDEN"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic x", "bearer\t", "x"])
def test_what_is_no_bearer_header_is_nobody(header):
    with pytest.raises(Fault) as refused:
        bearer(header)
    assert refused.value.code == "UNAUTHENTICATED"


@pytest.mark.parametrize("header", ["Bearer x", "bearer x", "BEARER  x "])
def test_the_scheme_is_case_insensitive(header):
    assert bearer(header) == "x"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"secret": "too short"},
        {"secret": toy.KEY, "jwks_url": "https://id.example/jwks"},
    ],
)
def test_unusable_settings_stop_the_process(settings):
    with pytest.raises(ValueError, match="JWT_SECRET"):
        Authenticator(AuthSettings(issuer="warp", audience="warp-numbers", **settings))


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "UNAUTHENTICATED"),
        ({"authorization": "Bearer x"}, 401, "UNAUTHENTICATED"),
        ({"authorization": "Basic dTpw"}, 401, "UNAUTHENTICATED"),
        ({**toy.bearer(), "x-customer-id": str(toy.CUSTOMER_B)}, 403, "FORBIDDEN"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_over_http(app, headers, status, code, accept, logged):
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        response = await client.post(
            "/graphql", json={"query": "{hello}"}, headers={**headers, "accept": accept}
        )
    assert response.status_code == status
    (error,) = response.json()["errors"]
    assert error["extensions"] == {
        "code": code,
        "requestId": response.headers["x-request-id"],
    }
    assert response.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    assert "exc_info" not in str(logged)
