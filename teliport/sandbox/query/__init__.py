"""The carrier's query language: text → tokens → tree → a bitmask of the numbers that match."""
