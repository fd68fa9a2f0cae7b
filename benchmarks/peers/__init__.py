"""The contestants' worker processes: each says that it is ready, waits for the start, works until ended."""
