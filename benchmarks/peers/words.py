"""What both sides of a peer must agree on; without imports, so that a peer's worker stays its own."""

WAIT_MS = 100
"""How long a job waits that waits."""
QUEUE, PARKED = "bench", "parked"
"""Where a peer's workers look; where jobs lie that must not start before they are told to begin."""
