"""Runs the statements over workflows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from fanfold.db.database import Database, Row, Transaction
from fanfold.db.statements import Statements
from fanfold.workflows.errors import WorkflowKeyTaken, WorkflowNotFound
from fanfold.workflows.model import Draft, LastBatch, LibraryCopy, Parameter, Version, Workflow

sql = Statements("fanfold.workflows")


async def search(
    transaction: Transaction, words: Sequence[str], *, limit: int, offset: int
) -> tuple[list[Workflow], int]:
    """Return a page of the acting user's workflows, the last edited first, and how many there are."""
    patterns = [_pattern(word) for word in words]
    rows = await transaction.fetch(sql("search_workflows"), words=patterns, limit=limit, offset=offset)
    total = await transaction.value(sql("count_workflows"), words=patterns)
    return [_workflow(row) for row in rows], total


async def find(transaction: Transaction, reference: str, *, workflow_id: UUID | None) -> Workflow:
    """Return the workflow of this id or key; raise `WorkflowNotFound`."""
    return _found(await transaction.fetch_one(sql("find_workflow"), id=workflow_id, key=reference), reference)


async def get(database: Database, user_id: UUID, *, reference: str, workflow_id: UUID | None) -> Workflow:
    """Do as `find` for a user, in one round trip."""
    row = await database.read_one_for(user_id, sql("find_workflow"), id=workflow_id, key=reference)
    return _found(row, reference)


async def library_copies(transaction: Transaction) -> list[LibraryCopy]:
    """Return the acting user's copies of library workflows, the oldest first."""
    return [LibraryCopy(**dict(row)) for row in await transaction.fetch(sql("copies_of_library_workflows"))]


async def add(
    transaction: Transaction, workflow_id: UUID, *, draft: Draft, origin: str | None = None
) -> None:
    """Store a workflow of the acting user as version 1; raise `WorkflowKeyTaken`."""
    version = await transaction.value(sql("add_workflow"), id=workflow_id, origin=origin, **_columns(draft))
    if version is None:
        raise WorkflowKeyTaken(draft.key)
    await transaction.execute(sql("add_version"), workflow_id=workflow_id)


async def replace(transaction: Transaction, workflow_id: UUID, *, draft: Draft) -> None:
    """Store a new version; raise `WorkflowKeyTaken`."""
    try:
        await transaction.execute(sql("replace_workflow"), id=workflow_id, **_columns(draft))
    except asyncpg.UniqueViolationError as error:
        raise WorkflowKeyTaken(draft.key) from error
    await transaction.execute(sql("add_version"), workflow_id=workflow_id)


async def delete(transaction: Transaction, workflow_id: UUID) -> None:
    """Remove a workflow with its versions."""
    await transaction.execute(sql("delete_workflow"), id=workflow_id)


async def versions(transaction: Transaction, workflow_id: UUID) -> list[Version]:
    """Return all versions, the newest first."""
    rows = await transaction.fetch(sql("versions_of_workflow"), workflow_id=workflow_id)
    return [
        Version(
            version=row["version"],
            sql_query=row["sql_query"],
            parameters=_parameters(row["parameters"]),
            created_at=row["created_at"],
            aggregate=row["aggregate"],
        )
        for row in rows
    ]


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "key": draft.key,
        "name": draft.name,
        "description": draft.description,
        "sql_query": draft.sql_query,
        "parameters": [parameter.as_json() for parameter in draft.parameters],
        "aggregate": draft.aggregate,
        "tags": list(draft.tags),
    }


def _found(row: Row | None, reference: str) -> Workflow:
    if row is None:
        raise WorkflowNotFound(reference)
    return _workflow(row)


def _pattern(word: str) -> str:
    escaped = word.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _parameters(stored: list[dict[str, Any]]) -> tuple[Parameter, ...]:
    return tuple(Parameter(**entry) for entry in stored)


def _workflow(row: Row) -> Workflow:
    last = None
    if row["batch_id"] is not None:
        last = LastBatch(row["batch_id"], row["batch_status"], row["batch_created_at"])
    return Workflow(
        id=row["id"],
        version=row["version"],
        draft=Draft(
            key=row["key"],
            name=row["name"],
            description=row["description"],
            sql_query=row["sql_query"],
            parameters=_parameters(row["parameters"]),
            tags=tuple(row["tags"]),
            aggregate=row["aggregate"],
        ),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        last_batch=last,
        origin=row["origin"],
    )
