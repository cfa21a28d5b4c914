"""The public contract: everything that clients can see, and all of Strawberry."""

from schema.published import build

__all__ = ["build"]
