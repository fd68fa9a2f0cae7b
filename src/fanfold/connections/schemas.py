"""What the connection endpoints take and give; no secret is ever given."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from fanfold.access.text import JsonObject, Name
from fanfold.connections.model import Connection, Draft, ProbeReport, ProbeStep

Fields = JsonObject


class ConnectionEdit(BaseModel):
    """A connection as its user wants it; `secrets` left out keeps the stored ones."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    config: Annotated[Fields, Field(default_factory=dict)]
    secrets: Annotated[Fields | None, Field(repr=False, json_schema_extra={"writeOnly": True})] = None

    def draft(self) -> Draft:
        """Return it as the service takes it."""
        return Draft(name=self.name, config=self.config, secrets=self.secrets)


class ConnectionNew(ConnectionEdit):
    """A new connection."""

    connector: Name


class ConnectionView(BaseModel):
    """A connection as its user may see it."""

    id: UUID
    connector: str
    name: str
    config: dict[str, Any]
    has_secrets: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, connection: Connection) -> ConnectionView:
        """Show *connection*."""
        return cls(
            id=connection.id,
            connector=connection.connector,
            name=connection.name,
            config=dict(connection.config),
            has_secrets=connection.secret_id is not None,
            created_at=connection.created_at,
            updated_at=connection.updated_at,
        )


class ProbeView(BaseModel):
    """What a test of a connection found."""

    ok: bool
    failed_step: ProbeStep | None
    message: str
    hint: str | None

    @classmethod
    def of(cls, report: ProbeReport) -> ProbeView:
        """Show *report*."""
        return cls(
            ok=report.failed_step is None,
            failed_step=report.failed_step,
            message=report.message,
            hint=report.hint,
        )
