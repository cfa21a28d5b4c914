"""Bearer tokens to actors: signature, claims, active customer (decisions 19)."""

import time
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import jwt
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from gateway.keys import JwksKeys, KeysUnavailable
from numbering.actors import Actor, Role
from schema.faults import Code, Fault

LEEWAY_SECONDS = 60
MIN_SECRET_BYTES = 32
MAX_TOKEN = 8_192
MAX_CONNECTION_SECONDS = 86_400.0
ASYMMETRIC = ("RS256", "ES256")


KNOWN_ROLES = frozenset(role.value for role in Role)


def _known_roles(value: object) -> object:
    """Keep our roles; an identity provider may list those of other platforms beside them."""
    if not isinstance(value, list):
        return value
    return [each for each in value if isinstance(each, str) and each in KNOWN_ROLES]


class Claims(BaseModel):
    """What a token says, typed (decisions 19). Further claims are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sub: str = Field(min_length=1, max_length=255)
    name: str | None = Field(None, max_length=255)
    email: str | None = Field(None, max_length=255)
    roles: Annotated[frozenset[Role], BeforeValidator(_known_roles)] = frozenset()
    customer_ids: tuple[UUID, ...] = Field((), max_length=1000)
    exp: float = Field(allow_inf_nan=False)

    @property
    def expires_at(self) -> float:
        """Unix time from which this token is refused, leeway included."""
        return int(self.exp) + LEEWAY_SECONDS


@dataclass(frozen=True, slots=True)
class Credentials:
    """A verified token and the actor it makes with the customer that was named."""

    actor: Actor
    expires_at: float

    def seconds_left(self) -> float:
        """How long a lasting connection may still live on this token; at most a day."""
        return min(max(0.0, self.expires_at - time.time()), MAX_CONNECTION_SECONDS)


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """Where tokens come from; exactly one of `secret` and `jwks_url`."""

    issuer: str
    audience: str
    secret: str = ""
    jwks_url: str = ""


class Authenticator:
    """Verifies tokens: HS256 by a shared secret, or RS256 and ES256 by the provider's keys.

    The algorithm comes from the settings, never from the token, so `none` and an RSA public key
    used as an HMAC secret are refused. Raises ValueError at construction for unusable settings.
    """

    def __init__(self, settings: AuthSettings, keys: JwksKeys | None = None) -> None:
        if bool(settings.secret) == bool(settings.jwks_url):
            raise ValueError("set exactly one of JWT_SECRET and JWT_JWKS_URL")
        if settings.secret and len(settings.secret.encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"JWT_SECRET must have at least {MIN_SECRET_BYTES} bytes")
        self._settings = settings
        self._keys = keys or (JwksKeys(settings.jwks_url) if settings.jwks_url else None)

    async def aclose(self) -> None:
        """Close the connection to the identity provider."""
        if self._keys:
            await self._keys.aclose()

    async def authenticate(
        self, token: str, customer: str | None = None, request_id: str = ""
    ) -> Actor:
        """The actor of a token. Raises as `credentials`."""
        return (await self.credentials(token, customer, request_id)).actor

    async def credentials(
        self, token: str, customer: str | None = None, request_id: str = ""
    ) -> Credentials:
        """The actor of a token, and until when.

        Raises Fault: UNAUTHENTICATED for a token that is not good, FORBIDDEN for a customer that
        is not the token's, SERVICE_UNAVAILABLE while the provider's keys cannot be had.
        """
        claims = await self.verify(token)
        return Credentials(_actor(claims, customer, request_id), claims.expires_at)

    async def verify(self, token: str) -> Claims:
        """The claims of a good token. Raises as `credentials`."""
        try:
            return Claims.model_validate(await self._decoded(token))
        except (jwt.PyJWTError, ValidationError, UnicodeError) as error:
            # One sentence for every reason: which check failed helps only a forger.
            raise unauthenticated("The token is not valid or has expired.") from error
        except KeysUnavailable as error:
            raise Fault(
                Code.SERVICE_UNAVAILABLE, "Sign-in is not available just now.", retry_after=5
            ) from error

    async def _decoded(self, token: str) -> dict[str, Any]:
        if len(token) > MAX_TOKEN:
            raise jwt.InvalidTokenError("too long")
        header = jwt.get_unverified_header(token)
        algorithm = header.get("alg")
        if self._keys is None:
            key: Any = self._settings.secret
            allowed: tuple[str, ...] = ("HS256",)
        else:
            if algorithm not in ASYMMETRIC:
                raise jwt.InvalidAlgorithmError("not one of ours")
            key = await self._keys.key(header.get("kid"), algorithm)
            allowed = (algorithm,)
        return jwt.decode(
            token,
            key,
            algorithms=list(allowed),
            audience=self._settings.audience,
            issuer=self._settings.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )


def bearer(header: str | None) -> str:
    """The token of an `Authorization` header (or payload field). Raises UNAUTHENTICATED."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthenticated("Sign in first: send `Authorization: Bearer <token>`.")
    return token.strip()


def unauthenticated(message: str) -> Fault:
    """The refusal of someone we do not know."""
    return Fault(Code.UNAUTHENTICATED, message)


def _actor(claims: Claims, customer: str | None, request_id: str) -> Actor:
    return Actor(
        subject=claims.sub,
        name=claims.name,
        email=claims.email,
        roles=claims.roles,
        customer_ids=claims.customer_ids,
        customer_id=_active(claims, customer),
        request_id=request_id,
    )


def _active(claims: Claims, named: str | None) -> UUID | None:
    """The customer named, else the only one, else none.

    Naming another's, an unknown one or nonsense is refused in the same words: no oracle.
    """
    if not named:
        return claims.customer_ids[0] if len(claims.customer_ids) == 1 else None
    try:
        customer = UUID(named)
    except ValueError:
        customer = None
    if customer is None or (customer not in claims.customer_ids and Role.STAFF not in claims.roles):
        raise Fault(
            Code.FORBIDDEN, "x-customer-id does not name a customer that this token acts for."
        )
    return customer
