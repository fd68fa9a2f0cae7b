"""Configured systems: stored, opened for workers, probed."""
