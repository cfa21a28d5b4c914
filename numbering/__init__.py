"""The numbering plan: values and rules; no I/O, no clock, no framework (floor 0)."""
