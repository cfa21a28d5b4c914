"""The one exception of lost leases."""


class LeaseLost(Exception):
    """Somebody else has the operation in hand, or it is over: roll back and stop silently."""
