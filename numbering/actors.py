"""Who asks and what they may do: roles, permissions, actors and scopes (decisions 19 to 21)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from numbering.refusals import Invalid


class Role(StrEnum):
    """What the token says its owner is; several add up."""

    VIEWER = "VIEWER"
    BILLING = "BILLING"
    DEVELOPER = "DEVELOPER"
    CUSTOMER_ADMIN = "CUSTOMER_ADMIN"
    STAFF = "STAFF"


STAFF_NAME = "WARP staff"
"""What customers see instead of the names of our people (decisions 20)."""


class Permission(StrEnum):
    """One per row of the matrix in decisions 20, rows with two subjects split in two."""

    DIDS_READ = "DIDS_READ"
    """Dids, reservations and operations."""
    PORT_READ = "PORT_READ"
    PRICES_READ = "PRICES_READ"
    """Prices and costs."""
    SEARCH = "SEARCH"
    PORT_LINT = "PORT_LINT"
    DIDS_UPDATE = "DIDS_UPDATE"
    PORT_EDIT = "PORT_EDIT"
    """Edit, upload, fixes, comments."""
    PROCURE = "PROCURE"
    """Reserve, assign, release."""
    PORT_SUBMIT = "PORT_SUBMIT"
    """Submit, cancel, letters of authorization."""
    NOTICES_EDIT = "NOTICES_EDIT"
    """Who is told what by e-mail."""
    AUDIT_READ = "AUDIT_READ"
    STAFF = "STAFF"
    """Customers, incidents, budget, raw queries and metadata, activation."""


_READ = frozenset({Permission.DIDS_READ, Permission.PORT_READ})
_DEVELOP = _READ | {
    Permission.SEARCH,
    Permission.PORT_LINT,
    Permission.DIDS_UPDATE,
    Permission.PORT_EDIT,
}
_ADMINISTER = _DEVELOP | {
    Permission.PRICES_READ,
    Permission.PROCURE,
    Permission.PORT_SUBMIT,
    Permission.NOTICES_EDIT,
    Permission.AUDIT_READ,
}

PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: _READ,
    Role.BILLING: _READ | {Permission.PRICES_READ},
    Role.DEVELOPER: _DEVELOP,
    Role.CUSTOMER_ADMIN: _ADMINISTER,
    Role.STAFF: frozenset(Permission),
}
"""What each role may do, on its own customer's things unless it is STAFF."""


class ScopeKind(StrEnum):
    """Whose rows a transaction sees."""

    CUSTOMER = "CUSTOMER"
    STAFF = "STAFF"
    WORKER = "WORKER"


@dataclass(frozen=True, slots=True)
class Scope:
    """Handed to the database at `begin`; row-level security reads it (decisions 21)."""

    kind: ScopeKind
    customer_id: UUID | None = None

    def __post_init__(self) -> None:
        """A customer's scope without a customer would mean everybody's: ValueError."""
        if (self.kind is ScopeKind.CUSTOMER) != (self.customer_id is not None):
            raise ValueError("a scope names a customer exactly when it is a customer's")

    @classmethod
    def customer(cls, customer_id: UUID) -> Self:
        """One customer's rows."""
        return cls(ScopeKind.CUSTOMER, customer_id)

    @classmethod
    def staff(cls) -> Self:
        """All rows, for people of ours."""
        return cls(ScopeKind.STAFF)

    @classmethod
    def worker(cls) -> Self:
        """All rows, for the process that carries operations out."""
        return cls(ScopeKind.WORKER)


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or process behind a request, as the verified token says.

    `customer_id` is the active customer: the one of `x-customer-id`, or the only one. Staff have
    none and name a customer in the input.
    """

    subject: str
    name: str | None
    email: str | None
    roles: frozenset[Role]
    customer_ids: tuple[UUID, ...] = ()
    customer_id: UUID | None = None
    request_id: str = ""

    def __post_init__(self) -> None:
        """An active customer outside the token's list is a hole, not a refusal: ValueError."""
        if self.customer_id and self.customer_id not in self.customer_ids and not self.is_staff:
            raise ValueError("the active customer is not among the actor's customers")

    @classmethod
    def system(cls, name: str, request_id: str = "") -> Self:
        """A process of ours acting by itself (expiry, sweeper); it has no roles."""
        return cls(f"system:{name}", f"WARP {name}", None, frozenset(), request_id=request_id)

    @property
    def is_staff(self) -> bool:
        """Works for the platform, on behalf of customers."""
        return Role.STAFF in self.roles

    def may(self, permission: Permission) -> bool:
        """Whether any of the roles allows it; whose things it concerns is the scope's matter."""
        return any(permission in PERMISSIONS[role] for role in self.roles)

    @property
    def permissions(self) -> frozenset[Permission]:
        """All that the roles together allow."""
        return frozenset().union(*(PERMISSIONS[role] for role in self.roles))

    @property
    def display(self) -> str:
        """The name to show; masking staff from customers is the resolvers' matter."""
        return self.name or self.email or self.subject

    @property
    def public_name(self) -> str:
        """The name for rows that customers read as they are; the audit log keeps the real one."""
        return STAFF_NAME if self.is_staff else self.display

    @property
    def scope(self) -> Scope:
        """Whose rows this actor's transactions see; Invalid while no customer is chosen."""
        if self.is_staff:
            return Scope.staff()
        if self.customer_id is None:
            raise Invalid(
                "No customer is chosen. Send the header x-customer-id with one of "
                "your customers' ids.",
                path=("x-customer-id",),
            )
        return Scope.customer(self.customer_id)

    def as_json(self) -> dict[str, Any]:
        """The form kept on operation rows."""
        return {
            "subject": self.subject,
            "name": self.name,
            "email": self.email,
            "roles": sorted(self.roles),
            "customer_ids": [str(each) for each in self.customer_ids],
            "customer_id": str(self.customer_id) if self.customer_id else None,
            "request_id": self.request_id,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_json` wrote."""
        return cls(
            subject=stored["subject"],
            name=stored["name"],
            email=stored["email"],
            roles=frozenset(Role(role) for role in stored["roles"]),
            customer_ids=tuple(UUID(each) for each in stored["customer_ids"]),
            customer_id=UUID(stored["customer_id"]) if stored["customer_id"] else None,
            request_id=stored["request_id"],
        )
