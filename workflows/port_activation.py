"""Numbers that have come over to us become dids."""
