"""Secrets at rest: sealed before they reach the database, opened only by who acts as the service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fanfold.credentials import store
from fanfold.credentials.errors import SecretMissing
from fanfold.credentials.keyring import KeyRing
from fanfold.db.database import Database, Transaction

_PAGE = 500


class Credentials:
    """Stores, replaces and opens the secrets of connections; each is a small JSON object."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    async def add(self, transaction: Transaction, secrets: Mapping[str, Any], *, purpose: str) -> UUID:
        """Seal and store for the acting user; return the id."""
        sealed = self._keys.seal(json.dumps(secrets).encode())
        return await store.add(transaction, purpose=purpose, sealed=sealed)

    async def delete(self, transaction: Transaction, secret_id: UUID) -> None:
        """Remove a secret of the acting user."""
        await store.delete(transaction, secret_id)

    async def open(self, transaction: Transaction, secret_id: UUID) -> Mapping[str, Any]:
        """Return the secrets; only as the service. Raises `CannotOpen`, `SecretMissing`."""
        sealed = await store.sealed(transaction, secret_id)
        if sealed is None:
            raise SecretMissing
        return json.loads(self._keys.open(sealed))

    async def reseal_all(self, database: Database) -> int:
        """Seal every secret by the first key and return how many there were; *database* is the service's.

        After it, the other keys can be taken off the key ring. Raises `CannotOpen`.
        """
        count, last = 0, UUID(int=0)
        while True:
            async with database.transaction() as transaction:
                page = await store.sealed_after(transaction, last, limit=_PAGE)
                if not page:
                    return count
                ids = [secret_id for secret_id, _ in page]
                await store.replace(transaction, ids, sealed=[self._keys.reseal(old) for _, old in page])
            count, last = count + len(page), ids[-1]
