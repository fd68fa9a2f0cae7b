"""Concurrency caps and blocks on keys that all batches share."""
