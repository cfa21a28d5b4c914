"""The public GraphQL contract (floor 4)."""
