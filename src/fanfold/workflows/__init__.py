"""AMC workflows and the contract of seed A."""
