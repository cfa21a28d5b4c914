"""Documentation is run: examples, the tour, the migration that adopts a table."""
