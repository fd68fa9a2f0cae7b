"""Checks AMC SQL without AMC: what can be known to fail is refused before anything runs."""
