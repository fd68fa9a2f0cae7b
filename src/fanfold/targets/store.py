"""Runs the statements over AMC instances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from fanfold.db.database import Database, Row, Transaction
from fanfold.db.statements import Statements
from fanfold.targets.errors import InstanceExists, InstanceNotFound
from fanfold.targets.model import Details, Facet, Filter, Instance

sql = Statements("fanfold.targets")


async def search(
    transaction: Transaction, wanted: Filter, *, sort: str, limit: int, offset: int
) -> list[Instance]:
    """Return a page of the acting user's instances."""
    rows = await transaction.fetch(
        sql("search_instances"),
        **_conditions(wanted),
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        limit=limit,
        offset=offset,
    )
    return [_instance(row) for row in rows]


async def facets(transaction: Transaction, wanted: Filter) -> tuple[int, dict[str, list[Facet]]]:
    """Return how many instances are meant, and what can be chosen further."""
    rows = await transaction.fetch(sql("count_facets"), **_conditions(wanted))
    found: dict[str, list[Facet]] = {"regions": [], "brands": [], "accounts": [], "tags": []}
    total = 0
    for row in rows:
        if row["dimension"] == "total":
            total = row["n"]
        else:
            found[row["dimension"]].append(Facet(row["value"], row["n"]))
    return total, found


async def ids(transaction: Transaction, wanted: Filter, *, limit: int) -> tuple[list[UUID], int]:
    """Return the ids of what is meant, by name, and how many there are in all."""
    rows = await transaction.fetch(sql("matching_ids"), **_conditions(wanted), limit=limit)
    return [row["id"] for row in rows], rows[0]["total"] if rows else 0


async def by_ids(transaction: Transaction, instance_ids: Sequence[UUID]) -> list[Instance]:
    """Return those of the ids that are the acting user's."""
    rows = await transaction.fetch(sql("instances_by_ids"), ids=list(instance_ids))
    return [_instance(row) for row in rows]


async def of_user(database: Database, user_id: UUID, *, instance_ids: Sequence[UUID]) -> list[Instance]:
    """Return those of the ids that are the user's, in one round trip."""
    rows = await database.read_for(user_id, sql("instances_by_ids"), ids=list(instance_ids))
    return [_instance(row) for row in rows]


async def of_connection(
    transaction: Transaction, connection_id: UUID, *, instance_ids: Sequence[str] = ()
) -> list[Instance]:
    """Return the acting user's instances of a connection, and those of AMC ids through whichever."""
    rows = await transaction.fetch(
        sql("instances_of_connection"), connection_id=connection_id, instance_ids=list(instance_ids)
    )
    return [_instance(row) for row in rows]


async def find(transaction: Transaction, instance_id: UUID) -> Instance:
    """Return one; raise `InstanceNotFound`."""
    found = await by_ids(transaction, [instance_id])
    if not found:
        raise InstanceNotFound(instance_id)
    return found[0]


async def add(
    transaction: Transaction, instance_id: UUID, *, details: Details, connection_id: UUID
) -> Instance:
    """Store an instance of the acting user; raise `InstanceExists`."""
    row = await transaction.fetch_one(
        sql("add_instance"), id=instance_id, connection_id=connection_id, **_columns(details)
    )
    if row is None:
        raise InstanceExists(details.instance_id, account_id=details.account_id)
    return _instance(row)


async def replace(
    transaction: Transaction, instance_id: UUID, *, details: Details, connection_id: UUID
) -> Instance:
    """Replace what is said of an instance; raise `InstanceNotFound`, `InstanceExists`."""
    try:
        row = await transaction.fetch_one(
            sql("replace_instance"), id=instance_id, connection_id=connection_id, **_columns(details)
        )
    except asyncpg.UniqueViolationError as error:
        raise InstanceExists(details.instance_id, account_id=details.account_id) from error
    if row is None:
        raise InstanceNotFound(instance_id)
    return _instance(row)


async def delete(transaction: Transaction, instance_id: UUID) -> None:
    """Remove an instance; raise `InstanceNotFound`."""
    if not await transaction.execute(sql("delete_instance"), id=instance_id):
        raise InstanceNotFound(instance_id)


async def usable_connections(transaction: Transaction, connector: str, *, wanted: UUID | None) -> list[UUID]:
    """Return the acting user's connections to a connector's systems, two at most, or the wanted one."""
    rows = await transaction.fetch(sql("usable_connections"), connector=connector, wanted=wanted)
    return [row["id"] for row in rows]


def _conditions(wanted: Filter) -> dict[str, Any]:
    return {
        "words": [_pattern(word) for word in wanted.q.lower().split()],
        "region": wanted.region,
        "sandbox": wanted.sandbox,
        "brand": wanted.brand,
        "account": wanted.account,
        "tag": wanted.tag,
    }


def _pattern(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _columns(details: Details) -> dict[str, Any]:
    return {
        "instance_id": details.instance_id,
        "name": details.name,
        "region": details.region,
        "account_id": details.account_id,
        "account_name": details.account_name,
        "marketplace_id": details.marketplace_id,
        "brands": list(details.brands),
        "sandbox": details.sandbox,
        "tags": list(details.tags),
    }


def _instance(row: Row) -> Instance:
    return Instance(
        id=row["id"],
        connection_id=row["connection_id"],
        details=Details(
            instance_id=row["instance_id"],
            name=row["name"],
            region=row["region"],
            account_id=row["account_id"],
            account_name=row["account_name"],
            marketplace_id=row["marketplace_id"],
            brands=tuple(row["brands"]),
            sandbox=row["sandbox"],
            tags=tuple(row["tags"]),
        ),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
    )
