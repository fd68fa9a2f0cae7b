"""Finds out whose a changed batch is, once for each, so that only the stream of its user is told."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from fanfold.db.database import Database
from fanfold.db.statements import Statements
from fanfold.kit.service import Loop

sql = Statements("fanfold.timeline")

_MOST_KNOWN = 10_000


class Owners(Loop):
    """Calls *changed* with the user of each batch that it hears of."""

    def __init__(
        self, database: Database, *, changed: Callable[[UUID], None], watched: Callable[[], bool]
    ) -> None:
        super().__init__(interval=60)
        self._database = database
        self._changed = changed
        self._watched = watched
        self._known: dict[UUID, UUID] = {}
        self._unknown: set[UUID] = set()

    def hear(self, batch_id: UUID) -> None:
        """Tell the batch's user now, or as soon as it is known who that is; nobody where nobody watches."""
        if not self._watched():
            return
        owner = self._known.get(batch_id)
        if owner is not None:
            self._changed(owner)
        else:
            self._unknown.add(batch_id)
            self.wake.set()

    async def run_once(self) -> bool:
        """Look up what was heard of since the last time; what is gone is nobody's."""
        asked = frozenset(self._unknown)
        if not asked:
            return False
        async with self._database.transaction() as transaction, transaction.as_service():
            rows = await transaction.fetch(sql("owners_of_batches"), ids=list(asked))
        self._unknown -= asked
        for row in rows:
            self._known[row["id"]] = row["user_id"]
        for owner in {row["user_id"] for row in rows}:
            self._changed(owner)
        while len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return False
