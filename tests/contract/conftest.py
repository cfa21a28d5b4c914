"""A desk for each test that asks questions."""

from tests.resolvers.conftest import desk

__all__ = ["desk"]
