"""Tests, floor by floor; `kit` holds what they share."""
