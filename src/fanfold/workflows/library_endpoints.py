"""The routes of the library; `/workflows/library` comes before `/workflows/{reference}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from fanfold.access.current import CurrentUser
from fanfold.access.idempotency import IdempotentRoute
from fanfold.access.text import Line, Name
from fanfold.workflows.endpoints import Service
from fanfold.workflows.library_shelf import LibraryEntry, add_copy, entries, entry_of
from fanfold.workflows.model import LibraryCopy
from fanfold.workflows.schemas import ParameterForm, WorkflowView

router = APIRouter(prefix="/workflows/library", tags=["workflows"], route_class=IdempotentRoute)

Key = Annotated[str, Path(max_length=100, examples=["reach-by-campaign"])]


class CopyView(BaseModel):
    """A workflow of the user's own that was copied from the library."""

    id: UUID
    key: str
    name: str

    @classmethod
    def of(cls, copy: LibraryCopy) -> CopyView:
        """Show *copy*."""
        return cls(id=copy.id, key=copy.key, name=copy.name)


class LibraryWorkflow(BaseModel):
    """A workflow that is ready to be copied."""

    key: str
    name: str
    theme: Annotated[str, Field(examples=["reach"])]
    description: str
    parameters: list[ParameterForm]
    tables: Annotated[list[str], Field(description="AMC's tables that it reads")]
    columns: Annotated[list[str], Field(description="of its rows, from left to right")]
    tags: list[str]
    copies: Annotated[list[CopyView], Field(description="those that you have of it, the first one first")]

    @classmethod
    def of(cls, entry: LibraryEntry, copies: Mapping[str, Sequence[LibraryCopy]]) -> LibraryWorkflow:
        """Show *entry* with the user's *copies*, by the key of what they were copied from."""
        draft = entry.draft
        return cls(
            key=draft.key,
            name=draft.name,
            theme=entry.theme,
            description=draft.description,
            parameters=[ParameterForm.of(parameter) for parameter in draft.parameters],
            tables=list(entry.tables),
            columns=list(entry.columns),
            tags=list(draft.tags),
            copies=[CopyView.of(copy) for copy in copies.get(draft.key, ())],
        )


class LibraryText(LibraryWorkflow):
    """The same with its query."""

    sql_query: str


class Library(BaseModel):
    """All that was asked for."""

    items: list[LibraryWorkflow]
    total: int
    themes: Annotated[list[str], Field(description="of the whole library")]


class CopyForm(BaseModel):
    """What a copy is called; like the original by default."""

    model_config = ConfigDict(extra="forbid", title="Copy")

    key: Line | None = None
    name: Name | None = None


@router.get("")
async def list_library(
    *,
    user: CurrentUser,
    service: Service,
    q: Annotated[Line, Query(description="words in key, name, description, tags or tables")] = "",
    theme: Annotated[Line, Query(examples=["reach"])] = "",
) -> Library:
    """List the workflows that Fanfold brings along, by theme."""
    copies = await service.library_copies(user_id=user.id)
    items = [LibraryWorkflow.of(entry, copies) for entry in entries(q=q, theme=theme)]
    themes = sorted({entry.theme for entry in entries()})
    return Library(items=items, total=len(items), themes=themes)


@router.get("/{key}")
async def show_library_workflow(*, key: Key, user: CurrentUser, service: Service) -> LibraryText:
    """Show one with its query."""
    entry = entry_of(key)
    copies = await service.library_copies(user_id=user.id)
    return LibraryText(**dict(LibraryWorkflow.of(entry, copies)), sql_query=entry.draft.sql_query)


@router.post("/{key}/copy", status_code=status.HTTP_201_CREATED)
async def copy_library_workflow(
    *, key: Key, body: CopyForm | None = None, user: CurrentUser, service: Service
) -> WorkflowView:
    """Make it a workflow of your own, which remembers where it came from."""
    asked = body or CopyForm()
    copy = await add_copy(service, key, user_id=user.id, as_key=asked.key, name=asked.name)
    return WorkflowView.of(copy)
