"""The three lanes in which calls share the carrier's budget of requests (decisions 3)."""

from enum import StrEnum


class Lane(StrEnum):
    """Who goes first when the 100 requests a minute are short."""

    INTERACTIVE = "INTERACTIVE"
    """A person waits: searches, carrier reads, carts of up to ten holds."""
    BULK = "BULK"
    """Larger carts, assigns beyond ten, metadata pushes, polls."""
    SWEEP = "SWEEP"
    """Reconciliation; takes what is left."""
