"""Other people's clients and tools against the started platform."""
