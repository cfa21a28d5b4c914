"""The platform for the examples."""

from tests.kit.stack import stack

__all__ = ["stack"]
