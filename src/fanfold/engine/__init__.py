"""The worker: one loop per duty, joined in `worker`."""
