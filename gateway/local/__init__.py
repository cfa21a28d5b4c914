"""`make run`: a whole platform on one machine, started and stopped as one thing."""
