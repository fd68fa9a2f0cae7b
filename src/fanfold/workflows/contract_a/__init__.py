"""Contract A: the batch execution routes exactly as seeds 000 and 001, print them."""
