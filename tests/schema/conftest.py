"""Fixtures of this floor's tests."""

from tests.kit.quiet import logged

__all__ = ["logged"]
