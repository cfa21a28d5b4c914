"""Tokens that we sign ourselves: for `make run`, the CLI and the tests, never for production."""

import time
from collections.abc import Iterable
from uuid import UUID

import jwt

from numbering.actors import Role


def mint(
    secret: str,
    *,
    subject: str,
    roles: Iterable[Role],
    customer_ids: Iterable[UUID] = (),
    issuer: str = "warp",
    audience: str = "warp-numbers",
    name: str | None = None,
    email: str | None = None,
    lifetime_seconds: float = 12 * 3600,
    now: float | None = None,
) -> str:
    """An HS256 token with the claims of decisions 19, good from `now` for `lifetime_seconds`."""
    issued = time.time() if now is None else now
    claims = {
        "sub": subject,
        "name": name,
        "email": email,
        "roles": [role.value for role in roles],
        "customer_ids": [str(each) for each in customer_ids],
        "iss": issuer,
        "aud": audience,
        "iat": int(issued),
        "nbf": int(issued),
        "exp": int(issued + lifetime_seconds),
    }
    return jwt.encode(claims, secret, algorithm="HS256")
