"""Tests of the resolvers floor, through the schema."""
