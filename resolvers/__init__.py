"""Who may ask and how it is fetched (floor 3)."""
