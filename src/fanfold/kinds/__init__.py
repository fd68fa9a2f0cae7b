"""The built-in kinds; they use the same door as strangers'."""
