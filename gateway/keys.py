"""The identity provider's public keys (JWKS), fetched seldom and kept through its outages."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import structlog

FRESH_SECONDS = 600.0
REFETCH_SECONDS = 60.0
MAX_BYTES = 256 * 1024
KEY_TYPE = {"RS256": "RSA", "ES256": "EC"}

log = structlog.get_logger("gateway.keys")


class KeysUnavailable(Exception):
    """The provider cannot be reached and no key of it was ever seen."""


class JwksKeys:
    """Keys by `kid` and algorithm.

    A set is fresh for ten minutes. An unknown `kid` (the provider rotated) makes it fetch again,
    but at most once a minute, so that made-up kids cannot make us flood the provider. While it is
    away the last known keys stay good.
    """

    def __init__(
        self,
        url: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._client = httpx.AsyncClient(transport=transport, timeout=5, follow_redirects=False)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._keys: dict[tuple[str | None, str], jwt.PyJWK] = {}
        self._fetched_at = self._tried_at = float("-inf")

    async def aclose(self) -> None:
        """Close the HTTP client."""
        await self._client.aclose()

    async def key(self, kid: str | None, algorithm: str) -> jwt.PyJWK:
        """The key for a token's header.

        Raises jwt.InvalidKeyError when the provider has no such key, KeysUnavailable when the
        provider was never reached.
        """
        if self._clock() - self._fetched_at > FRESH_SECONDS or (kid, algorithm) not in self._keys:
            async with self._lock:
                await self._refresh(kid, algorithm)
        if (kid, algorithm) in self._keys:
            return self._keys[kid, algorithm]
        if not self._keys:
            raise KeysUnavailable(self._url)
        raise jwt.InvalidKeyError("no such key")

    async def _refresh(self, kid: str | None, algorithm: str) -> None:
        now = self._clock()
        stale = now - self._fetched_at > FRESH_SECONDS or (kid, algorithm) not in self._keys
        if not stale or now - self._tried_at < REFETCH_SECONDS:
            return
        self._tried_at = now
        try:
            keys = _keys_of(await self._fetch())
        except (httpx.HTTPError, ValueError, jwt.PyJWTError) as error:
            log.warning("jwks_fetch_failed", error=type(error).__name__, known=len(self._keys))
            return
        self._keys, self._fetched_at = keys, now

    async def _fetch(self) -> Any:
        async with self._client.stream("GET", self._url) as response:
            response.raise_for_status()
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise ValueError("the key set is too large")
        return httpx.Response(200, content=body).json()


def _keys_of(document: Any) -> dict[tuple[str | None, str], jwt.PyJWK]:
    """The signing keys of a set, by (kid, algorithm); kinds we do not accept are left out."""
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a key set")
    keys: dict[tuple[str | None, str], jwt.PyJWK] = {}
    for each in document["keys"]:
        if not isinstance(each, dict) or each.get("use", "sig") != "sig":
            continue
        for algorithm, kind in KEY_TYPE.items():
            if each.get("kty") == kind and each.get("alg", algorithm) == algorithm:
                keys[each.get("kid"), algorithm] = jwt.PyJWK(each, algorithm=algorithm)
    if not keys:
        raise ValueError("no usable key in the set")
    return keys
