"""Tests of floor 0: rules and values, most of them as properties."""
