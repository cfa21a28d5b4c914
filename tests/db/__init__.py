"""Tests of the database floor."""
