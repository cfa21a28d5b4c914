"""What `deploy/` ships is checked by the tools that will read it."""
