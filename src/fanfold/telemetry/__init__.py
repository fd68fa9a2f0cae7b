"""Log context, metrics, event names."""
