"""The provider's keys: fetched seldom, rotated, kept through outages, never confused."""

import asyncio
import json
import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from gateway.auth import Authenticator, AuthSettings
from gateway.keys import JwksKeys, KeysUnavailable
from schema.faults import Fault

URL = "https://id.example/jwks"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_PEM = RSA_KEY.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)


def jwk(key: object, kid: str, **members: object) -> dict[str, object]:
    """The public half as a member of a key set."""
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    public = key.public_key()  # type: ignore[attr-defined]
    return {**json.loads(algorithm.to_jwk(public)), "kid": kid, "use": "sig", **members}


def signed(key: object, kid: str, algorithm: str) -> str:
    claims = {
        "sub": "user-1",
        "roles": ["VIEWER"],
        "iss": "warp",
        "aud": "warp-numbers",
        "exp": time.time() + 600,
    }
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})  # type: ignore[arg-type]


class Provider:
    """An identity provider whose key set and health a test can change."""

    def __init__(self) -> None:
        self.keys = [jwk(RSA_KEY, "rsa-1"), jwk(EC_KEY, "ec-1")]
        self.body: bytes | None = None
        self.down = False
        self.asked = 0
        self.now = 1_000.0
        self.source = JwksKeys(
            URL, transport=httpx.MockTransport(self.answer), clock=lambda: self.now
        )
        self.authenticator = Authenticator(
            AuthSettings(issuer="warp", audience="warp-numbers", jwks_url=URL), self.source
        )

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await asyncio.sleep(0)
        if self.down:
            raise httpx.ConnectError("down", request=request)
        return httpx.Response(200, content=self.body or json.dumps({"keys": self.keys}))

    async def refusal(self, token: str) -> str:
        with pytest.raises(Fault) as refused:
            await self.authenticator.verify(token)
        return refused.value.code


@pytest.fixture
async def provider():
    made = Provider()
    yield made
    await made.authenticator.aclose()


@pytest.mark.parametrize(
    ("key", "kid", "algorithm"), [(RSA_KEY, "rsa-1", "RS256"), (EC_KEY, "ec-1", "ES256")]
)
async def test_both_algorithms_are_verified(provider, key, kid, algorithm):
    claims = await provider.authenticator.verify(signed(key, kid, algorithm))
    assert claims.sub == "user-1"


async def test_many_tokens_fetch_once_and_again_after_ten_minutes(provider):
    token = signed(RSA_KEY, "rsa-1", "RS256")
    await asyncio.gather(*(provider.authenticator.verify(token) for _ in range(20)))
    assert provider.asked == 1
    provider.now += 600
    await provider.authenticator.verify(token)
    assert provider.asked == 1
    provider.now += 1
    await provider.authenticator.verify(token)
    assert provider.asked == 2


async def test_an_unknown_kid_fetches_again_but_once_a_minute(provider):
    await provider.authenticator.verify(signed(RSA_KEY, "rsa-1", "RS256"))
    stranger = signed(EC_KEY, "ec-2", "ES256")
    for _ in range(5):
        assert await provider.refusal(stranger) == "UNAUTHENTICATED"
    assert provider.asked == 1
    provider.now += 60
    for _ in range(5):
        assert await provider.refusal(stranger) == "UNAUTHENTICATED"
    assert provider.asked == 2
    provider.keys.append(jwk(EC_KEY, "ec-2"))
    provider.now += 60
    assert await provider.authenticator.verify(stranger)
    assert provider.asked == 3


async def test_known_keys_outlive_the_provider(provider):
    token = signed(RSA_KEY, "rsa-1", "RS256")
    await provider.authenticator.verify(token)
    provider.down = True
    provider.now += 3_600
    assert await provider.authenticator.verify(token)
    assert provider.asked == 2


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"keys":5}', b'{"keys":[]}', b'{"keys":[5]}'],
    ids=lambda body: body[:10].decode(),
)
async def test_without_any_key_nobody_is_refused_for_good(provider, body):
    provider.body = body
    token = signed(RSA_KEY, "rsa-1", "RS256")
    assert await provider.refusal(token) == "SERVICE_UNAVAILABLE"
    with pytest.raises(KeysUnavailable):
        await provider.source.key("rsa-1", "RS256")


async def test_an_enormous_key_set_is_not_read(provider):
    provider.body = json.dumps({"keys": provider.keys}).encode() + b" " * 300_000
    assert await provider.refusal(signed(RSA_KEY, "rsa-1", "RS256")) == "SERVICE_UNAVAILABLE"


async def test_a_public_key_is_no_hmac_secret(provider):
    """The classic confusion: sign with HS256 and the RSA public key as the secret."""
    await provider.authenticator.verify(signed(RSA_KEY, "rsa-1", "RS256"))
    header, claims, _ = signed(RSA_KEY, "rsa-1", "RS256").split(".")
    del header, claims
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    head = jwt.utils.base64url_encode(b'{"alg":"HS256","kid":"rsa-1"}')
    body = jwt.utils.base64url_encode(
        json.dumps(
            {"sub": "x", "iss": "warp", "aud": "warp-numbers", "exp": time.time() + 60}
        ).encode()
    )
    signature = jwt.utils.base64url_encode(hmac.sign(head + b"." + body, PUBLIC_PEM))
    token = b".".join((head, body, signature)).decode()
    assert await provider.refusal(token) == "UNAUTHENTICATED"


async def test_a_key_serves_only_its_own_algorithm(provider):
    wrong_kid = signed(EC_KEY, "rsa-1", "ES256")
    assert await provider.refusal(wrong_kid) == "UNAUTHENTICATED"
    provider.now += 60
    provider.keys = [jwk(RSA_KEY, "rsa-1", alg="RS512"), jwk(EC_KEY, "ec-1", use="enc")]
    provider.keys.append(jwk(EC_KEY, "ec-3"))
    for token in (signed(RSA_KEY, "rsa-1", "RS256"), signed(EC_KEY, "ec-1", "ES256")):
        provider.now += 601
        assert await provider.refusal(token) == "UNAUTHENTICATED"


async def test_other_algorithms_are_refused_without_asking(provider):
    token = signed(RSA_KEY, "rsa-1", "PS256")
    assert await provider.refusal(token) == "UNAUTHENTICATED"
    assert provider.asked == 0
