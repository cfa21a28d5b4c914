"""The carrier's REST API and its double (floor 1)."""
