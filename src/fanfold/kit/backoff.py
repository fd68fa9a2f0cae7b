"""How long to wait before the next try."""

from __future__ import annotations

import random
from datetime import timedelta


def full_jitter(attempt: int, *, base: timedelta, cap: timedelta) -> timedelta:
    """Return a wait for the try after *attempt* (1, 2, …): exponential, capped, at least half of it random.

    The upper half is random so that operations that failed together do not come back together, and the lower
    half is kept so that a wait is never close to zero.
    """
    ceiling = min(cap, base * 2 ** (attempt - 1))
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 -- spreads load, guards nothing
