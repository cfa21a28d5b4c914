"""The permission matrix, cell by cell, and whose rows an actor sees."""

import json
from uuid import UUID

import pytest

from numbering.actors import PERMISSIONS, Actor, Permission, Role, Scope, ScopeKind
from numbering.refusals import Invalid

A, B = UUID(int=1), UUID(int=2)

# Decisions 20, its words. "own", "all" and "on behalf" are all a yes here: whose things it concerns
# is the scope's matter. Rows that name two subjects stand for two permissions; NOTICES_EDIT came
# with the notices of decisions 29.
MATRIX = """
|                                                                 | VIEWER | BILLING | DEVELOPER | CUSTOMER_ADMIN | STAFF |
| DIDS_READ    dids, reservations, operations: read               | yes    | yes     | yes       | yes            | yes   |
| PORT_READ    port projects: read                                | yes    | yes     | yes       | yes            | yes   |
| PRICES_READ  prices, costs                                      | no     | yes     | no        | yes            | yes   |
| SEARCH       searchInventory                                    | no     | no      | yes       | yes            | yes   |
| PORT_LINT    lintPortFile                                       | no     | no      | yes       | yes            | yes   |
| DIDS_UPDATE  updateDids                                         | no     | no      | yes       | yes            | yes   |
| PORT_EDIT    port project edit, upload, fixes, comments         | no     | no      | yes       | yes            | yes   |
| PROCURE      reserve, assign, release                           | no     | no      | no        | yes            | yes   |
| PORT_SUBMIT  submit, cancel, LOA                                | no     | no      | no        | yes            | yes   |
| NOTICES_EDIT who is told what by e-mail                         | no     | no      | no        | yes            | yes   |
| AUDIT_READ   audit of own numbers                               | no     | no      | no        | yes            | yes   |
| STAFF        customers, incidents, budget, raw queries, metadata| no     | no      | no        | no             | yes   |
"""  # noqa: E501


def cells() -> list[tuple[Permission, Role, bool]]:
    head, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in MATRIX.strip().splitlines()
    ]
    return [
        (Permission(row[0].split()[0]), Role(role), cell == "yes")
        for row in rows
        for role, cell in zip(head[1:], row[1:], strict=True)
    ]


def actor(*roles: Role, customer_id: UUID | None = A) -> Actor:
    return Actor("u1", "Ada", "ada@example.com", frozenset(roles), (A,), customer_id, "r1")


@pytest.mark.parametrize(("permission", "role", "allowed"), cells())
def test_each_cell(permission: Permission, role: Role, *, allowed: bool) -> None:
    assert actor(role).may(permission) is allowed


def test_the_matrix_has_every_cell() -> None:
    assert {(permission, role) for permission, role, _ in cells()} == {
        (permission, role) for permission in Permission for role in Role
    }
    assert set(PERMISSIONS) == set(Role)


def test_roles_add_up() -> None:
    both = actor(Role.BILLING, Role.DEVELOPER)
    assert both.permissions == PERMISSIONS[Role.BILLING] | PERMISSIONS[Role.DEVELOPER]
    assert both.may(Permission.PRICES_READ)
    assert both.may(Permission.SEARCH)
    assert not both.may(Permission.PROCURE)


def test_nobody_may_nothing() -> None:
    nobody = actor()
    assert nobody.permissions == frozenset()
    assert not any(nobody.may(permission) for permission in Permission)


def test_scopes() -> None:
    assert actor(Role.VIEWER).scope == Scope.customer(A)
    assert actor(Role.STAFF).scope == Scope.staff()
    assert actor(Role.STAFF, Role.VIEWER, customer_id=None).scope == Scope.staff()
    assert Scope.worker() == Scope(ScopeKind.WORKER)
    assert Scope.worker() != Scope.staff()


def test_without_a_chosen_customer_there_is_no_scope() -> None:
    with pytest.raises(Invalid, match="x-customer-id"):
        _ = actor(Role.CUSTOMER_ADMIN, customer_id=None).scope


def test_a_foreign_active_customer_is_impossible_but_for_staff() -> None:
    with pytest.raises(ValueError, match="not among"):
        actor(Role.CUSTOMER_ADMIN, customer_id=B)
    assert actor(Role.STAFF, customer_id=B).scope == Scope.staff()


@pytest.mark.parametrize("kind", ScopeKind)
@pytest.mark.parametrize("customer_id", [None, A])
def test_a_scope_names_a_customer_exactly_when_it_is_a_customers(
    kind: ScopeKind, customer_id: UUID | None
) -> None:
    if (kind is ScopeKind.CUSTOMER) == (customer_id is not None):
        assert Scope(kind, customer_id).customer_id == customer_id
    else:
        with pytest.raises(ValueError, match="customer"):
            Scope(kind, customer_id)


@pytest.mark.parametrize(
    ("name", "email", "shown"),
    [("Ada", "a@x.org", "Ada"), (None, "a@x.org", "a@x.org"), ("", None, "u1")],
)
def test_display(name: str | None, email: str | None, shown: str) -> None:
    assert Actor("u1", name, email, frozenset()).display == shown


def test_our_people_are_not_named_to_customers() -> None:
    assert actor(Role.STAFF).public_name == "WARP staff"
    assert actor(Role.VIEWER).public_name == "Ada"


@pytest.mark.parametrize(
    "who",
    [
        actor(Role.CUSTOMER_ADMIN, Role.BILLING),
        actor(Role.STAFF, customer_id=None),
        Actor.system("expiry", "r9"),
    ],
)
def test_actors_are_stored_with_operations(who: Actor) -> None:
    assert Actor.from_json(json.loads(json.dumps(who.as_json()))) == who


def test_a_process_of_ours_has_no_rights_of_a_person() -> None:
    system = Actor.system("sweeper")
    assert system.display == "WARP sweeper"
    assert not system.is_staff
    assert system.permissions == frozenset()
