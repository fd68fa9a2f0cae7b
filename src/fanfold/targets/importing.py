"""Discovers what a connection reaches and brings it into the user's instances; twice is the same as once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from fanfold.access.store import add_audit
from fanfold.db.database import Database, Transaction
from fanfold.kit.ids import uuid7
from fanfold.sdk.discovery import AccountAddress, Discovering, Discovery, Trouble
from fanfold.sdk.errors import BadInput, Failure, Problem
from fanfold.targets import store
from fanfold.targets.discovery import Sighting, Standing, Wording, accounts_of, sightings

_WITHIN = timedelta(seconds=240)


class Opens(Protocol):
    """Opens a client of one of the user's connections."""

    def opened(self, connection_id: UUID, *, user_id: UUID) -> AbstractAsyncContextManager[Any]:
        """Open it for one use."""
        ...


class Done(StrEnum):
    """What an import did to an instance."""

    CREATED = "created"
    UPDATED = "updated"
    REMOVED = "removed"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to import of what is discovered."""

    instance_ids: frozenset[str] | None = None
    """AMC ids; None: all."""
    wording: Wording = field(default_factory=Wording)
    remove_gone: bool = False

    def means(self, sighting: Sighting) -> bool:
        """Whether it is about this instance."""
        return self.instance_ids is None or sighting.details.instance_id in self.instance_ids


@dataclass(frozen=True, slots=True)
class Beheld:
    """A discovery beside the user's instances."""

    discovery: Discovery
    sightings: list[Sighting]
    done: dict[str, Done] = field(default_factory=dict[str, Done])
    """By AMC id: what was done; empty for a preview."""


class Importer:
    """Looks at what connections reach, for their users."""

    def __init__(self, database: Database, connections: Opens, *, within: timedelta = _WITHIN) -> None:
        self._database = database
        self._connections = connections
        self._within = within

    async def preview(
        self,
        connection_id: UUID,
        *,
        user_id: UUID,
        also: Sequence[AccountAddress] = (),
        wording: Wording | None = None,
    ) -> Beheld:
        """Return what there is and what an import would do; changes nothing.

        Raises `ConnectionNotFound`, and `BadInput` when the connection's systems have nothing to discover.
        """
        discovery = await self._discover(connection_id, also, user_id=user_id)
        async with self._database.transaction(user_id=user_id) as transaction:
            seen = await _beside(transaction, discovery, connection_id, wording=wording or Wording())
        return Beheld(discovery, seen)

    async def bring_in(
        self,
        connection_id: UUID,
        wanted: Wanted,
        *,
        user_id: UUID,
        also: Sequence[AccountAddress] = (),
    ) -> Beheld:
        """Create what is new, update what changed, and remove what is gone only where that is wanted.

        All of it or nothing. Raises as `preview` does, and `BadInput` for wanted ids that are not there.
        """
        discovery = await self._discover(connection_id, also, user_id=user_id)
        async with self._database.transaction(user_id=user_id) as transaction:
            seen = await _beside(transaction, discovery, connection_id, wording=wanted.wording)
            _refuse_unknown(wanted, seen)
            done = {
                each.details.instance_id: await _apply(
                    transaction, each, connection_id=connection_id, remove_gone=wanted.remove_gone
                )
                for each in seen
                if wanted.means(each)
            }
            await _audit(transaction, done, connection_id=connection_id, user_id=user_id)
        return Beheld(discovery, [each for each in seen if wanted.means(each)], done)

    async def _discover(
        self, connection_id: UUID, also: Sequence[AccountAddress], *, user_id: UUID
    ) -> Discovery:
        async with self._database.transaction(user_id=user_id) as transaction:
            known = await store.of_connection(transaction, connection_id)
        own = accounts_of(each for each in known if each.connection_id == connection_id)
        try:
            async with self._connections.opened(connection_id, user_id=user_id) as client:
                if isinstance(client, Discovering):
                    return await client.discover([*also, *own], within=self._within)
        except Failure as failure:
            trouble = Trouble.of(failure)
            return Discovery(trouble=trouble, failed_step=trouble.cause.value)
        raise BadInput([Problem("", "The systems of this connection hold no instances to discover.")])


async def _beside(
    transaction: Transaction, discovery: Discovery, connection_id: UUID, *, wording: Wording
) -> list[Sighting]:
    amc_ids = [seen.instance_id for seen in discovery.instances]
    known = await store.of_connection(transaction, connection_id, instance_ids=amc_ids)
    return sightings(discovery, known, connection_id=connection_id, wording=wording)


async def _apply(
    transaction: Transaction, sighting: Sighting, *, connection_id: UUID, remove_gone: bool
) -> Done:
    if sighting.standing is Standing.NEW:
        await store.add(transaction, uuid7(), details=sighting.details, connection_id=connection_id)
        return Done.CREATED
    if sighting.standing is Standing.CHANGED and sighting.id is not None:
        await store.replace(transaction, sighting.id, details=sighting.details, connection_id=connection_id)
        return Done.UPDATED
    if sighting.standing is Standing.GONE and sighting.id is not None and remove_gone:
        await store.delete(transaction, sighting.id)
        return Done.REMOVED
    return Done.KEPT


def _refuse_unknown(wanted: Wanted, seen: Sequence[Sighting]) -> None:
    there = {each.details.instance_id for each in seen}
    missing = sorted((wanted.instance_ids or frozenset()) - there)
    if missing:
        message = "The connection does not reach {}."
        raise BadInput([Problem("/instance_ids", message.format(instance_id)) for instance_id in missing])


async def _audit(
    transaction: Transaction, done: dict[str, Done], *, connection_id: UUID, user_id: UUID
) -> None:
    counts = {each.value: sum(one is each for one in done.values()) for each in Done if each is not Done.KEPT}
    if not any(counts.values()):
        return
    async with transaction.as_service():
        await add_audit(
            transaction,
            user_id=user_id,
            action="instances.imported",
            subject=str(connection_id),
            detail=counts,
        )
