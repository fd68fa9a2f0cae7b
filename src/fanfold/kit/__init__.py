"""Small tools without a domain: time, ids, backoff, loops. Standard library only."""
