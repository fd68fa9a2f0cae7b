"""What AMC allows at a time: running executions, and calls per login from a token bucket.

The limits are live: a scenario or `POST /_sim/limits` changes them, and they bind at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from amcsim.clock import Clock


class Traffic(StrEnum):
    """The classes of operations that share a bucket."""

    READS = "reads"
    WRITES = "writes"
    CREATES = "creates"
    TOKENS = "tokens"
    FREE = "free"
    """Never limited: downloads and the consent page, which are on other hosts."""


_RATE = re.compile(r"(reads|writes|creates|tokens)=(\d+(?:\.\d+)?)/(\d+)")


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls a second on average, and so many at once."""

    traffic: Traffic
    per_second: float
    burst: int

    def __post_init__(self) -> None:
        if self.per_second <= 0 or self.burst < 1:
            raise ValueError(f"{self}: calls a second must be greater than 0 and the burst at least 1")

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Return the rate that `reads=10/20` means; raises ValueError."""
        found = _RATE.fullmatch(text.strip())
        if found is None:
            raise ValueError(f"'{text}' is no rate: write reads=10/20, writes=…, creates=… or tokens=…")
        return cls(Traffic(found[1]), float(found[2]), int(found[3]))

    def __str__(self) -> str:
        return f"{self.traffic}={self.per_second:g}/{self.burst}"


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: datetime


class Buckets:
    """One bucket per login and class of operations; a class without a rate is not limited."""

    def __init__(self, clock: Clock, rates: tuple[Rate, ...]) -> None:
        self._clock = clock
        self._rates: dict[Traffic, Rate] = {}
        self._buckets: dict[tuple[str, Traffic], _Bucket] = {}
        self.set(rates)

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The rates in force."""
        return tuple(self._rates.values())

    def set(self, rates: tuple[Rate, ...]) -> None:
        """Put *rates* in the place of those in force; every bucket is full again."""
        self._rates = {rate.traffic: rate for rate in rates}
        self._buckets.clear()

    def take(self, login: str, traffic: Traffic) -> float | None:
        """Take one token; return None, or after how many seconds there is one."""
        rate = self._rates.get(traffic)
        if rate is None:
            return None
        now = self._clock.now()
        bucket = self._buckets.setdefault((login, traffic), _Bucket(rate.burst, now))
        gained = (now - bucket.filled_at).total_seconds() * rate.per_second
        bucket.tokens, bucket.filled_at = min(rate.burst, bucket.tokens + gained), now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return None
        return (1 - bucket.tokens) / rate.per_second


@dataclass(slots=True)
class Limits:
    """The limits in force."""

    running_per_instance: int
    running_per_account: int
    buckets: Buckets = field(repr=False)

    def change(
        self,
        *,
        running_per_instance: int | None = None,
        running_per_account: int | None = None,
        rates: tuple[Rate, ...] | None = None,
    ) -> None:
        """Put in force what is given; the rest stays."""
        self.running_per_instance = running_per_instance or self.running_per_instance
        self.running_per_account = running_per_account or self.running_per_account
        if rates is not None:
            self.buckets.set(rates)
