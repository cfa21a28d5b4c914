"""Tests of the gateway floor."""
