"""AMC instances: described, searched, and frozen into the targets of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from fanfold.access.store import add_audit
from fanfold.db.database import Database, Transaction
from fanfold.kit.ids import uuid7
from fanfold.limits import store as limits
from fanfold.limits.bounds import BoundsChange
from fanfold.sdk.context import Target
from fanfold.sdk.errors import BadInput, Problem
from fanfold.targets import store
from fanfold.targets.errors import InstancesDenied
from fanfold.targets.model import Details, Filter, Found, Instance, Selection, Sort
from fanfold.targets.selection import read_ids

CONNECTOR = "amc"
MOST_IDS = 5_000


class InstanceService:
    """What users do with AMC instances; each sees their own alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(
        self, wanted: Filter, *, user_id: UUID, sort: Sort = "name", limit: int = 50, offset: int = 0
    ) -> Found:
        """Return a page, the total, and the facets."""
        async with self._database.transaction(user_id=user_id) as transaction:
            instances = await store.search(transaction, wanted, sort=sort, limit=limit, offset=offset)
            total, facets = await store.facets(transaction, wanted)
            return Found(await _with_limits(transaction, instances), total, facets)

    async def ids(self, wanted: Filter, *, user_id: UUID) -> tuple[list[UUID], int]:
        """Return the ids of all that is meant, 5,000 at most, and how many there are."""
        async with self._database.transaction(user_id=user_id) as transaction:
            return await store.ids(transaction, wanted, limit=MOST_IDS)

    async def lookup(self, instance_ids: Sequence[UUID], *, user_id: UUID) -> list[Instance]:
        """Return those of the ids that the user has, by name."""
        async with self._database.transaction(user_id=user_id) as transaction:
            return await _with_limits(transaction, await store.by_ids(transaction, instance_ids))

    async def addresses(
        self, connection_id: UUID, *, user_id: UUID, at_most: int
    ) -> tuple[list[Mapping[str, Any]], int]:
        """Return how some of a connection's instances are addressed, and how many it has."""
        async with self._database.transaction(user_id=user_id) as transaction:
            found = await store.of_connection(transaction, connection_id)
        return [instance.as_target().attributes for instance in found[:at_most]], len(found)

    async def get(self, instance_id: UUID, *, user_id: UUID) -> Instance:
        """Return one. Raises `InstanceNotFound`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            return await _with_limit(transaction, await store.find(transaction, instance_id))

    async def create(
        self,
        details: Details,
        *,
        user_id: UUID,
        connection_id: UUID | None = None,
        bounds: BoundsChange | None = None,
    ) -> Instance:
        """Store an instance; without a connection it gets the user's only one.

        Raises `BadInput`, `InstanceExists`.
        """
        async with self._database.transaction(user_id=user_id) as transaction:
            connection = await _connection(transaction, connection_id)
            added = await store.add(transaction, uuid7(), details=details, connection_id=connection)
            return await _bounded(transaction, added, bounds, user_id=user_id)

    async def replace(
        self,
        instance_id: UUID,
        details: Details,
        *,
        user_id: UUID,
        connection_id: UUID | None = None,
        bounds: BoundsChange | None = None,
    ) -> Instance:
        """Replace what is said of an instance; without a connection it keeps its own.

        Raises as `create` does, and `InstanceNotFound`.
        """
        async with self._database.transaction(user_id=user_id) as transaction:
            old = await store.find(transaction, instance_id)
            connection = await _connection(transaction, connection_id or old.connection_id)
            replaced = await store.replace(
                transaction, instance_id, details=details, connection_id=connection
            )
            return await _bounded(transaction, replaced, bounds, user_id=user_id)

    async def delete(self, instance_id: UUID, *, user_id: UUID) -> None:
        """Remove an instance; its batches stay. Raises `InstanceNotFound`."""
        async with self._database.transaction(user_id=user_id) as transaction:
            await store.delete(transaction, instance_id)

    async def select(self, instance_ids: Sequence[object], *, user_id: UUID, at_most: int) -> Selection:
        """Return a target for every good id in the order given, and a problem for every bad entry."""
        ids, problems = read_ids(instance_ids, at_most=at_most)
        found = await store.of_user(self._database, user_id, instance_ids=list(ids))
        known = {instance.id: instance for instance in found}
        refused = [
            Problem(f"/instance_ids/{index}", f"Access denied to instance {instance_id}.")
            for instance_id, index in ids.items()
            if instance_id not in known
        ]
        targets = [known[instance_id].as_target() for instance_id in ids if instance_id in known]
        return Selection(list(ids), targets, sorted([*problems, *refused], key=_index), denied=bool(refused))

    async def freeze(self, instance_ids: Sequence[object], *, user_id: UUID, at_most: int) -> list[Target]:
        """Return the targets of a batch in the order given.

        Raises `InstancesDenied` when an id is unknown or another's, else `BadInput` when the list is empty,
        too long, or holds what is no UUID or is repeated; both name every bad entry with its index.
        """
        selection = await self.select(instance_ids, user_id=user_id, at_most=at_most)
        if selection.denied:
            raise InstancesDenied(selection.problems)
        if selection.problems:
            raise BadInput(selection.problems)
        return selection.targets


async def _bounded(
    transaction: Transaction, instance: Instance, change: BoundsChange | None, *, user_id: UUID
) -> Instance:
    if change is not None and change.given:
        problems = [Problem(where, what) for where, what in change.problems()]
        if problems:
            raise BadInput(problems)
        async with transaction.as_service():
            await limits.set_bounds(transaction, instance.key, change=change)
            await add_audit(
                transaction,
                user_id=user_id,
                action="limits.set",
                subject=instance.key,
                detail=change.told(),
            )
    return await _with_limit(transaction, instance)


async def _with_limit(transaction: Transaction, instance: Instance) -> Instance:
    return (await _with_limits(transaction, [instance]))[0]


async def _with_limits(transaction: Transaction, instances: list[Instance]) -> list[Instance]:
    if not instances:
        return []
    # The instances are the acting user's, and so are their keys.
    async with transaction.as_service():
        states = await limits.states(transaction, [instance.key for instance in instances])
    return [replace(instance, limit=states.get(instance.key)) for instance in instances]


async def _connection(transaction: Transaction, wanted: UUID | None) -> UUID:
    known = await store.usable_connections(transaction, CONNECTOR, wanted=wanted)
    if len(known) == 1:
        return known[0]
    if wanted is not None:
        message = f"You have no connection {wanted} to Amazon Marketing Cloud."
    elif known:
        message = "You have several connections to Amazon Marketing Cloud: name one."
    else:
        message = "Add a connection to Amazon Marketing Cloud first."
    raise BadInput([Problem("/connection_id", message)])


def _index(problem: Problem) -> int:
    last = problem.pointer.rpartition("/")[2]
    return int(last) if last.isdigit() else -1
