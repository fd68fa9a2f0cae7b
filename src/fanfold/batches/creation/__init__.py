"""Batches of any kind: their targets from anywhere, checked whole, previewed, drafted, filled and started."""
