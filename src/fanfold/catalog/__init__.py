"""Which kinds and connectors are installed."""
