"""The schema put together, and its text."""

from strawberry.schema.config import StrawberryConfig

from schema.errors import ERROR_TYPES
from schema.guard import GuardedSchema, build_schema
from schema.mutation import Mutation
from schema.node import published
from schema.query import Query
from schema.scalars import SCALARS
from schema.subscription import Subscription


def build() -> GuardedSchema:
    """The whole schema behind its guard."""
    return build_schema(
        Query,
        Mutation,
        Subscription,
        types=[*ERROR_TYPES, *published()],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
