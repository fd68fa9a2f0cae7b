"""Slows the guessing of passwords: so many attempts per name and address, and per address, in a while.

In memory and per process: a second API process doubles the guesses, which Argon2 keeps few all the same.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from fanfold.access.errors import TooManySignIns
from fanfold.kit.clock import Clock

_MOST_KEYS = 10_000


class SignInThrottle:
    """Counts attempts when they begin, so that many at once count as many."""

    def __init__(
        self,
        clock: Clock,
        *,
        per_user: int = 10,
        per_address: int = 100,
        window: timedelta = timedelta(minutes=5),
    ) -> None:
        self._clock = clock
        self._per_user = per_user
        self._per_address = per_address
        self._window = window
        self._attempts: dict[tuple[str, str], deque[datetime]] = {}

    def admit(self, username: str, *, address: str) -> None:
        """Count an attempt, or raise `TooManySignIns`."""
        now = self._clock.now()
        keys = {(username, address): self._per_user, ("", address): self._per_address}
        for key, allowed in keys.items():
            recent = self._recent(key, now)
            if len(recent) >= allowed:
                raise TooManySignIns("Too many attempts to sign in.", after=recent[0] + self._window - now)
        for key in keys:
            self._attempts.setdefault(key, deque()).append(now)
        self._forget_oldest()

    def forgive(self, username: str, *, address: str) -> None:
        """Forget the attempts of somebody who got in."""
        self._attempts.pop((username, address), None)

    def _recent(self, key: tuple[str, str], now: datetime) -> deque[datetime]:
        attempts = self._attempts.get(key, deque())
        while attempts and attempts[0] <= now - self._window:
            attempts.popleft()
        if not attempts:
            self._attempts.pop(key, None)
        return attempts

    def _forget_oldest(self) -> None:
        while len(self._attempts) > _MOST_KEYS:
            del self._attempts[next(iter(self._attempts))]
