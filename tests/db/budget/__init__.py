"""The rate budget."""
