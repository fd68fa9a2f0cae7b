"""Secrets sealed at rest and opened only in the worker."""
