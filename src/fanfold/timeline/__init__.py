"""What happened, in order: events, audit, and the live stream."""
