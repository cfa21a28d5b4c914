"""The carrier's double: a stateful server that speaks the contract of `teliport-contract.md`.

It is a program of its own that happens to live beside the client: it imports nothing of the client,
so that a mistake in one cannot be confirmed by the same mistake in the other.
"""
