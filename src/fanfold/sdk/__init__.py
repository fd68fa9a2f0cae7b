"""What an author of kinds and connectors may import; stable, documented, and free of the engine."""
