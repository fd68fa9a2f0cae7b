"""Scripts of what goes wrong when."""
