"""Port files: a corpus of nasty ones, and what must hold for all."""
