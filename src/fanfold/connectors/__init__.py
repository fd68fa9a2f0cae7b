"""The built-in connectors; they use the same door as strangers'."""
