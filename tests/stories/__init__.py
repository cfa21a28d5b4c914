"""The plan's user stories, end to end."""
