"""Who did, or was refused, what: rows that nobody can change.

Each is its own transaction, so that a refusal is kept when the refused work is rolled back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fanfold.access import store
from fanfold.db.database import Database


class Audit:
    """Writes the audit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(
        self,
        action: str,
        subject: str,
        *,
        user_id: UUID | None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Write that *user_id* (None: nobody known) did *action* to *subject*, e.g. `instances.denied`."""
        async with self._database.transaction(user_id=user_id) as transaction, transaction.as_service():
            await store.add_audit(transaction, user_id=user_id, action=action, subject=subject, detail=detail)
