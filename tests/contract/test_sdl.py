"""The published schema: committed, described throughout, and what the portals were promised."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    is_specified_scalar_type,
)

import schema

ROOT = Path(__file__).parents[2]
SDL = schema.build().as_str() + "\n"
OURS = build_schema(SDL)
PROMISED = build_schema((Path(__file__).parent / "api.graphql").read_text())

NULLABLE = "ADR 0030: null for roles that may not see it"
DEPARTURES = {
    "NumberSummary.monthlyTotal": NULLABLE,
    "Did.monthlyCost": NULLABLE,
    "Did.setupFee": NULLABLE,
    "Did.timeline": NULLABLE,
    "AvailableNumber.monthlyCost": NULLABLE,
    "AvailableNumber.setupFee": NULLABLE,
    "Reservation.monthlyTotal": NULLABLE,
    "Reservation.setupTotal": NULLABLE,
    "ReservationItem.monthlyCost": NULLABLE,
    "ReservationItem.setupFee": NULLABLE,
    "PortProject.cost": NULLABLE,
}
"""Where the type of a field differs from the promise, and why; anything else is a mistake."""

ADDITIONS = {
    "NoticeKind",
    "NoticePreference",
    "NoticePreferenceInput",
    "UpdateNoticePreferencesInput",
    "UpdateNoticePreferencesPayload",
}
"""Types that nobody was promised: who is told of what by e-mail."""


def own_types(published: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    for name, kind in published.type_map.items():
        if not name.startswith("__") and not is_specified_scalar_type(kind):
            yield kind


def parts(kind: GraphQLNamedType) -> dict[str, Any]:
    """Fields with their arguments, input fields and enum values, by their full names."""
    found: dict[str, Any] = {}
    if isinstance(kind, GraphQLEnumType):
        return {f"{kind.name}.{name}": value for name, value in kind.values.items()}
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for name, field in kind.fields.items():
            found[f"{kind.name}.{name}"] = field
            for argument, value in getattr(field, "args", {}).items():
                found[f"{kind.name}.{name}({argument})"] = value
    return found


def test_the_committed_schema_is_the_one_that_runs() -> None:
    committed = (ROOT / "schema" / "schema.graphql").read_text()
    assert committed == SDL, "run `python -m gateway schema > schema/schema.graphql`"


def test_everything_is_described() -> None:
    silent = [kind.name for kind in own_types(OURS) if not kind.description]
    for kind in own_types(OURS):
        silent += [name for name, part in parts(kind).items() if not part.description]
    assert silent == []


def test_descriptions_are_sentences() -> None:
    texts = [(kind.name, kind.description or "") for kind in own_types(OURS)]
    for kind in own_types(OURS):
        texts += [(name, part.description) for name, part in parts(kind).items()]
    short = [name for name, text in texts if not text.strip().endswith((".", "`.", ")"))]
    assert short == []


def test_every_promised_type_is_there() -> None:
    missing = {kind.name for kind in own_types(PROMISED)} - set(OURS.type_map)
    assert missing == set()


@pytest.mark.parametrize("name", sorted(kind.name for kind in own_types(PROMISED)))
def test_every_promised_part_is_there_with_its_type(name: str) -> None:
    promised, ours = PROMISED.type_map[name], OURS.type_map[name]
    assert type(promised) is type(ours)
    have = parts(ours)
    for full_name, part in parts(promised).items():
        assert full_name in have
        if isinstance(part, GraphQLField | GraphQLArgument | GraphQLInputField):
            differs = str(have[full_name].type) != str(part.type)
            assert differs == (full_name in DEPARTURES), full_name
            assert getattr(have[full_name], "default_value", None) == getattr(
                part, "default_value", None
            ), full_name


def test_a_departure_only_loosens() -> None:
    for full_name in DEPARTURES:
        kind, _, field = full_name.partition(".")
        promised = parts(PROMISED.type_map[kind])[full_name]
        ours = parts(OURS.type_map[kind])[full_name]
        assert f"{ours.type}!" == str(promised.type), field


def test_promised_interfaces_are_kept() -> None:
    for kind in own_types(PROMISED):
        if isinstance(kind, GraphQLObjectType):
            ours = OURS.type_map[kind.name]
            assert isinstance(ours, GraphQLObjectType)
            names = {interface.name for interface in kind.interfaces}
            assert names == {interface.name for interface in ours.interfaces}


def test_what_is_published_beyond_the_promise_is_listed() -> None:
    extra = {kind.name for kind in own_types(OURS)} - {kind.name for kind in own_types(PROMISED)}
    assert extra == ADDITIONS
