"""The library as users meet it: searched, read, and copied to become workflows of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from uuid import UUID

import sqlglot
from sqlglot import exp

from fanfold.workflows.errors import LibraryWorkflowNotFound
from fanfold.workflows.files import WorkflowFile
from fanfold.workflows.headers import plain
from fanfold.workflows.library import library
from fanfold.workflows.model import Draft, Workflow
from fanfold.workflows.service import WorkflowService

ORIGIN = "library:"
_TAG = "library"


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A workflow that nobody owns yet."""

    theme: str
    """What it is about in one word, such as `reach`."""
    draft: Draft
    tables: tuple[str, ...]
    """AMC's tables that it reads."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What its rows hold, from left to right."""
        return _columns(self.draft.sql_query)


def entries(*, q: str = "", theme: str = "") -> Iterator[LibraryEntry]:
    """Yield, by theme and key, those in which all words of *q* occur: in key, name, description or tables."""
    words = q.lower().split()
    for file in library():
        entry = _entry(file)
        draft = entry.draft
        text = " ".join((draft.key, draft.name, draft.description, *draft.tags, *entry.tables)).lower()
        if (not theme or theme == entry.theme) and all(word in text for word in words):
            yield entry


def entry_of(key: str) -> LibraryEntry:
    """Return the entry of a key. Raises `LibraryWorkflowNotFound`."""
    for entry in entries():
        if entry.draft.key == key:
            return entry
    raise LibraryWorkflowNotFound(key)


async def add_copy(
    workflows: WorkflowService, key: str, *, user_id: UUID, as_key: str | None = None, name: str | None = None
) -> Workflow:
    """Store a copy for the user. Raises `LibraryWorkflowNotFound`, `WorkflowKeyTaken`, `BadInput`."""
    draft = entry_of(key).draft
    copy = replace(draft, key=as_key or draft.key, name=name or draft.name)
    return await workflows.create(copy, user_id=user_id, origin=f"{ORIGIN}{key}")


@cache
def _columns(sql_query: str) -> tuple[str, ...]:
    query = sqlglot.parse_one(sql_query)
    return tuple(query.named_selects) if isinstance(query, exp.Query) else ()


def _entry(file: WorkflowFile) -> LibraryEntry:
    theme = next((tag for tag in file.draft.tags if tag != _TAG), "")
    return LibraryEntry(theme, plain(file.draft), file.tables)
