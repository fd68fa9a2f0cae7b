"""Where the targets of a request come from: a list, ids, a search, a CSV text, a query. They all add up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from uuid import UUID

from fanfold.batches.creation.items import Wish, find_connections
from fanfold.batches.creation.schemas import JobForm, TargetForm, TargetQuery
from fanfold.batches.creation.tables import read_csv, read_rows
from fanfold.connections.service import ConnectionService
from fanfold.db.database import Database
from fanfold.sdk.capabilities import Queryable, QueryRows
from fanfold.sdk.errors import Failure, Permanent, Problem
from fanfold.targets.schemas import FilterQuery
from fanfold.targets.selection import MOST_NAMED, read_ids
from fanfold.targets.service import InstanceService

MOST_ROWS = 100_000
LONGEST_QUERY = timedelta(seconds=30)


class Sources:
    """Reads every source that a request names; what cannot be read joins the problems."""

    def __init__(
        self, database: Database, *, instances: InstanceService, connections: ConnectionService
    ) -> None:
        self._database = database
        self._instances = instances
        self._connections = connections

    async def wishes(self, form: JobForm, problems: list[Problem], *, user_id: UUID) -> list[Wish]:
        """Return all targets in the order of the sources, not yet checked."""
        wishes = [Wish(target, f"/targets/{index}") for index, target in enumerate(form.targets)]
        wishes.extend(_by_ids(form.instance_ids, problems))
        if form.instances is not None:
            wishes.extend(await self._found(form.instances, problems, user_id=user_id))
        if form.csv is not None:
            table = await asyncio.to_thread(read_csv, form.csv, pointer="/csv")
            problems.extend(table.problems)
            wishes.extend(wish for _, wish in table.wishes)
        if form.query is not None:
            wishes.extend(await self._queried(form.query, problems, user_id=user_id))
        return wishes

    async def _queried(self, query: TargetQuery, problems: list[Problem], *, user_id: UUID) -> list[Wish]:
        async with self._database.transaction(user_id=user_id) as transaction:
            connections = await find_connections(transaction, [query.connection])
        if not connections:
            message = f"There is no connection {query.connection!r}."
            problems.append(Problem("/query/connection", message))
            return []
        try:
            async with self._connections.opened(next(iter(connections.values())), user_id=user_id) as client:
                found = await _rows(client, query.sql)
        except Failure as error:
            said = " ".join(part for part in (error.message, error.hint) if part)
            problems.append(Problem("/query", said))
            return []
        table = read_rows(found.columns, found.rows, pointer="/query")
        if not table.wishes and not table.problems:
            problems.append(Problem("/query", "The query returns no rows."))
        problems.extend(table.problems)
        return [wish for _, wish in table.wishes]

    async def _found(self, search: FilterQuery, problems: list[Problem], *, user_id: UUID) -> list[Wish]:
        ids, total = await self._instances.ids(search.wanted(), user_id=user_id)
        if not ids:
            problems.append(Problem("/instances", "The search finds no instance."))
        if total > len(ids):
            message = f"The search finds {total:,} instances; at most {len(ids):,} can be selected at once."
            problems.append(Problem("/instances", message))
        return [Wish(_instance(each), f"/instances/{each}", is_bare=True) for each in ids]


async def _rows(client: object, statement: str) -> QueryRows:
    if not isinstance(client, Queryable):
        raise Permanent("This connection answers no queries.")
    return await client.query(statement, most_rows=MOST_ROWS, within=LONGEST_QUERY)


def _by_ids(given: Sequence[object], problems: list[Problem]) -> Iterator[Wish]:
    if not given:
        return
    ids, wrong = read_ids(given, at_most=MOST_NAMED)
    problems.extend(wrong)
    yield from (Wish(_instance(each), f"/instance_ids/{index}", is_bare=True) for each, index in ids.items())


def _instance(instance_id: UUID) -> TargetForm:
    return TargetForm.model_construct(instance_id=instance_id)
