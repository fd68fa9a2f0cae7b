"""Argon2id, off the event loop, a few at a time, and equally slow for users who do not exist."""

from __future__ import annotations

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = 2


class Passwords:
    """Makes and checks hashes; each takes tens of milliseconds and 64 MiB, what a thief has to pay."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._nobody = self._hasher.hash(secrets.token_urlsafe(24))

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Return whether *password* made *stored*; as slow for None, so that time tells nobody who exists."""
        async with self._turns:
            fits = await asyncio.to_thread(self._verify, stored or self._nobody, password)
        return fits and stored is not None

    def outdated(self, stored: str) -> bool:
        """Return whether a hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
