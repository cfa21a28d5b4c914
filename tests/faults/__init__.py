"""Real processes that really die: killed, stopped, or left without their database."""
