"""The process: HTTP, sockets, settings, commands (floor 5)."""
