"""Reads the timeline that the database's triggers write; nothing here writes it.

The events of one batch are numbered in the order of their commits: whoever writes one holds the batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fanfold.db.database import Transaction
from fanfold.db.statements import Statements

sql = Statements("fanfold.timeline")


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a batch, to some of its operations."""

    id: int
    name: str
    operation_ids: tuple[UUID, ...]
    """At most 201, so that a wide event can be told from a complete one."""


async def last_event_id(transaction: Transaction, batch_id: UUID) -> int:
    """Return the id of a batch's last event; 0 before its first."""
    return await transaction.value(sql("get_last_event"), batch_id=batch_id)


async def events_after(transaction: Transaction, batch_id: UUID, *, after: int, limit: int) -> list[Event]:
    """Return a batch's events after the one with the id *after*, the oldest first, at most *limit*."""
    rows = await transaction.fetch(sql("list_events"), batch_id=batch_id, after=after, limit=limit)
    return [Event(row["id"], row["name"], tuple(row["operation_ids"])) for row in rows]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a batch as a whole: it was paused, changed, stopped, or it ended."""

    id: int
    name: str
    """`batch.` and what happened."""
    at: datetime
    actor: str | None
    """Who did it; None: Fanfold itself, or somebody whose name is not for the acting user."""
    changes: Mapping[str, Any]
    """By column: what it was and what it is now."""


async def steps_before(transaction: Transaction, batch_id: UUID, *, before: int, limit: int) -> list[Step]:
    """Return what happened to a batch as a whole before an event, the latest first."""
    rows = await transaction.fetch(sql("list_control"), batch_id=batch_id, before=before, limit=limit)
    return [Step(row["id"], row["name"], row["at"], row["username"], row["changes"] or {}) for row in rows]
